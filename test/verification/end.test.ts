import t, { type Test } from 'tap'
import type { FinalStatus } from '../../src/domain/verification.ts'
import { statement, StoreUnavailable } from '../../src/store/sql.ts'
import type { DueWork } from '../../src/store/due.ts'
import type { VerificationRecord } from '../../src/store/verifications.ts'
import { createEnd, type EndDeps } from '../../src/verification/end.ts'
import { recordBus, type RecordedBus } from '../support/recorded-bus.ts'
import { openSqliteStore, openWorld, type World } from '../support/store.ts'
import { recordOf } from './record.ts'

const KIND = 'verification-end'
const readDue = statement('SELECT kind, tries, due_at - :now AS due_in FROM due WHERE id = :id ORDER BY kind')
const readKept = statement('SELECT escalation, kept_message, kept_code FROM deliveries WHERE id = :id')

interface EndWorld extends World, RecordedBus {
  /** The ids of verifications whose code was canceled at its vendor. */
  readonly canceled: string[]
  /** Takes what is due of that kind and does it, as housekeeping does; gives what came of it. */
  run (record: VerificationRecord | undefined, options?: Partial<EndDeps>): Promise<'done' | 'kept' | 'not due'>
  /** A delivery of which everything is kept that can be. */
  kept (): Promise<string>
  isKept (delivery: string): Promise<boolean>
  /** All that is due for a verification. */
  dueFor (id: string): Promise<Array<{ kind: DueWork['kind'], tries: number, due_in: number }>>
}

const openEnd = async (t: Test): Promise<EndWorld> => {
  const world = await openWorld(t, openSqliteStore)
  const recorded = recordBus()
  const canceled: string[] = []
  return {
    ...world,
    ...recorded,
    canceled,
    async run (record, options) {
      const [work] = await world.due.take(KIND, 1, 30_000)
      if (work === undefined) return 'not due'
      const end = createEnd({
        verifications: { end: async () => record },
        deliveries: world.deliveries,
        due: world.due,
        cancelAtVendor: async ({ id }) => { canceled.push(id); return 'taken' },
        hasWebhook: true,
        bus: recorded.bus,
        ...options
      })
      if (await end(work.id, work.tries) !== 'kept') await world.due.done(work)
      return (await world.sql.read(readDue({ id: work.id }))).some(({ kind }) => kind === KIND) ? 'kept' : 'done'
    },
    async kept () {
      const { id } = await world.delivery({ escalation: { sealed: 'sealed', channels: ['voice'], after: 60_000 }, keptMessage: 'message', keptCode: 'code' })
      return id
    },
    async isKept (id) {
      const [row] = await world.sql.read(readKept({ id }))
      return Object.values(row ?? {}).some((value) => value !== null)
    },
    async dueFor (id) {
      return await world.sql.read(readDue({ id })) as never
    }
  }
}

const begin = async ({ due }: World, record: VerificationRecord): Promise<void> => { await due.add({ id: record.id, kind: KIND }, 0) }

t.test('of one that was approved the codes are used: each of its messages counts, once', async (t) => {
  const world = await openEnd(t)
  const deliveries = [await world.kept(), await world.kept()]
  const record = recordOf({ deliveries })
  await begin(world, record)
  t.equal(await world.run(record), 'done')
  for (const delivery of deliveries) {
    t.notOk(await world.isKept(delivery))
    t.type((await world.deliveries.find(delivery))?.usedAt, 'number')
  }
  t.same(world.events, [
    ...deliveries.map((delivery) => ({ type: 'delivery.used', delivery })),
    { type: 'verification.ended', verification: record.id, status: 'approved' }
  ])
  t.match(await world.dueFor(record.id), [{ kind: 'verification-webhook', due_in: 0 }], 'the webhook is due, and nothing else')
  t.same(world.canceled, [])
})

t.test('a message that its app has told of already counts no second time', async (t) => {
  const world = await openEnd(t)
  const delivery = await world.kept()
  await world.deliveries.markUsed(delivery, undefined)
  await begin(world, recordOf())
  await world.run(recordOf({ deliveries: [delivery] }))
  t.match(world.events, [{ type: 'verification.ended' }])
  t.equal(world.events.length, 1)
})

for (const status of ['failed', 'expired', 'canceled'] as FinalStatus[]) {
  t.test(`of one that is ${status} nothing is sent any more`, async (t) => {
    const world = await openEnd(t)
    const deliveries = [await world.kept(), await world.kept()]
    const other = await world.kept()
    const record = recordOf({ status, deliveries })
    await begin(world, record)
    t.equal(await world.run(record), 'done')
    for (const delivery of deliveries) {
      t.notOk(await world.isKept(delivery))
      t.equal((await world.deliveries.find(delivery))?.usedAt, undefined, 'and its code was not used')
    }
    t.ok(await world.isKept(other), 'messages of others are left alone')
    t.same(world.events, [{ type: 'verification.ended', verification: record.id, status }])
    t.same(world.canceled, [])
  })

  t.test(`a code of a vendor that is ${status} is canceled there`, async (t) => {
    const world = await openEnd(t)
    const record = recordOf({ status, codeMaker: 'twilio-verify', deliveries: [await world.kept()] })
    await begin(world, record)
    t.equal(await world.run(record, { cancelAtVendor: async ({ id }) => { world.canceled.push(id); return 'refused' } }), 'done')
    t.same(world.canceled, [record.id])
  })
}

t.test('a code of a vendor that was approved is not canceled, nor one that was never made', async (t) => {
  for (const options of [{ status: 'approved' }, { status: 'canceled', isDecoy: true }] as const) {
    const world = await openEnd(t)
    const record = recordOf({ codeMaker: 'twilio-verify', ...options })
    await begin(world, record)
    t.equal(await world.run(record), 'done')
    t.same(world.canceled, [])
  }
})

