import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { run } from '../../src/cli/run.ts'
import { IDENTITY_PROVIDERS, type IdentityProvider, type IdentityProviderName } from '../../src/cli/setup/identity-providers.ts'
import { withGeneratedSecrets } from '../../src/config/development.ts'
import { temporaryFolder } from '../support/folder.ts'

const URL_OF_GATEWAY = 'https://codes.contoso.example'
const SECRET = 'secret-of-caller-0123456789'
const SIGNING = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const SETTINGS = { PUBLIC_URL: URL_OF_GATEWAY, SECRET_HEADER: `${SECRET}, other-secret-0123456789`, SUPABASE_HOOK_SECRET: `v1,${SIGNING}|v1,whsec_${Buffer.alloc(32, 8).toString('base64')}` }

interface Typed { readonly code: number, readonly printed: string, readonly complained: string }

/** A folder in which commands are typed. */
const shell = (t: Test) => {
  const folder = temporaryFolder(t)
  const type = async (line: string | string[], environment: Record<string, string | undefined> = {}): Promise<Typed> => {
    const printed: string[] = []
    const complained: string[] = []
    const words = typeof line === 'string' ? line.split(' ') : line
    const code = await run(words, { environment, folder, print: (text) => { printed.push(text) }, complain: (text) => { complained.push(text) } })
    return { code, printed: printed.join('\n'), complained: complained.join('\n') }
  }
  const read = (...path: string[]): string => readFileSync(join(folder, ...path), 'utf8')
  const write = (path: string, content: string): void => { writeFileSync(join(folder, path), content) }
  return { folder, type, read, write }
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).filter((item) => item.isFile()).map((item) => join(item.parentPath, item.name).slice(folder.length + 1)).sort()

const WRITTEN = {
  auth0: ['.gitignore', 'code.js', 'curl.sh', 'deploy-cli/actions/phone-code-gateway.json', 'deploy-cli/actions/phone-code-gateway/code.js', 'deploy-cli/config.json', 'deploy-cli/phone-providers/provider.json', 'gateway.env', 'terraform/code.js', 'terraform/main.tf'],
  okta: ['.gitignore', 'curl.sh', 'gateway.env', 'terraform/main.tf'],
  supabase: ['.gitignore', 'config.toml', 'curl.sh', 'gateway.env'],
  zitadel: ['.gitignore', 'curl.sh'],
  kratos: ['.gitignore', 'courier.yml', 'phone-code-gateway.jsonnet']
}

for (const [name, expected] of Object.entries(WRITTEN)) {
  t.test(`writes what ${name} needs, for the settings that are there`, async (t) => {
    const { folder, type } = shell(t)
    const { code, printed, complained } = await type(`setup ${name}`, SETTINGS)
    t.same([code, complained], [0, ''])
    const target = join(folder, `phone-code-gateway-${name}`)
    t.same(filesIn(target), expected)
    const { holdsSecret, keepsSecrets }: IdentityProvider = IDENTITY_PROVIDERS[name as IdentityProviderName]
    const modeOf = (path: string): number => statSync(join(target, path)).mode & 0o777
    const allowed = (mode: number): number => mode & ~process.umask()
    for (const path of expected) t.equal(modeOf(path), holdsSecret.includes(path) ? 0o600 : allowed(0o644), path)
    t.equal(modeOf('.'), keepsSecrets ? 0o700 : allowed(0o755))
    t.equal(keepsSecrets, ['auth0', 'okta', 'zitadel'].includes(name), 'Terraform keeps secrets there, and the script for ZITADEL does')
    t.match(printed, `Wrote ${expected.length} files to phone-code-gateway-${name}, for the gateway at ${URL_OF_GATEWAY}.`)
    t.match(printed, `The guide: docs/identity-providers/${name}.md`)
    t.notMatch(printed, /secret-of-caller|whsec_/, 'a secret that is set is not shown')
    t.notMatch(printed, /new secret|has to know/)

    for (const path of printed.match(/phone-code-gateway-\w+\/[\w./-]+\w/g) ?? []) {
      if (!path.endsWith('zitadel.env')) t.ok(existsSync(join(folder, path)), `${path} is there`)
    }
  })
}

