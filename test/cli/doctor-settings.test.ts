import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { doctor } from '../../src/cli/doctor/doctor.ts'
import type { StorePlace } from '../../src/store/open-store.ts'
import { examineNode, examineStore } from '../../src/cli/doctor/machine.ts'
import { summaryOf } from '../../src/cli/doctor/report.ts'
import { diagnoseSettings } from '../../src/cli/doctor/settings.ts'
import type { Environment } from '../../src/config/read-settings.ts'
import { fail, ok, warn } from '../../src/domain/finding.ts'
import { temporaryFolder } from '../support/folder.ts'

const KEY = Buffer.alloc(32, 1).toString('base64')
const ACS = 'endpoint=https://unit.communication.azure.com/;accesskey=c2VjcmV0'
const SID = `AC${'0'.repeat(32)}`

const FINE: Environment = { SECRET_HEADER: 'a-secret-long-enough', ADMIN_SECRET: 'another-long-secret', EVENT_GRID_SECRET: 'a-third-long-secret', GATEWAY_KEYS: KEY, DEFAULT_COUNTRY: 'US' }

const saysOf = (environment: Environment, folder = '/srv'): string[] =>
  diagnoseSettings(environment, folder).findings.map(({ level, about, says }) => `${level} ${about}: ${says}`)

const at = (file: string): StorePlace => ({ engine: 'sqlite', file })

t.test('settings that are right', async (t) => {
  const { findings, settings, config } = diagnoseSettings(FINE, temporaryFolder(t))
  t.same(findings, [ok('settings', 'all of them can be read.')])
  t.same([settings, config.production], [FINE, false])
})

t.test('what is wrong is left out, and the rest is looked at', async (t) => {
  const { findings, config } = diagnoseSettings({ ...FINE, PORT: 'eighty', SUPABASE_HOOK_SECRET: 'wrong', ZITADEL_SIGNING_KEY: 'right', HOOKS_FILE: 'nowhere.json' }, temporaryFolder(t))
  t.same(findings.map(({ level }) => level), ['fail', 'fail', 'fail'])
  t.match(findings.map(({ says }) => says), [/^PORT must be/, /^SUPABASE_HOOK_SECRET must be/, /^HOOKS_FILE must name/])
  t.same([config.listen.port, config.hooks.settings.supabase], [8000, undefined])
  t.ok(config.hooks.settings.zitadel)
})

t.test('production that is wrong is looked at like any other', async (t) => {
  const { findings, config } = diagnoseSettings({ ...FINE, NODE_ENV: ' production ', SECRET_HEADER: 'short', ACS_CONNECTION_STRING: ACS, ACS_SENDER_ID: '+15550100001' }, '/nowhere')
  t.same(findings.filter(({ level }) => level === 'fail'), [fail('settings', 'SECRET_HEADER must have at least 16 characters in production.')])
  t.ok(config.acs)
  t.match(saysOf({ NODE_ENV: 'production' }, '/nowhere'), [/^fail settings: SECRET_HEADER must be set/, /^fail settings: GATEWAY_KEYS must be set/, /^fail settings: A provider is needed/])
})

t.test('where something is missing, what it belongs to is left out', async (t) => {
  const { findings, config } = diagnoseSettings({ ...FINE, TWILIO_ACCOUNT_SID: SID, TWILIO_PHONE_NUMBER: '+15550200001', ACS_CONNECTION_STRING: ACS, ACS_SENDER_ID: '+15550100001' }, '/srv')
  t.match(findings, [{ level: 'fail', says: /^TWILIO_AUTH_TOKEN, or TWILIO_API_KEY/ }])
  t.same([config.twilio, config.acs?.sms?.sender], [undefined, '+15550100001'])
})

t.test('where everything is wrong, there is still something to look at', async (t) => {
  const { findings, config } = diagnoseSettings({ ...FINE, SANDBOX: 'off', NODE_ENV: 'prod', SECRET_HEADER: ' ', GATEWAY_KEYS: 'no-key', ACS_CONNECTION_STRING: 'x', TWILIO_ACCOUNT_SID: 'y', DEFAULT_COUNTRY: 'UK' }, temporaryFolder(t))
  t.ok(findings.length > 4)
  t.same([config.acs, config.twilio, config.production], [undefined, undefined, false])
})

