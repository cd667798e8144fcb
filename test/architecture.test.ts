import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const SOURCE = fileURLToPath(new URL('../src', import.meta.url))
const MOST_LINES = 250

/** The rooms of the house, from top to bottom. Each may use what is listed for it, and itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  cli: ['app', 'start', 'config', 'dialects', 'sandbox', 'store', 'providers', 'observability', 'wording', 'domain', 'free-port'],
  server: ['start', 'config', 'observability', 'store'],
  start: ['app', 'config', 'store', 'sandbox', 'welcome', 'free-port'],
  welcome: ['config'],
  'free-port': [],
  app: ['config', 'live', 'routes', 'dialects', 'verification', 'delivery', 'guard', 'providers', 'store', 'wording', 'observability', 'domain'],
  live: ['config', 'routes', 'inspector', 'publishing', 'verification', 'feed', 'dialects', 'delivery', 'guard', 'providers', 'store', 'observability', 'domain'],
  routes: ['dialects', 'inspector', 'verification', 'delivery', 'feed', 'providers', 'store', 'observability', 'domain'],
  inspector: ['feed', 'delivery', 'guard', 'providers', 'store', 'wording', 'observability', 'domain'],
  publishing: ['feed', 'store', 'observability', 'domain'],
  feed: ['store', 'observability', 'domain'],
  verification: ['delivery', 'guard', 'providers', 'store', 'observability', 'wording', 'domain'],
  delivery: ['guard', 'providers', 'store', 'observability', 'wording', 'domain'],
  guard: ['store', 'observability', 'domain'],
  providers: ['tokens', 'domain'],
  dialects: ['tokens', 'domain'],
  tokens: ['domain'],
  store: ['domain'],
  observability: ['domain'],
  wording: ['domain'],
  config: ['dialects', 'wording', 'domain'],
  domain: [],
  sandbox: []
}

const FILES = (readdirSync(SOURCE, { recursive: true }) as string[])
  .filter((file) => file.endsWith('.ts'))
  .map((file) => join(SOURCE, file))

const roomOf = (file: string): string => (relative(SOURCE, file).split('/')[0] as string).replace(/\.ts$/, '')

/** Modules that a file names, in imports, re-exports and dynamic imports. */
const importsOf = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/\b(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] as string)

const ownImportsOf = (file: string): string[] =>
  importsOf(file).filter((name) => name.startsWith('.')).map((name) => resolve(dirname(file), name))

t.test('every room is known', async (t) => {
  t.same([...new Set(FILES.map(roomOf))].filter((room) => MAY_IMPORT[room] === undefined), [])
})

t.test('a room uses only the rooms below it', async (t) => {
  const wrong = FILES.flatMap((file) => ownImportsOf(file)
    .filter((other) => roomOf(other) !== roomOf(file) && !(MAY_IMPORT[roomOf(file)] ?? []).includes(roomOf(other)))
    .map((other) => `${relative(SOURCE, file)} -> ${relative(SOURCE, other)}`))
  t.same(wrong, [])
})

t.test('the rooms have no way back up', async (t) => {
  const reaches = (room: string, seen = new Set<string>()): Set<string> => {
    for (const next of MAY_IMPORT[room] ?? []) {
      if (!seen.has(next)) reaches(next, seen.add(next))
    }
    return seen
  }
  for (const room of Object.keys(MAY_IMPORT)) t.notOk(reaches(room).has(room), room)
})

t.test('a vendor is known in its own folder and in the catalog only', async (t) => {
  const outside = FILES.filter((file) => !/^(providers|sandbox)\//.test(relative(SOURCE, file)))
  const wrong = outside.filter((file) => importsOf(file).some((name) => /^(@azure\/|twilio($|\/))|\/(acs|twilio)\//.test(name)))
  t.same(wrong.map((file) => relative(SOURCE, file)), [])
})

t.test('the sandbox is loaded where it is wanted, and only then', async (t) => {
  for (const file of FILES.filter((file) => roomOf(file) !== 'sandbox')) {
    t.notMatch(readFileSync(file, 'utf8'), /^import (?!type ).*sandbox\//m, relative(SOURCE, file))
  }
})

t.test('no file is long', async (t) => {
  const long = FILES.filter((file) => readFileSync(file, 'utf8').split('\n').length - 1 > MOST_LINES)
  t.same(long.map((file) => relative(SOURCE, file)), [])
})

t.test('every file is reached from server.ts or cli.ts', async (t) => {
  const reached = new Set<string>()
  const visit = (file: string): void => {
    if (reached.has(file)) return
    reached.add(file)
    ownImportsOf(file).forEach(visit)
  }
  visit(join(SOURCE, 'server.ts'))
  visit(join(SOURCE, 'cli.ts'))
  t.same(FILES.filter((file) => !reached.has(file)).map((file) => relative(SOURCE, file)), [])
})
