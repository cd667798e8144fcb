import t, { type Test } from 'tap'
import { Deadline } from '../../../src/domain/deadline.ts'
import type { Finding } from '../../../src/domain/finding.ts'
import { SensitiveText } from '../../../src/domain/sensitive.ts'
import { createTwilioAccountCheck } from '../../../src/providers/twilio/account.ts'
import type { TwilioSettings } from '../../../src/providers/twilio/twilio.ts'
import { startSandbox, type TwilioAccount, type TwilioOptions } from '../../../src/sandbox/sandbox.ts'
import { createSid } from '../../../src/sandbox/twilio/account.ts'
import { ACCOUNT, closedUrl, startHttp, startVendor, TOKEN } from './vendor.ts'

const hidden = (text: string): SensitiveText => new SensitiveText(text)

/** Everything that can be configured. */
const settingsFor = (account: TwilioAccount, changes: Partial<TwilioSettings> = {}): TwilioSettings => ({
  accountSid: account.accountSid,
  credential: { username: account.accountSid, password: hidden(account.authToken) },
  authTokens: [hidden(account.authToken)],
  phoneNumber: account.phoneNumber,
  messagingServiceSid: undefined,
  whatsapp: { number: account.whatsappNumber, contentSid: account.contentSid },
  verifySid: account.verifySid,
  messageFeedback: false,
  region: undefined,
  edge: undefined,
  baseUrl: new URL(account.baseUrl),
  callbackUrl: undefined,
  voiceNames: new Map(),
  ...changes
})

const byKey = ({ apiKey }: TwilioAccount, secret = apiKey.secret): Partial<TwilioSettings> =>
  ({ credential: { username: apiKey.sid, password: hidden(secret) }, authTokens: [] })

const ALL = new Set(['twilio-sms', 'twilio-voice', 'twilio-whatsapp', 'twilio-verify'])

const check = async (t: Test, settings: TwilioSettings, { used = ALL, timeout = 5000 }: { used?: ReadonlySet<string>, timeout?: number } = {}): Promise<string[]> => {
  const account = createTwilioAccountCheck({ settings, http: startHttp(t), used })
  t.equal(account.vendor, 'twilio')
  return (await account.check(Deadline.in(timeout))).map(({ level, about, says }: Finding) => `${level} ${about}: ${says}`)
}

/** What is found in front of a sandbox that is odd in that way. */
const found = async (t: Test, odd: TwilioOptions, changes: (account: TwilioAccount) => Partial<TwilioSettings> = () => ({}), used = ALL): Promise<string[]> => {
  const sandbox = await startSandbox({ eventGridSecret: 'a-secret', pace: 0, twilio: odd })
  t.teardown(() => sandbox.close())
  const lines = await check(t, settingsFor(sandbox.twilio, changes(sandbox.twilio)), { used })
  t.same([...sandbox.messages, ...sandbox.calls], [], 'nothing is sent')
  t.notMatch(lines.join('\n'), sandbox.twilio.authToken)
  return lines
}

t.test('an account in order', async (t) => {
  t.match(await found(t, {}, ({ messagingServiceSid }) => ({ messagingServiceSid })), [
    /^ok TWILIO_ACCOUNT_SID: /, /^ok TWILIO_PHONE_NUMBER: /, /^ok TWILIO_MESSAGING_SERVICE_SID: /, /^ok TWILIO_VERIFY_SID: /,
    /^ok TWILIO_WHATSAPP_CONTENT_SID: /, /^skip TWILIO_WHATSAPP_NUMBER: /
  ])
})

t.test('only what is configured is asked for', async (t) => {
  const lines = await found(t, {}, () => ({ phoneNumber: undefined, whatsapp: undefined, verifySid: undefined }))
  t.match(lines, [/^ok TWILIO_ACCOUNT_SID: /])
  t.equal(lines.length, 1)
})

t.test('a wrong token is told once', async (t) => {
  const lines = await found(t, {}, () => ({ credential: { username: ACCOUNT, password: hidden('wrong') }, accountSid: ACCOUNT, authTokens: [hidden('wrong')] }))
  t.match(lines, [/^fail TWILIO_AUTH_TOKEN: Twilio refuses the token: copy it anew/])
  t.equal(lines.length, 1)
})