t.test('.env and the secrets of development are read as a start reads them', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, '.env'), 'DEFAULT_COUNTRY=DE\nPORT=1\n')
  const { config, findings } = diagnoseSettings({ PORT: '9000' }, folder)
  t.same([config.defaultCountry, config.listen.port, findings[0]?.level], ['DE', 9000, 'ok'])
  t.same(diagnoseSettings({}, folder).config.callers, config.callers, 'the secrets are made once')
  writeFileSync(join(folder, '.env'), `NODE_ENV=production\n${Object.entries(FINE).map(([name, value]) => `${name}=${value}`).join('\n')}\nSANDBOX=off\n`)
  t.match(saysOf({}, folder), [/^fail settings: With SANDBOX off a provider is needed/])
})

t.test('files that cannot be read are told of, and done without', async (t) => {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, '.env'))
  mkdirSync(join(folder, 'data'))
  writeFileSync(join(folder, 'data', 'development-secrets.json'), '{"SECRET_HEADER": "half-a-')
  t.match(saysOf({}, folder), [
    'fail .env: the file cannot be read or written: see who owns it and its folder.',
    'fail data/development-secrets.json: data/development-secrets.json cannot be read: remove it, and new secrets are made.'
  ])
})

t.test('warnings of the settings are warnings here', async (t) => {
  t.match(saysOf({ ...FINE, SMS_SENDER_OF_MINE: 'x' }), ['warn settings: SMS_SENDER_OF_MINE is not a setting of the gateway: is it misspelt?'])
})

t.test('Node must be recent enough', (t) => {
  t.same(['20.19.0', '20.20.2', '22.0.0', '25.1.0'].map((version) => examineNode(version).level), Array(4).fill('ok'))
  t.same(['20.18.3', '18.99.0', '0.12.0'].map((version) => examineNode(version).level), Array(3).fill('fail'))
  t.match(examineNode('18.20.1').says, '18.20.1 is too old: the gateway needs 20.19 or later.')
  t.end()
})

t.test('the store: a file, none yet, none that could be', async (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'gateway.db')
  t.match(await examineStore(at(file)), ok('STORE_URL', 'there is no file yet; it can be made.'))
  t.match(await examineStore(at(join(folder, 'one', 'two', 'gateway.db'))), ok('STORE_URL', 'there is no file yet; it can be made.'), 'in folders that are yet to be made')
  writeFileSync(file, '')
  t.match(await examineStore(at(file)), ok('STORE_URL', 'the file and its folder can be written to.'))
  t.match(await examineStore(at(folder)), { level: 'fail', says: /^it names something that is no file/ })
  t.match(await examineStore(at(join(file, 'gateway.db'))), { level: 'fail', says: /^its path cannot be followed/ })
})

t.test('the store: who may not write', async (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'gateway.db')
  const all = async (): Promise<boolean> => true
  const notTo = (closed: string) => async (path: string): Promise<boolean> => path !== closed
  t.match(await examineStore(at(join(folder, 'deep', 'gateway.db')), notTo(folder)), { level: 'fail', says: /^its folder cannot be written to/ })
  t.match(await examineStore(at('/no/such/folder/gateway.db'), notTo('/')), { level: 'fail', says: /^its folder cannot be written to/ })
  writeFileSync(file, '')
  t.match(await examineStore(at(file), all), { level: 'ok' })
  for (const closed of [file, folder]) t.match(await examineStore(at(file), notTo(closed)), { level: 'fail', says: /^the file or its folder cannot be written to/ })
})

t.test('the last line says how many things are wrong', (t) => {
  const [well, odd, wrong] = [ok('a', ''), warn('b', ''), fail('c', '')]
  t.same(
    [[well], [well, odd], [odd, odd], [wrong], [wrong, odd, wrong, odd]].map(summaryOf),
    ['All is well.', 'All is well, 1 warning.', 'All is well, 2 warnings.', '1 thing is wrong.', '2 things are wrong, 2 warnings.'])
  t.end()
})

t.test('what an examination stumbles over is told like anything else', async (t) => {
  const given = process.env.TMPDIR
  process.env.TMPDIR = '/no/such/folder'
  t.teardown(() => {
    if (given === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = given
  })
  const lines: string[] = []
  t.equal(await doctor({ environment: FINE, folder: '/srv', print: (line) => { lines.push(line) } }), 1)
  t.match(lines.join('\n'), 'FAIL  Hooks: could not be looked at')
  t.match(lines.at(-1), '1 thing is wrong.')
})
