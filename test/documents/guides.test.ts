import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseEnv, promisify } from 'node:util'
import t, { type Test } from 'tap'
import { IDENTITY_PROVIDERS, isIdentityProvider } from '../../src/cli/setup/identity-providers.ts'
import { provisioningFiles } from '../../src/cli/setup/provisioning.ts'
import type { Environment } from '../../src/config/read-settings.ts'
import { COUNTRY_SETTINGS, SETTINGS } from '../../src/config/settings.ts'
import { wordsForPeople } from '../../src/dialects/answer.ts'
import { createDialects } from '../../src/dialects/catalog.ts'
import { ERRORS, type ErrorCode } from '../../src/domain/errors.ts'
import { REASONS } from '../../src/domain/reason.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import { SECRET, startTestGateway } from '../support/gateway.ts'

/*
 * The guides to identity providers, held to the code. A block marked `sh play` is run against a gateway; the `json` block behind
 * it is the reply, and a `text handset` block what the handset shows then.
 */

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const FOLDER = join(ROOT, 'docs/identity-providers')
const MOST_LINES = 150

interface Block {
  readonly info: string
  readonly body: string
}

interface Guide {
  readonly name: string
  readonly file: string
  readonly text: string
  readonly blocks: readonly Block[]
}

const GUIDES: readonly Guide[] = readdirSync(FOLDER).filter((file) => file.endsWith('.md')).sort().map((name) => {
  const file = join(FOLDER, name)
  const text = readFileSync(file, 'utf8')
  const blocks = [...text.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map(([, info = '', body = '']) => ({ info, body }))
  return { name: name.replace(/\.md$/, ''), file, text, blocks }
})

/** Guides to a provider of which `setup` knows. */
const PROVIDER_GUIDES = GUIDES.filter(({ name }) => isIdentityProvider(name))

const textOf = (folder: string): string => (readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true }))
  .filter((item) => item.isFile() && /\.(ts|js|json|sh|tf|toml|yml|env|jsonnet|md)$/.test(item.name))
  .map((item) => readFileSync(join(item.parentPath, item.name), 'utf8'))
  .join('\n')

/** All that the code has to do with identity providers says itself. */
const OURS = ['src/dialects', 'src/provisioning', 'src/auth0-action', 'src/cli/setup'].map(textOf).join('\n')

/** Words that are a provider's own, and stand nowhere in our code: names of log events, errors, fields and roles. */
const THEIRS = new Set([
  // https://auth0.com/docs/deploy-monitor/logs/log-event-type-codes
  'limit_phone', 'actions_cardinality_custom_phone_provider_not_allowed', 'custom_email_provider_deployed_action_not_found',
  'sms_provider_error', 'sms_gateway', 'twilio_sid', 'twilio_token',
  'zitadel_sms_provider_http', 'message_retries', 'basic_auth', 'IAM_OWNER'
])

const WORD = (word: string): RegExp => new RegExp(`(?<![A-Za-z0-9_])${word}(?![A-Za-z0-9_])`)

const isOurs = (word: string): boolean => WORD(word).test(OURS)

/** What stands in the text and not in a block, between backticks. */
const quotedIn = ({ text }: Guide): string[] =>
  [...text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, quoted]) => quoted as string)

t.test('there is a guide to each identity provider that setup knows, and the index leads to each', async (t) => {
  t.same(PROVIDER_GUIDES.map(({ name }) => name), Object.keys(IDENTITY_PROVIDERS).sort())
  const index = GUIDES.find(({ name }) => name === 'README') as Guide
  for (const { name } of GUIDES) if (name !== 'README') t.ok(index.text.includes(`(${name}.md)`), name)
})

// Any hook can be described by the settings file, in any words.
for (const guide of GUIDES.filter(({ name }) => name !== 'generic')) {
  t.test(`${guide.name}.md can be read in one go`, async (t) => {
    t.ok(guide.text.split('\n').length <= MOST_LINES + 1, `at most ${MOST_LINES} lines`)
  })

  t.test(`${guide.name}.md names settings and variables that there are`, async (t) => {
    const settings = new Set<string>(Object.keys(SETTINGS))
    const countries = Object.keys(COUNTRY_SETTINGS)
    const isKnown = (name: string): boolean => settings.has(name) || countries.some((prefix) => new RegExp(`^${prefix}([A-Z]{2})?$`).test(name)) ||
      isOurs(name) || THEIRS.has(name) || new RegExp(`\\b${name}=`).test(guide.blocks.map(({ body }) => body).join('\n'))
    const named = new Set([...guide.text.matchAll(/(?<![A-Za-z0-9_])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+_?(?![A-Za-z0-9_])/g)].map(([name]) => name))
    t.same([...named].filter((name) => !isKnown(name)), [])
  })

  t.test(`${guide.name}.md names codes, reasons and fields that there are`, async (t) => {
    const known = new Set<string>([...Object.keys(ERRORS), ...REASONS])
    const named = new Set(quotedIn(guide).flatMap((quoted) => /^[a-z]+(?:_[a-z]+)+$/.test(quoted) ? [quoted] : []))
    t.same([...named].filter((word) => !known.has(word) && !isOurs(word) && !THEIRS.has(word)), [])
  })
}