t.test('what is typed comes before the settings, and .env behind the environment', async (t) => {
  const { type, read, write } = shell(t)
  write('.env', `PUBLIC_URL=https://env-file.example/\nSECRET_HEADER=${SECRET}\n`)
  await type('setup okta --out a')
  t.match(read('a', 'curl.sh'), 'GATEWAY_URL:-https://env-file.example}')
  t.match(read('a', 'gateway.env'), `export GATEWAY_SECRET='${SECRET}'`)
  await type('setup okta --out b', { PUBLIC_URL: 'https://environment.example' })
  t.match(read('b', 'curl.sh'), 'GATEWAY_URL:-https://environment.example}')
  const { printed } = await type('setup okta --out c --url https://typed.example/codes/?region=eu --secret other-0123456789')
  t.match(read('c', 'curl.sh'), 'GATEWAY_URL:-https://typed.example/codes}')
  t.match(read('c', 'gateway.env'), "export GATEWAY_SECRET='other-0123456789'")
  t.match(printed, /has to know this secret: add it to SECRET_HEADER/)
  t.notMatch(printed, 'other-0123456789')
  for (const setting of ['SECRET_HEADER', 'CALLERS']) {
    const known = await type(`setup kratos --out ${setting} --secret other-0123456789`, { [setting]: setting === 'CALLERS' ? 'ory:other-0123456789' : 'x,other-0123456789' })
    t.notMatch(known.printed, 'has to know', `one of ${setting} is known`)
  }
})

t.test('callers that cannot be read know no secret', async (t) => {
  const { type } = shell(t)
  t.match(await type('setup kratos --secret other-0123456789', { ...SETTINGS, CALLERS: 'other-0123456789' }), { code: 0, printed: /has to know/ })
})

t.test('makes a secret where there is none, and says which line belongs into .env', async (t) => {
  const { folder, type, read } = shell(t)
  const { code, printed } = await type('setup okta', { PUBLIC_URL: URL_OF_GATEWAY })
  t.equal(code, 0)
  const made = /^ {2}SECRET_HEADER=([\w-]{32})$/m.exec(printed)?.[1] ?? 'none'
  t.match(read('phone-code-gateway-okta', 'gateway.env'), `'${made}'`)
  t.notOk(existsSync(join(folder, 'data')), 'nothing is written but what was asked for')

  const supabase = await type('setup supabase', { PUBLIC_URL: URL_OF_GATEWAY })
  const signing = /^ {2}SUPABASE_HOOK_SECRET=(v1,whsec_[A-Za-z0-9+/]{43}=)$/m.exec(supabase.printed)?.[1] ?? 'none'
  t.match(read('phone-code-gateway-supabase', 'gateway.env'), `'${signing}'`)
})

t.test('takes the secret that a gateway has made here in development', async (t) => {
  const { folder, type, read } = shell(t)
  const kept = withGeneratedSecrets({}, folder)['SECRET_HEADER'] ?? ''
  const { printed } = await type('setup kratos', { PUBLIC_URL: URL_OF_GATEWAY })
  t.match(read('phone-code-gateway-kratos', 'courier.yml'), `value: '${kept}'`)
  t.match(printed, /^The secret is the one of data\/development-secrets\.json, .* In production that file is not read: there the gateway needs this line in its \.env:$/m)
  t.match(printed, `\n  SECRET_HEADER=${kept}\n`)
  await type('setup kratos --out production --url https://elsewhere.example', { NODE_ENV: 'production' })
  t.notMatch(read('production', 'courier.yml'), kept, 'never in production')

  writeFileSync(join(folder, 'data', 'development-secrets.json'), '{ broken')
  t.match(await type('setup kratos --out broken', { PUBLIC_URL: URL_OF_GATEWAY }), { code: 1, complained: /development-secrets\.json cannot be read/ })
  t.notOk(existsSync(join(folder, 'broken')))
})

t.test('the first secret of Supabase is taken, in the form in which Supabase knows it', async (t) => {
  const { type, read } = shell(t)
  await type('setup supabase', SETTINGS)
  t.match(read('phone-code-gateway-supabase', 'gateway.env'), `export SUPABASE_HOOK_SECRET='v1,${SIGNING}'\n`)
  const known = await type(`setup supabase --out b --secret ${SIGNING}`, SETTINGS)
  t.match(read('b', 'gateway.env'), `'v1,${SIGNING}'`)
  t.notMatch(known.printed, 'has to know')
  t.match(await type(`setup supabase --out c --secret v1,${SIGNING}`, { PUBLIC_URL: URL_OF_GATEWAY }), { code: 0, printed: /has to know this secret: set it as SUPABASE_HOOK_SECRET/ })
})

