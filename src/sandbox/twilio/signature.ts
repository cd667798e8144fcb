import { createHmac } from 'node:crypto'

/**
 * What Twilio writes into `X-Twilio-Signature`: the URL without its fragment, and the fields in the order of their
 * names, signed with the primary token.
 * https://www.twilio.com/docs/usage/security#validating-requests
 */
export const signatureOf = (authToken: string, url: string, form: Readonly<Record<string, string>>): string =>
  createHmac('sha1', authToken)
    .update(url + Object.keys(form).sort().map(name => name + form[name]).join(''))
    .digest('base64')
