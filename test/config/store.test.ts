import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import t from 'tap'
import { withGeneratedSecrets } from '../../src/config/development.ts'
import { PRODUCTION, problemsOf, production, productionProblems } from './environments.ts'

const URL_OF_STORE = 'postgres://gateway:p%40ss@db.example.com:5433/codes'

const store = (changes: Record<string, string>): any => production(changes).store

t.test('a PostgreSQL is reached encrypted, and must show who it is, unless it is on this machine', async (t) => {
  const found = store({ STORE_URL: URL_OF_STORE })
  t.match(found, { engine: 'postgres', poolSize: 10, tls: 'verify', ca: undefined })
  t.equal(found.url.reveal(), URL_OF_STORE)
  t.equal(store({ STORE_URL: 'postgresql://gateway@127.0.0.1/codes' }).tls, 'off')
  t.equal(store({ STORE_URL: 'postgres://gateway@localhost/codes' }).tls, 'off')
  t.equal(store({ STORE_URL: 'postgres://gateway@[::1]/codes' }).tls, 'off')
  t.equal(store({ STORE_URL: 'postgres://gateway@postgres/codes' }).tls, 'verify')
})

t.test('sslmode says how, as libpq reads it, and STORE_TLS has the last word', async (t) => {
  for (const [mode, tls] of [['disable', 'off'], ['prefer', 'encrypt'], ['require', 'encrypt'], ['verify-ca', 'verify'], ['verify-full', 'verify']]) {
    const found = store({ STORE_URL: `${URL_OF_STORE}?sslmode=${mode}` })
    t.equal(found.tls, tls)
    t.equal(found.url.reveal(), URL_OF_STORE, 'nothing but the place is left')
    t.equal(store({ STORE_URL: `${URL_OF_STORE}?sslmode=${mode}`, STORE_TLS: 'encrypt' }).tls, 'encrypt')
  }
})

t.test('the password shows in no way of printing the settings', async (t) => {
  const config = production({ STORE_URL: URL_OF_STORE })
  for (const text of [inspect(config, { depth: 10, showHidden: true }), JSON.stringify(config), String(config.store)]) t.notMatch(text, /p%40ss|p@ss/)
})

t.test('the pool is as large as it is set', async (t) => {
  t.equal(store({ STORE_URL: URL_OF_STORE, STORE_POOL_SIZE: '3' }).poolSize, 3)
})

t.test('what is no place of a store is refused, and not repeated', async (t) => {
  const wrong = [
    'postgres://', 'postgres://db.example.com/codes', 'postgres://gateway:secret@db.example.com', 'postgres://gateway:secret@db.example.com/',
    'postgres://gateway:secret@db.example.com/a/b', 'postgres://gateway:secret@/codes', `${URL_OF_STORE}?sslmode=perhaps`,
    `${URL_OF_STORE}?options=-cfsync%3Doff`, `${URL_OF_STORE}?sslmode=require&host=elsewhere`, `${URL_OF_STORE}#x`, 'postgres://gateway:secret@db.example.com:port/codes',
    'mysql://gateway:secret@db.example.com/codes', 'sqlite:', 'gateway.db'
  ]
  for (const text of wrong) {
    const [problem, ...others] = productionProblems({ STORE_URL: text })
    t.match(problem, /^STORE_URL must be sqlite: followed by a path, or postgres:/, text)
    t.notMatch(problem, /secret|example\.com/)
    t.same(others, [])
  }
})

t.test('certificates are read from their file, which must be there and hold some', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'store-config-'))
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
  const [good, bad] = [join(folder, 'good.pem'), join(folder, 'bad.pem')]
  writeFileSync(good, '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n')
  writeFileSync(bad, 'nothing of the kind')
  t.match(store({ STORE_URL: URL_OF_STORE, STORE_CA_FILE: good }).ca, /BEGIN CERTIFICATE/)
  t.same(productionProblems({ STORE_URL: URL_OF_STORE, STORE_CA_FILE: bad }), ['STORE_CA_FILE must hold certificates in PEM form.'])
  t.same(productionProblems({ STORE_URL: URL_OF_STORE, STORE_CA_FILE: join(folder, 'none.pem') }), ['STORE_CA_FILE must name a file that can be read.'])
  t.same(productionProblems({ STORE_CA_FILE: join(folder, 'none.pem') }), [], 'of no concern to SQLite')
})

t.test('keys that each process makes by itself are refused with PostgreSQL', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'store-config-'))
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
  const environment = withGeneratedSecrets({ STORE_URL: URL_OF_STORE }, folder)
  t.equal(environment.GATEWAY_KEYS, undefined)
  t.match(environment.SECRET_HEADER, /./, 'what one process tells another caller may be its own')
  t.match(problemsOf(environment), [/^GATEWAY_KEYS must be set with PostgreSQL/])
  t.match(withGeneratedSecrets({ STORE_URL: 'sqlite:x.db' }, folder).GATEWAY_KEYS, /./)
  t.match(productionProblems({ ...PRODUCTION, STORE_URL: URL_OF_STORE, GATEWAY_KEYS: '' }), ['GATEWAY_KEYS must be set in production.'])
})
