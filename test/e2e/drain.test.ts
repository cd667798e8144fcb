import { connect } from 'node:net'
import { once } from 'node:events'
import t, { type Test } from 'tap'
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts'
import { createReplica, type Replica } from '../support/chaos/replica.ts'
import { temporaryFolder } from '../support/folder.ts'
import { createGate } from '../support/gate.ts'
import { EVENT_GRID_SECRET, SECRET, settingsFor, testPort } from '../support/gateway.ts'

const NUMBER = '+14155550123'
const SLOW = 700

interface Draining {
  readonly replica: Replica
  readonly sandbox: Sandbox
  /** Settles once the process says that it stops. */
  readonly stopping: Promise<void>
  /** Sends a message, and settles once the vendor has it and takes its time. */
  send (): Promise<{ readonly reply: Promise<Response> }>
}

/** A gateway as a process of its own, in front of a vendor that takes its time. */
const start = async (t: Test): Promise<Draining> => {
  const [sandbox, port] = [await startSandbox({ eventGridSecret: EVENT_GRID_SECRET }), await testPort()]
  t.teardown(() => sandbox.close())
  const said = createGate()
  const read = (line: string): void => { if (line.includes('gateway.stopping')) said.open() }
  const replica = createReplica({ name: 'the gateway', port, folder: temporaryFolder(t), settings: { ...settingsFor(sandbox, port), SANDBOX: 'off' }, skew: 0, read })
  t.teardown(() => replica.kill())
  await replica.start()
  sandbox.script(NUMBER, { sms: { delayMs: SLOW, report: 'none' } })
  return {
    replica,
    sandbox,
    stopping: said.opened,
    async send () {
      const reply = fetch(`http://127.0.0.1:${port}/send-text-code`, {
        method: 'POST', headers: { authorization: SECRET, 'content-type': 'application/json' }, body: JSON.stringify({ phoneNumber: NUMBER, code: '482913' })
      })
      await sandbox.waitFor('request', ({ status }) => status === 'pending')
      return { reply }
    }
  }
}

t.test('told to end, the process answers what is under way, takes nothing more, and ends well', async (t) => {
  const { replica, sandbox, send } = await start(t)
  const { reply } = await send()
  const ended = replica.terminate()
  const response = await reply
  t.match([response.status, await response.json()], [200, { status: 'accepted' }])
  t.match(await ended, { code: 0 })
  t.equal(sandbox.messages.length, 1)
  await t.rejects(fetch(`http://127.0.0.1:${replica.port}/livez`), 'and nobody listens')
})

t.test('an open connection is closed with its last reply, and what came behind it is not begun', async (t) => {
  const { replica, sandbox, stopping } = await start(t)
  const socket = connect({ host: '127.0.0.1', port: replica.port }).setEncoding('utf8')
  t.teardown(() => { socket.destroy() })
  await once(socket, 'connect')
  const post = (code: string): void => {
    const body = JSON.stringify({ phoneNumber: NUMBER, code })
    socket.write(`POST /send-text-code HTTP/1.1\r\nHost: x\r\nAuthorization: ${SECRET}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
  }
  post('482913')
  await sandbox.waitFor('request', ({ status }) => status === 'pending')
  const ended = replica.terminate()
  await stopping
  post('777777')
  let told = ''
  for await (const text of socket) told += String(text)
  t.match(told, /^HTTP\/1\.1 200 [^]*connection: close[^]*"status":"accepted"[^]*$/i)
  t.equal(told.split('HTTP/1.1').length, 2)
  t.match(await ended, { code: 0 })
  t.equal(sandbox.messages.length, 1)
})