t.test('a suspended account is told alone, a trial account is a warning', async (t) => {
  t.same(await found(t, { standing: { status: 'suspended' } }), ['fail TWILIO_ACCOUNT_SID: the account is suspended: see the console of Twilio.'])
  t.match(await found(t, { standing: { type: 'Trial' } }), [/^warn TWILIO_ACCOUNT_SID: a trial account/, /^ok TWILIO_PHONE_NUMBER/])
})

t.test('a number that cannot do what it is for', async (t) => {
  const mute = { standing: { capabilities: { sms: false, voice: false } } }
  t.match((await found(t, mute))[1], /^fail TWILIO_PHONE_NUMBER: the number cannot write text messages .* and cannot call /)
  t.match((await found(t, mute, () => ({}), new Set(['twilio-voice'])))[1], /^fail TWILIO_PHONE_NUMBER: the number cannot call \(take another, or leave twilio-voice out of VOICE_ROUTE\)\.$/)
  t.match((await found(t, mute, () => ({}), new Set(['twilio-verify'])))[1], /^ok TWILIO_PHONE_NUMBER/, 'nobody asks it to')
  t.match((await found(t, mute, ({ messagingServiceSid }) => ({ messagingServiceSid }), new Set(['twilio-sms'])))[1], /^ok TWILIO_PHONE_NUMBER/, 'the service writes')
})

t.test('a number of somebody else may be a verified caller ID, which calls', async (t) => {
  t.match((await found(t, {}, () => ({ phoneNumber: '+15559999999' })))[1], /^fail TWILIO_PHONE_NUMBER: not a number of the account/)
  t.match((await found(t, {}, ({ messagingServiceSid }) => ({ phoneNumber: '+15559999999', messagingServiceSid })))[1], /^warn TWILIO_PHONE_NUMBER: not a number of the account: calls come from it only where/)
})

t.test('a Verify service that takes no custom codes, and a template that is not approved', async (t) => {
  const lines = await found(t, { customCodes: false, standing: { approval: 'pending' } })
  t.match(lines[2], /^fail TWILIO_VERIFY_SID: the Verify service does not take custom codes/)
  t.match(lines[3], /^fail TWILIO_WHATSAPP_CONTENT_SID: WhatsApp has not approved the template, it is pending/)
  t.match((await found(t, { standing: { approval: 'what is this?' } }))[3], /it is in an unknown state/)
})

t.test('what belongs to another account', async (t) => {
  const lines = await found(t, {}, () => ({ messagingServiceSid: createSid('MG'), verifySid: createSid('VA'), whatsapp: { number: '+15550200002', contentSid: createSid('HX') } }))
  t.match(lines.slice(2), [
    /^fail TWILIO_MESSAGING_SERVICE_SID: the account has no such messaging service/, /^fail TWILIO_VERIFY_SID: /, /^fail TWILIO_WHATSAPP_CONTENT_SID: the account has no such template/
  ])
})

t.test('a standard key: whether the account is active cannot be told', async (t) => {
  t.match(await found(t, {}, byKey), [/^skip TWILIO_ACCOUNT_SID: the key may not read the account/, /^ok TWILIO_PHONE_NUMBER/])
})

t.test('a key beside the token: the token reads the account, and is checked for the sake of the callbacks', async (t) => {
  const withToken = (token: string) => (account: TwilioAccount) => ({ ...byKey(account), authTokens: [hidden(token === '' ? account.authToken : token)] })
  t.match(await found(t, {}, withToken('')), [/^ok TWILIO_ACCOUNT_SID/, /^ok TWILIO_PHONE_NUMBER/])
  t.match(await found(t, {}, withToken('wrong')), [/^fail TWILIO_AUTH_TOKEN/, /^ok TWILIO_PHONE_NUMBER/])
})

