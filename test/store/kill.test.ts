import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { nodeArguments } from '../support/child.ts'
import t, { type Test } from 'tap'
import { openSqlite } from '../../src/store/sqlite.ts'
import { createClock } from '../support/gateway.ts'
import type { SettledWrite } from '../support/store-writer.ts'
import { tablesOf, temporaryFolder } from '../support/store.ts'

const WRITER = fileURLToPath(new URL('../support/store-writer.ts', import.meta.url))
const LEASE = 10_000

/** Lets a process write until it has told of that many settled writes, and kills it. Gives all that it told. */
const writeAndDie = async (t: Test, file: string, atLeast: number): Promise<SettledWrite[]> => {
  const writer = spawn(process.execPath, [...nodeArguments, WRITER, file], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => { writer.kill('SIGKILL') })
  const exited = once(writer, 'exit')
  const settled: SettledWrite[] = []
  for await (const line of createInterface({ input: writer.stdout })) {
    settled.push(JSON.parse(line) as SettledWrite)
    if (settled.length === atLeast) writer.kill('SIGKILL')
  }
  t.same(await exited, [null, 'SIGKILL'], 'the process died in the midst of its work')
  return settled
}

t.test('a process that is killed has lost nothing of what had settled, time after time on one file', async (t) => {
  const file = join(temporaryFolder(t), 'store.db')
  const settled: SettledWrite[] = []
  for (const atLeast of [1, 50, 500]) {
    settled.push(...await writeAndDie(t, file, atLeast))
    const sql = openSqlite({ file, now: Date.now })
    const { attempts, deliveries } = tablesOf(sql)
    const lost = await Promise.all(settled.map(async ({ what, delivery, attempt }) => {
      const record = await deliveries.find(delivery)
      const isThere = {
        claimed: record !== undefined,
        begun: record?.attempts[0]?.id === attempt,
        finished: record?.status === 'accepted' && await attempts.findByReference(`reference of ${attempt}`) === attempt
      }
      return isThere[what] ? [] : [{ what, delivery, record }]
    }))
    t.same(lost.flat(), [])
    t.same(await sql.read({ text: 'PRAGMA integrity_check', parameters: {} }), [{ integrity_check: 'ok' }])
    await sql.close()
  }
})

t.test('what a killed process left behind is settled once its lease is over: unsent and free, or unknown and held', async (t) => {
  const file = join(temporaryFolder(t), 'store.db')
  const settled = await writeAndDie(t, file, 100)
  const clock = createClock()
  const sql = openSqlite({ file, now: clock })
  const { claims, deliveries, upkeep } = tablesOf(sql)
  const pending = await sql.read({ text: 'SELECT id FROM deliveries WHERE status = \'pending\'', parameters: {} })
  const attempted = await sql.read({ text: 'SELECT id FROM attempts WHERE status = \'pending\'', parameters: {} })
  clock.advance(LEASE)
  t.same(await upkeep.recover(), { unknown: attempted.length, interrupted: pending.length - attempted.length })
  const keys = new Map(settled.map(({ delivery, key }) => [delivery, key]))
  for (const [delivery, key] of keys) {
    const record = await deliveries.find(delivery)
    const answer = await claims.claim({
      id: `again ${delivery}`,
      key,
      content: 'content',
      caller: 'caller',
      route: '/direct',
      channel: 'sms',
      numberMasked: '+49•••••••5678',
      numberDigest: 'number',
      country: undefined,
      area: 'area',
      block: 'block',
      leaseFor: LEASE,
      expiresIn: LEASE,
      keptCode: undefined,
      plan: [],
      keptMessage: undefined,
      hook: 'direct',
      escalation: undefined,
      trace: undefined,
      userDigest: undefined
    })
    const wasAttempted = (record?.attempts.length as number) > 0
    t.equal(answer.kind, wasAttempted ? 'seen' : 'new')
    t.equal(record?.status, wasAttempted ? record?.attempts[0]?.result ?? 'unknown' : 'failed')
  }
  await sql.close()
})
