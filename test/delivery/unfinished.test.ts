import t from 'tap'
import { createMakeAttempt } from '../../src/delivery/attempt.ts'
import { createCircuits } from '../../src/delivery/circuits.ts'
import { createDeliver } from '../../src/delivery/deliver.ts'
import { createHousekeeping } from '../../src/delivery/housekeeping.ts'
import { createUnfinished } from '../../src/delivery/unfinished.ts'
import { Deadline } from '../../src/domain/deadline.ts'
import { createKeys } from '../../src/domain/keys.ts'
import { StoreUnavailable } from '../../src/store/sql.ts'
import { messageOf } from '../support/message.ts'
import { OPEN_GUARD } from '../support/guard.ts'
import { FAILED, planOf, providerOf } from '../support/provider.ts'
import { recordBus } from '../support/recorded-bus.ts'
import { openSqliteStore, openWorld, storeClockOf } from '../support/store.ts'
import { workOf } from './housekeeping-stand.ts'

t.test('work that succeeds is done once, and nobody hears of it', async (t) => {
  const { bus, events } = recordBus()
  const unfinished = createUnfinished(bus)
  let times = 0
  await unfinished.settle('noting', async () => { times += 1 })
  await unfinished.run()
  t.equal(times, 1)
  t.same(events, [])
})

t.test('work that fails is told with its error, and never fails its caller, however it fails', async (t) => {
  const error = new StoreUnavailable()
  for (const work of [async () => { throw error }, () => { throw error }]) {
    const { bus, events } = recordBus()
    await t.resolves(createUnfinished(bus).settle('noting', work))
    t.same(events, [{ type: 'work.failed', what: 'noting', error }])
  }
})

t.test('work that failed is done again until it succeeds, and then no more', async (t) => {
  const { bus, events } = recordBus()
  const unfinished = createUnfinished(bus)
  let [times, down] = [0, true]
  await unfinished.settle('noting', async () => {
    times += 1
    if (down) throw new StoreUnavailable()
  })
  await t.rejects(unfinished.run(), StoreUnavailable)
  await t.rejects(unfinished.run(), StoreUnavailable)
  down = false
  await unfinished.run()
  await unfinished.run()
  t.equal(times, 4)
  t.equal(events.length, 1, 'it is told once')
})

t.test('what fails again does not hold up the rest, and comes last from then on', async (t) => {
  const unfinished = createUnfinished(recordBus().bus)
  const done: string[] = []
  const down = new Set(['a', 'b', 'c'])
  for (const name of ['a', 'b', 'c']) {
    await unfinished.settle(name, async () => {
      if (down.has(name)) throw new Error(name)
      done.push(name)
    })
  }
  down.delete('a')
  down.delete('c')
  await t.rejects(unfinished.run(), { message: 'b' })
  t.same(done, ['a', 'c'])
  down.delete('b')
  await unfinished.run()
  t.same(done, ['a', 'c', 'b'])
})

t.test('after some failures it is left for another time: then it is the store, and not the work', async (t) => {
  const unfinished = createUnfinished(recordBus().bus)
  const asked: string[] = []
  let isDown = true
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    await unfinished.settle(name, async () => {
      asked.push(name)
      if (isDown) throw new StoreUnavailable()
    })
  }
  asked.length = 0
  await t.rejects(unfinished.run(), StoreUnavailable)
  t.same(asked, ['a', 'b', 'c'])
  isDown = false
  await unfinished.run()
  t.same(asked, ['a', 'b', 'c', 'd', 'e', 'a', 'b', 'c'])
})

t.test('what fails while the rest is done again waits its turn', async (t) => {
  const unfinished = createUnfinished(recordBus().bus)
  const done: string[] = []
  const failsOnce = (name: string, meanwhile = async (): Promise<void> => {}): () => Promise<void> => {
    let first = true
    return async () => {
      if (first) {
        first = false
        throw new Error(name)
      }
      await meanwhile()
      done.push(name)
    }
  }
  await unfinished.settle('a', failsOnce('a', async () => { await unfinished.settle('c', failsOnce('c')) }))
  await unfinished.settle('b', failsOnce('b'))
  await unfinished.run()
  t.same(done, ['a', 'b', 'c'])
})

