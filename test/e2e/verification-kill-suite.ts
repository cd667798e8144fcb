import { createServer, type IncomingHttpHeaders } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { createGate } from '../support/gate.ts'
import { createClock, SECRET, type Clock, type TestGateway } from '../support/gateway.ts'
import { NUMBER, type Child, type ChildOptions } from './child-stand.ts'

/** Longer than any lease, in milliseconds. */
const LEASE_OVER = 31_000

/** Longer than the cooldown of a profile, in milliseconds. */
const COOLDOWN_OVER = 31_000

export interface Stand {
  /** The one that is killed. */
  readonly child: Child
  /** Asks it; the answer of one that is killed meanwhile never comes. */
  ask (path: string, body?: object): Promise<{ readonly status: number, readonly body: any }>
  /** Starts the one that goes on, on the same store: once the first is dead, or beside it where the store serves both. */
  goOn (clock: Clock): Promise<TestGateway>
}

export type StartStand = (t: Test, options: ChildOptions) => Promise<Stand>

/** Asks a gateway in a process of its own, as an app does. */
export const askerOf = ({ left: { port } }: Child): Stand['ask'] => async (path, body = {}) => {
  const reply = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST', headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' }, body: JSON.stringify(body)
  })
  return { status: reply.status, body: await reply.json() }
}

/** Does what falls due in the two and a half minutes from then on. */
const seeToIt = async ({ gateway: { housekeeping }, sandbox }: TestGateway, clock: Clock): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) {
    clock.advance(LEASE_OVER)
    await housekeeping.recover()
    await housekeeping.runDue()
    await sandbox.settled()
  }
}

const codeIn = ({ sandbox }: TestGateway): string => /\b\d{6}\b/.exec(sandbox.messages[0]?.text ?? '')?.[0] as string

const show = async ({ url }: TestGateway, id: string): Promise<any> => {
  const reply = await fetch(`${url}/verifications/${id}`, { headers: { authorization: `Bearer ${SECRET}` } })
  return await reply.json()
}

/** Asks for one more message until the cooldown is over, which the child is about to be told. */
const resend = async (ask: Stand['ask'], id: string): Promise<void> => {
  for (let tries = 0; tries < 1000; tries += 1) {
    if ((await ask(`/verifications/${id}/resend`)).status === 202) return
  }
  throw new Error('no message may be asked for')
}

/** A process is killed at every step of a verification; what comes after it goes on. */
export const addKillTests = (t: Test, start: StartStand): void => {
  const moments = [
    ['after the start, with nothing sent', 'INSERT INTO claims'],
    ['between the sending and the note of it', 'UPDATE verifications SET message'],
    ['after the claim of the message, with nothing sent', 'INSERT INTO attempts'],
    ['between the sending and its record', 'SET result']
  ] as const
  for (const [when, stallAt] of moments) {
    t.test(`killed ${when}: the flow goes on, with one message`, async (t) => {
      const { child, ask, goOn } = await start(t, { stallAt })
      const started = await ask('/verifications', { to: NUMBER })
      t.match(started, { status: 202, body: { status: 'pending' } })
      await child.says('stalled')
      await child.left.sandbox.settled()
      const clock = createClock()
      const after = await goOn(clock)
      const { body: { id } } = started
      t.match(await show(after, id), { id, status: 'pending' })
      await seeToIt(after, clock)
      t.equal(after.sandbox.messages.length, 1)
      t.equal(after.sandbox.requests.length, 1)
      t.match(await show(after, id), { status: 'pending', message: { state: 'sent' } })
      t.match((await after.post(`/verifications/${id as string}/check`, { code: codeIn(after) })).body, { valid: true, status: 'approved' })
    })
  }

  // What is sent once more goes the same way: the moments around the provider are enough.
  for (const [when, stallAt] of moments.slice(2)) {
    t.test(`killed ${when} once more: each message was sent once, and both have the same code`, async (t) => {
      const { child, ask, goOn } = await start(t, { stallAt, stallNumber: 2 })
      const { body: { id } } = await ask('/verifications', { to: NUMBER })
      await child.left.sandbox.waitFor('message')
      child.goOn(COOLDOWN_OVER)
      await resend(ask, id)
      await child.says('stalled')
      await child.left.sandbox.settled()
      const clock = createClock()
      clock.advance(COOLDOWN_OVER)
      const after = await goOn(clock)
      await seeToIt(after, clock)
      t.equal(after.sandbox.messages.length, 2)
      t.equal(after.sandbox.requests.length, 2)
      t.ok(after.sandbox.messages[1]?.text.includes(codeIn(after)))
      t.match(await show(after, id), { status: 'pending', sendsLeft: 2, message: { state: 'sent' } })
      t.match((await after.post(`/verifications/${id as string}/check`, { code: codeIn(after) })).body, { valid: true })
    })
  }

  t.test('killed while it sees to the end: that its code was used is noted, and its end told, by the one that comes after', async (t) => {
    const { child, ask, goOn } = await start(t, { stallAt: 'SET used_at' })
    const { body: { id } } = await ask('/verifications', { to: NUMBER })
    const { text } = await child.left.sandbox.waitFor('message')
    t.match((await ask(`/verifications/${id as string}/check`, { code: /\b\d{6}\b/.exec(text)?.[0] })).body, { valid: true })
    child.goOn(0)
    await child.says('stalled')
    const clock = createClock()
    const after = await goOn(clock)
    await seeToIt(after, clock)
    t.match(after.events.filter(({ type }) => type === 'verification.ended' || type === 'delivery.used'),
      [{ type: 'delivery.used' }, { type: 'verification.ended', verification: id, status: 'approved' }])
  })

  t.test('killed after the app was told, and before that was noted: it is told again, with the same id', async (t) => {
    const told: IncomingHttpHeaders[] = []
    const heard = createGate()
    const receiver = createServer((request, reply) => {
      told.push(request.headers)
      request.resume().on('end', () => {
        heard.open()
        reply.writeHead(204).end()
      })
    })
    receiver.listen(0, '127.0.0.1')
    await once(receiver, 'listening')
    t.teardown(() => { receiver.close() })
    const settings = {
      VERIFICATION_WEBHOOK_URL: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`,
      VERIFICATION_WEBHOOK_SECRET: `whsec_${Buffer.alloc(24, 'secret').toString('base64')}`
    }
    // The first is the end, and the second what is told of it.
    const { child, ask, goOn } = await start(t, { stallAt: 'DELETE FROM due WHERE id = :id AND kind = :kind', stallNumber: 2, settings })
    const { body: { id } } = await ask('/verifications', { to: NUMBER })
    const { text } = await child.left.sandbox.waitFor('message')
    await ask(`/verifications/${id as string}/check`, { code: /\b\d{6}\b/.exec(text)?.[0] })
    while (told.length === 0) {
      child.goOn(1)
      await Promise.race([heard.opened, fetch(`http://127.0.0.1:${child.left.port}/livez`)])
    }
    await child.says('stalled')
    const clock = createClock()
    clock.advance(COOLDOWN_OVER)
    const after = await goOn(clock)
    await seeToIt(after, clock)
    t.same(told.map((headers) => headers['webhook-id']), [`msg_${id as string}`, `msg_${id as string}`])
  })
}
