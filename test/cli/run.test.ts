import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { run } from '../../src/cli/run.ts'
import { nodeArguments } from '../support/child.ts'
import { temporaryFolder } from '../support/folder.ts'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }

const type = async (t: Test, words: readonly string[], environment: Record<string, string> = {}): Promise<{ code: number, printed: string, complained: string }> => {
  const printed: string[] = []
  const complained: string[] = []
  const code = await run(words, { environment, folder: temporaryFolder(t), print: (line) => { printed.push(line) }, complain: (line) => { complained.push(line) } })
  return { code, printed: printed.join('\n'), complained: complained.join('\n') }
}

t.test('helps, wherever help is asked for', async (t) => {
  for (const words of [[], ['help'], ['--help'], ['-h'], ['help', 'setup'], ['setup', '--help'], ['setup', 'auth0', '-h'], ['doctor', '--help'], ['frobnicate', '--help']]) {
    const { code, printed, complained } = await type(t, words)
    t.same([code, complained], [0, ''], words.join(' '))
    t.match(printed, `Phone Code Gateway ${version}\n`)
    for (const word of ['setup <provider>', 'auth0, okta, supabase, zitadel, kratos', '--url', '--secret', '--out', '--force', 'doctor', '--version']) t.match(printed, word)
    t.ok(printed.split('\n').every((line) => line.length <= 90), 'fits into a terminal')
  }
})

t.test('tells its version', async (t) => {
  for (const word of ['--version', '-v']) t.same(await type(t, [word]), { code: 0, printed: version, complained: '' })
})

t.test('says what it does not understand', async (t) => {
  for (const [words, complaint] of [
    [['frobnicate'], 'There is no command frobnicate. See: phone-code-gateway help'],
    [['Setup', 'auth0'], 'There is no command Setup. See: phone-code-gateway help'],
    [['--setup'], 'There is no command --setup. See: phone-code-gateway help'],
    [[''], 'There is no command . See: phone-code-gateway help'],
    [['--version', 'please'], '--version takes nothing more, but there is please. See: phone-code-gateway help'],
    [['doctor', '--fix'], 'doctor takes nothing more, but there is --fix. See: phone-code-gateway help']
  ] as const) t.same(await type(t, words), { code: 2, printed: '', complained: complaint })
})

t.test('does not take a fault for a refusal', async (t) => {
  const broken = { environment: {}, folder: temporaryFolder(t), print: () => { throw new Error('the terminal is gone') }, complain: () => {} }
  await t.rejects(run(['help'], broken), { message: 'the terminal is gone' })
})

t.test('asks the doctor, and passes on what the doctor says', async (t) => {
  const { code, printed, complained } = await type(t, ['doctor'], { NODE_ENV: 'production', PORT: 'eighty' })
  t.equal(code, 1, 'settings with which the gateway does not start are no good news')
  t.match(`${printed}\n${complained}`, 'PORT')
})

t.test('as a process', async (t) => {
  const folder = temporaryFolder(t)
  const start = async (...words: string[]): Promise<[number, string, string]> => {
    const child = spawn(process.execPath, [...nodeArguments, fileURLToPath(new URL('../../src/cli.ts', import.meta.url)), ...words],
      { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, PUBLIC_URL: 'https://codes.contoso.example' } })
    const output = { stdout: '', stderr: '' }
    child.stdout.setEncoding('utf8').on('data', (text: string) => { output.stdout += text })
    child.stderr.setEncoding('utf8').on('data', (text: string) => { output.stderr += text })
    const [code] = await once(child, 'close') as [number]
    return [code, output.stdout, output.stderr]
  }
  // Much of a start is waiting for files.
  const [told, complained, written] = await Promise.all([start('--version'), start('frobnicate'), start('setup', 'zitadel')])
  t.same(told, [0, `${version}\n`, ''])
  t.same(complained, [2, '', 'There is no command frobnicate. See: phone-code-gateway help\n'], 'a complaint is for stderr')
  t.match(written, [0, /Wrote 2 files to phone-code-gateway-zitadel/, ''])
  t.ok(existsSync(join(folder, 'phone-code-gateway-zitadel', 'curl.sh')), 'writes where it was started')
})
