import type { Keys } from '../domain/keys.ts'
import type { PhoneNumber } from '../domain/phone-number.ts'
import type { Ranges } from './guard.ts'

/** How many digits an area shows: the calling code and two or three behind it, so that no country has over a thousand. */
const AREA_DIGITS = 5
const FEWEST_BEHIND_CODE = 2
const MOST_BEHIND_CODE = 3

/** How many of the last digits the numbers of a block differ in; in short numbers fewer, so that a block is not all there is. */
const BLOCK_HIDES = 4
const BLOCK_SHOWS = 3

/**
 * So many of the last digits are never told with an area: the log has the last four of a masked number next to it, and
 * four others stay unknown.
 */
const NEVER_SHOWN = 8

/** Says in which ranges a number lies. */
export const rangesOf = (number: PhoneNumber, keys: Keys): Ranges => {
  const { callingCode, country } = number
  const national = number.e164.slice(1 + callingCode.length)
  const block = national.slice(0, -Math.max(1, Math.min(BLOCK_HIDES, national.length - BLOCK_SHOWS)))
  const shown = Math.max(FEWEST_BEHIND_CODE, Math.min(MOST_BEHIND_CODE, AREA_DIGITS - callingCode.length))
  const area = block.slice(0, shown)
  const told = area.slice(0, Math.max(0, national.length - NEVER_SHOWN))
  return {
    country,
    area: keys.digest('guard-area', callingCode, area),
    block: keys.digest('guard-block', callingCode, block),
    shownArea: `+${`${callingCode} ${told}`.trim()}…`
  }
}
