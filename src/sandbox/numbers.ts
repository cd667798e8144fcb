const E164 = /^\+[1-9][0-9]{6,14}$/
const SHORT_CODE = /^[0-9]{4,6}$/
const ALPHANUMERIC = /^(?=.*[A-Za-z])[A-Za-z0-9 +\-_&]{1,11}$/

/** A number in international form: `+` and 7 to 15 digits. */
export const isPhoneNumber = (text: unknown): text is string => typeof text === 'string' && E164.test(text)

/** A name that SMS can be sent under without owning it: up to 11 characters, one of them a letter. */
export const isSenderName = (text: unknown): text is string => typeof text === 'string' && ALPHANUMERIC.test(text)

/** What SMS can be sent from, owned or not. */
export const isSender = (text: unknown): text is string =>
  isPhoneNumber(text) || isSenderName(text) || (typeof text === 'string' && SHORT_CODE.test(text))
