import t, { type Test } from 'tap'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Environment } from '../src/config/read-settings.ts'
import { nextFreePort } from '../src/free-port.ts'
import { start, type Running } from '../src/start.ts'
import { startSandbox } from '../src/sandbox/sandbox.ts'
import { temporaryFolder } from './support/folder.ts'
import { ADMIN, SECRET, testPort } from './support/gateway.ts'

/** What makes a real provider; nothing is ever sent there. */
const ACS: Environment = { ACS_CONNECTION_STRING: 'endpoint=https://unit.communication.azure.com/;accesskey=c2VjcmV0', ACS_SENDER_ID: '+15550100001' }

const PRODUCTION: Environment = {
  ...ACS, NODE_ENV: 'production', HOST: '127.0.0.1', LOG_LEVEL: 'silent', SECRET_HEADER: SECRET, EVENT_GRID_SECRET: 'an-event-grid-secret', GATEWAY_KEYS: Buffer.alloc(32).toString('base64')
}

/** A gateway started in a folder of its own; stopped after the test. */
const startIn = async (t: Test, folder: string, environment: Environment): Promise<Running & { printed: string }> => {
  const lines: string[] = []
  const running = await start({ environment: { LOG_LEVEL: 'silent', ...environment }, folder, print: (line) => { lines.push(line) } })
  t.teardown(() => running.stop())
  return { ...running, printed: lines.join('\n') }
}

const problemOf = (folder: string, environment: Environment): Promise<Error> =>
  start({ environment: { LOG_LEVEL: 'silent', ...environment }, folder, print: () => {} }).then((running) => running.stop().then(() => new Error('it started')), (error: unknown) => error as Error)

/** Takes a port, as another process would. */
const take = async (t: Test, port: number): Promise<number> => {
  const server = createServer()
  server.listen({ host: '127.0.0.1', port, exclusive: true })
  await once(server, 'listening')
  t.teardown(() => { server.close() })
  return (server.address() as AddressInfo).port
}

const isFree = async (port: number): Promise<boolean> => await nextFreePort('127.0.0.1', port) === port

const send = async (url: string, secret: string, phoneNumber = '+14155550123'): Promise<{ status: number, body: any }> => {
  const response = await fetch(`${url}/send-text-code`, {
    method: 'POST', headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' }, body: JSON.stringify({ phoneNumber, code: '482913' })
  })
  return { status: response.status, body: await response.json() }
}

/** What PostgreSQL answers to a wrong password: a message of the kind E, with its length, and fields that end with a zero. */
const PASSWORD_WRONG = ((): Buffer => {
  const fields = Buffer.from('SFATAL\0C28P01\0Mpassword authentication failed\0\0')
  const head = Buffer.alloc(5)
  head.write('E')
  head.writeInt32BE(fields.length + 4, 1)
  return Buffer.concat([head, fields])
})()

const statusOf = async (url: string, headers: Record<string, string> = {}): Promise<number> => (await fetch(url, { headers })).status

