import { RequestError } from '../domain/errors.ts'
import { isCountry } from '../domain/phone-number.ts'

/** Reads the two letters of a country as a body has them, small ones too. Throws `RequestError` for what names none. */
export const readCountry = (given: string | undefined): string | undefined => {
  const country = given?.toUpperCase()
  if (country !== undefined && !isCountry(country)) throw new RequestError('invalid_body', '/country must be the two-letter code of a country, as in ISO 3166')
  return country
}
