import t from 'tap'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readConfig } from '../../src/config/config.ts'
import { withEnvFile, withGeneratedSecrets } from '../../src/config/development.ts'
import { temporaryFolder } from '../support/folder.ts'

const NAMES = ['SECRET_HEADER', 'ADMIN_SECRET', 'EVENT_GRID_SECRET', 'GATEWAY_KEYS']

const secretsFile = (folder: string): string => join(folder, 'data', 'development-secrets.json')

const writeSecrets = (folder: string, content: string): void => {
  mkdirSync(join(folder, 'data'))
  writeFileSync(secretsFile(folder), content)
}

t.test('without .env the environment stays as it is', async (t) => {
  const environment = { PORT: '9000' }
  t.equal(withEnvFile(environment, temporaryFolder(t)), environment)
})

t.test('.env adds settings, and the environment has the last word', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, '.env'), '# words\nPORT=9000\nHOST="::1"\nLOG_LEVEL=debug\n\nDEFAULT_COUNTRY=\n')
  t.same(withEnvFile({ PORT: '9001', LOG_LEVEL: ' ', OTHER: undefined, PATH: '/bin' }, folder),
    { PORT: '9001', HOST: '::1', LOG_LEVEL: 'debug', DEFAULT_COUNTRY: '', PATH: '/bin' }, 'and an empty word is none')
})

t.test('secrets that are missing are made once, kept for the owner only, and found again', async (t) => {
  const folder = temporaryFolder(t)
  const first = withGeneratedSecrets({ PORT: '9000' }, folder)
  t.equal(first.PORT, '9000')
  t.equal(new Set(NAMES.map((name) => first[name])).size, NAMES.length, 'no two are the same')
  t.doesNotThrow(() => readConfig(first, folder), 'they are good settings')
  for (const name of NAMES.slice(0, 3)) t.ok((first[name] as string).length >= 32, `${name} cannot be guessed`)
  t.equal(statSync(secretsFile(folder)).mode & 0o777, 0o600)
  t.equal(statSync(join(folder, 'data')).mode & 0o777, 0o700)
  t.same(withGeneratedSecrets({ PORT: '9000' }, folder), first)
  const other = withGeneratedSecrets({}, temporaryFolder(t))
  for (const name of NAMES) t.not(other[name], first[name], `${name} is another one elsewhere`)
})

t.test('a secret that is set is neither replaced nor kept', async (t) => {
  const folder = temporaryFolder(t)
  const environment = withGeneratedSecrets({ SECRET_HEADER: 'mine', ADMIN_SECRET: ' ' }, folder)
  t.equal(environment.SECRET_HEADER, 'mine')
  t.not(environment.ADMIN_SECRET, ' ', 'an empty one is none')
  t.notOk(readFileSync(secretsFile(folder), 'utf8').includes('mine'))
  const later = withGeneratedSecrets({}, folder)
  t.equal(later.ADMIN_SECRET, environment.ADMIN_SECRET, 'what was made stays')
  t.ok(later.SECRET_HEADER, 'what is missing now is made now')
})

t.test('where every secret is set, nothing is written', async (t) => {
  const folder = temporaryFolder(t)
  const environment = Object.fromEntries(NAMES.map((name) => [name, 'set']))
  t.equal(withGeneratedSecrets(environment, folder), environment)
  t.notOk(existsSync(join(folder, 'data')))
})

t.test('a kept secret that is empty is made anew', async (t) => {
  const folder = temporaryFolder(t)
  writeSecrets(folder, JSON.stringify({ SECRET_HEADER: '', ADMIN_SECRET: 'kept', other: 'stays' }))
  const environment = withGeneratedSecrets({}, folder)
  t.ok(environment.SECRET_HEADER)
  t.equal(environment.ADMIN_SECRET, 'kept')
  t.equal(JSON.parse(readFileSync(secretsFile(folder), 'utf8')).other, 'stays')
})

t.test('a broken file of secrets is left alone, and its owner is told without a piece of it', async (t) => {
  const folder = temporaryFolder(t)
  const broken = '{ "SECRET_HEADER": hunter }'
  writeSecrets(folder, broken)
  t.throws(() => withGeneratedSecrets({}, folder), {
    name: 'SettingsWrong', message: 'The settings are wrong:\n  - data/development-secrets.json cannot be read: remove it, and new secrets are made.'
  })
  t.equal(readFileSync(secretsFile(folder), 'utf8'), broken)
})