for (const guide of GUIDES) {
  t.test(`${guide.name}.md leads to files and headings that there are`, async (t) => {
    const headingsOf = (file: string): string[] => [...readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)]
      .map(([, heading = '']) => heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-'))
    const links = [...guide.text.matchAll(/\]\((?!https:)([^)\s]+)\)/g)].map(([, link]) => link as string)
    const isDead = (link: string): boolean => {
      const [path = '', heading] = link.split('#')
      const file = path === '' ? guide.file : resolve(dirname(guide.file), path)
      return !existsSync(file) || (heading !== undefined && !headingsOf(file).includes(heading))
    }
    t.same(links.filter(isDead), [])
    t.same(quotedIn(guide).filter((quoted) => /^(?:src|docs|test)\/\S+$/.test(quoted) && !existsSync(join(ROOT, quoted))), [])
  })
}

for (const guide of PROVIDER_GUIDES) {
  t.test(`${guide.name}.md has a row for every file that setup writes, and no other`, async (t) => {
    const [, table = ''] = guide.text.split('| file | what it is |\n| --- | --- |\n')
    const rows = table.split('\n').slice(0, table.split('\n').findIndex((line) => !line.startsWith('|'))).map((row) => row.split('`')[1] as string)
    const written = provisioningFiles(guide.name as keyof typeof IDENTITY_PROVIDERS, { url: 'https://codes.example.com', secret: 'secret' })
      .map(({ path }) => path).filter((path) => path !== '.gitignore')
    t.same(rows.filter((row) => !written.some((path) => path === row || (row.endsWith('/') && path.startsWith(row)))), [], 'no other')
    // The Action's code lies beside each file that reads it.
    t.same(written.filter((path) => !path.endsWith('code.js') && !rows.some((row) => row === path || (row.endsWith('/') && path.startsWith(row)))), [], 'every file')
    t.ok(guide.text.includes(`npx phone-code-gateway setup ${guide.name} --url https://`))
  })
}

const A_SECRET = { secrets: [new SensitiveText('c2VjcmV0')] }

/** Every hook that has a guide. */
const DIALECTS = createDialects({
  settings: {
    okta: { header: 'authorization', failure: 'error', oauth: undefined },
    supabase: A_SECRET,
    zitadel: { signingKeys: A_SECRET.secrets },
    auth0SmsGateway: { ...A_SECRET, audience: undefined },
    generic: []
  },
  callerOf: () => undefined,
  defaultCountry: undefined,
  fetchKeys: async () => { throw new Error('nobody asks for keys here') },
  now: Date.now
}).flatMap((entry) => 'dialect' in entry && entry.dialect.route.startsWith('/hooks/') ? [entry.dialect] : [])

t.test('the index has each hook, its route and the time in which it answers', async (t) => {
  const { text } = GUIDES.find(({ name }) => name === 'README') as Guide
  for (const { route, budgetMs } of DIALECTS) {
    const row = text.split('\n').find((line) => line.startsWith('|') && line.includes(`\`${route}\``)) ?? ''
    t.equal(row.split('|')[4]?.trim(), `${budgetMs / 1000} s`, route)
  }
})

const OUTCOMES = ['accepted', 'duplicate', 'unknown', 'refused', 'not allowed', 'too many', 'failed', 'malformed', 'unauthorized', 'slower than the budget']

for (const { name, text } of PROVIDER_GUIDES) {
  t.test(`${name}.md says what is told of every outcome, in the words that are told, and in which time`, async (t) => {
    const [, table = ''] = /^\| outcome \|.*\n((?:\|.*\n)+)/m.exec(text) ?? []
    const outcomes = table.split('\n').map((row) => row.split('|')[1] ?? '').join('\n')
    for (const outcome of OUTCOMES) t.ok(outcomes.includes(outcome), outcome)

    const said = new Set((Object.keys(ERRORS) as ErrorCode[]).map((code) => wordsForPeople({ code })))
    t.same([...text.matchAll(/\*((?:The code|Too many) [^*\n]+)\*/g)].map(([, words]) => words as string).filter((words) => !said.has(words)), [])

    const { budgetMs = 0 } = DIALECTS.find((dialect) => dialect.name === name) ?? {}
    t.match(text, new RegExp(`(?<![0-9.])${budgetMs / 1000}(?: s\\b|\\.| seconds)`), 'the budget')
  })
}

