import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { nodeArguments } from '../support/child.ts'
import t, { type Test } from 'tap'
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts'
import { createClock, EVENT_GRID_SECRET, SECRET, settingsFor, startTestGateway, testPort } from '../support/gateway.ts'

const NUMBER = '+14155550123'
const MESSAGE = { phoneNumber: NUMBER, code: '482913' }

interface Child {
  readonly left: { folder: string, environment: Record<string, string | undefined>, sandbox: Sandbox, port: number }
  /** Sends a message, without waiting for an answer that may never come. */
  send (path: string): void
  /** Settles once the process has printed that word. */
  says (word: string): Promise<void>
  kill (): Promise<void>
}

const startChild = async (t: Test, stallAt?: string): Promise<Child> => {
  const sandbox = await startSandbox({ eventGridSecret: EVENT_GRID_SECRET, pace: 0 })
  const [folder, port] = [mkdtempSync(join(tmpdir(), 'gateway-kill-')), await testPort()]
  const environment = settingsFor(sandbox, port)
  const child = spawn(process.execPath, [...nodeArguments, fileURLToPath(new URL('../support/child-gateway.ts', import.meta.url))], {
    env: { ...process.env, ...environment, TEST_FOLDER: folder, TEST_PORT: String(port), ...(stallAt !== undefined && { TEST_STALL_AT: stallAt }) },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const words = new Set<string>()
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => { words.add(line) })
  const says = async (word: string): Promise<void> => {
    while (!words.has(word)) await once(lines, 'line')
  }
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  t.teardown(kill)
  await says('ready')
  return {
    left: { folder, environment, sandbox, port },
    says,
    kill,
    send (path) {
      fetch(`http://127.0.0.1:${port}${path}`, {
        method: 'POST', headers: { authorization: SECRET, 'content-type': 'application/json' }, body: JSON.stringify(MESSAGE)
      }).then(async (response) => await response.text(), () => {})
    }
  }
}

t.test('killed between the claim and the attempt: nothing was sent, and after the lease a retry is let through', async (t) => {
  const child = await startChild(t, 'INSERT INTO attempts')
  child.send('/send-text-code')
  await child.says('stalled')
  await child.kill()
  const clock = createClock()
  const { post, sandbox, gateway, delivery, reaches } = await startTestGateway(t, { after: child.left, clock })
  const early = await post('/send-text-code', MESSAGE)
  t.match(early.body, { status: 'duplicate', original: 'pending' }, 'another process might still be at it')
  clock.advance(14_000)
  await gateway.housekeeping.recover()
  t.match(await delivery(early.body.id), { status: 'failed', reason: 'interrupted' })
  const late = await post('/send-text-code', MESSAGE)
  t.match(late.body, { status: 'accepted' })
  await reaches(late.body.id, 'delivered')
  t.equal(sandbox.messages.length, 1)
})

t.test('killed between the request and its record: nobody knows, and nothing is sent again', async (t) => {
  const child = await startChild(t, 'SET result')
  child.left.sandbox.script(NUMBER, { sms: { report: 'none' } })
  child.send('/send-text-code')
  await child.says('stalled')
  await child.kill()
  const clock = createClock()
  const { post, sandbox, gateway, delivery } = await startTestGateway(t, { after: child.left, clock })
  clock.advance(90_000)
  await gateway.housekeeping.recover()
  const { body } = await post('/send-text-code', MESSAGE)
  t.match(body, { status: 'duplicate', original: 'unknown' })
  t.match(await delivery(body.id), { status: 'unknown', reason: 'interrupted' })
  t.equal(sandbox.messages.length, 1)
})

t.test('killed while it waits for the provider: nothing is sent again', async (t) => {
  const child = await startChild(t)
  child.left.sandbox.script(NUMBER, { sms: { hang: true, times: 1 } })
  child.send('/send-text-code')
  await child.left.sandbox.waitFor('request', ({ path }) => path === '/sms')
  await child.kill()
  const clock = createClock()
  const { post, sandbox } = await startTestGateway(t, { after: child.left, clock })
  clock.advance(90_000)
  t.match((await post('/send-text-code', MESSAGE)).body, { status: 'duplicate' })
  t.equal(sandbox.requests.length, 1)
})

for (const [when, stallAt] of [['after the call was placed', undefined], ['before the call was recorded', 'SET result']] as const) {
  t.test(`killed ${when}: the process that comes after it speaks the code, once`, async (t) => {
    const child = await startChild(t, stallAt)
    child.left.sandbox.script(NUMBER, { call: { outcome: 'manual', callbackCopies: 2 } })
    child.send('/send-voice-code')
    const call = await child.left.sandbox.waitFor('call')
    if (stallAt !== undefined) await child.says('stalled')
    await child.kill()
    const { post, sandbox, reaches } = await startTestGateway(t, { after: child.left })
    await fetch(`${sandbox.url}/sandbox/calls/${call.id}/answer`, { method: 'POST' })
    const again = await post('/send-voice-code', MESSAGE)
    t.match(again.body, { status: 'duplicate' })
    await reaches(again.body.id, 'delivered')
    await sandbox.settled()
    t.equal(sandbox.calls.length, 1)
    t.match(sandbox.calls[0], { state: 'disconnected' })
    t.equal(sandbox.calls[0]?.spoken.length, 1)
    t.match(sandbox.calls[0]?.spoken[0], /4\W+8\W+2\W+9\W+1\W+3/)
  })
}

t.test('a call that nobody conducts any more is ended by the process that comes after', async (t) => {
  const child = await startChild(t)
  child.left.sandbox.script(NUMBER, { call: { outcome: 'answer', loseCallbacks: ['PlayCompleted'] } })
  child.send('/send-voice-code')
  const call = await child.left.sandbox.waitFor('call', ({ spoken }) => spoken.length === 1)
  await child.left.sandbox.settled()
  await child.kill()
  const clock = createClock()
  const { sandbox, gateway } = await startTestGateway(t, { after: child.left, clock })
  clock.advance(92_000)
  await gateway.housekeeping.runDue()
  t.equal(sandbox.calls.find(({ id }) => id === call.id)?.state, 'disconnected')
})
