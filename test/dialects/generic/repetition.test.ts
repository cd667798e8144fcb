import { createHmac } from 'node:crypto'
import t, { type Test } from 'tap'
import { SECRET } from '../../support/gateway.ts'
import { CODE, NUMBER, startDialect, type DialectStand, type Told } from '../suite.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

const KEY = 'the-key-of-signatures'

const FIELDS = { number: 'to', code: 'code', text: 'text' }
const HMAC = { type: 'hmac', header: 'X-Signature', secrets: [KEY] }
const TIMED = { type: 'timestamped', header: 'X-Signature', secrets: [KEY] }

const HOOKS = {
  open: { fields: { ...FIELDS, key: 'id' } },
  signed: { fields: FIELDS, authentication: HMAC },
  keyed: { fields: { ...FIELDS, key: 'id' }, authentication: HMAC },
  patterned: { fields: FIELDS, authentication: HMAC, codePattern: 'PIN ([0-9]{4})' },
  timed: { fields: FIELDS, authentication: TIMED },
  hasty: { fields: { ...FIELDS, key: 'id' }, authentication: { ...TIMED, toleranceSeconds: 10 } },
  patient: { fields: FIELDS, authentication: { ...TIMED, toleranceSeconds: 3600 } },
  'keyed-timed': { fields: { ...FIELDS, key: 'id' }, authentication: { ...TIMED, toleranceSeconds: 3600 } }
}

interface Stand extends Omit<DialectStand, 'post'> {
  /** Sends a body, and with the headers again the very same request. */
  post (hook: keyof typeof HOOKS, body: object, headers?: Record<string, string>): Promise<Told>
  /** The header of a signature with a time, so many milliseconds from now. */
  stamp (body: object, from?: number): Record<string, string>
}

const start = async (t: Test): Promise<Stand> => {
  const stand = await startDialect(t, { hooksFile: HOOKS } as any)
  // Times of signatures are whole seconds: so is this clock, and its last moments are exact.
  stand.clock.advance(SECOND - stand.clock() % SECOND)
  return {
    ...stand,
    async post (hook, body, headers = {}) {
      const response = await fetch(`${stand.url}/hooks/generic/${hook}`, {
        method: 'POST', headers: { 'content-type': 'application/json', authorization: SECRET, ...headers }, body: JSON.stringify(body)
      })
      return { status: response.status, type: '', body: await response.json() }
    },
    stamp (body, from = 0) {
      const time = (stand.clock() + from) / SECOND
      return { 'x-signature': `t=${time},v1=${hmac(`${time}.${JSON.stringify(body)}`)}` }
    }
  }
}

const hmac = (text: string): string => createHmac('sha256', KEY).update(text).digest('hex')

const signature = (body: object): Record<string, string> => ({ 'x-signature': hmac(JSON.stringify(body)) })

const accepted = { status: 200, body: { status: 'accepted' } }
const duplicate = { status: 200, body: { status: 'duplicate' } }

t.test('a signature with a time is a repetition for as long as it is good, from the first moment to the last', async (t) => {
  for (const [hook, tolerance, id] of [['timed', 5 * MINUTE], ['patient', HOUR], ['keyed-timed', HOUR, 'one'], ['hasty', 10 * SECOND, 'one']] as const) {
    const stand = await start(t)
    const body = { to: NUMBER, code: CODE, id }
    const headers = stand.stamp(body, tolerance)
    t.match(await stand.post(hook, body, headers), accepted, `${hook}: signed as far ahead as can be`)
    for (let quarter = 1; quarter <= 4; quarter++) {
      stand.clock.advance(tolerance / 2)
      t.match(await stand.post(hook, body, headers), duplicate, `${hook}: sent again`)
    }
    stand.clock.advance(1)
    t.match(await stand.post(hook, body, headers), { status: 401 }, `${hook}: too old`)
    t.equal(stand.sandbox.messages.length, 1)
  }
})

t.test('after that the provider may say the same again', async (t) => {
  const stand = await start(t)
  const body = { to: NUMBER, code: CODE }
  t.match(await stand.post('patient', body, stand.stamp(body)), accepted)
  stand.clock.advance(2 * HOUR)
  t.match(await stand.post('patient', body, stand.stamp(body)), duplicate)
  stand.clock.advance(SECOND)
  t.match(await stand.post('patient', body, stand.stamp(body)), accepted)
})