t.test('no more than ten thousand pieces of work are kept: what fails beyond is told, and let go', async (t) => {
  const { bus, events } = recordBus()
  const unfinished = createUnfinished(bus)
  let down = true
  const done: number[] = []
  for (let number = 1; number <= 10_001; number += 1) {
    await unfinished.settle('noting', async () => {
      if (down) throw new StoreUnavailable()
      done.push(number)
    })
  }
  down = false
  await unfinished.run()
  t.same([done.length, done.at(-1), events.length], [10_000, 10_000, 10_001])
})

t.test('a definite no that could not be recorded is recorded by housekeeping, and only then frees the key', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  const { attempts, claims, clock, deliveries } = world
  const { bus, events } = recordBus()
  const unfinished = createUnfinished(bus)
  let [down, asked] = [true, 0]
  const providers = [providerOf('acs-sms', async () => {
    asked += 1
    return FAILED
  })]
  const circuits = createCircuits({ providers, bus, now: clock })
  const deliver = createDeliver({
    keys: createKeys([Buffer.alloc(32, 1)]),
    claims,
    deliveries,
    unfinished,
    guard: OPEN_GUARD,
    testProviders: [],
    senderFor: (provider) => provider,
    bus,
    now: clock,
    makeAttempt: createMakeAttempt({
      keys: createKeys([Buffer.alloc(32, 1)]),
      unfinished,
      circuits,
      bus,
      now: clock,
      longestCallMs: 1,
      attempts: {
        ...attempts,
        async finish (result) {
          if (down) throw new StoreUnavailable()
          await attempts.finish(result)
        }
      }
    }),
    plan: planOf(providers, circuits),
    codeLifetimeMs: 300_000,
    keepCodes: false,
    keepTexts: false,
    keepForEscalation: () => undefined
  })
  const noWork = async (): Promise<void> => { t.fail('nothing is due') }
  const housekeeping = createHousekeeping({
    ...world, unfinished, work: workOf(noWork), inquire: async () => 0, count: noWork, bus, clock: storeClockOf(clock), keysAgree: async () => true, retentionDays: 30
  })
  const outcome = async (): Promise<object> => (await deliver(messageOf(), Deadline.in(400))).outcome
  const first = await outcome() as { readonly id: string }
  t.match(first, { kind: 'failed', reason: 'connection' })
  t.match(events.filter(({ type }) => type === 'work.failed'), [{ what: 'recording an attempt' }])
  t.match(await outcome(), { kind: 'under-way', id: first.id })
  await t.rejects(housekeeping.runDue(), StoreUnavailable)
  t.match(await outcome(), { kind: 'under-way' })
  down = false
  await housekeeping.runDue()
  t.match(await deliveries.find(first.id), { status: 'failed', reason: 'connection', attempts: [{ result: 'failed', finishedAt: clock() }] })
  t.match(await outcome(), { kind: 'failed', reason: 'connection' })
  t.equal(asked, 2)
})

t.test('who asks to try again while that is under way waits for the same, and nothing is lost', async (t) => {
  const { bus } = recordBus()
  const unfinished = createUnfinished(bus)
  const done: string[] = []
  const failOnce = (name: string): (() => Promise<void>) => {
    let tries = 0
    return async () => {
      if (++tries === 1) throw new StoreUnavailable()
      done.push(name)
    }
  }
  await unfinished.settle('one', failOnce('one'))
  await unfinished.settle('two', failOnce('two'))
  await Promise.all([unfinished.run(), unfinished.run(), unfinished.run()])
  t.same(done, ['one', 'two'])
})
