import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Environment } from '../../src/config/read-settings.ts'
import { temporaryFolder } from '../support/folder.ts'
import { testPort } from '../support/gateway.ts'
import { HOOKS, reportOf, startDoctorStand, startStranger, type Report } from './doctor-stand.ts'

const stand = await startDoctorStand(t)
const { sandbox } = stand
const WRONG_SID = '0'.repeat(32)

/** Tokens, whose keys can be had. */
const OKTA: Environment = { OKTA_ISSUER: 'http://127.0.0.1:1/oauth2/default', OKTA_JWKS_URL: sandbox.callbackJwksUrl, OKTA_SCOPE: 'codes' }

const PRODUCTION: Environment = {
  NODE_ENV: 'production',
  SECRET_HEADER: 'a-secret-long-enough-for-production',
  GATEWAY_KEYS: Buffer.alloc(32, 1).toString('base64'),
  TWILIO_ACCOUNT_SID: sandbox.twilio.accountSid,
  TWILIO_AUTH_TOKEN: sandbox.twilio.authToken,
  TWILIO_PHONE_NUMBER: sandbox.twilio.phoneNumber,
  TWILIO_BASE_URL: sandbox.twilio.baseUrl,
  DEFAULT_COUNTRY: 'US'
}

t.test('a healthy gateway: everything is looked at, and everything is well', async (t) => {
  const before = { messages: sandbox.messages.length, calls: sandbox.calls.length }
  const { exit, failures, warnings, text } = await stand.examine(OKTA)
  t.same(failures, [])
  t.same(warnings, [])
  t.equal(exit, 0)
  t.match(text, 'All is well.')
  for (const line of [
    /ok {4}Node: /, /ok {4}STORE_URL: /, /ok {4}settings: /,
    /ok {4}ACS_CONNECTION_STRING: /, /- {5}ACS_COGNITIVE_SERVICES_ENDPOINT: /, /ok {4}TWILIO_ACCOUNT_SID: /, /ok {4}TWILIO_PHONE_NUMBER: /,
    /ok {4}TWILIO_VERIFY_SID: /, /ok {4}TWILIO_WHATSAPP_CONTENT_SID: /,
    /ok {4}clock: /, /ok {4}PUBLIC_URL: it leads to the gateway with these settings: its answers show that it knows TWILIO_AUTH_TOKEN, SUPABASE_HOOK_SECRET, ZITADEL_SIGNING_KEY\./, /ok {4}PUBLIC_URL: POST \/events comes/,
    /ok {4}PUBLIC_URL: OPTIONS \/events comes/, /ok {4}PUBLIC_URL: POST \/events\/twilio\/message comes/,
    /ok {4}OKTA_ISSUER: /, /ok {4}ACS_CALLBACK_JWKS_URL: /,
    /ok {4}direct: a text comes by SMS/, /ok {4}direct: a spoken code comes as a call/, /ok {4}auth0: a text /, /ok {4}auth0: a spoken code /,
    /ok {4}auth0-sms-gateway: /, /ok {4}okta: a text /, /ok {4}okta: a spoken code /, /ok {4}supabase: /, /ok {4}zitadel: /, /ok {4}kratos: /, /- {5}generic: /
  ]) t.match(text, line)
  t.same({ messages: sandbox.messages.length, calls: sandbox.calls.length }, before, 'nothing was sent')
})

t.test('hooks travel by the channel that is set for them', async (t) => {
  const { exit, failures, text } = await stand.examine({ HOOK_CHANNELS: 'okta=whatsapp,supabase=voice', HOOK_CHANNEL_DE: 'voice' })
  t.same([exit, failures], [0, []])
  t.match(text, 'okta: a text comes by WhatsApp')
  t.match(text, 'supabase: a text comes as a call')
  t.match((await stand.examine({ HOOK_CHANNEL_US: 'whatsapp', HOOK_CHANNELS: 'okta=voice' })).text, 'okta: a text comes by WhatsApp')
})

