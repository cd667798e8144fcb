import type { Keys } from './keys.ts'
import type { PhoneNumber } from './phone-number.ts'

/** By what a number is known again wherever it is kept or counted. */
export const numberDigest = (keys: Pick<Keys, 'digest'>, { e164 }: PhoneNumber): string => keys.digest('number', e164)
