import { inspect } from 'node:util'
import t from 'tap'
import { createOktaEvents } from '../../../src/dialects/logins/okta-events.ts'
import { MOST_LOGINS } from '../../../src/dialects/logins/login.ts'
import { callerOf, OTHER_SECRET, SECRET, toldBy } from './stand.ts'

const USER = '00uyxxSknGtK8022w0g3'
const AT = '2026-11-21T08:00:00.000Z'
const TOLD = [[USER, AT]]

const OAUTH = { issuer: 'https://example.okta.com/oauth2/default', audience: ['api://default'], clientIds: ['0oa1'], scope: undefined, jwksUrl: new URL('https://example.okta.com/keys') }

const teller = createOktaEvents({ header: 'Authorization', oauth: undefined, callerOf })

const person = (id: unknown = USER) => ({ id, type: 'User', alternateId: 'kim@example.com', displayName: 'Kim' })

/** A second factor that was passed, as Okta's log has it. */
const passed = (changes: object = {}): object => ({
  version: '0',
  severity: 'INFO',
  actor: person(),
  outcome: { result: 'SUCCESS', reason: null },
  uuid: 'f790999f-fe87-467a-9880-6982a583986c',
  published: AT,
  eventType: 'user.authentication.auth_via_mfa',
  target: [person(), { id: 'sms1', type: 'AuthenticatorEnrollment', alternateId: 'unknown', displayName: 'Phone', detailEntry: { methodTypeUsed: 'SMS' } }],
  debugContext: { debugData: { factor: 'SMS_FACTOR', factorIntent: 'LOGIN' } },
  ...changes
})

const WITHOUT_FACTOR = { debugContext: { debugData: {} }, target: [person()] }

const factor = (word: unknown): object => ({ target: [person()], debugContext: { debugData: { factor: word } } })

const enrolment = (displayName: unknown, detailEntry: unknown = null): object =>
  ({ debugContext: null, target: [person(), { id: 'x', type: 'AuthenticatorEnrollment', displayName, detailEntry }] })

const call = (...events: unknown[]): object => ({
  eventType: 'com.okta.event_hook', eventTypeVersion: '1.0', cloudEventsVersion: '0.1', eventId: 'b5a188b9', eventTime: AT, source: 'https://example.okta.com/api/v1/eventHooks/who1', data: { events }
})

t.test('a second factor that was passed by phone is a login', async (t) => {
  t.same(toldBy(teller, call(passed())), TOLD)
  t.same(toldBy(teller, call(passed(), { eventType: 'user.session.start' }, passed({ published: '2026-11-21T09:00:00+01:00' }))), [...TOLD, ...TOLD])
})

t.test('the factor is a phone in each of the words that Okta has for one', async (t) => {
  for (const word of ['SMS_FACTOR', 'CALL_FACTOR', 'sms', 'call', 'VOICE', 'Phone', 'phone_number', 'PHONE_NUMBER:SMS', 'telephony', 'Text message', 'text_message']) {
    t.same(toldBy(teller, call(passed(factor(word)))), TOLD, word)
  }
  t.same(toldBy(teller, call(passed({ target: [], debugContext: { debugData: { factorType: 'call' } } }))), TOLD)
  t.same(toldBy(teller, call(passed(enrolment('Phone')))), TOLD)
  t.same(toldBy(teller, call(passed(enrolment('anything', { methodTypeUsed: 'Voice call' })))), TOLD)
  t.same(toldBy(teller, call(passed(enrolment('anything', { MethodTypeUsed: 'sms' })))), TOLD)
})

t.test('another factor is none of ours, and a password is one as well', async (t) => {
  for (const word of ['PASSWORD_AS_FACTOR', 'OKTA_VERIFY_PUSH', 'OKTA_SOFT_TOKEN', 'SIGNED_NONCE', 'signed_nonce', 'FIDO2_WEBAUTHN', 'token:software:totp', 'question', 'email', 'smsx', 'recall', 'iPhone']) {
    t.same(toldBy(teller, call(passed(factor(word)))), [], word)
  }
  t.same(toldBy(teller, call(passed(enrolment('Okta Verify', { methodTypeUsed: 'Get a push notification' })))), [])
  t.same(toldBy(teller, call(passed(factor(`${'x'.repeat(300)} sms`)))), [], 'a name without an end is not read to it')
})

t.test('where the factor is not told a second factor counts, and one that was activated does not', async (t) => {
  for (const odd of [undefined, null, '', ' ', 7, {}, ['SMS_FACTOR']]) t.same(toldBy(teller, call(passed(factor(odd)))), TOLD, inspect(odd))
  t.same(toldBy(teller, call(passed({ ...WITHOUT_FACTOR, target: null }))), TOLD)
  const activated = { eventType: 'user.mfa.factor.activate' }
  t.same(toldBy(teller, call(passed({ ...WITHOUT_FACTOR, ...activated }))), [])
  t.same(toldBy(teller, call(passed({ ...WITHOUT_FACTOR, ...activated, outcome: { result: 'SUCCESS', reason: 'User set up SMS_FACTOR factor' } }))), TOLD)
  t.same(toldBy(teller, call(passed(activated))), TOLD)
  t.same(toldBy(teller, call(passed({ ...factor('OKTA_VERIFY_PUSH'), ...activated }))), [])
})