t.test('a first start without any setting is well', async (t) => {
  const folder = temporaryFolder(t)
  const { exit, text, failures } = await reportOf({}, folder)
  t.same([exit, failures], [0, []])
  t.match(text, 'providers: none is configured')
  t.match(text, 'PUBLIC_URL: not set: the sandbox needs none')
  t.match(text, 'supabase: not set up: SUPABASE_HOOK_SECRET is not set.')
})

t.test('production, with a provider and nothing else, is well', async (t) => {
  const { exit, failures, text } = await reportOf(PRODUCTION, temporaryFolder(t))
  t.same([exit, failures], [0, []])
  t.match(text, 'warn  PUBLIC_URL: not set')
})

/** What is planted, and all that the report must say of it, each once. Much of an examination is waiting: some go on at once. */
const planted = (name: string, changes: Environment, expected: readonly RegExp[], kind: 'failures' | 'warnings' = 'failures'): void => {
  t.test(name, { buffered: true }, async (t) => {
    const report: Report = await stand.examine(changes)
    for (const one of expected) t.equal(report[kind].filter((line) => one.test(line)).length, 1, String(one))
    t.equal(report[kind].length, expected.length, report[kind].join('\n'))
    t.equal(report.exit, kind === 'failures' ? 1 : 0)
    if (kind === 'warnings') t.same(report.failures, [])
    t.match(report.text, kind === 'failures' ? / wrong/ : /All is well, /)
  })
}

t.jobs = 4

const wrongKey = sandbox.connectionString.replace(/accesskey=.*/, `accesskey=${Buffer.alloc(32).toString('base64')}`)
const OTHER_GATEWAY = /^PUBLIC_URL: a gateway answers, and does not know TWILIO_AUTH_TOKEN: it is another instance/

planted('a key that is not Azure\'s', { ACS_CONNECTION_STRING: wrongKey }, [/^ACS_CONNECTION_STRING: Azure refuses the key: copy the connection string anew/])
planted('a token that is not Twilio\'s', { TWILIO_AUTH_TOKEN: 'f'.repeat(32) }, [/^TWILIO_AUTH_TOKEN: Twilio refuses the token: copy it anew/, OTHER_GATEWAY])
planted('a number and a service that are not in the account', { TWILIO_PHONE_NUMBER: '+15559999999', TWILIO_VERIFY_SID: `VA${WRONG_SID}` }, [
  /^TWILIO_PHONE_NUMBER: not a number of the account: set one/,
  /^TWILIO_VERIFY_SID: the account has no such Verify service: copy/
])
planted('a template and a messaging service that are not in the account', { TWILIO_WHATSAPP_CONTENT_SID: `HX${WRONG_SID}`, TWILIO_MESSAGING_SERVICE_SID: `MG${WRONG_SID}` }, [
  /^TWILIO_WHATSAPP_CONTENT_SID: the account has no such template/,
  /^TWILIO_MESSAGING_SERVICE_SID: the account has no such messaging service/
])
planted('settings that cannot be read', { SUPABASE_HOOK_SECRET: 'not-a-webhook-secret', HOOKS_FILE: 'nowhere.json' }, [
  /^settings: SUPABASE_HOOK_SECRET must be one or more secrets as they were shown/,
  /^settings: HOOKS_FILE must name a file that can be read/
])
planted('Okta without a country for its numbers', { ...OKTA, DEFAULT_COUNTRY: '' }, [/^DEFAULT_COUNTRY: not set: where Okta sends numbers without \+ .*Set it/], 'warnings')
planted('a misspelt setting', { TWILIO_PHONE_NUMER: '+15550100001' }, [/^settings: TWILIO_PHONE_NUMER is not a setting: is it meant to be TWILIO_PHONE_NUMBER\?$/], 'warnings')
planted('a country\'s channel for which there is no provider', {
  HOOK_CHANNEL_BR: 'voice', TWILIO_ACCOUNT_SID: '', TWILIO_AUTH_TOKEN: '', TWILIO_PHONE_NUMBER: '', TWILIO_WHATSAPP_NUMBER: '', TWILIO_WHATSAPP_CONTENT_SID: '', TWILIO_VERIFY_SID: '', ACS_COGNITIVE_SERVICES_ENDPOINT: ''
}, [/^HOOK_CHANNEL_BR: texts are to go by voice, and no provider calls: set ACS_COGNITIVE_SERVICES_ENDPOINT/])
planted('texts, and nobody who sends them', {
  HOOK_CHANNELS: 'okta=sms', TWILIO_ACCOUNT_SID: '', TWILIO_AUTH_TOKEN: '', TWILIO_PHONE_NUMBER: '', TWILIO_WHATSAPP_NUMBER: '', TWILIO_WHATSAPP_CONTENT_SID: '', TWILIO_VERIFY_SID: '', ACS_SOURCE_PHONE_NUMBER: ''
}, [/^HOOK_CHANNELS: okta is to go by sms, and no provider sends text messages: set ACS_SENDER_ID/])
planted('a channel for a hook that does not exist', { HOOK_CHANNELS: 'octa=voice' }, [/^settings: HOOK_CHANNELS names a hook that there is not; there are auth0, .*okta/])
planted('keys that cannot be had, and that are not there', { OKTA_ISSUER: 'http://127.0.0.1:1/oauth2/default', OKTA_CLIENT_ID: '0oa1', ACS_CALLBACK_JWKS_URL: `${stand.url}/nothing` }, [
  /^OKTA_ISSUER: the keys cannot be had from 127\.0\.0\.1:1 \(refused\): see OKTA_ISSUER and OKTA_JWKS_URL/,
  /^ACS_CALLBACK_JWKS_URL: the keys cannot be had: 127.* answers with 404/
])
planted('keys that are something else', { ...OKTA, OKTA_ISSUER: 'https://127.0.0.1/x', OKTA_JWKS_URL: `${stand.url}/livez` }, [/^OKTA_ISSUER: what 127.* answers with holds no keys/])