t.test('a vendor that may not have heard is told again, twice as late each time, and not for ever', async (t) => {
  const world = await openEnd(t)
  const record = recordOf({ status: 'failed', codeMaker: 'twilio-verify' })
  await begin(world, record)
  const cancelAtVendor: EndDeps['cancelAtVendor'] = async ({ id }) => { world.canceled.push(id); return 'unknown' }
  const pauses: number[] = []
  while (await world.run(record, { cancelAtVendor }) === 'kept') {
    const [{ due_in: pause } = { due_in: NaN }] = await world.dueFor(record.id)
    pauses.push(pause)
    world.clock.advance(pause)
  }
  t.same(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512].map((seconds) => seconds * 1000))
  t.equal(world.canceled.length, 11)
  t.equal(await world.run(record), 'not due')
  t.equal(world.events.length, 1, 'its end is told once all the same')
  t.equal((await world.dueFor(record.id)).length, 1, 'and the webhook is due once')
})

t.test('a message that is on its way when it ends is seen to as soon as it is known', async (t) => {
  const world = await openEnd(t)
  const delivery = await world.kept()
  const record = recordOf({ status: 'canceled', message: 'sending' })
  await begin(world, record)
  t.equal(await world.run(record), 'kept')
  t.match(world.events, [{ type: 'verification.ended' }], 'its end is told at once')
  t.ok(await world.isKept(delivery))
  world.clock.advance(1000)
  t.equal(await world.run({ ...record, message: 'sent', deliveries: [delivery] }), 'done')
  t.notOk(await world.isKept(delivery))
  t.equal(world.events.length, 1)
})

t.test('where its message is never known, that has an end', async (t) => {
  const world = await openEnd(t)
  const record = recordOf({ status: 'expired', message: 'sending' })
  await begin(world, record)
  for (let turn = 0; turn < 10; turn += 1) {
    t.equal(await world.run(record), 'kept')
    world.clock.advance(1000 * 2 ** turn)
  }
  t.equal(await world.run(record), 'done')
})

t.test('a decoy ends like any other, and has no message that would be waited for', async (t) => {
  const world = await openEnd(t)
  const record = recordOf({ status: 'expired', isDecoy: true, message: 'sending' })
  await begin(world, record)
  t.equal(await world.run(record), 'done')
  t.same(world.events, [{ type: 'verification.ended', verification: record.id, status: 'expired' }])
  t.match(await world.dueFor(record.id), [{ kind: 'verification-webhook' }], 'its app is told as well')
})

t.test('where nobody is to be told, nothing falls due for it', async (t) => {
  const world = await openEnd(t)
  const record = recordOf()
  await begin(world, record)
  t.equal(await world.run(record, { hasWebhook: false }), 'done')
  t.same(await world.dueFor(record.id), [])
  t.equal(world.events.length, 1)
})

t.test('one that has not ended yet is looked at again, and nothing is done', async (t) => {
  const world = await openEnd(t)
  const delivery = await world.kept()
  const record = recordOf({ status: 'pending', endedAt: undefined, deliveries: [delivery] })
  await begin(world, record)
  t.equal(await world.run(record), 'kept')
  t.same(world.events, [])
  t.ok(await world.isKept(delivery))
  t.equal(await world.run(record), 'not due')
  world.clock.advance(30_000)
  t.equal(await world.run({ ...record, status: 'expired' }), 'done')
  t.match(world.events, [{ type: 'verification.ended', status: 'expired' }])
})

t.test('one that is not there any more needs nothing', async (t) => {
  const world = await openEnd(t)
  await begin(world, recordOf())
  t.equal(await world.run(undefined), 'done')
  t.same(world.events, [])
  t.same(await world.dueFor(recordOf().id), [])
})

t.test('what a dying process or a store that is away has left undone is done again', async (t) => {
  for (const failing of ['end', 'markUsed', 'add', 'later', 'done'] as const) {
    const world = await openEnd(t)
    const away = (): Promise<never> => Promise.reject(new StoreUnavailable())
    const record = recordOf({ deliveries: [await world.kept()], message: failing === 'later' ? 'sending' : 'sent' })
    await begin(world, record)
    await t.rejects(world.run(record, {
      verifications: { end: failing === 'end' ? away : async () => record },
      deliveries: { ...world.deliveries, ...failing === 'markUsed' && { markUsed: away } },
      due: { ...world.due, ...failing !== 'end' && failing !== 'markUsed' && { [failing]: away } }
    }), StoreUnavailable, failing)
    world.clock.advance(30_000)
    t.equal(await world.run({ ...record, message: 'sent' }), 'done')
    t.equal(world.events.filter(({ type }) => type === 'delivery.used').length, 1)
    t.equal(world.events.filter(({ type }) => type === 'verification.ended').length, 1, 'it is told once')
    t.match(await world.dueFor(record.id), [{ kind: 'verification-webhook' }])
  }
})

t.test('where a code could not be canceled at its vendor, for whatever reason, its end is told once all the same', async (t) => {
  const world = await openEnd(t)
  const record = recordOf({ status: 'canceled', codeMaker: 'twilio-verify' })
  await begin(world, record)
  for (const error of [new StoreUnavailable(), new TypeError('a bug')]) {
    await t.rejects(world.run(record, { cancelAtVendor: () => Promise.reject(error) }), error)
    world.clock.advance(30_000)
  }
  t.same(world.events, [])
  t.match(await world.dueFor(record.id), [{ kind: KIND }, { kind: 'verification-webhook' }], 'its app does not wait for that')
  t.equal(await world.run(record), 'done')
  t.match(world.events, [{ type: 'verification.ended' }])
  t.equal(world.events.length, 1)
})
