import type { Test } from 'tap'
import { DUE_KINDS } from '../../../src/store/due.ts'
import { HOLD, LEASE, openWorld, tablesOf, type OpenStore, type World } from '../../support/store.ts'

const count = async ({ sql }: World, table: string): Promise<number> => {
  const rows = await sql.read({ text: `SELECT * FROM ${table}`, parameters: {} })
  return rows.length
}

const countAll = async (world: World): Promise<Record<string, number>> => {
  const tables = ['deliveries', 'attempts', 'timeline', 'claims']
  return Object.fromEntries(await Promise.all(tables.map(async (table) => [table, await count(world, table)] as const)))
}

export const testUpkeep = (t: Test, open: OpenStore): void => {
  t.test('after a crash, what was claimed and not attempted has failed, and its key is free', async (t) => {
    const { claimOf, clock, delivery, reopen } = await openWorld(t, open)
    const { id, key } = await delivery()
    const { claims, deliveries, upkeep } = tablesOf(await reopen())
    clock.advance(LEASE)
    t.same(await upkeep.recover(), { unknown: 0, interrupted: 1 })
    t.match(await deliveries.find(id), { status: 'failed', reason: 'interrupted', updatedAt: clock() })
    t.same(await claims.claim(claimOf({ key })), { kind: 'new' })
  })

  t.test('after a crash, what was attempted without a result is unknown, and its key is still held', async (t) => {
    const { begun, claimOf, clock, reopen } = await openWorld(t, open)
    const { delivery, key } = await begun()
    const { claims, deliveries, upkeep } = tablesOf(await reopen())
    clock.advance(LEASE)
    t.same(await upkeep.recover(), { unknown: 1, interrupted: 0 })
    t.match(await deliveries.find(delivery), {
      status: 'unknown', reason: 'interrupted', updatedAt: clock(), attempts: [{ status: 'unknown', reason: 'interrupted', finishedAt: undefined }]
    })
    t.same(await claims.claim(claimOf({ key })), { kind: 'seen', delivery, status: 'unknown' })
    clock.advance(HOLD - LEASE - 1)
    t.match(await claims.claim(claimOf({ key })), { kind: 'seen' })
  })

  t.test('nothing is recovered before its lease is over', async (t) => {
    const { begun, clock, delivery, deliveries, upkeep } = await openWorld(t, open)
    const [claimed, attempted] = [await delivery(), await begun()]
    const before = await Promise.all([deliveries.find(claimed.id), deliveries.find(attempted.delivery)])
    clock.advance(LEASE - 1)
    t.same(await upkeep.recover(), { unknown: 0, interrupted: 0 })
    t.same(await Promise.all([deliveries.find(claimed.id), deliveries.find(attempted.delivery)]), before)
  })

  t.test('a delivery whose own lease is over waits for the attempt that is still under way', async (t) => {
    const { begun, clock, deliveries, upkeep } = await openWorld(t, open)
    const { attempt, delivery } = await begun({ leaseFor: 2 * LEASE })
    clock.advance(LEASE)
    t.same(await upkeep.recover(), { unknown: 0, interrupted: 0 })
    t.match(await deliveries.find(delivery), { status: 'pending', attempts: [{ id: attempt, status: 'pending' }] })
    clock.advance(LEASE)
    t.same(await upkeep.recover(), { unknown: 1, interrupted: 0 })
    t.match(await deliveries.find(delivery), { status: 'unknown' })
  })

  t.test('what is settled is not recovered', async (t) => {
    const { attempts, begun, clock, deliveries, newsOf, resultOf, upkeep } = await openWorld(t, open)
    const all = [await begun(), await begun(), await begun()]
    await attempts.finish(resultOf(all[0]?.attempt as string))
    await attempts.finish(resultOf(all[1]?.attempt as string, { status: 'failed', reason: 'connection' }))
    await attempts.apply(newsOf(all[2]?.attempt as string))
    clock.advance(LEASE)
    t.same(await upkeep.recover(), { unknown: 0, interrupted: 0 })
    const statuses = await Promise.all(all.map(async ({ delivery }) => (await deliveries.find(delivery))?.status))
    t.same(statuses, ['accepted', 'failed', 'delivered'])
  })

  t.test('recovering again finds nothing more, and of many that recover one does', async (t) => {
    const { begun, clock, delivery, upkeep } = await openWorld(t, open)
    await delivery()
    await begun()
    clock.advance(LEASE)
    const recovered = await Promise.all(Array.from({ length: 10 }, () => upkeep.recover()))
    t.equal(recovered.filter(({ unknown }) => unknown === 1).length, 1)
    t.equal(recovered.filter(({ interrupted }) => interrupted === 1).length, 1)
    t.same(await upkeep.recover(), { unknown: 0, interrupted: 0 })
  })

  t.test('what is heard after the recovery still counts', async (t) => {
    const { attempts, begun, clock, deliveries, newsOf, upkeep } = await openWorld(t, open)
    const { attempt, delivery } = await begun()
    clock.advance(LEASE)
    await upkeep.recover()
    t.match(await attempts.apply(newsOf(attempt)), { changed: true, delivery, status: 'delivered' })
    t.match(await deliveries.find(delivery), { status: 'delivered', reason: undefined })
  })

  t.test('a delivery whose second attempt was cut short stands as the second attempt', async (t) => {
    const { attempts, attemptOf, begun, clock, deliveries, resultOf, upkeep } = await openWorld(t, open)
    const { attempt, delivery } = await begun()
    await attempts.begin(attemptOf(delivery))
    await attempts.finish(resultOf(attempt, { status: 'failed', reason: 'connection' }))
    clock.advance(LEASE)
    await upkeep.recover()
    t.match(await deliveries.find(delivery), { status: 'unknown', reason: 'interrupted' })
  })

  t.test('a delivery whose further attempt was cut short is unknown, whatever the first one came to', async (t) => {
    for (const status of ['refused', 'failed', 'undelivered'] as const) {
      const { attempts, attemptOf, begun, clock, deliveries, resultOf, upkeep } = await openWorld(t, open)
      const { attempt, delivery } = await begun()
      await attempts.finish(resultOf(attempt, { status, reason: 'connection' }))
      await attempts.begin(attemptOf(delivery))
      clock.advance(LEASE)
      t.same(await upkeep.recover(), { unknown: 1, interrupted: 0 })
      t.match(await deliveries.find(delivery), { status: 'unknown', reason: 'interrupted' }, status)
    }
  })

  t.test('kept codes are wiped once they have expired, and not before', async (t) => {
    const world = await openWorld(t, open)
    const { clock, delivery, deliveries, upkeep, sql } = world
    await delivery({ keptCode: 'short', expiresIn: 10 })
    await delivery({ keptCode: 'long', expiresIn: 20, numberDigest: 'the number' })
    const kept = async (): Promise<unknown[]> => await sql.read({ text: 'SELECT kept_code FROM deliveries WHERE kept_code IS NOT NULL', parameters: {} })
    clock.advance(9)
    await upkeep.forgetExpiredCodes()
    t.equal((await kept()).length, 2)
    clock.advance(1)
    await upkeep.forgetExpiredCodes()
    t.same(await kept(), [{ kept_code: 'long' }])
    t.match(await deliveries.takeKeptCode('the number'), { sealed: 'long' })
    t.equal(await count(world, 'deliveries'), 2, 'the deliveries stay')
  })

  t.test('kept messages are wiped once they have expired or arrived, and not before', async (t) => {
    const { attempts, attemptOf, clock, delivery, newsOf, sql, upkeep } = await openWorld(t, open)
    const kept = async (): Promise<unknown[]> =>
      (await sql.read({ text: 'SELECT kept_message FROM deliveries WHERE kept_message IS NOT NULL ORDER BY kept_message', parameters: {} })).map((row) => row.kept_message)
    const attempted = async (keptMessage: string, expiresIn: number): Promise<string> => {
      const attempt = attemptOf((await delivery({ keptMessage, expiresIn })).id)
      await attempts.begin(attempt)
      return attempt.id
    }
    await attempted('short', 10)
    await attempted('under way', 20)
    await attempts.apply(newsOf(await attempted('arrived', 20)))
    await attempts.apply(newsOf(await attempted('did not arrive', 20), { status: 'undelivered', reason: 'carrier_error' }))
    await attempts.apply(newsOf(await attempted('not known to arrive', 20), { status: 'unknown', reason: 'timeout' }))
    clock.advance(9)
    await upkeep.forgetExpiredCodes()
    t.same(await kept(), ['did not arrive', 'not known to arrive', 'short', 'under way'])
    clock.advance(1)
    await upkeep.forgetExpiredCodes()
    t.same(await kept(), ['did not arrive', 'not known to arrive', 'under way'])
    clock.advance(10)
    await upkeep.forgetExpiredCodes()
    t.same(await kept(), [])
  })

  t.test('purging removes old deliveries with all that belongs to them, and nothing else', async (t) => {
    const world = await openWorld(t, open)
    const { attempts, begun, clock, deliveries, newsOf, upkeep } = world
    const old = await begun()
    await attempts.apply(newsOf(old.attempt))
    clock.advance(1000)
    const young = await begun()
    await attempts.apply(newsOf(young.attempt))
    const before = await deliveries.find(young.delivery)
    t.equal(await upkeep.purge(clock(), 10), 1)
    t.equal(await deliveries.find(old.delivery), undefined)
    t.same(await deliveries.find(young.delivery), before)
    t.same(await countAll(world), { deliveries: 1, attempts: 1, timeline: 1, claims: 1 })
  })

  t.test('purging removes the work that is due for what is removed, and no other', async (t) => {
    const { begun, clock, due, upkeep } = await openWorld(t, open)
    const old = await begun({ endCallIn: 0 })
    clock.advance(1)
    const young = await begun({ endCallIn: 0 })
    const elsewhere = { id: 'an answered call', kind: 'end-announcement' } as const
    await due.add(elsewhere, 0)
    for (const { attempt, delivery } of [old, young]) {
      await due.add({ id: attempt, kind: 'feedback' }, 0)
      await due.add({ id: delivery, kind: 'retry' }, 0)
    }
    t.equal(await upkeep.purge(clock(), 10), 1)
    const left = await Promise.all(DUE_KINDS.map((kind) => due.take(kind, 10, 1)))
    t.same(left.flat().map(({ id, kind }) => `${kind} ${id}`).sort(), [
      `end-announcement ${elsewhere.id}`, `end-call ${young.attempt}`, `feedback ${young.attempt}`, `retry ${young.delivery}`
    ].sort())
  })

  t.test('purging removes the oldest first, a batch at a time', async (t) => {
    const world = await openWorld(t, open)
    const { attempts, begun, clock, deliveries, newsOf, upkeep } = world
    const made: string[] = []
    for (let index = 0; index < 5; index += 1) {
      const { attempt, delivery } = await begun()
      await attempts.apply(newsOf(attempt))
      made.push(delivery)
      clock.advance(1)
    }
    t.equal(await upkeep.purge(clock(), 2), 2)
    const left = await Promise.all(made.map(async (id) => await deliveries.find(id) !== undefined))
    t.same(left, [false, false, true, true, true])
    t.same(await countAll(world), { deliveries: 3, attempts: 3, timeline: 3, claims: 3 })
    t.equal(await upkeep.purge(clock(), 2), 2)
    t.equal(await upkeep.purge(clock(), 2), 1)
    t.equal(await upkeep.purge(clock(), 2), 0)
    t.same(await countAll(world), { deliveries: 0, attempts: 0, timeline: 0, claims: 0 })
  })

  t.test('purging keeps the claim that a younger delivery holds by now', async (t) => {
    const { claims, claimOf, clock, delivery, deliveries, upkeep } = await openWorld(t, open)
    const { id, key } = await delivery()
    clock.advance(LEASE)
    const young = await delivery({ key })
    t.equal(await upkeep.purge(clock(), 10), 1)
    t.equal(await deliveries.find(id), undefined)
    t.same(await claims.claim(claimOf({ key })), { kind: 'seen', delivery: young.id, status: 'pending' })
  })

  t.test('purging a delivery removes what was asked and answered about it, and nothing of others', async (t) => {
    const world = await openWorld(t, open)
    const { clock, delivery, exchanges, upkeep } = world
    const old = await delivery()
    clock.advance(1)
    const kept = await delivery()
    const exchange = { hook: 'auth0', status: 200, milliseconds: 1, request: '{}', reply: undefined, at: 1, sealed: undefined }
    await exchanges.add([old.id, kept.id, undefined].map((id, index) => ({ ...exchange, id: `request-${index}`, delivery: id })))
    t.equal(await upkeep.purge(clock(), 10), 1)
    t.same(await exchanges.of(old.id), [])
    t.equal((await exchanges.of(kept.id)).length, 1)
    t.equal(await count(world, 'exchanges'), 2)
  })

  t.test('messages that were kept to be sent again by hand are wiped once their time is over, however many', async (t) => {
    const world = await openWorld(t, open)
    const { clock, exchanges, sql, upkeep } = world
    const exchange = { delivery: undefined, hook: 'auth0', status: 200, milliseconds: 1, request: '{}', reply: undefined, at: 1 }
    await exchanges.add(Array.from({ length: 1005 }, (_, index) => ({ ...exchange, id: `request-${index}`, sealed: { text: 'sealed', keepFor: index === 7 ? 2000 : 1000 } })))
    clock.advance(1000)
    await upkeep.forgetExpiredCodes()
    t.same(await sql.read({ text: 'SELECT id FROM exchanges WHERE sealed IS NOT NULL', parameters: {} }), [{ id: 'request-7' }])
  })

  t.test('what happened, was asked and was counted is removed by its own time', async (t) => {
    const { clock, exchanges, feed, statistics, upkeep } = await openWorld(t, open)
    await feed.append([{ at: 1, type: 'a' }])
    await exchanges.add([{ id: 'request-1', delivery: undefined, hook: 'auth0', status: 200, milliseconds: 1, request: '{}', reply: undefined, at: clock(), sealed: undefined }])
    const counted = { bucket: clock(), provider: 'acs-sms', channel: 'sms', country: 'DE', sent: 1, delivered: 0, undelivered: 0, failed: 0, used: 0, times: [] }
    for (const grain of ['minute', 'hour'] as const) await statistics.add(grain, [counted])
    const forgetting = [
      async (before: number) => await upkeep.forgetFeed(before, 10),
      async (before: number) => await upkeep.forgetExchanges(before, 10),
      async (before: number) => await upkeep.forgetStatistics('minute', before, 10),
      async (before: number) => await upkeep.forgetStatistics('hour', before, 10)
    ]
    for (const forget of forgetting) t.same([await forget(clock()), await forget(clock() + 1), await forget(clock() + 1)], [0, 1, 0])
  })

  t.test('what was written once may be written again when its key is forgotten, some at a time', async (t) => {
    const { clock, feed, upkeep } = await openWorld(t, open)
    for (const key of ['a', 'b', 'c']) {
      await feed.append([{ at: 1, type: key }], key)
      clock.advance(1000)
    }
    t.equal(await upkeep.forgetBatches(clock() - 3000, 10), 0)
    t.equal(await upkeep.forgetBatches(clock() - 1000, 1), 1)
    t.equal(await upkeep.forgetBatches(clock() - 1000, 10), 1)
    t.same([await feed.append([{ at: 1, type: 'c' }], 'c'), await feed.append([{ at: 1, type: 'a' }], 'a')], [3, 4])
  })

  t.test('there is nothing to purge in an empty store', async (t) => {
    const { clock, upkeep } = await openWorld(t, open)
    t.equal(await upkeep.purge(clock(), 10), 0)
  })
}
