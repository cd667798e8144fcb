import { createHmac } from 'node:crypto'
import type { CallbackRequest } from '../../../src/providers/provider.ts'

export type Form = CallbackRequest['form']

/**
 * Signs as Twilio does, written after its description and not after its SDK: the URL, then each name with its values, by
 * the order of the names. https://www.twilio.com/docs/usage/security#validating-requests
 */
export const sign = (token: string, url: string, form: Form): string => {
  const hmac = createHmac('sha1', token).update(url, 'utf8')
  for (const name of Object.keys(form).sort((one, other) => one < other ? -1 : 1)) {
    const values = form[name] as string | string[]
    const unique = typeof values === 'string' ? [values] : values.filter((value, index) => values.indexOf(value) === index)
    for (const value of unique.sort((one, other) => one < other ? -1 : 1)) hmac.update(name, 'utf8').update(value, 'utf8')
  }
  return hmac.digest('base64')
}
