/** What a base URL never ends with, unless somebody has copied it with a route of the gateway. */
const ROUTE = /\/(send-(text|voice)-code|hooks(\/generic)?\/[a-z0-9-]+|events(\/twilio(\/[a-z]+)?)?)$/

/** A base URL, which ends without a `/`, without the route of the gateway that it was copied with. */
export const withoutRoute = (base: string): string => base.replace(ROUTE, '').replace(/\/+$/, '')
