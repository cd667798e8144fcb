import t, { type Test } from 'tap'
import { Deadline } from '../../../src/domain/deadline.ts'
import { SensitiveText } from '../../../src/domain/sensitive.ts'
import type { Providers } from '../../../src/providers/provider.ts'
import { createTwilio, type CallSettings, type TwilioSettings } from '../../../src/providers/twilio/twilio.ts'
import { testKeys } from '../acs/stand.ts'
import { orderFor } from '../suite.ts'
import { BASE, WORDS_OF_CALLS } from './call-parts.ts'
import { sign } from './signature.ts'
import { readTwiml } from './twiml-document.ts'
import { ACCOUNT, fieldsOf, sid, startHttp, startVendor, TOKEN, type Asked } from './vendor.ts'

const NUMBER = '+15550100001'
const SERVICE = sid('MG')
const WHATSAPP = { number: '+15550100002', contentSid: sid('HX') }

const NOTHING: TwilioSettings = {
  accountSid: ACCOUNT,
  credential: { username: ACCOUNT, password: new SensitiveText(TOKEN) },
  authTokens: [new SensitiveText(TOKEN)],
  phoneNumber: undefined,
  messagingServiceSid: undefined,
  whatsapp: undefined,
  verifySid: undefined,
  messageFeedback: false,
  region: undefined,
  edge: undefined,
  baseUrl: undefined,
  callbackUrl: BASE,
  voiceNames: new Map()
}

const start = (t: Test, settings: Partial<TwilioSettings>, voice: Partial<CallSettings> = {}): Providers => createTwilio({
  settings: { ...NOTHING, ...settings },
  voice: { repeats: 2, confirm: 'none', maxSeconds: 90, ...voice },
  words: WORDS_OF_CALLS,
  http: startHttp(t),
  keys: testKeys(),
  now: Date.now
})

const namesOf = ({ providers }: Providers): string[] => providers.map(({ name, channel }) => `${name} ${channel}`)
const fieldOf = (asked: Asked | undefined, name: string): string | undefined => new Map(fieldsOf(asked as Asked)).get(name)

t.test('there is what is configured, and no more', async (t) => {
  const VERIFY = ['twilio-verify sms', 'twilio-verify voice', 'twilio-verify whatsapp']
  const cases: ReadonlyArray<readonly [Partial<TwilioSettings>, Partial<CallSettings>, string[]]> = [
    [{}, {}, []],
    [{ phoneNumber: NUMBER }, {}, ['twilio-sms sms', 'twilio-voice voice']],
    [{ messagingServiceSid: SERVICE }, {}, ['twilio-sms sms']],
    [{ phoneNumber: NUMBER, messagingServiceSid: SERVICE }, {}, ['twilio-sms sms', 'twilio-voice voice']],
    [{ whatsapp: WHATSAPP }, {}, ['twilio-whatsapp whatsapp']],
    [{ verifySid: sid('VA') }, {}, VERIFY],
    [{ phoneNumber: NUMBER, callbackUrl: undefined }, {}, ['twilio-sms sms', 'twilio-voice voice']],
    [{ phoneNumber: NUMBER }, { confirm: 'keypress' }, ['twilio-sms sms', 'twilio-voice voice']],
    [{ phoneNumber: NUMBER, callbackUrl: undefined }, { confirm: 'keypress' }, ['twilio-sms sms']],
    [{ phoneNumber: NUMBER, whatsapp: WHATSAPP, verifySid: sid('VA') }, {}, ['twilio-sms sms', 'twilio-voice voice', 'twilio-whatsapp whatsapp', ...VERIFY]]
  ]
  for (const [settings, voice, names] of cases) t.same(namesOf(start(t, settings, voice)), names, JSON.stringify([settings, voice]))
})

t.test('calls are conducted by Twilio, and its callbacks are always read', async (t) => {
  const twilio = start(t, { phoneNumber: NUMBER, callbackUrl: undefined, authTokens: [] })
  t.match(twilio, { calls: undefined, events: undefined })
  t.ok(twilio.providers.every(({ isConducted }) => !isConducted))
  t.same(twilio.callbacks?.read({ about: 'message', headers: {}, search: '', form: {} }), { kind: 'forged' })
})