t.test('a wrong key is told once', async (t) => {
  const lines = await found(t, {}, (account) => byKey(account, 'wrong'))
  t.match(lines, [/^skip TWILIO_ACCOUNT_SID/, /^fail TWILIO_API_KEY: Twilio refuses the key: see that TWILIO_API_SECRET/])
  t.equal(lines.length, 2)
  t.match(await found(t, {}, (account) => ({ ...byKey(account, 'wrong'), phoneNumber: undefined, whatsapp: undefined, verifySid: undefined })), [/^skip TWILIO_ACCOUNT_SID/], 'where nothing else is asked nothing is told')
})

/** Settings of an account at a vendor that answers as it is told. */
const at = (baseUrl: URL, changes: Partial<TwilioSettings> = {}): TwilioSettings => ({
  ...settingsFor({ baseUrl: baseUrl.href } as TwilioAccount, { phoneNumber: '+15550200001', whatsapp: undefined, verifySid: undefined }),
  accountSid: ACCOUNT,
  credential: { username: ACCOUNT, password: hidden(TOKEN) },
  authTokens: [hidden(TOKEN)],
  ...changes
})

t.test('other answers of Twilio', async (t) => {
  const vendor = await startVendor(t)
  const says = async (status: number, body: unknown, changes: Partial<TwilioSettings> = {}): Promise<string[]> => {
    vendor.answer({ status, body })
    return await check(t, at(vendor.url, changes))
  }
  t.same(await says(403, { code: 20403 }), ['fail TWILIO_ACCOUNT_SID: the account is suspended or closed: see the console of Twilio.'])
  t.same(await says(401, { code: 20005 }), ['fail TWILIO_ACCOUNT_SID: the account is suspended or closed: see the console of Twilio.'])
  t.match(await says(404, { code: 20404 }), [/^fail TWILIO_ACCOUNT_SID: Twilio knows no such account/])
  t.match(await says(503, {}), ['warn TWILIO_ACCOUNT_SID: Twilio answered with 503: nothing can be told of it now.', /^warn TWILIO_PHONE_NUMBER: Twilio answered with 503/])
  t.match(await says(200, '<html>Sign in</html>'), [/^fail TWILIO_ACCOUNT_SID: what answers is not Twilio: see TWILIO_BASE_URL/])
  t.match(await says(200, { status: 'active' }), [/^ok TWILIO_ACCOUNT_SID/, /^fail TWILIO_PHONE_NUMBER: what answers is not Twilio/])
  t.match(await says(200, { status: { odd: 1 } }), ['fail TWILIO_ACCOUNT_SID: the account is in an unknown state: see the console of Twilio.'])
  const template = { phoneNumber: undefined, whatsapp: { number: '+15550200002', contentSid: createSid('HX') } }
  t.match((await says(200, { status: 'active', types: { 'twilio/text': {} } }, template))[1], /^warn TWILIO_WHATSAPP_CONTENT_SID: not an authentication template/)
  t.match((await says(200, { status: 'active', types: { 'whatsapp/authentication': {} } }, template))[1], /^fail TWILIO_WHATSAPP_CONTENT_SID: WhatsApp has not approved/)
})

t.test('a restricted key may be kept from reading, and is not called wrong', async (t) => {
  const vendor = await startVendor(t)
  vendor.answer({ status: 401, body: { code: 70051 } })
  t.match(await check(t, at(vendor.url, { credential: { username: ACCOUNT, password: hidden(TOKEN) }, accountSid: createSid('AC'), authTokens: [] })), [
    /^skip TWILIO_ACCOUNT_SID: /, 'warn TWILIO_PHONE_NUMBER: TWILIO_API_KEY is a restricted key and may not read this: nothing can be told of it.'
  ])
})

t.test('Twilio cannot be reached, does not answer, or does not end', async (t) => {
  t.match(await check(t, at(await closedUrl())), [/^fail TWILIO_ACCOUNT_SID: Twilio cannot be reached/])
  const vendor = await startVendor(t)
  vendor.become('silent')
  t.match(await check(t, at(vendor.url), { timeout: 30 }), [/^fail TWILIO_ACCOUNT_SID: Twilio did not answer in time/])
  vendor.become('answers-too-long')
  t.match(await check(t, at(vendor.url)), ['fail TWILIO_ACCOUNT_SID: what answers is not Twilio: its answer has no end.'])
})