/** Secrets of hooks that are signed, and the file that describes hooks; a gateway has those that its guide plays with. */
const SIGNING: Environment = {
  SUPABASE_HOOK_SECRET: `v1,whsec_${Buffer.from('a secret of thirty-two bytes....').toString('base64')}`,
  ZITADEL_SIGNING_KEY: 'a-signing-key-for-tests-only',
  AUTH0_SMS_GATEWAY_SECRET: 'a-gateway-secret-for-tests',
  AUTHGEAR_WEBHOOK_SECRET: 'a-webhook-secret-for-tests',
  AUTHSIGNAL_SECRET: 'a-server-secret-for-tests'
}

const HOOKS: Environment = { HOOKS_FILE: join(FOLDER, 'hooks.example.json'), MY_IDP_SECRET: 'a-secret-of-a-hook-for-tests' }

/** Milliseconds for the few processes of a block, on a machine that is busy. */
const PATIENCE = 60_000

const run = promisify(execFile)

const hasTools = await Promise.all(['bash', 'curl', 'openssl'].map((tool) => run(tool, [tool === 'openssl' ? 'version' : '--version'], { timeout: PATIENCE })))
  .then(() => true, () => false)

const NEEDS_TOOLS = { skip: hasTools ? false : 'bash, curl and openssl are needed', timeout: 3 * PATIENCE }