t.test('our own numbers are those that send and call', async (t) => {
  t.same(start(t, {}).ownNumbers, [])
  t.same(start(t, { phoneNumber: NUMBER, whatsapp: WHATSAPP }).ownNumbers, [NUMBER, WHATSAPP.number])
  t.same(start(t, { phoneNumber: NUMBER, whatsapp: { ...WHATSAPP, number: NUMBER } }).ownNumbers, [NUMBER], 'each once')
})

t.test('each provider goes out with what was configured for it', async (t) => {
  const vendor = await startVendor(t)
  const { providers } = start(t, { phoneNumber: NUMBER, messagingServiceSid: SERVICE, whatsapp: WHATSAPP, verifySid: sid('VA'), baseUrl: vendor.url })
  for (const provider of providers) {
    vendor.answer({ status: 201, body: { sid: sid(provider.name === 'twilio-verify' ? 'VE' : provider.channel === 'voice' ? 'CA' : 'SM'), status: 'queued' } })
    t.match(await provider.send(orderFor(provider.channel), Deadline.in(30_000)), { kind: 'accepted' }, `${provider.name} ${provider.channel}`)
  }
  const [sms, voice, whatsapp, ...verify] = vendor.asked
  t.equal(fieldOf(sms, 'MessagingServiceSid'), SERVICE, 'the service goes before the number')
  t.equal(fieldOf(sms, 'From'), undefined)
  t.match(fieldOf(sms, 'StatusCallback'), /^https:\/\/gateway\.example\.com\/events\/twilio\/message\?attempt=[0-9a-f-]{36}#rc=3&rp=all$/)
  t.equal(fieldOf(voice, 'From'), NUMBER)
  t.equal(fieldOf(voice, 'TimeLimit'), '90')
  t.equal(fieldOf(whatsapp, 'From'), `whatsapp:${WHATSAPP.number}`)
  t.match(fieldOf(whatsapp, 'StatusCallback'), '/events/twilio/message?attempt=')
  t.same(verify.map((asked) => fieldOf(asked, 'Channel')), ['sms', 'call', 'whatsapp'])
})

t.test('feedback is for texts, and only where it is wanted', async (t) => {
  const vendor = await startVendor(t)
  for (const messageFeedback of [true, false]) {
    const { providers } = start(t, { phoneNumber: NUMBER, whatsapp: WHATSAPP, baseUrl: vendor.url, messageFeedback })
    t.same(providers.map(({ name, feedback }) => [name, feedback !== undefined]), [['twilio-sms', messageFeedback], ['twilio-voice', false], ['twilio-whatsapp', false]])
  }
})

t.test('a number sends where there is no service, and nothing points to us where Twilio cannot call back', async (t) => {
  const vendor = await startVendor(t)
  const { providers } = start(t, { phoneNumber: NUMBER, whatsapp: WHATSAPP, callbackUrl: undefined, baseUrl: vendor.url })
  for (const provider of providers) await provider.send(orderFor(provider.channel), Deadline.in(30_000))
  t.equal(fieldOf(vendor.asked[0], 'From'), NUMBER)
  t.equal(vendor.asked.length, 3)
  for (const { body } of vendor.asked) t.notMatch(decodeURIComponent(body), /StatusCallback|example\.com/)
})

t.test('what a call was given leads back into it, in the operator\'s voice', async (t) => {
  const vendor = await startVendor(t)
  const twilio = start(t, { phoneNumber: NUMBER, baseUrl: vendor.url, voiceNames: new Map([['en', 'alice']]) }, { confirm: 'keypress', repeats: 1 })
  const order = orderFor('voice')
  await twilio.providers.find(({ name }) => name === 'twilio-voice')?.send(order, Deadline.in(30_000))
  const opening = readTwiml(fieldOf(vendor.asked[0], 'Twiml'))
  const url = new URL(JSON.stringify(opening).match(/"action":"([^"]+)"/)?.[1] ?? '')
  url.hash = ''
  const form = { CallSid: sid('CA'), Digits: '1' }
  const received = twilio.callbacks?.read({ about: 'call', search: url.search, form, headers: { 'x-twilio-signature': sign(TOKEN, url.href, form) } })
  t.match(received, { kind: 'signals', signals: [{ attempt: order.attempt, what: 'call.key-pressed' }] })
  t.match(received?.kind === 'signals' && received.reply?.reveal(), '<Say voice="alice" language="en-US">Your code is 4, 9, 3, 0, 2, 1; </Say>')
})
