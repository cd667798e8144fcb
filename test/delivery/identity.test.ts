import { randomBytes } from 'node:crypto'
import t from 'tap'
import { identify, type Identity } from '../../src/delivery/identity.ts'
import { createKeys } from '../../src/domain/keys.ts'
import type { Message } from '../../src/domain/message.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import { codeOf, keyOf, messageOf, numberOf } from '../support/message.ts'

const MINUTE = 60_000
const LIFETIME = 5 * MINUTE

const KEYS = createKeys([randomBytes(32)])
const identityOf = (options: Partial<Message> = {}): Identity => identify(messageOf(options), KEYS, LIFETIME)

const CHANGES: ReadonlyArray<readonly [string, Partial<Message>]> = [
  ['number', { to: numberOf('+4915112345679') }],
  ['channel', { channel: 'voice' }],
  ['text', { text: new SensitiveText('Your code is 123456') }],
  ['code', { code: codeOf('654321') }],
  ['absence of a code', { code: undefined }],
  ['locale', { locale: 'de' }]
]

t.test('the same message is the same, however often it is asked', async (t) => {
  t.same(identityOf(), identityOf())
  const full = { text: new SensitiveText('Hello'), locale: 'fr', code: undefined }
  t.same(identityOf(full), identityOf(full))
})

t.test('each thing that a message says tells it apart from others', async (t) => {
  for (const [what, change] of CHANGES) {
    t.not(identityOf(change).key, identityOf().key, what)
    t.not(identityOf(change).content, identityOf().content, what)
  }
  const all = CHANGES.map(([, change]) => identityOf(change).key)
  t.equal(new Set(all).size, all.length)
})

t.test('a text and a code of the same characters are two messages', async (t) => {
  t.not(identityOf({ code: undefined, text: new SensitiveText('123456') }).key, identityOf().key)
})

t.test('messages of two callers, or on two routes, do not meet, with and without a key of theirs', async (t) => {
  for (const idempotencyKey of [undefined, keyOf('one key')]) {
    const keys = [{}, { caller: 'okta' }, { route: '/okta' }].map((change) => identityOf({ ...change, idempotencyKey }).key)
    t.equal(new Set(keys).size, 3)
  }
})

t.test("a caller's own key names the message, whatever it says, and the content tells what it said", async (t) => {
  const idempotencyKey = keyOf('one key')
  for (const [what, change] of CHANGES) {
    const identity = identityOf({ ...change, idempotencyKey })
    t.equal(identity.key, identityOf({ idempotencyKey }).key, what)
    t.not(identity.content, identityOf({ idempotencyKey }).content, what)
  }
  t.not(identityOf({ idempotencyKey: keyOf('another key') }).key, identityOf({ idempotencyKey }).key)
})

t.test("a caller cannot name the gateway's own key of a message as its own", async (t) => {
  const own = identityOf()
  for (const text of [own.key, own.content]) t.not(identityOf({ idempotencyKey: keyOf(text) }).key, own.key)
})

t.test('a number has one digest, whatever is sent to it', async (t) => {
  t.equal(identityOf({ channel: 'voice', caller: 'okta', code: codeOf('9999') }).number, identityOf().number)
  t.equal(identityOf().number, KEYS.digest('number', '+4915112345678'), 'by which the number of a caller is found')
  t.not(identityOf({ to: numberOf('+4915112345679') }).number, identityOf().number)
})

t.test('nothing of the message can be read from its identity, nor made without the key', async (t) => {
  const identity = identityOf({ idempotencyKey: keyOf('one key') })
  t.notMatch(JSON.stringify(identity), /123456|4915112345678|one key/)
  t.not(identify(messageOf(), createKeys([randomBytes(32)]), LIFETIME).key, identityOf().key)
})

t.test('a message without a key is held for minutes, shorter once it was answered, and for the life of the code while unknown', async (t) => {
  t.same(identityOf().hold, { whileUnknown: LIFETIME, afterAcceptance: 10 * MINUTE, afterAnswer: MINUTE / 2 })
})

t.test("a caller's own key is held for a day, also after the answer", async (t) => {
  const day = 24 * 60 * MINUTE
  t.same(identityOf({ idempotencyKey: keyOf('one key') }).hold, { whileUnknown: day, afterAcceptance: day, afterAnswer: undefined })
})

t.test('what is said to distinguish a message stands for all that it says, but for the number and the channel', async (t) => {
  const distinction = new SensitiveText('["tenant","otp_verify","123456"]')
  const identity = identityOf({ distinction })
  for (const [what, change] of CHANGES) {
    const other = identityOf({ ...change, distinction })
    const isTheSame = what !== 'number' && what !== 'channel'
    t.equal(other.key === identity.key, isTheSame, what)
    t.equal(other.content === identity.content, isTheSame, `${what}: no two contents of one key`)
  }
  t.not(identityOf({ distinction: new SensitiveText('another') }).key, identity.key)
  t.not(identity.key, identityOf().key)
  t.same(identity.hold, identityOf().hold, 'it is held like any other')
  const keyed = identityOf({ distinction, idempotencyKey: keyOf('one key') })
  t.equal(keyed.key, identityOf({ idempotencyKey: keyOf('one key') }).key, 'a key has the last word')
  t.equal(keyed.content, identityOf({ distinction, idempotencyKey: keyOf('one key'), locale: 'de' }).content, 'and may be used again for what is not distinguished')
})

t.test('a key is held for as long as it stands for its message', async (t) => {
  const idempotencyKey = { ...keyOf('one key'), holdFor: 10 * MINUTE }
  t.same(identityOf({ idempotencyKey }).hold, { whileUnknown: 10 * MINUTE, afterAcceptance: 10 * MINUTE, afterAnswer: undefined })
})
