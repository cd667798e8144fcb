import { randomBytes } from 'node:crypto'
import t from 'tap'
import { openKeptCode, sealKeptCode } from '../../src/delivery/kept-code.ts'
import { createKeys } from '../../src/domain/keys.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import { codeOf, messageOf } from '../support/message.ts'

const [OLD_KEY, NEW_KEY] = [randomBytes(32), randomBytes(32)]
const KEYS = createKeys([OLD_KEY])
const ASKER = { ip: 'digest of the address', user: undefined }

t.test('a code is opened as it was sealed, for its delivery', async (t) => {
  for (const [locale, expected] of [['de-AT', 'de-AT'], [undefined, '']]) {
    const sealed = sealKeptCode(messageOf({ code: codeOf('0012aB'), locale }), ASKER, 'delivery 1', KEYS) as string
    const opened = openKeptCode(sealed, 'delivery 1', KEYS)
    t.equal(opened?.code.reveal(), '0012aB')
    t.equal(opened?.locale, expected)
    t.same(opened?.asker, ASKER)
  }
})

t.test('nothing is kept of a message without a code', async (t) => {
  t.equal(sealKeptCode(messageOf({ code: undefined, text: new SensitiveText('Your code is 123456') }), ASKER, 'delivery 1', KEYS), undefined)
})

t.test('a kept code shows nothing of itself, and never the same twice', async (t) => {
  const [one, two] = [sealKeptCode(messageOf(), ASKER, 'delivery 1', KEYS), sealKeptCode(messageOf(), ASKER, 'delivery 1', KEYS)]
  t.notMatch(Buffer.from(one as string, 'base64url').toString('latin1'), /123456/)
  t.not(one, two)
})

t.test('a kept code is not opened for another delivery, nor for another purpose', async (t) => {
  const sealed = sealKeptCode(messageOf(), ASKER, 'delivery 1', KEYS) as string
  t.equal(openKeptCode(sealed, 'delivery 2', KEYS), undefined)
  const ofCall = KEYS.seal(new SensitiveText('{"code":"123456","locale":""}'), { purpose: 'call', subjects: ['delivery 1'] })
  t.equal(openKeptCode(ofCall, 'delivery 1', KEYS), undefined)
})

t.test('a kept code is not opened once it was changed or cut, or is no such thing', async (t) => {
  const sealed = sealKeptCode(messageOf(), ASKER, 'delivery 1', KEYS) as string
  const changed = Buffer.from(sealed, 'base64url')
  changed[20] = (changed[20] as number) ^ 1
  for (const wrong of [changed.toString('base64url'), sealed.slice(0, -4), '', 'nonsense']) {
    t.equal(openKeptCode(wrong, 'delivery 1', KEYS), undefined)
  }
})

t.test('a kept code outlives the coming of a new key, and not the going of its own', async (t) => {
  const sealed = sealKeptCode(messageOf(), ASKER, 'delivery 1', KEYS) as string
  t.equal(openKeptCode(sealed, 'delivery 1', createKeys([NEW_KEY, OLD_KEY]))?.code.reveal(), '123456')
  t.equal(openKeptCode(sealed, 'delivery 1', createKeys([NEW_KEY])), undefined)
})
