/** The longest name of a factor that is looked at. */
const LONGEST_WORD = 256

const PHONE = /(?<![a-z])(?:sms|call|voice|phone|telephony|text[ _-]message)(?![a-z])/i

/**
 * Whether words about a second factor name one that a phone number gets a code by: `SMS_FACTOR`, `call`, `Phone`.
 * `untold` where there are no words.
 */
export const phoneFactorIn = (words: readonly unknown[]): 'phone' | 'other' | 'untold' => {
  const told = words.filter((word) => typeof word === 'string' && word.trim() !== '').map((word) => String(word).slice(0, LONGEST_WORD))
  if (told.length === 0) return 'untold'
  return told.some((word) => PHONE.test(word)) ? 'phone' : 'other'
}
