import t from 'tap'
import { findCode } from '../../src/dialects/code.ts'
import { hookMessage, type HookMessage } from '../../src/dialects/dialect.ts'
import { toMessage, type MessageContext } from '../../src/dialects/to-message.ts'
import type { Channel } from '../../src/domain/message.ts'
import { OneTimeCode } from '../../src/domain/one-time-code.ts'
import { PhoneNumber } from '../../src/domain/phone-number.ts'
import { NO_ORIGIN } from '../../src/domain/origin.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'

const US = PhoneNumber.parse('+14155550123') as PhoneNumber
const DE = PhoneNumber.parse('+4915112345678') as PhoneNumber
/** Of no country. */
const SATELLITE = PhoneNumber.parse('+881612345678') as PhoneNumber
const code = OneTimeCode.parse('482913') as OneTimeCode
const WORDS = 'Your code is 555555.\n\n@example.com #555555'
const text = new SensitiveText(WORDS)
const speech = new SensitiveText('Please listen.')

const context = (given: Partial<MessageContext> = {}): MessageContext =>
  ({ hook: 'okta', route: '/hooks/okta', caller: 'default', textChannels: { byCountry: new Map(), byHook: new Map() }, defaultLocale: undefined, origin: NO_ORIGIN, ...given })

const channels = (byHook: Record<string, Channel>, byCountry: Record<string, Channel> = {}): Partial<MessageContext> =>
  ({ textChannels: { byHook: new Map(Object.entries(byHook)), byCountry: new Map(Object.entries(byCountry)) } })

/** What becomes of a message: its channel, words and code. */
const made = (asked: Partial<HookMessage>, given: Partial<MessageContext> = {}) => {
  const message = toMessage(hookMessage({ to: US, channel: 'text', ...asked }), context(given))
  return [message.channel, message.text?.reveal(), message.code?.reveal()]
}

t.test('what was asked is handed on as it is', async (t) => {
  const idempotencyKey = { value: new SensitiveText('key'), holdFor: 1000 }
  const distinction = new SensitiveText('what else')
  const requester = { ip: new SensitiveText('203.0.113.7'), user: undefined }
  const message = toMessage(hookMessage({ to: US, channel: 'sms', text, code, locale: 'de', idempotencyKey, distinction, expiresAt: 7, requester }), context({ caller: 'web' }))
  t.strictSame(message, { caller: 'web', route: '/hooks/okta', hook: 'okta', requester, channel: 'sms', to: US, text, code, speech: undefined, codeMaker: undefined, locale: 'de', idempotencyKey, distinction, expiresAt: 7, origin: NO_ORIGIN })
})

t.test('a text goes by SMS, where nothing else is set', async (t) => {
  t.same(made({ text, code }), ['sms', WORDS, '482913'])
  t.same(made({ text, code }, channels({ 'generic/logto': 'voice' }, { DE: 'whatsapp' })), ['sms', WORDS, '482913'], 'others have other channels')
})

t.test('the channel of a country comes before that of the hook', async (t) => {
  const set = channels({ okta: 'whatsapp' }, { DE: 'voice', FR: 'sms' })
  t.equal(made({ text, code }, set)[0], 'whatsapp')
  t.equal(made({ to: DE, text, code }, set)[0], 'voice')
  t.equal(SATELLITE.country, undefined)
  t.equal(made({ to: SATELLITE, text, code }, set)[0], 'whatsapp', 'a number of no country')
  t.equal(made({ to: DE, text, code }, channels({ okta: 'voice' }, { DE: 'sms' }))[0], 'sms')
})

t.test('what was asked for by name is not rerouted', async (t) => {
  const set = channels({ okta: 'whatsapp' }, { US: 'whatsapp' })
  for (const channel of ['sms', 'voice', 'whatsapp'] as const) t.equal(made({ channel, text, code }, set)[0], channel)
})

