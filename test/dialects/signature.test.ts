import { createHmac } from 'node:crypto'
import t from 'tap'
import { isRecent, isSigned, keyOfSigned } from '../../src/dialects/signature.ts'
import { CODE, NUMBER, startDialect } from './suite.ts'

const KEY = 'a-signing-key-for-tests-only'

const TOLERANCE = 300_000

t.test('a request that was signed ahead of our clock cannot come again while it is believed', async (t) => {
  const stand = await startDialect(t, { route: '/hooks/zitadel', settings: { ZITADEL_SIGNING_KEY: KEY } } as any)
  // Times of signatures are whole seconds: so is this clock, and its last moments are exact.
  stand.clock.advance(1000 - stand.clock() % 1000)
  const body = JSON.stringify({ contextInfo: { recipientPhoneNumber: NUMBER }, args: { code: CODE } })
  const time = (stand.clock() + TOLERANCE) / 1000
  const request = { body, headers: { 'zitadel-signature': `t=${time},v1=${createHmac('sha256', KEY).update(`${time}.${body}`).digest('hex')}` } }
  t.match(await stand.send(request), { status: 200, body: { status: 'accepted' } }, 'signed as far ahead as can be')
  for (let half = 1; half <= 2; half++) {
    stand.clock.advance(TOLERANCE)
    t.match(await stand.send(request), { status: 200, body: { status: 'duplicate' } }, 'sent again')
  }
  stand.clock.advance(1)
  t.equal((await stand.send(request)).status, 401, 'too old')
  t.equal(stand.sandbox.messages.length, 1)
})

t.test('a key holds for longer than a signature is good', async (t) => {
  const { holdFor, value } = keyOfSigned('a body')
  const signedAt = 1_800_000_000_000
  const [first, last] = [signedAt - TOLERANCE, signedAt + TOLERANCE]
  for (const moment of [first, last]) t.equal(isRecent(String(signedAt / 1000), moment), true)
  for (const moment of [first - 1, last + 1]) t.equal(isRecent(String(signedAt / 1000), moment), false)
  t.ok(holdFor > last - first)
  t.equal(String(value), '[hidden]')
})

t.test('a signature by any of the keys is one, at any of the first ten places', async (t) => {
  const [old, next] = ['old', 'new'].map((key) => Buffer.from(key)) as [Buffer, Buffer]
  const by = (key: Buffer): Buffer => createHmac('sha256', key).update('1.body').digest()
  const wrong = Buffer.alloc(32)
  for (const key of [old, next]) t.equal(isSigned(['1.', Buffer.from('body')], [wrong, by(key)], [old, next]), true)
  t.equal(isSigned(['1.', 'body'], [by(Buffer.from('other'))], [old, next]), false)
  t.equal(isSigned(['1.', 'body'], [], [old]), false)
  t.equal(isSigned(['1.', 'body'], [by(old)], []), false)
  t.equal(isSigned(['1.', 'body'], [by(old).subarray(1), Buffer.concat([by(old), wrong])], [old]), false, 'of another length')
  t.equal(isSigned(['1.', 'body'], [...Array(9).fill(wrong), by(old)], [old]), true)
  t.equal(isSigned(['1.', 'body'], [...Array(10).fill(wrong), by(old)], [old]), false)
})