t.test('says what of the settings does not go with the files', async (t) => {
  const { type, read } = shell(t)
  t.match((await type('setup okta --out a', { ...SETTINGS, OKTA_HEADER: ' X-Hook ' })).printed, /OKTA_HEADER is set: gateway\.env tells curl\.sh and Terraform of that header, too\./)
  t.ok(read('a', 'gateway.env').endsWith('\nexport OKTA_HEADER=\'X-Hook\'\nexport TF_VAR_header="$OKTA_HEADER"\n'))
  t.notMatch((await type('setup okta --out b', { ...SETTINGS, OKTA_HEADER: 'authorization' })).printed, 'OKTA_HEADER')
  t.notMatch(read('b', 'gateway.env'), 'OKTA_HEADER')
  for (const header of ["X'; id", 'X Hook', 'Ä']) t.match(await type('setup okta --out e', { ...SETTINGS, OKTA_HEADER: header }), { code: 1, printed: '', complained: /^OKTA_HEADER must be the name of a header/ })
  t.match((await type('setup okta --out c', { ...SETTINGS, OKTA_ISSUER: 'https://example.okta.com' })).printed, /OKTA_ISSUER is set/)
  t.match((await type('setup okta --out d --url http://127.0.0.1:8000', SETTINGS)).printed, /http:\/\/127\.0\.0\.1:8000 is this machine itself/)
})

t.test('a URL that was copied with a route is written without it', async (t) => {
  const { type, read } = shell(t)
  for (const [index, route] of ['hooks/okta', 'hooks/generic/mine/', 'send-text-code', 'send-voice-code', 'events'].entries()) {
    const { printed } = await type(`setup okta --out ${index} --url ${URL_OF_GATEWAY}/codes/${route}`, SETTINGS)
    t.match(read(`${index}`, 'curl.sh'), `GATEWAY_URL:-${URL_OF_GATEWAY}/codes}`)
    t.match(printed, `--url ends with a route of the gateway, which was left out: the files have ${URL_OF_GATEWAY}/codes, and so should PUBLIC_URL.`)
  }
  t.match((await type('setup kratos', { ...SETTINGS, PUBLIC_URL: `${URL_OF_GATEWAY}/hooks/kratos` })).printed, 'PUBLIC_URL ends with a route')
  t.match(read('phone-code-gateway-kratos', 'courier.yml'), `'${URL_OF_GATEWAY}/hooks/kratos'`)
  for (const path of ['okta', 'hooks', 'hooks/okta/deeper', 'my-send-text-code']) {
    t.notMatch((await type(`setup okta --force --url ${URL_OF_GATEWAY}/${path}`, SETTINGS)).printed, 'ends with a route', path)
    t.match(read('phone-code-gateway-okta', 'curl.sh'), `GATEWAY_URL:-${URL_OF_GATEWAY}/${path}}`)
  }
})

t.test('a folder with any name is written so that a shell understands it', async (t) => {
  const { folder, type } = shell(t)
  t.match((await type(['setup', 'zitadel', '--out', "it's here"], SETTINGS)).printed, "bash 'it'\\''s here'/curl.sh")
  t.match((await type(['setup', 'zitadel', '--out', '.'], SETTINGS)).printed, 'bash ./curl.sh')
  t.match((await type(['setup', 'zitadel', '--out', join(folder, 'deep', 'er')], SETTINGS)).printed, 'bash deep/er/curl.sh')
})

