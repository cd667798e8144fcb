import { nodeArguments } from './support/child.ts'
import t, { type Test } from 'tap'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Environment } from '../src/config/read-settings.ts'
import { SETTINGS } from '../src/config/settings.ts'
import { temporaryFolder } from './support/folder.ts'
import { SECRET } from './support/gateway.ts'

const server = fileURLToPath(new URL('../src/server.ts', import.meta.url))

/** A real provider, as far as the settings go; nothing is ever sent there. */
const ACS: Environment = { ACS_CONNECTION_STRING: 'endpoint=https://unit.communication.azure.com/;accesskey=c2VjcmV0', ACS_SENDER_ID: '+15550100001' }

/** What this process has, without settings of the gateway; the test runner's own make that the child is counted, too. */
const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !(name in SETTINGS)))

/** The server as a process of its own, in that folder. `signals` throws in it when SIGWINCH comes: a bug, as it were. */
const run = (t: Test, folder: string, settings: Environment, signals = '') => {
  const child = spawn(process.execPath, [...nodeArguments, `--import=data:text/javascript,${encodeURIComponent(signals)}`, server], {
    cwd: folder, env: { ...inherited, PORT: '0', SANDBOX_PORT: '0', ...settings }, stdio: ['ignore', 'pipe', 'pipe']
  })
  t.teardown(() => { child.kill('SIGKILL') })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => { output.stdout += text })
  child.stderr.setEncoding('utf8').on('data', (text: string) => { output.stderr += text })
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
  const says = async (words: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = words.exec(output.stdout)
      if (found !== null) return found
      const isOver = await Promise.race([once(child.stdout, 'data').then(() => false), ended.then(() => true)])
      if (isOver) throw new Error(`ended without ${words}: ${output.stdout} ${output.stderr}`)
    }
  }
  return { child, output, ended, says }
}

/** Ended by itself, with these words on stderr. */
const refused = async (t: Test, folder: string, settings: Environment): Promise<string> => {
  const { ended, output } = run(t, folder, settings)
  t.same(await ended, [1, null])
  return output.stderr
}

t.test('the process tells where it listens, and ends with code 0 when it is told to; a second one on its store file ends with a word about PostgreSQL', async (t) => {
  const folder = temporaryFolder(t)
  const { child, ended, output, says } = run(t, folder, {})
  const [, url] = await says(/Phone Code Gateway {2}(\S+)/)
  t.match(await refused(t, folder, {}), /^Another process uses the store file: .*PostgreSQL\.\n$/)
  t.equal((await fetch(`${url}/readyz`)).status, 200, 'the first goes on')
  child.kill('SIGTERM')
  t.same(await ended, [0, null])
  t.equal(output.stderr, '')
})

t.test('settings that are wrong are told of in words, all at once, and end it with code 1', async (t) => {
  const stderr = await refused(t, temporaryFolder(t), { NODE_ENV: 'production', PORT: 'echoed' })
  t.equal(stderr, [
    'The settings are wrong:',
    '  - PORT must be a whole number from 0 to 65535.',
    '  - SECRET_HEADER must be set in production.',
    '  - GATEWAY_KEYS must be set in production.',
    '  - A provider is needed in production: set ACS_CONNECTION_STRING or TWILIO_ACCOUNT_SID.',
    ''
  ].join('\n'))
})

t.test('any other reason not to start is one line of JSON, and ends it with code 1', async (t) => {
  const stderr = await refused(t, temporaryFolder(t), { ...ACS, HOST: '999.1.1.1' })
  t.match(JSON.parse(stderr), { level: 60, msg: 'start.failed', err: { type: 'Error', errorCode: /^(ENOTFOUND|EAI_AGAIN)$/ } })
})

t.test('a bug that nobody caught is one line of JSON without its secrets; what is open is closed, and the code is 1', async (t) => {
  const bug = "process.once('SIGWINCH', () => { throw Object.assign(new TypeError('cannot send 482913 to +14155550123'), { request: 'hung-on' }) })"
  const { child, ended, output, says } = run(t, temporaryFolder(t), {}, bug)
  await says(/Phone Code Gateway/)
  child.kill('SIGWINCH')
  t.same(await ended, [1, null])
  t.match(JSON.parse(output.stderr), { level: 60, msg: 'process.failed', err: { type: 'TypeError', message: /^cannot send …/ } })
  t.notMatch(output.stderr, /482913|4155550123|hung-on/)
})

t.test('what works, but not as somebody may expect, is said in the log', async (t) => {
  const { child, ended, says } = run(t, temporaryFolder(t), { ...ACS, SECRET_HEADER: SECRET })
  await says(/Calls are off/)
  const [words] = await says(/Phone Code Gateway[^]*deliveries\/<id>.*/)
  t.notMatch(words, SECRET)
  child.kill('SIGINT')
  t.same(await ended, [0, null])
})
