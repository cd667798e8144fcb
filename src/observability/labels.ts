import { isCountry } from '../domain/phone-number.ts'

/** What stands where a value is none of those that a label may have: a label never holds what somebody sent. */
export const OTHER = 'other'

/** What stands where there is no such thing. */
export const NONE = 'none'

/** Lets the values of a set through as they are; `other` for all else, `none` for nothing. */
export type Label = (value: string | undefined) => string

export const labelOf = (known: Iterable<string>): Label => {
  const values = new Set(known)
  return (value) => value === undefined ? NONE : values.has(value) ? value : OTHER
}

/** Two letters of ISO 3166. */
export const countryLabel: Label = (value) => value === undefined ? NONE : isCountry(value) ? value : OTHER
