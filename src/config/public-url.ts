/** Where the outside reaches a path of ours. `publicUrl` may itself be below a path; a query of it does not count. */
export const belowPublicUrl = ({ origin, pathname }: URL, path: string): URL =>
  new URL(`${origin}${pathname.replace(/\/$/, '')}${path}`)