t.test('however short a signature is good, the provider\'s retry is known for ten minutes', async (t) => {
  const stand = await start(t)
  const body = { to: NUMBER, code: CODE }
  t.match(await stand.post('hasty', body, stand.stamp(body)), accepted)
  stand.clock.advance(10 * MINUTE)
  t.match(await stand.post('hasty', body, stand.stamp(body)), duplicate)
  stand.clock.advance(SECOND)
  t.match(await stand.post('hasty', body, stand.stamp(body)), accepted)
})

t.test('a code that is signed without a time is sent once a day, wherever it stands', async (t) => {
  const stand = await start(t)
  const bodies = [
    ['signed', { to: NUMBER, code: CODE }],
    ['signed', { to: NUMBER, text: `Your code is ${CODE}` }],
    ['patterned', { to: NUMBER, text: 'Order 123456, PIN 4829' }]
  ] as const
  for (const [hook, body] of bodies) t.match(await stand.post(hook, body, signature(body)), accepted)
  stand.clock.advance(24 * HOUR - 1)
  for (const [hook, body] of bodies) t.match(await stand.post(hook, body, signature(body)), duplicate)
  stand.clock.advance(1)
  for (const [hook, body] of bodies) t.match(await stand.post(hook, body, signature(body)), accepted)
})

t.test('a notice is not: two of them on one day are two', async (t) => {
  const stand = await start(t)
  const bodies = [['signed', { to: NUMBER, text: 'Your account is locked.' }], ['patterned', { to: NUMBER, text: 'Order 123456 is on its way.' }]] as const
  for (const [hook, body] of bodies) t.match(await stand.post(hook, body, signature(body)), accepted)
  stand.clock.advance(10 * MINUTE - 1)
  for (const [hook, body] of bodies) t.match(await stand.post(hook, body, signature(body)), duplicate, 'but a retry is one')
  stand.clock.advance(1)
  for (const [hook, body] of bodies) t.match(await stand.post(hook, body, signature(body)), accepted)
  t.equal(stand.sandbox.messages.length, 4)
})

t.test('the provider\'s own key tells notices apart, for a day where they are signed', async (t) => {
  const stand = await start(t)
  const body = { to: NUMBER, text: 'Your account is locked.', id: 'one' }
  t.match(await stand.post('keyed', body, signature(body)), accepted)
  stand.clock.advance(23 * HOUR)
  t.match(await stand.post('keyed', body, signature(body)), duplicate)
  const other = { ...body, id: 'two' }
  t.match(await stand.post('keyed', other, signature(other)), accepted)
})

/** What no provider means as the id of a message. */
const NO_KEYS: readonly unknown[] = [{}, { toString: 'x' }, [], ['one'], true, false, null, '', '  ', 'x'.repeat(256)]

t.test('a key that is none is let go, and the message is told apart by what it says', async (t) => {
  const stand = await start(t)
  for (const id of NO_KEYS) {
    const text = `Notice ${JSON.stringify(id).slice(0, 20)}`
    t.match(await stand.post('open', { to: NUMBER, text, id }), accepted, text)
    t.match(await stand.post('open', { to: NUMBER, text, id }), duplicate, `${text}: again`)
  }
  stand.clock.advance(MINUTE)
  for (const id of [{}, 'x'.repeat(256)]) {
    t.match(await stand.post('open', { to: NUMBER, text: `Notice ${JSON.stringify(id).slice(0, 20)}`, id }), accepted, 'and that is soon over')
  }
  t.equal(stand.sandbox.messages.length, NO_KEYS.length + 2)
})

t.test('of what is signed, the body stands for it then', async (t) => {
  const stand = await start(t)
  for (const [place, id] of NO_KEYS.entries()) {
    const body = { to: NUMBER, code: String(1000 + place), id }
    t.match(await stand.post('keyed', body, signature(body)), accepted)
  }
  stand.clock.advance(23 * HOUR)
  for (const [place, id] of NO_KEYS.entries()) {
    const body = { to: NUMBER, code: String(1000 + place), id }
    t.match(await stand.post('keyed', body, signature(body)), duplicate)
  }
})

t.test('the longest key is a key', async (t) => {
  const stand = await start(t)
  t.match(await stand.post('open', { to: NUMBER, code: CODE, id: 'x'.repeat(255) }), accepted)
  stand.clock.advance(9 * MINUTE)
  t.match(await stand.post('open', { to: NUMBER, code: CODE, id: 'x'.repeat(255) }), duplicate)
})
