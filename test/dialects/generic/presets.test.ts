import { createHmac } from 'node:crypto'
import { SECRET } from '../../support/gateway.ts'
import { NEW_SECRET, NUMBER, testDialect, type WireRequest } from '../suite.ts'

const bearer = (secret: string) => ({ body }: WireRequest): WireRequest => ({ headers: { authorization: `Bearer ${secret}` }, body })

const CANNOT = 'The code could not be sent.'
const NOT_THIS_NUMBER = 'The code cannot be delivered to this phone number.'
const TOO_MANY = 'Too many codes were asked for. Please try again later.'
const LATER = 'The code could not be sent right now. Please try again later.'

testDialect({
  name: 'logto',
  route: '/hooks/generic/logto',
  hooksFile: { logto: { preset: 'logto' } },
  channels: ['text'],
  tells: ['ip'],
  bodyOf: ({ number, code, ip }) => JSON.stringify({ to: number.slice(1), type: 'SignIn', payload: { code, locale: 'en', uiLocales: 'en-US de' }, ip }),
  authenticated: (body, _moment, secret) => ({ headers: { authorization: secret === 'old' ? SECRET : `Bearer ${NEW_SECRET}` }, body }),
  forgeries: [
    ['nobody', (request) => ({ ...request, headers: {} })],
    ['another secret', bearer('another-secret-altogether')],
    ['an empty secret', bearer('')]
  ],
  malformed: [
    ['a number that is text', JSON.stringify({ to: 'call me', payload: { code: '482913' } }), { body: NOT_THIS_NUMBER }],
    ['neither code nor link', JSON.stringify({ to: NUMBER, type: 'SignIn', payload: {} }), { body: CANNOT }],
    ['a code that is null', JSON.stringify({ to: NUMBER, payload: { code: null } }), { body: CANNOT }]
  ],
  says: {
    accepted: { status: 200, body: { status: 'accepted' } },
    duplicate: { status: 200, body: { status: 'duplicate' } },
    unknown: { status: 200, body: { status: 'unknown' } },
    refused: { status: 422, body: NOT_THIS_NUMBER },
    notAllowed: { status: 403, body: NOT_THIS_NUMBER },
    limited: { status: 429, body: TOO_MANY, retryAfter: true },
    failed: { status: 502, body: LATER },
    malformed: { status: 400, body: /^The code [a-z ]+\.$/ },
    unauthorized: { status: 401, body: CANNOT },
    unavailable: { status: 503, body: LATER }
  }
})

const OLD_KEY = 'the-old-webhook-key'
const NEW_KEY = 'the-new-webhook-key'

const signature = (body: string, key: string): string => createHmac('sha256', key).update(body).digest('hex')

testDialect({
  name: 'authgear',
  route: '/hooks/generic/authgear',
  settings: { AUTHGEAR_WEBHOOK_SECRET: `${OLD_KEY},${NEW_KEY}` },
  hooksFile: { authgear: { preset: 'authgear', authentication: { secrets: ['$AUTHGEAR_WEBHOOK_SECRET'] } } },
  channels: ['text'],
  tells: [],
  isKnownByBytes: true,
  bodyOf: ({ number, code }) => JSON.stringify({
    app_id: 'app', to: number, body: `${code} is your code.`, template_name: 'verification_sms.txt', language_tag: 'en', template_variables: { code, link: '' }
  }),
  authenticated: (body, _moment, secret) => ({ headers: { 'x-authgear-body-signature': signature(body, secret === 'old' ? OLD_KEY : NEW_KEY) }, body }),
  forgeries: [
    ['no signature', (request) => ({ ...request, headers: {} })],
    ['an empty one', (request) => ({ ...request, headers: { 'x-authgear-body-signature': '' } })],
    ['another key', ({ body }) => ({ headers: { 'x-authgear-body-signature': signature(body, 'another') }, body })],
    ['a longer one', ({ body }) => ({ headers: { 'x-authgear-body-signature': `${signature(body, OLD_KEY)}00` }, body })],
    ['a body that was changed', ({ headers, body }) => ({ headers, body: body.replace('4155550123', '4155550124') })],
    ['the secret of a caller', bearer(SECRET)]
  ],
  malformed: [
    ['a number that is text', JSON.stringify({ to: 'call me', body: '482913' }), { body: { code: 'invalid_phone_number' } }],
    ['no words and no code', JSON.stringify({ to: NUMBER, body: '', template_variables: { code: '' } }), { body: { code: 'invalid_request' } }],
    ['words that are none', JSON.stringify({ to: NUMBER, body: { text: '482913' } }), { body: { code: 'invalid_request' } }]
  ],
  says: {
    accepted: { status: 200, body: { code: 'ok' } },
    duplicate: { status: 200, body: { code: 'ok' } },
    unknown: { status: 200, body: { code: 'ok' } },
    refused: { status: 500, body: { code: 'delivery_rejected' } },
    notAllowed: { status: 500, body: { code: 'delivery_rejected' } },
    limited: { status: 429, body: { code: 'rate_limited' }, retryAfter: true },
    failed: { status: 500, body: { code: 'unknown_error' } },
    malformed: { status: 400, body: { code: /^invalid_(request|phone_number)$/ } },
    unauthorized: { status: 401, body: { code: 'authentication_failed' } },
    unavailable: { status: 500, body: { code: 'unknown_error' } }
  }
})

testDialect({
  name: 'pingone, by forms',
  route: '/hooks/generic/pingone',
  mediaType: 'application/x-www-form-urlencoded;charset=UTF-8',
  hooksFile: { pingone: { preset: 'pingone' } },
  channels: ['text', 'voice'],
  tells: [],
  // Not escaped: the plus arrives as a space.
  bodyOf: ({ number, code, channel }) => `deliveryMethod=${channel === 'text' ? 'SMS' : 'VOICE'}&phoneNumber=${number}&otp=${code}&message=Your code is ${code}&locale=en&sender=`,
  authenticated: (body, _moment, secret) => ({ headers: { authorization: `Basic ${Buffer.from(`pingone:${secret === 'old' ? SECRET : NEW_SECRET}`).toString('base64')}` }, body }),
  forgeries: [
    ['nobody', (request) => ({ ...request, headers: {} })],
    ['another secret', bearer('another-secret-altogether')]
  ],
  malformed: [
    ['a variable that was not filled in', 'phoneNumber=$to&message=hello'],
    ['a code that was not filled in', `phoneNumber=${NUMBER}&otp=$otp`],
    ['an unknown channel', `phoneNumber=${NUMBER}&otp=482913&deliveryMethod=EMAIL`],
    ['nothing to say', `phoneNumber=${NUMBER}&otp=&message=`]
  ],
  says: {
    accepted: { status: 200, body: { status: 'accepted' } },
    duplicate: { status: 200, body: { status: 'duplicate' } },
    unknown: { status: 200, body: { status: 'unknown' } },
    refused: { status: 422, body: { error: NOT_THIS_NUMBER } },
    notAllowed: { status: 403, body: { error: NOT_THIS_NUMBER } },
    limited: { status: 429, body: { error: TOO_MANY }, retryAfter: true },
    failed: { status: 502, body: { error: LATER } },
    malformed: { status: 400 },
    unauthorized: { status: 401, body: { error: CANNOT } },
    unavailable: { status: 503, body: { error: LATER } }
  }
})
