import { randomBytes } from 'node:crypto'
import t from 'tap'
import { createKeys } from '../../src/domain/keys.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import { openMessage, sealMessage } from '../../src/feed/sealed-message.ts'
import { codeOf, keyOf, messageOf, numberOf } from '../support/message.ts'

const keys = createKeys([randomBytes(32)])

t.test('a message comes back as it was, to be sent anew', async (t) => {
  const message = messageOf({
    to: numberOf('+14155550123'),
    channel: 'voice',
    text: new SensitiveText('words'),
    speech: new SensitiveText('spoken'),
    code: codeOf('0M53RF'),
    locale: 'de_DE',
    hook: 'okta',
    route: '/hooks/okta',
    caller: 'one',
    requester: { ip: new SensitiveText('203.0.113.7'), user: new SensitiveText('someone') },
    idempotencyKey: keyOf('k'),
    distinction: new SensitiveText('d'),
    expiresAt: 7
  })
  const sealed = sealMessage(message, 'id', keys)
  t.match(sealed, /^[A-Za-z0-9_-]+$/)
  const opened = openMessage(sealed, 'id', keys)
  t.equal(opened?.to.e164, '+14155550123')
  t.equal(opened?.text?.reveal(), 'words')
  t.equal(opened?.speech?.reveal(), 'spoken')
  t.equal(opened?.code?.reveal(), '0M53RF')
  t.equal(opened?.requester.user?.reveal(), 'someone')
  t.equal(opened?.requester.ip, undefined)
  t.match(opened, { channel: 'voice', locale: 'de_DE', hook: 'okta', route: '/hooks/okta', caller: 'one', codeMaker: undefined, idempotencyKey: undefined, distinction: undefined, expiresAt: undefined })
})

t.test('what is not there stays absent', async (t) => {
  const opened = openMessage(sealMessage(messageOf({ code: undefined, codeMaker: 'twilio-verify' }), 'id', keys), 'id', keys)
  t.match(opened, { text: undefined, code: undefined, speech: undefined, locale: undefined, codeMaker: 'twilio-verify', requester: { user: undefined } })
})

t.test('it opens for its request, with its key, and as this version wrote it', async (t) => {
  const sealed = sealMessage(messageOf(), 'id', keys)
  t.equal(openMessage(sealed, 'other', keys), undefined)
  t.equal(openMessage(sealed, 'id', createKeys([randomBytes(32)])), undefined)
  t.equal(openMessage('', 'id', keys), undefined)
  const written = JSON.parse((keys.open(sealed, { purpose: 'replay', subjects: ['id'] }) as SensitiveText).reveal()) as object
  for (const wrong of [{ version: 2 }, { to: '+1' }, { channel: 'pigeon' }, { codeMaker: 'nobody' }]) {
    const other = keys.seal(new SensitiveText(JSON.stringify({ ...written, ...wrong })), { purpose: 'replay', subjects: ['id'] })
    t.equal(openMessage(other, 'id', keys), undefined, JSON.stringify(wrong))
  }
  t.equal(openMessage(keys.seal(new SensitiveText('null'), { purpose: 'replay', subjects: ['id'] }), 'id', keys), undefined)
})