t.test('a text that no provider takes is worded anew around its code, and refused where there is none', async (t) => {
  const long = new SensitiveText(`Your code is 555555. ${'x'.repeat(1580)}`)
  const longest = new SensitiveText(long.reveal().slice(0, 1600))
  t.equal(long.reveal().length, 1601)
  t.same(made({ text: longest }), ['sms', longest.reveal(), undefined])
  t.same(made({ text: long, code }), ['sms', undefined, '482913'])
  t.same(made({ text: long, findCode }), ['sms', undefined, '555555'])
  t.throws(() => made({ text: long }), { code: 'invalid_body' })
  t.same(made({ channel: 'voice', text: long, code }), ['voice', undefined, '482913'], 'a call has other words')
  t.same(made({ channel: 'voice', text: long }), ['voice', long.reveal(), undefined])
})

t.test('WhatsApp takes a code and none of the words', async (t) => {
  t.same(made({ text, code }, channels({ okta: 'whatsapp' })), ['whatsapp', undefined, '482913'])
  t.same(made({ text, findCode }, channels({ okta: 'whatsapp' })), ['whatsapp', undefined, '555555'], 'which may stand in them')
})

t.test('a text without a code goes by SMS in place of WhatsApp, unless that was asked for', async (t) => {
  t.same(made({ text }, channels({ okta: 'whatsapp' })), ['sms', WORDS, undefined])
  t.same(made({ text: new SensitiveText('1111 or 2222'), findCode }, channels({}, { US: 'whatsapp' })), ['sms', '1111 or 2222', undefined], 'nobody can tell the code')
  t.throws(() => made({ channel: 'whatsapp', text }), { code: 'code_missing' })
})

t.test('a call speaks the code; where there is none the words that are for it, else the text', async (t) => {
  for (const [asked, expected] of [
    [{ text, code }, [undefined, '482913']],
    [{ text, speech, code }, [undefined, '482913']],
    [{ text, findCode }, [undefined, '555555']],
    [{ text, speech, findCode }, [undefined, '555555']],
    [{ text, speech }, ['Please listen.', undefined]],
    [{ speech }, ['Please listen.', undefined]],
    [{ text }, ['Your code is 555555.', undefined]],
    [{ speech: text }, ['Your code is 555555.', undefined]],
    [{ code }, [undefined, '482913']]
  ] as const) {
    t.same(made({ channel: 'voice', ...asked }), ['voice', ...expected])
    t.same(made(asked, channels({ okta: 'voice' })), ['voice', ...expected], 'also where the settings call')
  }
})

t.test('a text message has the text, with its line for browsers, and not what is for a call', async (t) => {
  t.same(made({ text, speech }), ['sms', WORDS, undefined])
  t.same(made({ text, findCode }), ['sms', WORDS, '555555'])
  t.throws(() => made({ speech }), { code: 'content_missing' })
})

t.test('a code that came by itself is not looked for', async (t) => {
  t.same(made({ text, code, findCode: () => { throw new Error('looked') } }), ['sms', WORDS, '482913'])
  t.same(made({ code, findCode: () => { throw new Error('looked') } }), ['sms', undefined, '482913'])
  t.throws(() => made({ findCode: () => { throw new Error('looked') } }), { code: 'content_missing' }, 'nor where there is no text')
})

t.test('where there is nothing to say, nothing is sent', async (t) => {
  for (const channel of ['text', 'sms', 'voice'] as const) t.throws(() => made({ channel }), { code: 'content_missing' }, channel)
  t.throws(() => made({ channel: 'whatsapp' }), { code: 'code_missing' })
  t.throws(() => made({}, channels({ okta: 'whatsapp' })), { code: 'content_missing' })
})

t.test('a message without a locale has the default one', async (t) => {
  const localeOf = (locale: string | undefined, defaultLocale: string | undefined): string | undefined =>
    toMessage(hookMessage({ to: US, channel: 'text', code, locale }), context({ defaultLocale })).locale
  t.equal(localeOf('de', 'pt-BR'), 'de')
  t.equal(localeOf(undefined, 'pt-BR'), 'pt-BR')
  t.equal(localeOf(undefined, undefined), undefined)
})
