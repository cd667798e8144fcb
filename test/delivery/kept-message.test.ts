import { randomBytes } from 'node:crypto'
import t from 'tap'
import { openKeptCode, sealKeptCode } from '../../src/delivery/kept-code.ts'
import { openMessage, sealMessage, type KeptMessage } from '../../src/delivery/kept-message.ts'
import { createKeys, type SealContext } from '../../src/domain/keys.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import { codeOf, messageOf, numberOf } from '../support/message.ts'

const [OLD_KEY, NEW_KEY] = [randomBytes(32), randomBytes(32)]
const KEYS = createKeys([OLD_KEY])

const ASKER = { ip: 'digest of the address', user: undefined }

const MESSAGE: KeptMessage = { to: numberOf('+4915112345678'), text: new SensitiveText('Ihr Code: 0012aB „so“ 🔑'), code: codeOf('0012aB'), locale: 'de-AT', asker: ASKER }

/** What a message says, in clear. */
const said = (message: KeptMessage | undefined): unknown =>
  message && { to: message.to.e164, country: message.to.country, text: message.text?.reveal(), code: message.code?.reveal(), locale: message.locale, asker: message.asker }

t.test('a message is opened as it was sealed, for its delivery', async (t) => {
  t.same(said(openMessage(sealMessage(MESSAGE, 'delivery 1', KEYS), 'delivery 1', KEYS)), {
    to: '+4915112345678', country: 'DE', text: 'Ihr Code: 0012aB „so“ 🔑', code: '0012aB', locale: 'de-AT', asker: ASKER
  })
})

t.test('a text without a code is kept as well, and the longest one too', async (t) => {
  for (const text of ['Your account was blocked.', '0123456789'.repeat(160), '"\\\n\u0000']) {
    const sealed = sealMessage({ ...MESSAGE, text: new SensitiveText(text), code: undefined, locale: '' }, 'delivery 1', KEYS)
    t.match(said(openMessage(sealed, 'delivery 1', KEYS)), { text, code: undefined, locale: '' })
  }
})

t.test('words that were never there stay none', async (t) => {
  const sealed = sealMessage({ ...MESSAGE, text: undefined }, 'delivery 1', KEYS)
  t.match(said(openMessage(sealed, 'delivery 1', KEYS)), { text: '', code: '0012aB' })
})

t.test('a kept message shows nothing of itself, and never the same twice', async (t) => {
  const [one, two] = [sealMessage(MESSAGE, 'delivery 1', KEYS), sealMessage(MESSAGE, 'delivery 1', KEYS)]
  for (const form of [one, Buffer.from(one, 'base64url').toString('latin1')]) t.notMatch(form, /0012aB|15112345678|Ihr Code/)
  t.not(one, two)
  t.notMatch(JSON.stringify(openMessage(one, 'delivery 1', KEYS)), /0012aB|15112345678|Ihr Code/, 'nor once it is open')
})

t.test('a kept message is not opened for another delivery', async (t) => {
  const sealed = sealMessage(MESSAGE, 'delivery 1', KEYS)
  for (const other of ['delivery 2', 'delivery 1 ', '']) t.equal(openMessage(sealed, other, KEYS), undefined)
})

t.test('what was sealed for another purpose is not opened as a kept message, nor the other way round', async (t) => {
  const content = new SensitiveText(JSON.stringify({ to: '+4915112345678', text: 'Hello', code: '123456', locale: '' }))
  for (const purpose of ['call', 'announcement', 'kept-code'] as const satisfies ReadonlyArray<SealContext['purpose']>) {
    t.equal(openMessage(KEYS.seal(content, { purpose, subjects: ['delivery 1'] }), 'delivery 1', KEYS), undefined, purpose)
  }
  t.equal(openMessage(KEYS.seal(content, { purpose: 'kept-message', subjects: ['delivery 1', 'attempt 1'] }), 'delivery 1', KEYS), undefined)
  t.equal(openMessage(sealKeptCode(messageOf(), ASKER, 'delivery 1', KEYS) as string, 'delivery 1', KEYS), undefined)
  t.equal(openKeptCode(sealMessage(MESSAGE, 'delivery 1', KEYS), 'delivery 1', KEYS), undefined)
})

t.test('a kept message is not opened once it was changed or cut, or is no such thing', async (t) => {
  const sealed = sealMessage(MESSAGE, 'delivery 1', KEYS)
  const changed = Buffer.from(sealed, 'base64url')
  changed[20] = (changed[20] as number) ^ 1
  for (const wrong of [changed.toString('base64url'), sealed.slice(0, -4), '', 'nonsense']) {
    t.equal(openMessage(wrong, 'delivery 1', KEYS), undefined)
  }
})

t.test('a kept message outlives the coming of a new key, and not the going of its own', async (t) => {
  const sealed = sealMessage(MESSAGE, 'delivery 1', KEYS)
  t.match(said(openMessage(sealed, 'delivery 1', createKeys([NEW_KEY, OLD_KEY]))), { code: '0012aB' })
  t.equal(openMessage(sealed, 'delivery 1', createKeys([NEW_KEY])), undefined)
})
