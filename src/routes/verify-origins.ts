import { RequestError } from '../domain/errors.ts'

/** Pages that ours may be shown in, or lead back to; `local`: any page of this machine. */
export type Origins = readonly string[] | 'local'

/** Reads an origin as browsers write it. Throws `RequestError` for what is none, and for one that is not allowed. */
export const readOrigin = (text: string, origins: Origins): string => {
  const { origin, href } = readUrl(text, origins)
  if (href !== `${origin}/`) throw new RequestError('origin_not_allowed', 'origin has a scheme, a host and perhaps a port, and no more.')
  return origin
}

/** Reads where a browser is led back to. Throws `RequestError` for what is no such address, and for one at an origin that is not allowed. */
export const readReturnUrl = (text: string, origins: Origins): string => readUrl(text, origins).href

/** The names of this machine; those that a Content-Security-Policy can say, to which `[::1]` is none. */
const LOCAL_HOSTS = ['localhost', '127.0.0.1']

/** The same pages as a Content-Security-Policy names them: under every port. */
export const sourcesOf = (origins: Origins): readonly string[] =>
  origins === 'local' ? ['http', 'https'].flatMap((scheme) => LOCAL_HOSTS.map((host) => `${scheme}://${host}:*`)) : origins

/**
 * What is compared is what browsers make of the text, and that is what goes on: no other reading of it leads elsewhere. A
 * name and a password before the host only make an address look like another.
 */
const readUrl = (text: string, origins: Origins): URL => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  // Pages are at other addresses too, such as `blob:`, that have the same origin.
  const isPage = url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
  if (!isPage || !isAllowed(url, origins)) throw new RequestError('origin_not_allowed')
  return url
}

const isAllowed = ({ hostname, origin }: URL, origins: Origins): boolean =>
  origins === 'local' ? LOCAL_HOSTS.includes(hostname) : origins.includes(origin)
