import t from 'tap'
import { createKeepForEscalation, openEscalation, type EscalationRules } from '../../src/delivery/escalation-message.ts'
import { createKeys } from '../../src/domain/keys.ts'
import type { Message } from '../../src/domain/message.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import { KEYS } from './deliver-stand.ts'
import { messageOf } from '../support/message.ts'

const RULES: EscalationRules = { channels: ['whatsapp', 'voice'], hooks: new Set(['direct', 'generic/logto']), afterMs: 60_000 }
const COUNTED = { number: 'number', ip: 'digest of the address', user: undefined }
const TEXT = { isTest: false, channel: 'sms', counted: COUNTED } as const

const keep = (message: Partial<Message> = {}, judgement: Parameters<ReturnType<typeof createKeepForEscalation>>[1] = TEXT, rules: Partial<EscalationRules> = {}) =>
  createKeepForEscalation(KEYS, { ...RULES, ...rules })(messageOf(message), judgement, 'delivery')

t.test('a code that goes by text from a hook that is named is kept, sealed, without the words', async (t) => {
  const kept = keep({ locale: 'de', text: new SensitiveText('Ihr Code ist 123456') })
  t.match(kept, { channels: ['whatsapp', 'voice'], after: 60_000 })
  t.notMatch(JSON.stringify(kept), /123456|4915112345678/)
  const opened = openEscalation(kept?.sealed as string, 'delivery', KEYS)
  t.same([opened?.to.e164, opened?.code.reveal(), opened?.locale], ['+4915112345678', '123456', 'de'])
  t.same(Object.keys(opened as object).sort(), ['asker', 'code', 'locale', 'to'])
  t.same(opened?.asker, { ip: 'digest of the address', user: undefined })
  t.equal(openEscalation(keep({ hook: 'generic/logto' })?.sealed as string, 'delivery', KEYS)?.locale, '', 'no locale is none')
})

t.test('nothing else is kept', async (t) => {
  t.equal(keep({ hook: 'okta' }), undefined, 'a hook that is not named')
  t.equal(keep({ hook: 'generic/other' }), undefined)
  t.equal(keep({ code: undefined, text: new SensitiveText('You have a visitor') }), undefined, 'a text without a code')
  t.equal(keep({}, { ...TEXT, isTest: true }), undefined, 'a test number')
  for (const channel of ['voice', 'whatsapp'] as const) t.equal(keep({}, { ...TEXT, channel }), undefined, `what goes by ${channel}`)
  t.equal(keep({}, TEXT, { channels: [] }), undefined, 'unless there are channels')
  t.equal(keep({}, TEXT, { hooks: new Set() }), undefined, 'unless there are hooks')
})

t.test('what is kept of one delivery opens for no other, for no other purpose, and not with other keys', async (t) => {
  const sealed = keep()?.sealed as string
  t.equal(openEscalation(sealed, 'another delivery', KEYS), undefined)
  t.equal(openEscalation(sealed, 'delivery', createKeys([Buffer.alloc(32, 2)])), undefined)
  t.equal(openEscalation('nonsense', 'delivery', KEYS), undefined)
  t.equal(KEYS.open(sealed, { purpose: 'kept-message', subjects: ['delivery'] }), undefined)
})
