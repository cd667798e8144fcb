import { createHmac } from 'node:crypto'
import { NUMBER, testDialect, type DialectSuite, type WireRequest, type Wish } from '../suite.ts'

const OLD = 'the-old-secret-of-the-hook'
const NEW = 'the-new-secret-of-the-hook'

const withHeader = (name: string, value: string | undefined) => ({ headers, body }: WireRequest): WireRequest => {
  const { [name]: _old, ...others } = headers
  return { headers: value === undefined ? others : { ...others, [name]: value }, body }
}

/** What a hook says that has no words of its own. */
const OWN_WORDS: DialectSuite['says'] = {
  accepted: { status: 200, body: { status: 'accepted' } },
  duplicate: { status: 200, body: { status: 'duplicate' } },
  unknown: { status: 200, body: { status: 'unknown' } },
  refused: { status: 422, body: { error: 'The code cannot be delivered to this phone number.', code: 'recipient_refused' } },
  notAllowed: { status: 403, body: { error: 'The code cannot be delivered to this phone number.', code: 'recipient_not_allowed' } },
  limited: { status: 429, body: { error: 'Too many codes were asked for. Please try again later.', code: 'too_many_messages' }, retryAfter: true },
  failed: { status: 502, body: { error: 'The code could not be sent right now. Please try again later.', code: 'provider_failed' } },
  malformed: { status: 400, body: { error: /^The code (could not be sent|cannot be delivered to this phone number)\.$/ } },
  unauthorized: { status: 401, body: { error: 'The code could not be sent.', code: 'unauthorized' } },
  unavailable: { status: 503, body: { error: 'The code could not be sent right now. Please try again later.' } }
}

const FIELDS = { number: ['to.0', 'to'], code: 'payload.code', channel: 'method', ip: 'person.ip', user: ['person.id', 'person.name'] }

const bodyOf = ({ number, code, channel, ip, user }: Wish): string =>
  JSON.stringify({ to: [number], payload: { code }, method: channel === 'text' ? 'SMS' : 'Phone', person: { ip, id: user } })

const MALFORMED: DialectSuite['malformed'] = [
  ['a number that is text', JSON.stringify({ to: 'call me', payload: { code: '482913' } })],
  ['a number that is null', JSON.stringify({ to: null, payload: { code: '482913' } })],
  ['a number that is an object', JSON.stringify({ to: {}, payload: { code: '482913' } })],
  ['no code and no text', JSON.stringify({ to: NUMBER })],
  ['a code that is null', JSON.stringify({ to: NUMBER, payload: { code: null } })],
  ['a code that is a list', JSON.stringify({ to: NUMBER, payload: { code: ['482913'] } })],
  ['a code of 40 characters', JSON.stringify({ to: NUMBER, payload: { code: '4'.repeat(40) } })],
  ['a code where an object should be', JSON.stringify({ to: NUMBER, payload: '482913' })],
  ['an unknown channel', JSON.stringify({ to: NUMBER, payload: { code: '482913' }, method: 'pigeon' })],
  ['a channel of objects\' own names', JSON.stringify({ to: NUMBER, payload: { code: '482913' }, method: 'constructor' })],
  ['a channel that is a number', JSON.stringify({ to: NUMBER, payload: { code: '482913' }, method: 7 })]
]

testDialect({
  name: 'a hook with a secret',
  route: '/hooks/generic/mine',
  settings: { MINE: `${OLD}, ${NEW}` },
  hooksFile: { mine: { authentication: { header: 'X-Key', secrets: ['$MINE'] }, fields: FIELDS, channels: { PHONE: 'voice' } } },
  channels: ['text', 'voice'],
  tells: ['ip', 'user'],
  bodyOf,
  authenticated: (body, _moment, secret) => ({ headers: { 'x-key': secret === 'old' ? OLD : NEW }, body }),
  forgeries: [
    ['no secret', withHeader('x-key', undefined)],
    ['an empty secret', withHeader('x-key', '')],
    ['another secret', withHeader('x-key', 'another-secret-altogether')],
    ['a shorter one', withHeader('x-key', OLD.slice(1))],
    ['a longer one', withHeader('x-key', `${OLD}x`)],
    ['both', withHeader('x-key', `${OLD}, ${NEW}`)],
    ['a secret of the callers', withHeader('x-key', 'a-secret-for-tests-only')],
    ['in the wrong header', (request) => ({ ...request, headers: { authorization: `Bearer ${OLD}` } })],
    ['as a user', withHeader('x-key', `Basic ${Buffer.from(`${OLD}:`).toString('base64')}`)]
  ],
  malformed: MALFORMED,
  says: OWN_WORDS
})

const sign = (body: string, secret: string): string => `sha512=${createHmac('sha512', secret).update(body).digest('base64')}`

