import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { SETTINGS } from '../../src/config/settings.ts'
import { publicationOf } from '../../src/domain/receiver.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import { signedHeaders } from '../../src/domain/webhook-signature.ts'
import { TELLINGS, TYPE_PREFIX, type Telling } from '../../src/publishing/lifecycle.ts'
import { ANSWER_WITHIN, MOST_REFUSALS, PUBLISHING_PAUSES } from '../../src/publishing/outbox.ts'

/* The guide to events, held to the code. */

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const read = (file: string): string => readFileSync(`${ROOT}${file}`, 'utf8')
const GUIDE = read('docs/events.md')

const named = (text: string): string[] => [...text.matchAll(/`([^`\n]+)`/g)].map(([, name]) => name as string)

const blocks = (language: string): string[] => [...GUIDE.matchAll(new RegExp(`^ *\`\`\`${language}\\n([^]*?)\\n *\`\`\``, 'gm'))].map(([, block]) => block as string)

/** The rows of the table of types. */
const ROWS = GUIDE.split('\n').flatMap((line) => {
  const [, type, fields] = /^\| `((?:delivery|verification|provider|range)\.[a-z-]+)` \|[^|]+\| (.+) \|$/.exec(line) ?? []
  return type === undefined ? [] : [{ type, fields: fields as string }]
})

const wordsOf = ({ word }: Telling): readonly string[] => typeof word === 'string' ? [word] : word.words

/** What the code tells: the fields of each type, by each of the facts that come to it. */
const TOLD = new Map<string, string[][]>()
for (const [fact, telling] of Object.entries(TELLINGS as Readonly<Record<string, Telling>>)) {
  for (const word of wordsOf(telling)) {
    const type = `${fact.split('.')[0] as string}.${word}`
    TOLD.set(type, [...TOLD.get(type) ?? [], Object.keys(telling.fields)])
  }
}

t.test('every type is there, and no other', async (t) => {
  t.same(ROWS.map(({ type }) => type).toSorted(), [...TOLD.keys()].toSorted())
  t.ok(GUIDE.includes(`All types begin with \`${TYPE_PREFIX}\``))
})

t.test('every field of every type is there, and no other', async (t) => {
  let above: string[] = []
  const [accepted] = TOLD.get('delivery.accepted') as string[][]
  for (const { type, fields } of ROWS) {
    const facts = TOLD.get(type) as string[][]
    const own = named(fields).filter((name) => !name.includes('.'))
    if (fields.startsWith('as of `delivery.accepted`')) t.same([accepted], facts, type)
    else if (fields === 'the same') t.same(above, facts.at(-1), type)
    else {
      t.same(own, facts.at(-1), type)
      if (facts.length > 1) t.same([fields.startsWith('the same; '), facts[0]], [true, accepted], type)
      above = own
    }
  }
})

t.test('the event that it shows is one that is told', async (t) => {
  const { type, data, subject } = JSON.parse(blocks('json')[0] as string)
  const facts = TOLD.get(type.replace(TYPE_PREFIX, '')) as string[][]
  t.same(Object.keys(data).filter((name) => !(facts[0] as string[]).includes(name)), [])
  t.equal(subject, `deliveries/${data.delivery as string}`)
})

t.test('its numbers are those of the code', async (t) => {
  t.same(PUBLISHING_PAUSES, [1, 5, 30, 120, 600].map((seconds) => seconds * 1000))
  t.ok(GUIDE.includes('1 second, 5 seconds, 30 seconds, 2 minutes, and then 10 minutes each time'))
  t.ok(GUIDE.includes(`status ${MOST_REFUSALS} times in a row`))
  t.ok(GUIDE.includes(`2xx within ${ANSWER_WITHIN / 1000} seconds`))
  const all = Array.from({ length: 100 }, (_, index) => 400 + index)
  const [, listed = ''] = /any 4xx other than ([0-9, and]+),/.exec(GUIDE) ?? []
  t.same([...listed.matchAll(/\d+/g)].map(Number), all.filter((status) => publicationOf(status).kind === 'failed'))
})

t.test('it names no setting, no document and no heading that there is not', async (t) => {
  const settings = [...GUIDE.matchAll(/`([A-Z][A-Z0-9]*_[A-Z0-9_]+)`/g)].map(([, name]) => name as string)
  t.same(settings.filter((name) => !(name in SETTINGS)), [])
  for (const name of Object.keys(SETTINGS).filter((setting) => /^EVENTS_|^EVENT_GRID_TOPIC/.test(setting))) t.ok(settings.includes(name), name)
  const headings = (text: string): string[] => [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => (heading as string).toLowerCase().replace(/[^a-z0-9 -]/g, '').replaceAll(' ', '-'))
  for (const [, link = '', anchor] of GUIDE.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)) {
    const text = link === '' ? GUIDE : read(`docs/${link}`)
    if (anchor !== undefined) t.ok(headings(text).includes(anchor), `${link}#${anchor}`)
  }
})

t.test('the check of a signature that it shows takes what is signed, and nothing else', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'events-guide-'))
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
  writeFileSync(join(folder, 'verify.mjs'), blocks('js')[0] as string)
  const { verify } = await import(join(folder, 'verify.mjs'))
  const [secret, other] = [1, 2].map((byte) => Buffer.alloc(32, byte).toString('base64')) as [string, string]
  const body = JSON.stringify({ id: '7-0-x', data: { number: '+49•••••••5678' } })
  const now = Date.UTC(2026, 10, 21)
  const headers = signedHeaders({ id: '7-0-x', body, secrets: [new SensitiveText(other), new SensitiveText(secret)], now })
  for (const one of [secret, other]) t.same(verify(headers, Buffer.from(body), `whsec_${one}`, now + 299_000), JSON.parse(body))
  t.throws(() => verify(headers, Buffer.from(body.replace('7-0-x', '7-0-y')), `whsec_${secret}`, now), /not signed with/)
  t.throws(() => verify(headers, Buffer.from(body), `whsec_${Buffer.alloc(32, 3).toString('base64')}`, now), /not signed with/)
  t.throws(() => verify(headers, Buffer.from(body), `whsec_${secret}`, now + 301_000), /too old/)
  t.throws(() => verify({ ...headers, 'webhook-signature': 'v1,AAAA' }, Buffer.from(body), `whsec_${secret}`, now), /not signed with/)
  t.throws(() => verify({}, Buffer.from(body), `whsec_${secret}`, now), /not signed/)
})
