/** Throws the first failure, where there is one: by now all have been tried. */
export const throwFirst = (results: ReadonlyArray<PromiseSettledResult<unknown>>): void => {
  const failed = results.find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}