t.test('what is no success, or of another kind, is passed over', async (t) => {
  for (const changes of [
    { outcome: { result: 'FAILURE', reason: 'INVALID_CREDENTIALS' } }, { outcome: { result: 'success' } }, { outcome: null }, { outcome: undefined }, { eventType: 'user.session.start' },
    { eventType: 'user.authentication.verify' }, { eventType: ['user.authentication.auth_via_mfa'] }, { eventType: null }
  ]) t.same(toldBy(teller, call(passed(changes))), [], inspect(changes))
})

t.test('whose login it was: the person who is meant, or else who acted', async (t) => {
  t.same(toldBy(teller, call(passed({ actor: person('00uadmin'), target: [{ type: 'AppInstance', id: '0oa1' }, person()] }))), TOLD)
  t.same(toldBy(teller, call(passed({ target: [] }))), TOLD)
  for (const id of [undefined, null, '', ' ', {}, 'x'.repeat(257), 'a\u0000b']) t.same(toldBy(teller, call(passed({ actor: person(id), target: [] }))), id === undefined ? TOLD : [], inspect(id).slice(0, 20))
  t.same(toldBy(teller, call(passed({ actor: { id: 'app', type: 'PublicClientApp' }, target: null }))), [])
  t.same(toldBy(teller, call(passed({ actor: null, target: [] }))), [])
})

t.test('a moment that cannot be read is none', async (t) => {
  for (const published of [undefined, null, '', 'yesterday', '2026-11-21', '2026-11-21T08:00:00', '2026-13-45T08:00:00Z', Date.parse(AT), { AT }]) t.same(toldBy(teller, call(passed({ published }))), [], inspect(published))
})

t.test('one odd event does not lose the others', async (t) => {
  t.same(toldBy(teller, call(null, 7, 'text', [], {}, { eventType: {} }, passed())), TOLD)
})

t.test('what has no events has no logins, and what is no JSON is not read', async (t) => {
  for (const body of ['{}', '[]', '7', 'null', '"text"', '{"data":null}', '{"data":{"events":{}}}', '{"data":{"events":"x"}}', '{"__proto__":{"data":{"events":[]}}}']) t.same(toldBy(teller, body), [], body)
  for (const body of ['', ' ', '{', '{"data":', 'a=b']) t.equal(toldBy(teller, body), undefined, body)
})

t.test('there is an end to the logins of one body', async (t) => {
  const told = toldBy(teller, call(...Array.from({ length: MOST_LOGINS + 1 }, () => passed()))) as unknown[]
  t.equal(told.length, MOST_LOGINS)
})

t.test('the secret opens it, in the header that holds it', async (t) => {
  t.same(teller.examine({ authorization: SECRET }), { caller: 'default' })
  t.same(teller.examine({ authorization: `Bearer ${OTHER_SECRET}` }), { caller: 'shop' })
  for (const headers of [{}, { authorization: '' }, { authorization: 'wrong' }, { 'x-key': SECRET }]) t.match(teller.examine(headers), { doubt: /Authorization/ }, inspect(headers))
  const other = createOktaEvents({ header: 'X-Key', oauth: undefined, callerOf })
  t.same(other.examine({ 'x-key': SECRET }), { caller: 'default' })
  t.same(other.examine({ 'x-key': [SECRET] }), { caller: 'default' })
  t.match(other.examine({ authorization: SECRET }), { doubt: /X-Key/ })
})

t.test('where the inline hook comes with tokens, its messages are those of the tokens', async (t) => {
  t.equal(teller.senderOf('default'), 'default')
  const byToken = createOktaEvents({ header: 'Authorization', oauth: OAUTH, callerOf })
  t.equal(byToken.senderOf('default'), 'okta')
  t.equal(byToken.senderOf('shop'), 'shop', 'nobody else speaks for them')
  t.same(byToken.examine({ authorization: SECRET }), { caller: 'default' })
})

t.test('the value by which Okta verifies the route is said back, and nothing else is', async (t) => {
  t.same(teller.verify?.({ 'x-okta-verification-challenge': 'aBc-123_~!' }), { verification: 'aBc-123_~!' })
  for (const value of [undefined, '', ' ', 'a b', 'ü', 'x'.repeat(513), ['a', 'b']]) {
    t.throws(() => teller.verify?.({ 'x-okta-verification-challenge': value }), { code: 'bad_request' }, inspect(value).slice(0, 30))
  }
})
