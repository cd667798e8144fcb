import t from 'tap'
import { answerOf } from '../../src/dialects/answer.ts'
import type { Dialect, HookReply } from '../../src/dialects/dialect.ts'
import { readHooks } from '../../src/dialects/generic/hooks-file.ts'
import { PRESET_NAMES } from '../../src/dialects/generic/presets.ts'
import type { Reason } from '../../src/domain/reason.ts'
import { allDialects } from './all-dialects.ts'

const { hooks } = readHooks(JSON.stringify(Object.fromEntries(PRESET_NAMES.map((preset) =>
  [preset, { preset, ...['authgear', 'authsignal'].includes(preset) && { authentication: { secrets: ['a-secret-of-the-hook'] } } }]))), {})

const dialectsWith = (failure: 'error' | 'failed'): readonly Dialect[] => allDialects(hooks, failure)

const DIALECTS = dialectsWith('error')

const told = (dialect: Dialect, reason: Reason, retryAfter?: number): HookReply =>
  dialect.reply(answerOf({ kind: 'refused', id: 'an-id', reason, retryAfter }))

const NOT_THIS_NUMBER = 'The code cannot be delivered to this phone number.'
const TOO_MANY = 'Too many codes were asked for. Please try again later.'

const json = (status: number, body: object, retryAfter?: number) => ({ kind: 'json', status, body, retryAfter })

/** What is in the table of errors. */
const problem = (code: string, retryAfter?: number) => ({ kind: 'problem', failure: { kind: 'failure', code, id: 'an-id', retryAfter } })

/** In our own words, for hooks that have none. */
const own = (status: number, error: string, code: string, retryAfter?: number) => json(status, { error, code, id: 'an-id' }, retryAfter)

/** What each dialect says of a number that gets nothing, and of the one message too many. */
const SAID: Readonly<Record<string, readonly [notAllowed: object, tooMany: object]>> = {
  direct: [problem('recipient_not_allowed'), problem('too_many_messages', 62)],
  auth0: [problem('recipient_not_allowed'), problem('too_many_messages', 62)],
  'auth0-sms-gateway': [problem('recipient_not_allowed'), problem('too_many_messages', 62)],
  okta: [
    json(200, { error: { errorSummary: NOT_THIS_NUMBER, errorCauses: [{ errorSummary: NOT_THIS_NUMBER, reason: /^recipient_not_allowed: .*delivery=an-id\)$/ }] } }),
    json(200, { error: { errorSummary: TOO_MANY, errorCauses: [{ errorSummary: TOO_MANY, reason: /^too_many_messages: .*delivery=an-id\)$/ }] } })
  ],
  supabase: [json(200, { error: { http_code: 422, message: NOT_THIS_NUMBER } }), json(200, { error: { http_code: 429, message: TOO_MANY } })],
  zitadel: [problem('recipient_not_allowed'), problem('too_many_messages', 62)],
  kratos: [problem('recipient_not_allowed'), problem('too_many_messages', 62)],
  'generic/logto': [{ kind: 'text', status: 403, body: NOT_THIS_NUMBER }, { kind: 'text', status: 429, body: TOO_MANY, retryAfter: 62 }],
  'generic/authentik': [{ kind: 'text', status: 403, body: NOT_THIS_NUMBER }, { kind: 'text', status: 429, body: TOO_MANY, retryAfter: 62 }],
  'generic/authgear': [json(500, { code: 'delivery_rejected' }), json(429, { code: 'rate_limited' }, 62)],
  ...Object.fromEntries(['fusionauth', 'keycloak', 'casdoor', 'descope', 'pingone', 'authsignal'].map((name) =>
    [`generic/${name}`, [own(403, NOT_THIS_NUMBER, 'recipient_not_allowed'), own(429, TOO_MANY, 'too_many_messages', 62)]]))
}

t.test('every dialect has words for what the guard refuses', async (t) => {
  t.same([...new Set(DIALECTS.map(({ name }) => name))].sort(), Object.keys(SAID).sort(), 'none is left out')
  for (const dialect of DIALECTS) {
    const [notAllowed, tooMany] = SAID[dialect.name] as readonly [object, object]
    for (const reason of ['country_not_allowed', 'prefix_denied', 'number_type_refused'] as const) t.match(told(dialect, reason), notAllowed, `${dialect.route}: ${reason}`)
    for (const reason of ['too_many_messages', 'range_suspected'] as const) t.match(told(dialect, reason, 61_500), tooMany, `${dialect.route}: ${reason}`)
  }
})

t.test('what is tried again at once where a reply says when has no such reply', async (t) => {
  const supabase = DIALECTS.find(({ name }) => name === 'supabase') as Dialect
  for (const reason of ['too_many_messages', 'range_suspected', 'country_not_allowed'] as const) {
    const reply = told(supabase, reason, 1000)
    t.match(reply, { kind: 'json', status: 200 }, 'Supabase tries 429 and 503 again that have Retry-After')
    t.equal('retryAfter' in reply ? reply.retryAfter : undefined, undefined)
  }
})

t.test('okta: told FAILED where that is set', async (t) => {
  const okta = dialectsWith('failed').find(({ name }) => name === 'okta') as Dialect
  for (const [reason, code] of [['prefix_denied', 'recipient_not_allowed'], ['range_suspected', 'too_many_messages']] as const) {
    t.match(told(okta, reason, 1000), { status: 200, body: { commands: [{ value: [{ status: 'FAILED', transactionMetadata: `reason=${code}` }] }] } })
  }
})

t.test('it is told in whole seconds, in one at least, and not at all where nobody knows', async (t) => {
  for (const [milliseconds, seconds] of [[0, 1], [1, 1], [1000, 1], [1001, 2], [86_400_000, 86_400], [undefined, undefined]] as const) {
    t.match(answerOf({ kind: 'refused', id: 'x', reason: 'too_many_messages', retryAfter: milliseconds }), { code: 'too_many_messages', retryAfter: seconds }, String(milliseconds))
    const casdoor = DIALECTS.find(({ name }) => name === 'generic/casdoor') as Dialect
    t.match(told(casdoor, 'too_many_messages', milliseconds), { status: 429, retryAfter: seconds })
  }
})
