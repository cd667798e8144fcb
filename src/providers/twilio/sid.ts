/**
 * One of Twilio's ids with one of these prefixes, or `undefined` for anything else: what has this shape may stand in a
 * URL. https://www.twilio.com/docs/glossary/what-is-a-sid
 */
export const sidOf = (value: unknown, ...prefixes: readonly string[]): string | undefined =>
  typeof value === 'string' && /^[A-Z]{2}[0-9a-fA-F]{32}$/.test(value) && prefixes.includes(value.slice(0, 2)) ? value : undefined