/** A folder with these files, gone after the test. */
const temporaryFolder = (t: Test, files: Readonly<Record<string, string>>): string => {
  const folder = mkdtempSync(join(tmpdir(), 'guides-'))
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

/** Replies differ in what was made for them: ids of deliveries, of requests, of vendors. */
const masked = (value: unknown): unknown => JSON.parse(JSON.stringify(value)
  .replaceAll(/"(id|transactionId|requestId)":"[^"]+"/g, '"$1":"…"')
  .replaceAll(/delivery=[0-9a-f-]{36}/g, 'delivery=…'))

for (const { name, blocks } of GUIDES.filter(({ blocks }) => blocks.some(({ info }) => info === 'sh play'))) {
  t.test(`${name}.md is answered as it says`, NEEDS_TOOLS, async (t) => {
    const plays = blocks.map(({ body }, index) => ({ body, index })).filter(({ index }) => blocks[index]?.info === 'sh play')
    const needed = new Set(plays.flatMap(({ body }) => [...body.matchAll(/\$\{?([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)/g)].map(([, variable]) => variable as string)))
    const settings = Object.fromEntries(Object.entries(SIGNING).filter(([setting]) => needed.has(setting)))
    // The lines of npm start have both vendors.
    const { url, sandbox } = await startTestGateway(t, { twilio: 'too', settings: { ...settings, ...name === 'generic' && HOOKS } })
    const variables: Record<string, string | undefined> = { GATEWAY_URL: url, GATEWAY_SECRET: SECRET, ...settings }
    t.same([...needed].filter((variable) => !Object.hasOwn(variables, variable)), [], 'with variables that the guide has set')

    // Nobody's curlrc and proxy have a say.
    const home = temporaryFolder(t, {})
    const env = { PATH: process.env['PATH'], HOME: home, LC_ALL: 'C', ...variables }

    for (const { body, index } of plays) {
      const reply = blocks[index + 1]
      t.equal(reply?.info, 'json', `block ${index + 1} is followed by its reply`)
      const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', body], { cwd: home, env, timeout: PATIENCE, killSignal: 'SIGKILL' })
      t.same(masked(JSON.parse(stdout)), masked(JSON.parse(reply?.body ?? 'null')), `block ${index + 1} is answered so`)
      const shown = blocks[index + 2]
      if (shown?.info === 'text handset') t.equal(sandbox.messages.at(-1)?.text.trim(), shown.body.trim(), 'and the handset shows it')
    }
  })
}

/** What bash prints last after a block, typed in that folder with nothing but the path set. */
const typed = async (folder: string, block: string, print: string, environment: NodeJS.ProcessEnv = {}): Promise<string> => {
  const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', `${block}\nprintf %s "${print}"`], {
    cwd: folder, env: { PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`, HOME: folder, LC_ALL: 'C', ...environment }, timeout: PATIENCE, killSignal: 'SIGKILL'
  })
  return stdout
}

t.test('the variables of the index are those of the gateway, wherever its secret stands', NEEDS_TOOLS, async (t) => {
  const blocks = GUIDES.find(({ name }) => name === 'README')?.blocks.filter(({ info }) => info === 'sh variables') ?? []
  t.equal(blocks.length, 1)
  const block = blocks[0]?.body ?? ''
  const MADE = '{"SECRET_HEADER":"made-at-the-first-start"}'
  const cases: ReadonlyArray<[given: string, made: string | undefined, env: string | undefined, secret: string]> = [
    ['made only', MADE, undefined, 'made-at-the-first-start'],
    ['set only', undefined, 'SECRET_HEADER=of-the-file\n', 'of-the-file'],
    ['both', MADE, 'PORT=8000\nSECRET_HEADER=of-the-file', 'of-the-file'],
    ['several', MADE, 'SECRET_HEADER="new , old"\n', 'new'],
    ['a file that sets something else', MADE, '#SECRET_HEADER=\nZITADEL_SIGNING_KEY=a-key\n', 'made-at-the-first-start'],
    ['a file that leaves it empty', MADE, 'SECRET_HEADER=\n', 'made-at-the-first-start']
  ]
  for (const [given, made, env, secret] of cases) {
    const folder = temporaryFolder(t, { ...made !== undefined && { 'data/development-secrets.json': made }, ...env !== undefined && { '.env': env } })
    t.equal(await typed(folder, block, '$GATEWAY_URL $GATEWAY_SECRET'), `http://127.0.0.1:8000 ${secret}`, given)
  }
})

const KEPT = GUIDES.flatMap(({ name, blocks }) => blocks.filter(({ info }) => info === 'sh both terminals').map(({ body }) => ({ name, body })))

t.test('each hook that is signed has a secret that two terminals share', async (t) => {
  t.same(KEPT.map(({ name }) => name), ['auth0', 'supabase', 'zitadel'])
})

for (const { name, body } of KEPT) {
  t.test(`${name}.md makes a secret once, that the gateway takes, and any terminal reads`, NEEDS_TOOLS, async (t) => {
    const setting = /^export ([A-Z0-9_]+)=/m.exec(body)?.[1] as keyof typeof SETTINGS
    const print = `$${setting}`
    for (const before of [undefined, '', 'PORT=8000', `#${setting}=\n${setting}=\nPORT=8000\n`]) {
      const folder = temporaryFolder(t, before === undefined ? {} : { '.env': before })
      const first = await typed(folder, body, print)
      t.ok(first.length >= 24, 'it cannot be guessed')
      t.ok(SETTINGS[setting].kind.read(first), 'the gateway takes it')
      t.equal(await typed(folder, body, print, { [setting]: 'of-an-older-terminal' }), first, 'the second terminal has the same')
      const { [setting]: read, ...others } = parseEnv(readFileSync(join(folder, '.env'), 'utf8'))
      t.equal(read, first, 'and so has the gateway')
      t.same(others, before?.includes('PORT') === true ? { PORT: '8000' } : {}, 'what stood there is still there')
    }
    t.equal(await typed(temporaryFolder(t, { '.env': `${setting}=of-the-provider\n` }), body, print), 'of-the-provider', 'one that is there stays')
  })
}

t.test('a secret that stands in the file is read from there', NEEDS_TOOLS, async (t) => {
  const blocks = GUIDES.flatMap(({ blocks }) => blocks.filter(({ info }) => info === 'sh from the file'))
  t.equal(blocks.length, 2)
  for (const { body } of blocks) {
    const name = /^export ([A-Z0-9_]+)=/.exec(body)?.[1] ?? ''
    t.equal(await typed(temporaryFolder(t, { '.env': `${name}="of the provider"\n` }), body, `$${name}`), 'of the provider', name)
  }
})

t.test('guides name routes that there are', async (t) => {
  const { gateway } = await startTestGateway(t, { settings: SIGNING })
  for (const { name, text } of GUIDES) {
    const named = new Set([...text.matchAll(/(?:^|[`\s("]|codes\.contoso\.com|GATEWAY_URL|:8000)(\/(?:hooks|deliveries|events|send-[a-z]+-code|livez|readyz)(?:\/[a-z0-9<>:-]+)*)/gm)]
      .map(([, route = '']) => route.replace(/<id>/, ':id').replace(/\/hooks\/generic\/.+/, '/hooks/generic/:name')))
    const isKnown = (route: string): boolean => route === '/hooks/generic' || (['POST', 'GET'] as const).some((method) => gateway.app.hasRoute({ method, url: route }))
    t.same([...named].filter((route) => !isKnown(route)), [], name)
  }
})