t.test('what is told with what to set is not told a second time', async (t) => {
  const without = { TWILIO_WHATSAPP_NUMBER: '', TWILIO_WHATSAPP_CONTENT_SID: '', TWILIO_VERIFY_SID: '' }
  const { failures, warnings, lines } = await stand.examine({ ...OKTA, ...without, DEFAULT_COUNTRY: '', HOOK_CHANNELS: 'okta=whatsapp', HOOK_CHANNEL_BR: 'whatsapp' })
  t.match(failures, [/^HOOK_CHANNELS: okta is to go by whatsapp/, /^HOOK_CHANNEL_BR: texts are to go by whatsapp/])
  t.match(warnings, [/^DEFAULT_COUNTRY: not set: where Okta sends numbers/])
  for (const name of ['HOOK_CHANNELS', 'HOOK_CHANNEL_BR', 'DEFAULT_COUNTRY']) t.equal(lines.filter((line) => new RegExp(`\\b${name}\\b`).test(line)).length, 1, name)
  const withoutOkta = await stand.examine({ DEFAULT_COUNTRY: '' })
  t.match(withoutOkta.warnings, [/^settings: Numbers without \+ are refused, .*set DEFAULT_COUNTRY/], 'what nobody else tells is told by the settings')
})

t.test('what is wrong is not called missing', async (t) => {
  const { failures, text } = await stand.examine({ ...OKTA, PUBLIC_URL: 'http://codes.example.com', TWILIO_ACCOUNT_SID: 'AC', SUPABASE_HOOK_SECRET: 'x', OKTA_SCOPE: '', HOOKS_FILE: 'nowhere.json', AUTH0_SMS_GATEWAY_AUDIENCE: 'x'.repeat(5000) })
  t.ok(failures.length >= 5)
  for (const line of [
    /- {5}providers: not asked: see what is said above of TWILIO_/, / ACS_CONNECTION_STRING: /,
    /- {5}PUBLIC_URL: not looked at: see what is said above of it\./,
    /- {5}okta: not played: see what is said above of OKTA_ISSUER/, /- {5}supabase: not played: see what is said above of SUPABASE_HOOK_SECRET\./,
    /- {5}generic: not played: see what is said above of HOOKS_FILE\./, /- {5}auth0-sms-gateway: not played: see what is said above of AUTH0_SMS_GATEWAY_AUDIENCE\./,
    /ok {4}zitadel: a text comes/, /ok {4}direct: a text comes/
  ]) t.match(text, line)
  t.notMatch(text, /(okta|supabase): .* comes|not set/)
  const withoutAny = await stand.examine({ ACS_CONNECTION_STRING: 'x', TWILIO_ACCOUNT_SID: 'AC', SECRET_HEADER: ',' })
  t.match(withoutAny.text, /- {5}providers: not asked: see what is said above of ACS_CONNECTION_STRING, /)
  for (const hook of ['direct', 'auth0', 'kratos', 'okta']) t.match(withoutAny.text, `-     ${hook}: not played: see what is said above of SECRET_HEADER.`)
})

