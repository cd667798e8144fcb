/** A moment, with the zone that it is told in: without one nobody knows which moment it is. */
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/i

/** A moment as ISO 8601 writes it, in milliseconds since 1970; `undefined` where it is none. */
export const readMoment = (given: unknown): number | undefined => {
  const moment = typeof given === 'string' && MOMENT.test(given) ? Date.parse(given) : NaN
  return Number.isNaN(moment) ? undefined : moment
}
