import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { findMisspelt } from '../../src/cli/doctor/misspelt.ts'
import { diagnoseSettings } from '../../src/cli/doctor/settings.ts'
import type { Environment } from '../../src/config/read-settings.ts'
import { COUNTRY_SETTINGS, SETTINGS, type Setting } from '../../src/config/settings.ts'
import { temporaryFolder } from '../support/folder.ts'
import { reportOf } from './doctor-stand.ts'

const FINE: Environment = {
  SECRET_HEADER: 'a-secret-long-enough',
  ADMIN_SECRET: 'another-long-secret',
  EVENT_GRID_SECRET: 'a-third-long-secret',
  GATEWAY_KEYS: Buffer.alloc(32, 1).toString('base64'),
  DEFAULT_COUNTRY: 'US'
}
const TWILIO: Environment = { TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`, TWILIO_AUTH_TOKEN: 'a-token-of-twilio', TWILIO_PHONE_NUMBER: '+15550200001', TWILIO_BASE_URL: 'http://127.0.0.1:1' }

const saysOf = (environment: Environment, folder = '/srv'): string[] =>
  diagnoseSettings({ ...FINE, ...environment }, folder).findings.map(({ level, about, says }) => `${level} ${about}: ${says}`)

const meantBy = (name: string): string | undefined => findMisspelt({ [name]: 'x' }, () => false).get(name)

t.test('a name that is almost a setting', async (t) => {
  for (const [name, meant] of [
    ['SUPABASE_HOOK_SECRETS', 'SUPABASE_HOOK_SECRET'], ['SECRET_HEADERS', 'SECRET_HEADER'], ['DEFAULT_CONTRY', 'DEFAULT_COUNTRY'], ['DEFUALT_COUNTRY', 'DEFAULT_COUNTRY'],
    ['TWILIO_PHONE_NUMER', 'TWILIO_PHONE_NUMBER'], ['PUBLIC_URI', 'PUBLIC_URL'], ['secret_header', 'SECRET_HEADER'], ['MESAGING_SERVICE_SID', 'MESSAGING_SERVICE_SID'],
    ['SMS_ROUTES_DE', 'SMS_ROUTE_DE'], ['HOOK_CHANEL_BR', 'HOOK_CHANNEL_BR'], ['CALLER', 'CALLERS'], ['STORE_ULR', 'STORE_URL'], ['ZITADEL_SIGNINGKEY', 'ZITADEL_SIGNING_KEY']
  ] as const) t.equal(meantBy(name), meant, name)
  t.same(saysOf({ DEFAULT_COUNTRY: '', DEFAULT_CONTRY: 'US', SMS_ROUTES: 'acs-sms' }), [
    'warn settings: DEFAULT_CONTRY is not a setting: is it meant to be DEFAULT_COUNTRY?', 'warn settings: SMS_ROUTES is not a setting: is it meant to be SMS_ROUTE?'
  ], 'each once')
})

t.test('a name that is a setting, or somebody else\'s', async (t) => {
  const known = Object.entries(SETTINGS).flatMap(([name, { aliases = [] }]: [string, Setting]) => [name, ...aliases])
  const ours = [...known, ...Object.keys(COUNTRY_SETTINGS).map((prefix) => `${prefix}US`)]
  const others = [
    'PATH', 'HOME', 'SHELL', 'LANG', 'LC_ALL', 'TERM', 'USER', 'LOGNAME', 'MAIL', 'PWD', 'OLDPWD', 'HOSTNAME', 'HOSTTYPE', 'HOSTS', 'POST', 'PORTS', 'host', 'EDITOR', 'DISPLAY', 'NODE_PATH', 'NODE_OPTIONS',
    'TMPDIR', 'KUBERNETES_PORT', 'KUBERNETES_SERVICE_HOST', 'TF_VAR_header', 'OKTA_DOMAIN', 'OKTA_API_TOKEN', 'AUTH0_DOMAIN', 'ZITADEL_TOKEN', 'ZITADEL_DOMAIN', 'npm_config_cache', 'INIT_CWD', 'DATABASE_URL', 'A_US'
  ]
  for (const name of [...ours, ...others]) t.equal(meantBy(name), undefined, name)
})

t.test('names that the hooks file asks for are no misspelt settings', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'hooks.json'), JSON.stringify({ mine: { fields: { number: 'to', code: 'code' }, authentication: { type: 'secret', secrets: ['$SECRET_HEADER_2'] } } }))
  const named = { SECRET_HEADER_2: 'a-secret-of-this-hook', HOOKS_FILE: ' hooks.json ' }
  t.same(saysOf(named, folder), ['ok settings: all of them can be read.'])
  t.match(saysOf({ ...named, SECRET_HEADER_2: "'a-secret-of-this-hook'" }, folder), [/^warn settings: SECRET_HEADER_2 has quotes around its value/])
  t.match(saysOf({ SECRET_HEADER_2: 'x' }, folder), [/^warn settings: SECRET_HEADER_2 is not a setting: is it meant to be SECRET_HEADER\?$/])
})

t.test('quotes that are a part of a value', async (t) => {
  const quoted = /^warn settings: SECRET_HEADER has quotes around its value, which are taken as a part of it: leave them out\. docker --env-file takes none away\.$/
  for (const value of ['"a-secret-long-enough"', "'a-secret-long-enough'", ' "a-secret-long-enough" ']) t.match(saysOf({ SECRET_HEADER: value }), [quoted], value)
  for (const value of ['"a-secret-long-enough', 'a-"secret"-long-enough', '"a-secret-long-enough\'', '"']) t.same(saysOf({ SECRET_HEADER: value }), ['ok settings: all of them can be read.'], value)
  t.match(saysOf({ PORT: '"8000"' }), [/^fail settings: PORT must be/, /^warn settings: PORT has quotes/])
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, '.env'), 'SECRET_HEADER="a-secret-long-enough"\nPORT=\'8000\'\n')
  t.same(saysOf({ SECRET_HEADER: '' }, folder), ['ok settings: all of them can be read.'], 'those of .env are taken away')
})

t.test('a budget in which hardly a provider answers', async (t) => {
  for (const budget of ['50', '200', '999']) t.match(saysOf({ DIRECT_BUDGET_MS: budget }), [new RegExp(`^warn DIRECT_BUDGET_MS: ${budget} ms are less than many a provider takes: .* Set it to 1000 at least\\.$`)])
  t.same(saysOf({ DIRECT_BUDGET_MS: '1000' }), ['ok settings: all of them can be read.'])
  const { exit, failures, warnings } = await reportOf({ ...FINE, DIRECT_BUDGET_MS: '50' }, temporaryFolder(t))
  t.same([exit, failures], [0, []])
  t.match(warnings, [/^DIRECT_BUDGET_MS: 50 ms/])
  t.equal(warnings.length, 1)
})

t.test('a public URL that is missing, wrong, or leads here is told once', async (t) => {
  const linesAbout = async (settings: Environment): Promise<readonly string[]> =>
    (await reportOf({ ...FINE, ...TWILIO, ...settings }, temporaryFolder(t), { timeoutMs: 2000 })).lines.filter((line) => line.includes('PUBLIC_URL') && !line.startsWith('  -'))
  t.match(await linesAbout({}), [/^ {2}warn {2}PUBLIC_URL: not set: Twilio is asked/])
  t.notMatch((await linesAbout({})).join(), 'Azure')
  t.match(await linesAbout({ PUBLIC_URL: 'http://codes.example.com' }), [/^ {2}FAIL {2}settings: PUBLIC_URL must be/])
  const azure = { TWILIO_ACCOUNT_SID: '', TWILIO_AUTH_TOKEN: '', TWILIO_PHONE_NUMBER: '', TWILIO_BASE_URL: '', ACS_CONNECTION_STRING: 'endpoint=http://127.0.0.1:1/;accesskey=c2VjcmV0', ACS_SOURCE_PHONE_NUMBER: '+15550100001' }
  const ofAzure = await linesAbout({ ...azure, ACS_COGNITIVE_SERVICES_ENDPOINT: 'https://unit.cognitiveservices.azure.com/', NODE_ENV: 'production' })
  t.match(ofAzure[0], /^ {2}FAIL {2}settings: PUBLIC_URL or ACS_CALLBACK_URL must be set/)
  t.same(ofAzure.filter((line) => line.includes(' PUBLIC_URL: ')), [])
  t.notMatch(ofAzure.join(), 'Twilio')
  for (const lines of [await linesAbout({}), await linesAbout({ PUBLIC_URL: 'http://codes.example.com' })]) t.equal(lines.length, 1, lines.join('\n'))
})
