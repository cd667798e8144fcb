import t from 'tap'
import { createKeys, type SealContext } from '../../src/domain/keys.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'

const key = (byte: number): Buffer => Buffer.alloc(32, byte)
const context: SealContext = { purpose: 'call', subjects: ['a-delivery', 'an-attempt'] }
const text = new SensitiveText('{"code":"004829","to":"+4915112345678"}')

t.test('what is sealed opens in the same context, and only there', async (t) => {
  const keys = createKeys([key(1)])
  const sealed = keys.seal(text, context)
  t.equal(keys.open(sealed, context)?.reveal(), text.reveal())
  const others: SealContext[] = [
    { ...context, purpose: 'announcement' },
    { ...context, purpose: 'kept-code' },
    { ...context, subjects: [] },
    { ...context, subjects: ['a-delivery'] },
    { ...context, subjects: ['a-delivery', 'another-attempt'] },
    { ...context, subjects: ['another-delivery', 'an-attempt'] },
    { ...context, subjects: ['an-attempt', 'a-delivery'] },
    { ...context, subjects: ['a-deliveryan-attempt'] },
    { ...context, subjects: ['a-delivery', 'an-attempt', ''] }
  ]
  for (const other of others) t.equal(keys.open(sealed, other), undefined, JSON.stringify(other))
})

t.test('a purpose is not mistaken for a subject', async (t) => {
  const keys = createKeys([key(1)])
  const sealed = keys.seal(text, { purpose: 'call', subjects: ['kept-code', 'x'] })
  t.equal(keys.open(sealed, { purpose: 'kept-code', subjects: ['call', 'x'] }), undefined)
})

t.test('no byte of what is sealed can be changed', async (t) => {
  const keys = createKeys([key(1)])
  const bytes = Buffer.from(keys.seal(text, context), 'base64url')
  for (let index = 0; index < bytes.length; index += 1) {
    const tampered = Buffer.from(bytes)
    tampered.writeUInt8((tampered[index] as number) ^ 1, index)
    if (keys.open(tampered.toString('base64url'), context) !== undefined) t.fail(`byte ${index}`)
  }
  for (let length = 0; length < bytes.length; length += 1) {
    if (keys.open(bytes.subarray(0, length).toString('base64url'), context) !== undefined) t.fail(`cut to ${length} bytes`)
  }
  t.equal(keys.open(Buffer.concat([bytes, Buffer.alloc(1)]).toString('base64url'), context), undefined, 'nor added')
})

t.test('what nobody sealed does not open', async (t) => {
  const keys = createKeys([key(1)])
  for (const sealed of ['', 'x', '????', 'A'.repeat(37), 'A'.repeat(38), 'A'.repeat(500), text.reveal()]) t.equal(keys.open(sealed, context), undefined)
})

t.test('a key of somebody else opens nothing', async (t) => {
  t.equal(createKeys([key(2)]).open(createKeys([key(1)]).seal(text, context), context), undefined)
})

t.test('what is sealed can stand in a URL, shows nothing of the text, and never looks the same twice', async (t) => {
  const keys = createKeys([key(1)])
  const sealed = keys.seal(text, context)
  t.match(sealed, /^[A-Za-z0-9_-]+$/)
  t.notMatch(Buffer.from(sealed, 'base64url').toString('latin1'), /004829/)
  t.not(keys.seal(text, context), sealed)
})

t.test('what opens is still a text that does not print', async (t) => {
  const keys = createKeys([key(1)])
  t.equal(String(keys.open(keys.seal(text, context), context)), '[hidden]')
})

t.test('every text can be sealed, be it empty or in any script', async (t) => {
  const keys = createKeys([key(1)])
  for (const words of ['', 'código — код — 验证码 🔑']) t.equal(keys.open(keys.seal(new SensitiveText(words), context), context)?.reveal(), words)
})

t.test('a new key in front changes no digest, seals what is new, and opens what is old', async (t) => {
  const before = createKeys([key(1)])
  const after = createKeys([key(2), key(1)])
  const old = before.seal(text, context)
  t.equal(after.open(old, context)?.reveal(), text.reveal())
  t.equal(after.digest('number', '+4915112345678'), before.digest('number', '+4915112345678'))
  const fresh = after.seal(text, context)
  t.equal(before.open(fresh, context), undefined, 'it takes the new key')
  t.equal(createKeys([key(2)]).open(fresh, context)?.reveal(), text.reveal(), 'which is enough')
  t.equal(createKeys([key(2)]).open(old, context), undefined, 'a key that was removed opens nothing any more')
})

t.test('a key that waits opens, and neither seals nor digests, so that all processes know it before one seals with it', async (t) => {
  const before = createKeys([key(1)])
  const told = createKeys([key(2), key(1)], 1)
  const after = createKeys([key(2), key(1)])
  const sealed = told.seal(text, context)
  t.equal(before.open(sealed, context)?.reveal(), text.reveal(), 'who has not heard of the new one opens what it seals')
  t.equal(told.open(after.seal(text, context), context)?.reveal(), text.reveal(), 'and it opens what the new one has sealed')
  t.equal(createKeys([key(3), key(2), key(1)], 2).open(sealed, context)?.reveal(), text.reveal(), 'several may wait')
  t.equal(told.digest('number', 'x'), before.digest('number', 'x'))
})

t.test('a digest has 43 characters and depends on the key, the purpose, and each part with its boundaries', async (t) => {
  const keys = createKeys([key(1)])
  const digest = keys.digest('number', 'ab', 'c')
  t.match(digest, /^[A-Za-z0-9_-]{43}$/)
  t.equal(keys.digest('number', 'ab', 'c'), digest)
  const others = [
    createKeys([key(2)]).digest('number', 'ab', 'c'), keys.digest('message', 'ab', 'c'), keys.digest('number', 'a', 'bc'),
    keys.digest('number', 'abc'), keys.digest('number', 'c', 'ab'), keys.digest('number', 'ab', 'c', ''), keys.digest('number'), keys.digest('number', 'ab","c')
  ]
  t.equal(new Set([digest, ...others]).size, others.length + 1)
})