t.test('a first start needs no settings: what it prints can be pasted, and sends to the handset', async (t) => {
  const folder = temporaryFolder(t)
  const { url, handsetUrl, printed, stop } = await startIn(t, folder, { PORT: '0' })
  t.match(printed, url)
  t.match(printed, handsetUrl as string)
  t.match(printed, `${url}/inspector#enter=`, 'and where to watch it')
  const secret = /Bearer ([^']+)'/.exec(printed)?.[1] as string
  const { status, body } = await send(url, secret)
  t.equal(status, 200, JSON.stringify(body))
  t.equal(await statusOf(`${url}/deliveries/${body.id}`, { authorization: `Bearer ${secret}` }), 200)
  t.equal(await statusOf(handsetUrl as string), 200)
  t.match(printed, '/send-voice-code', 'the sandbox can call, too')
  t.equal((await fetch(`${url}/docs`)).status, 200, 'the routes are shown')

  await stop()
  t.ok(await isFree(Number(new URL(url).port)) && await isFree(Number(new URL(handsetUrl as string).port)), 'nothing listens any more')
})

t.test('the next start has the same secrets and the same record', async (t) => {
  const folder = temporaryFolder(t)
  const first = await startIn(t, folder, { PORT: '0' })
  const secret = /Bearer ([^']+)'/.exec(first.printed)?.[1] as string
  const { body } = await send(first.url, secret)
  await first.stop()
  const second = await startIn(t, folder, { PORT: '0' })
  t.match(second.printed, secret)
  t.equal(await statusOf(`${second.url}/deliveries/${body.id}`, { authorization: `Bearer ${secret}` }), 200)
})

t.test('.env is read, the environment wins, and a secret that stands there is not printed', async (t) => {
  const folder = temporaryFolder(t)
  const port = await testPort()
  writeFileSync(join(folder, '.env'), `SECRET_HEADER=${SECRET}\nPORT=1\nEVENT_GRID_SECRET=" one , two "\n`)
  const { url, printed } = await startIn(t, folder, { PORT: String(port) })
  t.equal(url, `http://127.0.0.1:${port}`)
  t.notMatch(printed, SECRET)
  t.match(printed, '<your SECRET_HEADER>')
  t.equal((await send(url, SECRET)).status, 200)
})

t.test('a secret of the environment is not printed either', async (t) => {
  const { printed } = await startIn(t, temporaryFolder(t), { PORT: '0', SECRET_HEADER: SECRET })
  t.notMatch(printed, SECRET)
})

t.test('without PORT development takes the next free one, for the sandbox as well', async (t) => {
  const taken = await take(t, await nextFreePort('127.0.0.1', 8000))
  const { url, handsetUrl } = await startIn(t, temporaryFolder(t), {})
  t.ok(Number(new URL(url).port) > taken, url)
  t.ok(Number(new URL(handsetUrl as string).port) > 8000, handsetUrl as string)
  t.not(new URL(url).port, new URL(handsetUrl as string).port)
})

t.test('a sandbox whose port nobody has set leaves the gateway the port that was set', async (t) => {
  const port = await nextFreePort('127.0.0.1', 8001)
  const { url, handsetUrl } = await startIn(t, temporaryFolder(t), { PORT: String(port) })
  t.equal(new URL(url).port, String(port))
  t.ok(handsetUrl)
})

t.test('a PORT that is taken stops the start with words, and leaves nothing running', async (t) => {
  const taken = await take(t, 0)
  const folder = temporaryFolder(t)
  const sandboxPort = await testPort()
  for (const environment of [{ PORT: String(taken), SANDBOX_PORT: String(sandboxPort) }, { ...PRODUCTION, PORT: String(taken) }]) {
    t.match(await problemOf(folder, environment), { name: 'SettingsWrong', message: 'The settings are wrong:\n  - PORT is taken by another process: end that one, or set another port.' })
  }
  t.ok(await isFree(sandboxPort), 'the sandbox is gone')
  await startIn(t, folder, { PORT: '0' })
})

t.test('a SANDBOX_PORT that is taken stops the start with words', async (t) => {
  const taken = await take(t, 0)
  t.match(await problemOf(temporaryFolder(t), { PORT: '0', SANDBOX_PORT: String(taken) }), { name: 'SettingsWrong', message: /SANDBOX_PORT is taken/ })
})

t.test('an address that is not ours stops the start', async (t) => {
  t.match(await problemOf(temporaryFolder(t), { ...PRODUCTION, HOST: '192.0.2.1', PORT: '0' }), { name: 'SettingsWrong', message: /HOST must be an address of this machine/ })
})

t.test('the second start on one store file stops with a word about PostgreSQL, and leaves nothing running', async (t) => {
  const folder = temporaryFolder(t)
  await startIn(t, folder, { PORT: '0' })
  const sandboxPort = await testPort()
  t.match(await problemOf(folder, { PORT: '0', SANDBOX_PORT: String(sandboxPort) }), { name: 'StoreRefused', message: /PostgreSQL/ })
  t.ok(await isFree(sandboxPort), 'the sandbox is gone')
})

t.test('wrong settings stop the start before anything is opened', async (t) => {
  const folder = temporaryFolder(t)
  t.match(await problemOf(folder, { ...PRODUCTION, SECRET_HEADER: 'short', LOG_LEVEL: 'loud' }), { name: 'SettingsWrong', message: /LOG_LEVEL must.*\n.*SECRET_HEADER must/ })
  t.notOk(existsSync(join(folder, 'data')))
})

t.test('production reads no .env and makes no secrets', async (t) => {
  for (const mode of ['production', ' production\n']) {
    const folder = temporaryFolder(t)
    writeFileSync(join(folder, '.env'), Object.entries(PRODUCTION).map(([name, value]) => `${name}=${value}\n`).join(''))
    t.match(await problemOf(folder, { NODE_ENV: mode }), { name: 'SettingsWrong', message: /SECRET_HEADER must be set.*\n.*GATEWAY_KEYS must be set.*\n.*provider is needed/ }, JSON.stringify(mode))
    t.notOk(existsSync(join(folder, 'data')))
  }
})

t.test('where .env asks for production, it is production: no secrets are made', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, '.env'), 'NODE_ENV=production\n')
  t.match(await problemOf(folder, {}), { name: 'SettingsWrong', message: /SECRET_HEADER must be set in production/ })
  t.notOk(existsSync(join(folder, 'data')))
})

t.test('production prints nothing and shows no docs', async (t) => {
  const { url, handsetUrl, printed } = await startIn(t, temporaryFolder(t), { ...PRODUCTION, PORT: '0' })
  t.equal(printed, '')
  t.equal(handsetUrl, undefined)
  t.equal(await statusOf(`${url}/readyz`), 200)
  for (const path of ['/docs', '/docs/', '/docs/json', '/documentation']) t.equal(await statusOf(url + path), 404, path)
})

t.test('without ADMIN_SECRET there is no admin: a delivery is seen by its caller alone', async (t) => {
  const folder = temporaryFolder(t)
  const sandbox = await startSandbox({ eventGridSecret: 'an-event-grid-secret', pace: 0 })
  t.teardown(() => sandbox.close())
  const environment = { ...PRODUCTION, PORT: '0', ACS_CONNECTION_STRING: sandbox.connectionString, CALLERS: 'shop:the-secret-of-the-shop' }
  const { url, stop } = await startIn(t, folder, environment)
  const { body } = await send(url, 'the-secret-of-the-shop')
  t.equal(await statusOf(`${url}/deliveries/${body.id}`, { authorization: 'the-secret-of-the-shop' }), 200)
  for (const authorization of ['', 'Bearer ', 'Bearer', 'undefined', SECRET, ADMIN]) {
    t.equal(await statusOf(`${url}/deliveries/${body.id}`, { authorization }), 404, authorization)
  }
  t.equal(await statusOf(`${url}/deliveries/${body.id}`), 404)

  await stop()
  const administered = await startIn(t, folder, { ...environment, ADMIN_SECRET: ADMIN })
  t.equal(await statusOf(`${administered.url}/deliveries/${body.id}`, { authorization: ADMIN }), 200, 'with one there is')
})

t.test('a broken file of secrets stops the start, and stays', async (t) => {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'data'))
  writeFileSync(join(folder, 'data', 'development-secrets.json'), '{')
  t.match(await problemOf(folder, { PORT: '0' }), { name: 'SettingsWrong', message: /development-secrets\.json/ })
  t.equal(readFileSync(join(folder, 'data', 'development-secrets.json'), 'utf8'), '{')
})

