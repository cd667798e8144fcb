import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { PROFILE_ENTRIES } from '../../src/config/profile-shape.ts'
import { DEFAULT_PROFILES, readProfiles } from '../../src/config/profiles-file.ts'
import { SETTINGS } from '../../src/config/settings.ts'
import { ERRORS } from '../../src/domain/errors.ts'
import { FINAL_STATUSES } from '../../src/domain/verification.ts'
import { CheckedBody, StartBody, VerificationBody } from '../../src/routes/verification-schemas.ts'
import { WEBHOOK_PAUSES } from '../../src/verification/webhook.ts'

/* The guide to codes of our own, held to the code. */

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const read = (file: string): string => readFileSync(`${ROOT}${file}`, 'utf8')
const GUIDE = read('docs/verifications.md')

/** The part below a heading. */
const part = (heading: string): string => {
  const [, rest = ''] = GUIDE.split(`\n${heading}\n`)
  return rest.split(/\n#{2,3} /)[0] as string
}

/** The rows of the tables in a part, cell by cell. */
const rows = (text: string): string[][] => text.split('\n').filter((line) => line.startsWith('| '))
  .map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()))

const named = (text: string): string[] => [...text.matchAll(/`([^`\n]+)`/g)].map(([, name]) => name as string)

/** What stands in a block of that language, as it is written. */
const blocks = (language: string): string[] => [...GUIDE.matchAll(new RegExp(`^ *\`\`\`${language}\\n([^]*?)\\n *\`\`\``, 'gm'))].map(([, block]) => block as string)

t.test('every failure is there with its status, and no other', async (t) => {
  const table = rows(part('### When it is refused')).filter(([, status]) => /^[45]\d\d$/.test(status as string))
  const told = table.flatMap(([codes, status]) => named(codes as string).map((code) => ({ code, status: Number(status) })))
  for (const { code, status } of told) t.equal(ERRORS[code as keyof typeof ERRORS]?.status, status, code)
  const files = ['src/verification', 'src/routes'].flatMap((folder) => readdirSync(`${ROOT}${folder}`).map((name) => `${folder}/${name}`))
    .filter((file) => /verif|start-body|entered-code/.test(file))
  const sources = files.map(read).join('\n')
  const made = [...sources.matchAll(/(?:refused|RequestError)\('([a-z_]+)'/g), ...sources.matchAll(/\? '([a-z_]+)' : '[a-z_]+'\)/g)].map(([, code]) => code as string)
  const ours = new Set(made.filter((code) => code in ERRORS))
  t.ok(ours.size > 10)
  for (const code of ours) t.ok(told.some((row) => row.code === code), code)
})

t.test('it names no setting, no file and no heading that there is not', async (t) => {
  const settings = [...GUIDE.matchAll(/`([A-Z][A-Z0-9]*_[A-Z0-9_]+)(?:=[^`]*)?`/g)].map(([, name]) => name as string)
  t.same(settings.filter((name) => !(name in SETTINGS)), [])
  const headings = (text: string): string[] => [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => (heading as string).toLowerCase().replace(/[^a-z0-9 -]/g, '').replaceAll(' ', '-'))
  for (const [, link = '', anchor] of GUIDE.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)) {
    if (/\/$|[^/]*\/[^/.]+$/.test(link) && !link.endsWith('.md')) {
      t.doesNotThrow(() => readdirSync(`${ROOT}docs/${link}`), link)
      continue
    }
    const text = link === '' ? GUIDE : read(`docs/${link}`)
    if (anchor !== undefined) t.ok(headings(text).includes(anchor), `${link}#${anchor}`)
  }
})

t.test('the settings of codes of our own are all named', async (t) => {
  for (const name of Object.keys(SETTINGS).filter((setting) => /^(VERIF|BRAND|WEBOTP)/.test(setting))) t.ok(GUIDE.includes(`\`${name}\``), name)
})

t.test('the built-in profiles are as it says', async (t) => {
  const table = rows(part('## Profiles'))
  const [, ...names] = table[0] as string[]
  t.same(names, DEFAULT_PROFILES.map(({ name }) => `\`${name}\``))
  const told = Object.fromEntries(table.map(([what, ...values]) => [what, values]))
  DEFAULT_PROFILES.forEach(({ codeLength, lifetime, maxAttempts, cooldown, maxSends, channels, purpose, name, codeMaker }, column) => {
    const of = (what: string): string | undefined => told[what]?.[column]
    t.equal(of('digits'), String(codeLength))
    t.equal(of('valid for'), `${lifetime / 1000} s`)
    t.equal(of('wrong codes an hour'), String(maxAttempts))
    t.equal(of('from one message to the next'), `${cooldown / 1000} s`)
    t.equal(of('messages in all'), String(maxSends))
    t.same(named(of('channels') as string), channels)
    t.same([purpose, codeMaker], [name, 'gateway'])
  })
})

t.test('the entries of the profiles file are those that there are, and the example is right', async (t) => {
  const entries = rows(part('## Profiles')).map(([entry]) => /^`([A-Za-z]+)`$/.exec(entry as string)?.[1]).filter((entry) => entry !== undefined)
  t.same(new Set(entries), new Set(PROFILE_ENTRIES))
  const folder = mkdtempSync(join(tmpdir(), 'profiles-'))
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
  const example = blocks('json').find((block) => block.includes('"payment"')) as string
  writeFileSync(join(folder, 'profiles.json'), example)
  const { problems, profiles } = readProfiles('profiles.json', folder, new Map())
  t.same(problems, [])
  t.same([...profiles.keys()].sort(), ['login', 'payment', 'signup'])
})

t.test('what is sent and answered is as it says', async (t) => {
  const api = part('## The API')
  for (const field of Object.keys(StartBody.properties)) t.ok(named(api).includes(field), field)
  const [started, checked] = blocks('json').map((block) => JSON.parse(block.replaceAll('…', 'x')) as object) as [object, object]
  const { required, properties } = VerificationBody
  for (const field of required as string[]) t.ok(field in started, field)
  for (const field of Object.keys(started)) t.ok(field in properties, field)
  t.same(new Set(Object.keys(checked)), new Set(CheckedBody.required))
  for (const status of FINAL_STATUSES) t.ok(api.includes(`\`${status}\``), status)
})

t.test('the webhook is as it says', async (t) => {
  const webhook = part('## The webhook')
  for (const status of FINAL_STATUSES) t.ok(named(webhook).includes(`verification.${status}`), status)
  const [, seconds, minutes, half, more, hours] = /after (\d+) seconds, (\d+) minutes, (\d+) minutes, ([\d, ]+) and (\d+) hours/.exec(webhook) as unknown as string[]
  const inHours = [...(more as string).split(', '), hours]
  t.same([Number(seconds) * 1000, Number(minutes) * 60_000, Number(half) * 60_000], WEBHOOK_PAUSES.slice(0, 3))
  t.same(inHours.map((value) => Number(value) * 3_600_000), WEBHOOK_PAUSES.slice(3))
})