t.test('a store that cannot be written', async (t) => {
  const file = join(temporaryFolder(t), 'a-file')
  writeFileSync(file, '')
  t.match((await stand.examine({ STORE_URL: `sqlite:${file}/gateway.db` })).failures, [/^STORE_URL: its path cannot be followed: see that every folder/])
})

t.test('nobody listens at the public URL', async (t) => {
  const port = await testPort()
  const { exit, failures } = await stand.examine({ PUBLIC_URL: `http://127.0.0.1:${port}` })
  t.match(failures, [new RegExp(`^PUBLIC_URL: nobody listens at 127\\.0\\.0\\.1:${port}: start the gateway`)])
  t.equal(exit, 1)
})

t.test('the public URL leads to another page', async (t) => {
  const heard: Array<string | undefined> = []
  const stranger = await startStranger(t, ({ headers }, response) => {
    heard.push(headers.authorization)
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<h1>It works!</h1>')
  })
  const { exit, failures } = await stand.examine({ PUBLIC_URL: stranger })
  t.match(failures, [/^PUBLIC_URL: another server answers at 127.* \(200, text\/html\): set it to the gateway's address/])
  t.equal(exit, 1)
  t.same([...new Set(heard)], [undefined], 'no stranger is told a secret')
})

t.test('the public URL redirects', async (t) => {
  const stranger = await startStranger(t, (_request, response) => { response.writeHead(301, { location: 'https://www.example.com/login?token=secret' }).end() })
  const { failures, text } = await stand.examine({ PUBLIC_URL: stranger })
  t.match(failures, [/^PUBLIC_URL: it redirects to https:\/\/www\.example\.com\/login: set it to where the gateway is/])
  t.notMatch(text, 'token=secret')
})

t.test('clocks that differ', async (t) => {
  const ahead = await stand.examine({}, { now: () => Date.now() - 90_000 })
  t.match(ahead.failures, [/^clock: PUBLIC_URL is [89]\d s ahead of this machine: .* Have both set their time by NTP/])
  t.match((await stand.examine({}, { now: () => Date.now() + 90_000 })).failures, [/^clock: PUBLIC_URL is \d+ s behind this machine/])
})

t.test('what is wrong in production alone is told, and keeps nobody from looking further', async (t) => {
  const { exit, failures, text } = await reportOf({ ...PRODUCTION, ...HOOKS, SECRET_HEADER: 'too-short', ADMIN_SECRET: 'short-too', TWILIO_VERIFY_SID: `VA${WRONG_SID}` }, temporaryFolder(t))
  t.equal(exit, 1)
  t.match(failures, [
    'settings: SECRET_HEADER must have at least 16 characters in production.',
    'settings: ADMIN_SECRET must have at least 16 characters in production.',
    /^TWILIO_VERIFY_SID: /
  ])
  t.match(text, '3 things are wrong')
  t.match(text, 'direct: a text comes by SMS')
})
