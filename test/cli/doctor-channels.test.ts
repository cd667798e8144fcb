import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { examineChannels, withoutRepetition } from '../../src/cli/doctor/channels.ts'
import { diagnoseSettings } from '../../src/cli/doctor/settings.ts'
import type { Environment } from '../../src/config/read-settings.ts'
import { temporaryFolder } from '../support/folder.ts'
import { HOOKS, reportOf } from './doctor-stand.ts'

const TWILIO: Environment = {
  SECRET_HEADER: 'a-secret-long-enough',
  ADMIN_SECRET: 'another-long-secret',
  EVENT_GRID_SECRET: 'a-third-long-secret',
  GATEWAY_KEYS: Buffer.alloc(32, 1).toString('base64'),
  DEFAULT_COUNTRY: 'US',
  PUBLIC_URL: 'https://codes.example.com',
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: 'a-token-of-twilio'
}
const NUMBER = { TWILIO_PHONE_NUMBER: '+15550200001' }
const SERVICE = { TWILIO_MESSAGING_SERVICE_SID: `MG${'0'.repeat(32)}` }
const VERIFY = { TWILIO_VERIFY_SID: `VA${'0'.repeat(32)}` }

/** What is said of channels, and what is left of the settings beside that. */
const examine = (t: Test, settings: Environment, hooks?: object): string[] => {
  const folder = temporaryFolder(t)
  if (hooks !== undefined) writeFileSync(join(folder, 'hooks.json'), JSON.stringify(hooks))
  const { config, leftOut, findings } = diagnoseSettings({ ...TWILIO, ...settings, ...hooks && { HOOKS_FILE: 'hooks.json' } }, folder)
  const channels = examineChannels({ config, leftOut, told: findings })
  return [...withoutRepetition(findings, channels), ...channels].filter(({ level }) => level !== 'ok').map(({ level, about, says }) => `${level} ${about}: ${says}`)
}

const NO_CALLS = 'warn calls: no provider calls: twilio-voice needs TWILIO_PHONE_NUMBER; twilio-verify needs TWILIO_VERIFY_SID. Asked for by direct, auth0 and okta.'

t.test('a route that is set and has no provider is told once, with who asks for it', async (t) => {
  t.same(examine(t, { ...NUMBER, SMS_ROUTE: 'acs-sms' }), [
    'fail text messages: no provider sends text messages: acs-sms needs ACS_CONNECTION_STRING and ACS_SENDER_ID or ACS_SOURCE_PHONE_NUMBER. Asked for by direct, auth0, kratos and okta.'
  ])
  t.same(examine(t, { ...NUMBER, SMS_ROUTE: 'acs-sms', NODE_ENV: 'production' }), [
    'fail settings: SMS_ROUTE is left without a provider: acs-sms needs ACS_CONNECTION_STRING and ACS_SENDER_ID or ACS_SOURCE_PHONE_NUMBER.'
  ], 'in production by the settings')
})

t.test('a channel that nobody has set up is a warning, and that of a hook which somebody has a failure', async (t) => {
  t.same(examine(t, SERVICE), [NO_CALLS])
  t.same(examine(t, VERIFY), [], 'Verify sends by every channel')
  t.same(examine(t, { ...SERVICE, SECRET_HEADER: '', SUPABASE_HOOK_SECRET: HOOKS.SUPABASE_HOOK_SECRET, CALLERS: '' }).filter((line) => line.includes('calls:')), [NO_CALLS], 'one is made in development')
  const withoutText = { TWILIO_WHATSAPP_NUMBER: '+15550200001', TWILIO_WHATSAPP_CONTENT_SID: `HX${'0'.repeat(32)}` }
  const texts = (settings: Environment): string | undefined => examine(t, { ...withoutText, ...settings }).find((line) => / text messages:/.test(line))
  t.match(texts({}), /^warn text messages: no provider sends text messages: twilio-sms needs TWILIO_PHONE_NUMBER or TWILIO_MESSAGING_SERVICE_SID; twilio-verify .* Asked for by direct, auth0, kratos and okta\.$/)
  t.match(texts({ SUPABASE_HOOK_SECRET: HOOKS.SUPABASE_HOOK_SECRET }), /^fail text messages: .*, okta and supabase\.$/)
  t.match(texts({ OKTA_HEADER: 'X-Okta' }), /^fail text messages/)
  t.match(texts({ OKTA_FAILURE: 'failed' }), /^fail text messages/)
})

t.test('the channels that a preset knows of', async (t) => {
  t.same(examine(t, SERVICE, { ping: { preset: 'pingone' } }), [
    NO_CALLS.replace(' and okta', ', okta and generic/ping'),
    'warn WhatsApp: no provider sends by WhatsApp: set TWILIO_WHATSAPP_NUMBER with TWILIO_WHATSAPP_CONTENT_SID, or TWILIO_VERIFY_SID. Asked for by generic/ping.'
  ])
})

t.test('what is told by the hook, by the country, or as wrong, is not told by the channel', async (t) => {
  const byHook = examine(t, { ...NUMBER, HOOK_CHANNELS: 'okta=whatsapp' })
  t.match(byHook, [/^fail HOOK_CHANNELS: okta is to go by whatsapp/])
  t.equal(byHook.length, 1)
  t.match(examine(t, { ...SERVICE, HOOK_CHANNEL_BR: 'voice' }), [/^fail HOOK_CHANNEL_BR: texts are to go by voice/])
  const wrong = examine(t, { ...SERVICE, TWILIO_PHONE_NUMBER: 'no-number' })
  t.match(wrong, [/^fail settings: TWILIO_PHONE_NUMBER must be/])
  t.equal(wrong.length, 1)
  t.same(examine(t, { ...SERVICE, VOICE_ROUTE_US: 'twilio-verify' }).filter((line) => /^\w+ calls/.test(line)), [NO_CALLS], 'a route of a country that has none, either')
})

t.test('a channel that is there for one country is there', async (t) => {
  t.same(examine(t, { ...VERIFY, VOICE_ROUTE: 'acs-voice', VOICE_ROUTE_US: 'twilio-verify' }).filter((line) => / calls/.test(line)), [])
})

t.test('in front of the sandbox every channel is there', async (t) => {
  t.same(examine(t, { TWILIO_ACCOUNT_SID: '', TWILIO_AUTH_TOKEN: '', PUBLIC_URL: '' }), [])
})

t.test('in the report, the hooks say so in their own lines', async (t) => {
  const { failures, text } = await reportOf({ ...TWILIO, ...NUMBER, PUBLIC_URL: '', TWILIO_BASE_URL: 'http://127.0.0.1:1', SMS_ROUTE: 'acs-sms' }, temporaryFolder(t))
  t.match(failures, [/^TWILIO_ACCOUNT_SID/, /^text messages: no provider/])
  t.match(text, 'okta: a text is understood; with a wrong credential it is refused. It is to come by SMS, for which no provider is configured.')
  t.match(text, 'okta: a spoken code comes as a call; with a wrong credential it is refused.')
  t.notMatch(text, 'comes by SMS')
  t.equal(text.match(/no provider sends|SMS_ROUTE/g)?.length, 1)
})