t.test('numbers that nobody can have reach the handset of the sandbox, unless the operator says otherwise', async (t) => {
  const nobodys = '+15550100001'
  const usual = await startIn(t, temporaryFolder(t), { PORT: '0', SECRET_HEADER: SECRET })
  t.equal((await send(usual.url, SECRET, nobodys)).status, 200)
  const strict = await startIn(t, temporaryFolder(t), { PORT: '0', SECRET_HEADER: SECRET, DENIED_NUMBER_TYPES: 'unknown' })
  t.match(await send(strict.url, SECRET, nobodys), { status: 403, body: { code: 'recipient_not_allowed', detail: 'number_type_refused' } })
})

t.test('a PostgreSQL is opened as STORE_URL says, and what cannot be is told in words', async (t) => {
  const port = await nextFreePort('127.0.0.1', 0)
  const settings = { ...PRODUCTION, PORT: '0', STORE_URL: `postgres://gateway:secret@127.0.0.1:${port}/gateway` }
  const refusing = createServer((socket) => { socket.end(PASSWORD_WRONG) })
  refusing.listen(port, '127.0.0.1')
  await once(refusing, 'listening')
  t.teardown(() => { refusing.close() })
  const problem = await problemOf(temporaryFolder(t), settings)
  t.match(problem, { name: 'StoreRefused', message: 'PostgreSQL does not let us in: see the user and the password in STORE_URL.' })
  t.match(await problemOf(temporaryFolder(t), { ...settings, NODE_ENV: 'development', GATEWAY_KEYS: '' }), { name: 'SettingsWrong', message: /GATEWAY_KEYS must be set with PostgreSQL/ })
})