testDialect({
  name: 'a hook with a signature',
  route: '/hooks/generic/mine',
  hooksFile: {
    mine: {
      authentication: { type: 'hmac', header: 'X-Signature', algorithm: 'sha512', encoding: 'base64', prefix: 'sha512=', secrets: [OLD, NEW] },
      fields: FIELDS,
      channels: { phone: 'voice' },
      format: 'json',
      replies: { limited: { status: 503, body: { wait: true } }, refused: { status: 410 } }
    }
  },
  channels: ['text', 'voice'],
  tells: ['ip', 'user'],
  isKnownByBytes: true,
  bodyOf,
  authenticated: (body, _moment, secret) => ({ headers: { 'x-signature': sign(body, secret === 'old' ? OLD : NEW) }, body }),
  forgeries: [
    ['no signature', withHeader('x-signature', undefined)],
    ['an empty one', withHeader('x-signature', '')],
    ['the prefix alone', withHeader('x-signature', 'sha512=')],
    ['no prefix', ({ body }) => ({ headers: { 'x-signature': sign(body, OLD).slice('sha512='.length) }, body })],
    ['another prefix', ({ body }) => ({ headers: { 'x-signature': sign(body, OLD).replace('sha512', 'sha256') }, body })],
    ['another secret', ({ body }) => ({ headers: { 'x-signature': sign(body, 'another-secret') }, body })],
    ['a shorter one', ({ body }) => ({ headers: { 'x-signature': sign(body, OLD).slice(0, -6) }, body })],
    ['a longer one', ({ body }) => ({ headers: { 'x-signature': `${sign(body, OLD)}AAAA` }, body })],
    ['one of another algorithm', ({ body }) => ({ headers: { 'x-signature': `sha512=${createHmac('sha256', OLD).update(body).digest('base64')}` }, body })],
    ['a body that was changed', ({ headers, body }) => ({ headers, body: `${body} ` })],
    ['another number', ({ headers, body }) => ({ headers, body: body.replace('555', '556') })],
    ['the secret itself', withHeader('x-signature', `sha512=${OLD}`)]
  ],
  malformed: MALFORMED,
  says: {
    ...OWN_WORDS,
    refused: { ...OWN_WORDS.refused, status: 410 },
    notAllowed: { ...OWN_WORDS.notAllowed, status: 410 },
    // With a status of its own there is no header that may mean something else there.
    limited: { status: 503, body: { wait: true } }
  }
})

const basic = (user: string, password: string): string => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

testDialect({
  name: 'a hook with a user and a form',
  route: '/hooks/generic/mine',
  mediaType: 'application/x-www-form-urlencoded',
  hooksFile: {
    mine: {
      authentication: { type: 'basic', username: 'idp', secrets: [OLD, NEW] },
      format: 'form',
      fields: { number: 'user.phone', text: ['message', 'body'], key: 'id' },
      codePattern: 'code is ([0-9]+)',
      replies: {
        accepted: { status: 201, body: 'sent' },
        undecided: { status: 202, body: 'perhaps' },
        unauthorized: { status: 403, body: 'who' },
        invalid: { status: 420, body: { wrong: 'request' } },
        number: { status: 420, body: { wrong: 'number' } },
        failed: { status: 500, body: 'later' },
        unavailable: { status: 500 }
      }
    }
  },
  channels: ['text'],
  tells: [],
  bodyOf: ({ number, code }) => new URLSearchParams({ 'user.phone': number, message: `Bank 12345: your code is ${code}.` }).toString(),
  authenticated: (body, _moment, secret) => ({ headers: { authorization: basic('idp', secret === 'old' ? OLD : NEW) }, body }),
  forgeries: [
    ['nobody', withHeader('authorization', undefined)],
    ['another user', withHeader('authorization', basic('somebody', OLD))],
    ['no user', withHeader('authorization', basic('', OLD))],
    ['another password', withHeader('authorization', basic('idp', 'another-secret'))],
    ['no password', withHeader('authorization', basic('idp', ''))],
    ['no colon', withHeader('authorization', `Basic ${Buffer.from('idp').toString('base64')}`)],
    ['no Basic', withHeader('authorization', `Bearer ${OLD}`)],
    ['no base64', withHeader('authorization', 'Basic %%%')]
  ],
  malformed: [
    ['a number that is text', 'user.phone=call+me&message=hello', { status: 420, body: { wrong: 'number' } }],
    ['no text', `user.phone=${encodeURIComponent(NUMBER)}&message=&body=+`, { status: 420, body: { wrong: 'request' } }],
    ['a text without end', `user.phone=${encodeURIComponent(NUMBER)}&message=${'x'.repeat(1601)}`, { body: { wrong: 'request' } }]
  ],
  says: {
    accepted: { status: 201, body: 'sent' },
    duplicate: { status: 202, body: 'perhaps' },
    unknown: { status: 202, body: 'perhaps' },
    refused: { status: 420, body: { wrong: 'number' } },
    notAllowed: { status: 420, body: { wrong: 'number' } },
    // It has no words of its own for that, and some for what may pass.
    limited: { status: 500, body: 'later' },
    failed: { status: 500, body: 'later' },
    malformed: { status: 420, body: { wrong: /^(number|request)$/ } },
    unauthorized: { status: 403, body: 'who' },
    unavailable: { status: 500, body: { code: /^(store_unavailable|draining)$/ } }
  }
})