t.test('refuses what was typed wrong, and writes nothing', async (t) => {
  const { folder, type } = shell(t)
  const cases: Array<[string | string[], RegExp, Record<string, string | undefined>?]> = [
    ['setup', /needs an identity provider: auth0, okta, supabase, zitadel, kratos\./],
    ['setup logto', /knows no logto, but auth0/],
    ['setup toString', /knows no toString/],
    ['setup okta kratos', /takes one identity provider, but there is kratos too/],
    ['setup okta --secrets hunter2', /Unknown option '--secrets'/],
    ['setup okta --secrets=hunter2', /Unknown option '--secrets'/],
    ['setup okta --url', /--url/],
    ['setup okta --force=hunter2', /--force/],
    [['setup', 'okta', '--url', ''], /--url is empty/],
    [['setup', 'okta', '--secret', ' '], /--secret is empty/],
    [['setup', 'okta', '--out', ''], /--out is empty/],
    ['setup okta', /Where is the gateway reached\?/, { PUBLIC_URL: ' ' }],
    ['setup okta', /Where is the gateway reached\?/, { PUBLIC_URL: undefined }],
    ['setup okta --url codes.contoso.example', /--url must be an https:\/\/ URL/],
    ['setup okta --url http://codes.contoso.example', /--url must be an https:\/\/ URL/],
    ['setup okta', /PUBLIC_URL must be an https:\/\/ URL/, { PUBLIC_URL: 'ftp://x' }],
    ['setup okta --url https://user:hunter2@codes.contoso.example', /--url must be an https/],
    ...["'$(id)", '%20', '//', '/a//', 'a//b', ';x', '$HOME'].map((path): [string, RegExp] =>
      [`setup okta --url https://codes.contoso.example/${path}`, /--url must be an https:\/\/ URL .*path has letters, digits and \. _ ~ - only/]),
    ['setup okta --url https://codes.$(id).example', /--url must have a host of letters/],
    ['setup okta', /PUBLIC_URL must be .*path has letters/, { PUBLIC_URL: 'https://codes.contoso.example/a b' }],
    ['setup supabase --secret hunter2', /must be one secret as Supabase shows it/],
    [`setup supabase --secret ${SIGNING}|${SIGNING}`, /must be one secret/],
    ['setup zitadel --secret hunter2', /cannot be chosen here/]
  ]
  for (const [line, complaint, environment = {}] of cases) {
    const { code, printed, complained } = await type(line, { ...SETTINGS, ...environment })
    t.same([code, printed], [2, ''], `${line}`)
    t.match(complained, complaint)
    t.notMatch(complained, 'hunter2')
    t.notMatch(complained, /\n/, 'in one line')
  }
  t.same(readdirSync(folder), [])
})

t.test('refuses secrets that would mean something in a file', async (t) => {
  const { folder, type } = shell(t)
  for (const character of ["'", '"', '\\', '$', '`', '#', ' ', '\n', '%', '{', '<', 'é']) {
    const typed = await type(['setup', 'okta', '--url', URL_OF_GATEWAY, '--secret', `hunter2${character}0123456789`])
    t.match(typed, { code: 1, complained: /^--secret must have 1 to 512 letters, digits and / })
    t.notMatch(typed.complained, 'hunter2')
    if (character !== '\n') t.match(await type('setup auth0', { PUBLIC_URL: URL_OF_GATEWAY, SECRET_HEADER: `hunter2${character}x` }), { code: 1, complained: /^SECRET_HEADER must have/ })
  }
  t.match(await type(['setup', 'okta', '--url', URL_OF_GATEWAY, '--secret', 'x'.repeat(513)]), { code: 1 })
  for (const [secret, complaint] of [
    ['hunter2,0123456789', /^--secret must not have a comma: the settings of the gateway/],
    ['Bearer hunter2', /^--secret must be the secret alone, without Bearer in front/],
    ['basic hunter2', /^--secret must be the secret alone, without basic in front/],
    [' hunter2', /^--secret must not begin or end with a blank/],
    ['hunter2\t', /^--secret must not begin or end with a blank/],
    ['hunter\u0432', /^--secret must have 1 to 512/]
  ] as const) {
    for (const provider of ['auth0', 'okta', 'kratos']) {
      const typed = await type(['setup', provider, '--url', URL_OF_GATEWAY, '--secret', secret])
      t.match(typed, { code: 1, printed: '', complained: complaint })
      t.notMatch(typed.complained, 'hunter')
    }
  }
  t.match(await type('setup kratos', { PUBLIC_URL: URL_OF_GATEWAY, SECRET_HEADER: 'Bearer hunter2-0123456789' }), { code: 1, complained: /^SECRET_HEADER must be the secret alone/ })
  t.match(await type('setup auth0', { PUBLIC_URL: URL_OF_GATEWAY, SECRET_HEADER: ',' }), { code: 1, complained: /SECRET_HEADER must be one or more secrets/ })
  t.match(await type('setup supabase', { PUBLIC_URL: URL_OF_GATEWAY, SUPABASE_HOOK_SECRET: 'hunter2' }), { code: 1, complained: /SUPABASE_HOOK_SECRET must be/ })
  t.same(readdirSync(folder), [])

  for (const character of '._~+/=:;@|!*-') {
    t.equal((await type(['setup', 'okta', '--force', '--url', URL_OF_GATEWAY, '--secret', `a${character}0`])).code, 0, character)
  }
})
