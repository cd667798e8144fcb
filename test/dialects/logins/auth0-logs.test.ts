import { inspect } from 'node:util'
import t from 'tap'
import { createAuth0Logs } from '../../../src/dialects/logins/auth0-logs.ts'
import { MOST_LOGINS } from '../../../src/dialects/logins/login.ts'
import { callerOf, OTHER_SECRET, SECRET, toldBy } from './stand.ts'

const USER = 'auth0|5f7c8ec7c33c6c004bbafe82'
const AT = '2026-11-21T08:00:00.000Z'
const TOLD = [[USER, AT]]

const teller = createAuth0Logs({ callerOf })

/** A log as a stream tells of it. */
const log = (type: string, changes: object = {}): object => ({
  log_id: '90020261121080000123456789012345678901234567890123456789',
  data: { date: AT, type, user_id: USER, user_name: '+14155550123', tenant_name: 'example', ip: '203.0.113.7', description: 'x', ...changes }
})

const mfa = (authenticator: unknown, more: object = {}, type = 'gd_auth_succeed'): object => log(type, { details: { authenticator, ...more } })

t.test('a second factor that was passed by phone is a login, in each format of the stream', async (t) => {
  const item = mfa({ id: 'sms|dev_5f7c8ec7', type: 'oob', phone_number: 'XXXXXXXX0123' })
  const lines = [JSON.stringify(item), '', JSON.stringify(log('sapi')), JSON.stringify(item)]
  t.same(toldBy(teller, [item]), TOLD, 'a list')
  t.same(toldBy(teller, item), TOLD, 'one object')
  t.same(toldBy(teller, { logs: [item, log('fapi')] }), TOLD, 'an object with all of them')
  t.same(toldBy(teller, lines.join('\n')), [...TOLD, ...TOLD], 'lines')
  t.same(toldBy(teller, `${lines.join('\r\n')}\r\n`), [...TOLD, ...TOLD])
  t.same(toldBy(teller, [(item as { data: object }).data]), TOLD, 'without the envelope')
  t.same(toldBy(teller, []), [])
})

t.test('a phone is known by the kind of the authenticator, its id or its number', async (t) => {
  for (const authenticator of [
    { id: null, type: 'sms' }, { id: null, type: 'voice' }, { id: 'voice|dev_1', type: 'oob' }, { type: 'phone' }, { id: 'dev_1', type: 'oob', phone_number: '+1' }, { id: 'sms|dev_1', type: 'authenticator' }
  ]) {
    t.same(toldBy(teller, mfa(authenticator)), TOLD, inspect(authenticator))
    t.same(toldBy(teller, mfa(authenticator, {}, 'gd_enrollment_complete')), TOLD, inspect(authenticator))
  }
  t.same(toldBy(teller, mfa({ type: 'oob' }, { enrollment: { phone_number: '+1' } }, 'gd_enrollment_complete')), TOLD)
})

t.test('another factor is none of ours', async (t) => {
  for (const authenticator of [
    { id: 'totp|dev_1', type: 'otp' }, { id: 'push|dev_1', type: 'oob' }, { id: 'email|dev_1', type: 'oob' }, { id: null, type: 'webauthn-roaming' }, { type: 'recovery-code' }, { type: 'push', phone_number: '+1' }
  ]) for (const type of ['gd_auth_succeed', 'gd_enrollment_complete']) t.same(toldBy(teller, mfa(authenticator, {}, type)), [], inspect(authenticator))
})

t.test('where the factor is not told one that was passed counts, and one that was enrolled does not', async (t) => {
  for (const authenticator of [undefined, null, 'sms', {}, { type: 'oob' }, { id: 'dev_1', type: null }, { id: 7, type: 7 }]) {
    t.same(toldBy(teller, mfa(authenticator)), TOLD, inspect(authenticator))
    t.same(toldBy(teller, mfa(authenticator, {}, 'gd_enrollment_complete')), [], inspect(authenticator))
  }
  t.same(toldBy(teller, log('gd_auth_succeed')), TOLD)
  t.same(toldBy(teller, log('gd_auth_succeed', { details: null })), TOLD)
})

t.test('a login counts by the connection of texts alone', async (t) => {
  for (const type of ['s', 'sepotpft']) {
    t.same(toldBy(teller, log(type, { strategy: 'sms', connection: 'texts' })), TOLD)
    t.same(toldBy(teller, log(type, { connection: 'sms' })), TOLD)
    for (const changes of [{}, { strategy: 'auth0', connection: 'Username-Password-Authentication' }, { strategy: 'email', connection: 'email' }, { strategy: ['sms'] }, { strategy: null }]) {
      t.same(toldBy(teller, log(type, changes)), [], inspect(changes))
    }
  }
})

t.test('logs of other kinds are passed over', async (t) => {
  for (const type of ['f', 'fp', 'gd_auth_failed', 'gd_auth_rejected', 'gd_send_sms', 'gd_start_auth', 'cs', 'ssa', 'seacft', 'slo', 'sapi', 'toString', '']) t.same(toldBy(teller, log(type, { strategy: 'sms', connection: 'sms' })), [], type)
  for (const type of [undefined, null, 7, {}, ['s']]) t.same(toldBy(teller, log('s', { strategy: 'sms', type })), [], inspect(type))
})

t.test('a log that does not say of whom, or when, is of nobody', async (t) => {
  for (const changes of [
    { user_id: undefined }, { user_id: '' }, { user_id: null }, { user_id: {} }, { user_id: 'x'.repeat(257) }, { date: undefined }, { date: null }, { date: 'today' }, { date: '2026-11-21T08:00:00' }, { date: Date.parse(AT) }
  ]) t.same(toldBy(teller, log('gd_auth_succeed', changes)), [], inspect(changes).slice(0, 40))
})

t.test('one odd item does not lose the others', async (t) => {
  t.same(toldBy(teller, [null, 7, 'text', [], {}, { data: null }, { data: 'x' }, log('gd_auth_succeed')]), TOLD)
  t.same(toldBy(teller, `{"log_id":\n${JSON.stringify(log('gd_auth_succeed'))}\n<html>`), TOLD)
})

t.test('where nothing can be read that is said', async (t) => {
  for (const body of ['', ' \n ', '{', '<html>', 'a=b\nc=d']) t.equal(toldBy(teller, body), undefined, body)
  for (const body of ['null', '7', '"text"', '{}', '{"logs":null}', '{"logs":7}', '{"__proto__":{"type":"s"}}']) t.same(toldBy(teller, body), [], body)
})

t.test('there is an end to the logins of one body, and to its lines', async (t) => {
  const many = Array.from({ length: MOST_LOGINS + 1 }, () => log('gd_auth_succeed'))
  t.equal((toldBy(teller, many) as unknown[]).length, MOST_LOGINS)
  t.equal((toldBy(teller, many.map((item) => JSON.stringify(item)).join('\n')) as unknown[]).length, MOST_LOGINS)
  t.equal(toldBy(teller, `${'{\n'.repeat(5000)}${JSON.stringify(log('gd_auth_succeed'))}`), undefined)
})

t.test('the secret opens it, and whose it is tells of its own', async (t) => {
  t.same(teller.examine({ authorization: SECRET }), { caller: 'default' })
  t.same(teller.examine({ authorization: `Bearer ${OTHER_SECRET}` }), { caller: 'shop' })
  for (const headers of [{}, { authorization: ' ' }, { authorization: 'wrong' }]) t.match(teller.examine(headers), { doubt: /Authorization/ }, inspect(headers))
  t.equal(teller.senderOf('shop'), 'shop')
  t.equal(teller.verify, undefined)
})
