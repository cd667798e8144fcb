import type { Keys } from '../domain/keys.ts'
import type { Channel } from '../domain/message.ts'
import { numberDigest } from '../domain/number-digest.ts'
import type { PhoneNumber } from '../domain/phone-number.ts'
import type { DeliveryQuery, Found, Inspection, SoughtStatus } from '../store/inspection.ts'

export interface SearchDeps {
  readonly inspection: Pick<Inspection, 'search'>
  readonly keys: Pick<Keys, 'digest'>
  /** Reads a number as people write it. Throws `RequestError` where it is none. */
  readonly readNumber: (text: string) => PhoneNumber
}

/** What is looked for; what is not given does not matter. */
export interface Wanted {
  /** An id, a number, the visible part of a masked one, or a provider's own id. */
  readonly text?: string | undefined
  readonly country?: string | undefined
  readonly status?: SoughtStatus | undefined
  readonly channel?: Channel | undefined
  readonly provider?: string | undefined
  readonly hook?: string | undefined
  /** Only what is older than the delivery of this id. */
  readonly before?: string | undefined
}

/** So many are shown at once. */
export const PAGE = 50

/** Looks for deliveries. Throws `RequestError` where the text can only be a number, and is none. */
export const createSearch = ({ inspection, keys, readNumber }: SearchDeps) => async ({ text = '', ...rest }: Wanted): Promise<Found> => {
  const others = { ...rest, country: rest.country?.toUpperCase(), most: PAGE }
  const [first, second] = readingsOf(text.trim(), (number) => numberDigest(keys, readNumber(number)))
  const found = await inspection.search({ ...first, ...others })
  return second !== undefined && found.deliveries.length === 0 ? await inspection.search({ ...second, ...others }) : found
}

type Reading = Pick<DeliveryQuery, 'id' | 'reference' | 'number' | 'numberDigest'>

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** As the gateway shows numbers. */
const SHOWN = /^\+[0-9]+•+[0-9]+$/

/** What is shown of a number, however its hidden digits are written; or its last digits alone. */
const ENDING = /^(?:\+?[0-9]{0,3} ?[•*.…xX]+ ?)?([0-9]{4})$/

/** What begins as one, or digits with what people put between them. */
const NUMBER = /^(?:[+＋]|\(?[0-9][0-9 ().\-/]{4,}$)/

/** No number begins with `00`: that is how a `+` is dialled. What is no longer than the last digits is those. */
const DIALLED = /^\(?00(?=[0-9 ().\-/•*…xX]{3,}$)[ ).\-/]*/

/** What the text may mean, the likelier first. */
const readingsOf = (given: string, digestOf: (number: string) => string): readonly [Reading, Reading?] => {
  if (given === '') return [{}]
  // Vendors give such ids too.
  if (UUID.test(given)) return [{ id: given.toLowerCase() }, { reference: given }]
  const text = given.replace(DIALLED, '+')
  const [, ending] = ENDING.exec(text) ?? []
  // By hand nobody counts the digits that are hidden.
  if (SHOWN.test(text)) return ending === undefined ? [{ number: text }] : [{ number: text }, { number: ending }]
  if (ending !== undefined) return [{ number: ending }]
  return NUMBER.test(text) ? [{ numberDigest: digestOf(text) }] : [{ reference: text }]
}
