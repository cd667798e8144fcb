import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import t from 'tap'
import { COUNTRY_SETTINGS, SETTINGS } from '../../src/config/settings.ts'
import type { GatewayEvent } from '../../src/domain/gateway-event.ts'
import { GUARD_RULES } from '../../src/domain/guard-rule.ts'
import { logEvent } from '../../src/observability/logger.ts'

/* The guide for whoever runs the gateway, held to the code. */

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const read = (file: string): string => readFileSync(`${ROOT}${file}`, 'utf8')
const GUIDE = read('docs/operations.md')

/** Every fact at its worst: what its level depends on. */
const AT_WORST: Readonly<Record<GatewayEvent['type'], object>> = {
  'hook.answered': {},
  'delivery.finished': { outcome: 'failed' },
  'attempt.finished': { result: 'failed' },
  'delivery.updated': { hint: 'do something' },
  'delivery.guarded': {},
  'delivery.retried': {},
  'delivery.escalated': {},
  'delivery.used': {},
  'login.matched': {},
  'publishing.failed': {},
  'publishing.missed': {},
  'feed.lost': {},
  'verification.started': {},
  'verification.sent': {},
  'verification.resent': {},
  'verification.checked': {},
  'verification.ended': {},
  'webhook.failed': {},
  'range.shut': {},
  'provider.set-aside': {},
  'provider.restored': {},
  'call.event': {},
  'call.incoming': {},
  'callback.forged': {},
  'events.ignored': { why: 'foreign' },
  'deliveries.recovered': {},
  'rows.purged': {},
  'clock.skewed': {},
  'keys.disagree': {},
  'work.failed': {}
}

const WARN = 40

/** What is read by others than the gateway. */
const OTHERS = new Set(['POSTGRES_PASSWORD', 'TEST_POSTGRES_URL'])

/** At which level each is logged. */
const levelOf = (type: string, facts: object): number => {
  const lines: string[] = []
  logEvent(pino({ level: 'trace' }, { write: (line) => { lines.push(line) } }), { type, ...facts } as GatewayEvent)
  return (JSON.parse(lines[0] as string) as { level: number }).level
}

/** Names of what is logged by itself, and not as a fact, at `warn`, `error` or `fatal`. */
const loggedByItself = (): string[] => readdirSync(`${ROOT}src`, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.startsWith('sandbox'))
  .flatMap((file) => [...read(`src/${file}`).matchAll(/(?:log\.(?:warn|error)\(.*|msg: )'([a-z]+(?:\.[a-z-]+)+)'/g)].map(([, name]) => name as string))

const alarms = (): string[] => {
  const facts = Object.entries(AT_WORST).filter(([type, worst]) => levelOf(type, worst) >= WARN).map(([type]) => type)
  return [...new Set([...facts, ...loggedByItself()])].sort()
}

t.test('every alarm is explained, and no other', async (t) => {
  const explained = [...GUIDE.matchAll(/^\| `([a-z]+\.[a-z-]+)` \|/gm)].map(([, name]) => name as string)
  t.same([...explained].sort(), alarms())
  t.equal(new Set(explained).size, explained.length, 'none twice')
})

t.test('every rule of the guard is named', async (t) => {
  for (const rule of GUARD_RULES) t.ok(GUIDE.includes(`\`${rule}\``), rule)
})

t.test('it names no setting, no file and no script that there is not', async (t) => {
  const words = [...GUIDE.matchAll(/`([A-Z][A-Z0-9]*_[A-Z0-9_]+)(?:=[^`]*)?`/g)].map(([, name]) => name as string)
  const isKnown = (name: string): boolean => name in SETTINGS || OTHERS.has(name) || Object.keys(COUNTRY_SETTINGS).some((prefix) => name.startsWith(prefix))
  t.same(words.filter((name) => !isKnown(name)), [])
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  for (const [, script] of GUIDE.matchAll(/npm run ([a-z]+)/g)) t.ok(scripts[script as string], script as string)
  for (const [, link] of GUIDE.matchAll(/\]\((?!https?:|#)([^)#]+)/g)) t.doesNotThrow(() => read(`docs/${link}`), link as string)
})

t.test('the compose file has what it says', async (t) => {
  const compose = read('compose.yaml')
  for (const service of ['balancer', 'replica', 'postgres']) t.match(compose, new RegExp(`^  ${service}:\\n(?: .*\\n)*?    profiles: \\[scale\\]`, 'm'), service)
  const [, replicas] = /replicas: (\d+)/.exec(compose) ?? []
  t.match(read('deploy/haproxy.cfg'), new RegExp(`^ +server-template replica ${replicas} replica:8000 `, 'm'), 'the balancer knows all of them')
  t.match(read('deploy/haproxy.cfg'), /uri \/readyz/)
})
