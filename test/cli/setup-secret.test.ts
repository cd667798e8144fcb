import { chmodSync, chownSync, mkdirSync, readFileSync, renameSync, rmdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { run } from '../../src/cli/run.ts'
import { temporaryFolder } from '../support/folder.ts'

const URL_OF_GATEWAY = 'https://codes.contoso.example'

/** A folder in which setup is typed; gives the line that it has people put into `.env`. */
const shell = (t: Test) => {
  const folder = temporaryFolder(t)
  const setup = async (line: string, environment: Record<string, string> = {}): Promise<{ printed: string, line: string }> => {
    const printed: string[] = []
    const code = await run(['setup', ...line.split(' ')], { environment: { PUBLIC_URL: URL_OF_GATEWAY, ...environment }, folder, print: (text) => { printed.push(text) }, complain: (text) => { printed.push(text) } })
    t.equal(code, 0, printed.join('\n'))
    return { printed: printed.join('\n'), line: printed.find((text) => /^ {2}[A-Z_]+=/.test(text)) ?? 'no line' }
  }
  const at = (...path: string[]): string => join(folder, ...path)
  return { folder, setup, at, read: (...path: string[]): string => readFileSync(at(...path), 'utf8') }
}

t.test('all that is set up for a gateway has one secret, in whatever order', async (t) => {
  for (const [first, ...others] of [['auth0', 'okta', 'kratos'], ['kratos', 'auth0'], ['okta', 'kratos']] as const) {
    const { setup, read } = shell(t)
    const made = await setup(first)
    t.match(made.printed, 'A new secret was made. Put this line into the .env of the gateway')
    const secret = made.line.slice('  SECRET_HEADER='.length)
    for (const name of others) {
      const next = await setup(name)
      t.match(next.printed, `The secret of an earlier setup was taken again, that of phone-code-gateway-${first}/${first === 'kratos' ? 'courier.yml' : 'gateway.env'}. The .env of the gateway needs this line, where it is not there yet:`)
      t.notMatch(next.printed, 'new secret')
      t.equal(next.line, made.line, `${first}, ${name}`)
      t.match(read(`phone-code-gateway-${name}`, name === 'kratos' ? 'courier.yml' : 'gateway.env'), `'${secret}'`)
    }
  }
})

t.test('what is replaced keeps its secret, be the gateway reached elsewhere now', async (t) => {
  const { setup } = shell(t)
  const [caller, webhook] = [await setup('okta --out mine/okta'), await setup('supabase')]
  t.equal((await setup('okta --out mine/okta --force --url https://other.example')).line, caller.line)
  t.match(webhook.line, /^ {2}SUPABASE_HOOK_SECRET=v1,whsec_/)
  t.equal((await setup('supabase --force')).line, webhook.line)
  t.equal((await setup('supabase --out again')).line, webhook.line)
})

t.test('what is set, or typed, comes first', async (t) => {
  const { setup, read } = shell(t)
  const { line } = await setup('okta')
  t.equal((await setup('kratos', { SECRET_HEADER: 'a-secret-that-is-set' })).line, 'no line')
  t.match(read('phone-code-gateway-kratos', 'courier.yml'), "'a-secret-that-is-set'")
  await setup('auth0 --secret a-secret-that-is-typed')
  t.match(read('phone-code-gateway-auth0', 'gateway.env'), "'a-secret-that-is-typed'")
  t.not(line, 'no line')
})

t.test('the secret of another gateway is not taken', async (t) => {
  const { setup } = shell(t)
  const made = await setup('okta')
  for (const [index, url] of ['https://other.example', `${URL_OF_GATEWAY}/below`, `${URL_OF_GATEWAY}.example`].entries()) {
    t.not((await setup(`auth0 --out ${index} --url ${url}`)).line, made.line, url)
  }
})

t.test('a secret that others could read or write down is not taken', async (t) => {
  const { setup, at } = shell(t)
  const made = await setup('okta')
  const file = at('phone-code-gateway-okta', 'gateway.env')
  const isTaken = async (out: string): Promise<boolean> => (await setup(`kratos --out elsewhere/${out}`)).line === made.line
  t.ok(await isTaken('a'))
  chmodSync(file, 0o640)
  t.notOk(await isTaken('b'), 'others read it')
  chmodSync(file, 0o600)
  chmodSync(at('phone-code-gateway-okta', 'curl.sh'), 0o666)
  t.notOk(await isTaken('c'), 'others say for which gateway it is')
  chmodSync(at('phone-code-gateway-okta', 'curl.sh'), 0o644)
  t.ok(await isTaken('d'))
  if (process.getuid?.() === 0) {
    chownSync(file, 12_345, 12_345)
    t.notOk(await isTaken('of-somebody-else'), 'even where one may read it')
    chownSync(file, 0, 0)
  }
  renameSync(file, at('moved'))
  symlinkSync(at('moved'), file)
  t.notOk(await isTaken('e'), 'a link leads anywhere')
  const mode = 0o600
  for (const [name, content] of [['unsafe', "export GATEWAY_SECRET='a$(id)'\n"], ['empty', ''], ['endless', `${'#'.repeat(70_000)}\nexport GATEWAY_SECRET='x'\n`]] as const) {
    mkdirSync(at(name))
    writeFileSync(at(name, 'curl.sh'), `GATEWAY_URL="\${GATEWAY_URL:-${URL_OF_GATEWAY}}"`, { mode })
    writeFileSync(at(name, 'gateway.env'), content, { mode })
  }
  mkdirSync(at('folder', 'gateway.env'), { recursive: true })
  t.match((await setup('kratos --out elsewhere/f')).printed, 'A new secret was made')
})

t.test('a folder that cannot be looked into has no secret', async (t) => {
  const { folder, setup } = shell(t)
  rmdirSync(folder)
  t.match((await setup('okta')).printed, 'new secret')
})
