import t, { type Test } from 'tap'
import { createInquire } from '../../src/delivery/inquiries.ts'
import { createSearch } from '../../src/delivery/search.ts'
import { sealSought } from '../../src/delivery/sought.ts'
import { createTrack } from '../../src/delivery/track.ts'
import { createUnfinished } from '../../src/delivery/unfinished.ts'
import type { Deadline } from '../../src/domain/deadline.ts'
import { createKeys } from '../../src/domain/keys.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import type { Word } from '../../src/domain/signal.ts'
import type { Findings, Inquiry, Sought, Trace } from '../../src/providers/provider.ts'
import { StoreUnavailable } from '../../src/store/sql.ts'
import { numberOf } from '../support/message.ts'
import { ACCEPTED, providerOf } from '../support/provider.ts'
import { recordBus, type RecordedBus } from '../support/recorded-bus.ts'
import { LEASE, openSqliteStore, openWorld, type World } from '../support/store.ts'

const KEYS = createKeys([Buffer.alloc(32, 5)])
const NUMBER = '+4915112345678'
const WORDS = 'Your code is 482913.'

/** When the vendor is asked about what has a name, and at which ages what has none is looked for, in milliseconds. */
const AFTER = 120_000
const [FIRST, SECOND, THIRD] = [30_000, 120_000, 600_000]
const HOUR = 60 * 60_000
const ASK_LEASE = 30_000

const DELIVERED: Word = { status: 'delivered', reason: undefined, vendorCode: undefined }
const UNDELIVERED: Word = { status: 'undelivered', reason: 'carrier_error', vendorCode: '30008' }

const TRACE: Trace = { reference: 'SM1', transaction: undefined, fits: 'words', word: undefined }
const found = (...traces: Array<Partial<Trace>>): Findings => ({ traces: traces.map((trace) => ({ ...TRACE, ...trace })), reach: 'all' })
const NOTHING = found()

interface Made { readonly delivery: string, readonly attempt: string }

interface SearchWorld extends World, RecordedBus {
  /** What was looked for, and how long the vendor had. */
  readonly sought: Sought[]
  readonly times: number[]
  /** What was asked about by its name. */
  readonly asked: string[]
  /** Looks, and asks, of a vendor that finds so. */
  look (findings: Findings | undefined | (() => Promise<Findings>), word?: Word): Promise<number>
  /** A message to one person whose answer was lost. */
  lost (words?: string | undefined, options?: { readonly isOrphan?: boolean, readonly number?: string }): Promise<Made>
  statusOf (made: Made): Promise<unknown>
}

const openSearch = async (t: Test): Promise<SearchWorld> => {
  const world = await openWorld(t, openSqliteStore)
  const recorded = recordBus()
  const { bus } = recorded
  const [sought, times, asked]: [Sought[], number[], string[]] = [[], [], []]
  const { attempts, deliveries, inquiries, searches } = world
  const track = createTrack({ attempts, unfinished: createUnfinished(bus), hintOf: () => undefined, retryLater: undefined, escalateNow: async () => {}, calls: undefined, bus, now: world.clock })
  return {
    ...world,
    ...recorded,
    sought,
    times,
    asked,
    async look (findings, word) {
      const find = async (what: Sought, deadline: Deadline): Promise<Findings | undefined> => {
        sought.push(what)
        times.push(deadline.remaining)
        return typeof findings === 'function' ? await findings() : findings
      }
      const ask = async (reference: string): Promise<Word | undefined> => {
        asked.push(reference)
        return word
      }
      const inquiry: Inquiry = { after: AFTER, ask, search: { shown: () => undefined, find } }
      const providers = [providerOf('twilio-sms', ACCEPTED, { inquiry })]
      return await createInquire({ inquiries, providers, track, search: createSearch({ searches, keys: KEYS, track, bus, now: world.clock }) })(() => false)
    },
    async lost (words = WORDS, { isOrphan = false, number = NUMBER } = {}) {
      const { id } = await world.delivery({ numberDigest: number })
      const attempt = world.newId()
      const search = { shown: () => words === '' ? undefined : new SensitiveText(words), find: async () => undefined }
      const sealed = sealSought({ to: numberOf(number), text: undefined, code: undefined, attempt }, search, KEYS)
      await attempts.begin(world.attemptOf(id, { id: attempt, provider: 'twilio-sms', sought: sealed }))
      if (!isOrphan) await attempts.finish(world.resultOf(attempt, { status: 'unknown', reason: 'timeout', askIn: FIRST }))
      return { delivery: id, attempt }
    },
    statusOf: async ({ delivery }) => (await deliveries.find(delivery))?.status
  }
}

t.test('a message whose answer was lost is looked for half a minute later, by all that is known of it', async (t) => {
  const { clock, look, lost, sought, statusOf, times } = await openSearch(t)
  const startedAt = clock()
  const made = await lost()
  clock.advance(FIRST - 1)
  t.equal(await look(found({})), 0)
  clock.advance(1)
  t.equal(await look(found({})), 1)
  t.match(sought, [{ from: startedAt - 1000, until: startedAt + LEASE }])
  t.same([sought[0]?.to.e164, sought[0]?.shown?.reveal()], [NUMBER, WORDS])
  t.notMatch(JSON.stringify(sought), /482913|15112345678/)
  t.ok((times[0] as number) > 5000 && (times[0] as number) <= 10_000, 'it has less time than the lease')
  t.equal(await statusOf(made), 'accepted')
})

t.test('a message that is found is accepted, and is asked about like any other', async (t) => {
  const { asked, attempts, clock, deliveries, events, look, lost, statusOf, sql } = await openSearch(t)
  const made = await lost()
  clock.advance(FIRST)
  await look(found({ transaction: 'VE1' }))
  t.match(await deliveries.find(made.delivery), { status: 'accepted', attempts: [{ transaction: 'VE1', events: [{ what: 'search.found' }] }] })
  t.match(events, [{ type: 'delivery.updated', ...made, status: 'accepted' }])
  t.equal(await attempts.findByReference('SM1'), made.attempt)
  t.same(await sql.read({ text: 'SELECT id FROM attempts WHERE sought IS NOT NULL', parameters: {} }), [])
  clock.advance(AFTER - 1)
  t.equal(await look(NOTHING), 0)
  clock.advance(1)
  await look(NOTHING, UNDELIVERED)
  t.same(asked, ['SM1'])
  t.equal(await statusOf(made), 'undelivered')
})

t.test('what became of a message that is found counts like a report', async (t) => {
  for (const word of [DELIVERED, UNDELIVERED]) {
    const { clock, deliveries, look, lost } = await openSearch(t)
    const { delivery } = await lost()
    clock.advance(FIRST)
    await look(found({ word }))
    t.match(await deliveries.find(delivery), { status: word.status, attempts: [{ ...word, events: [{ what: `report.${word.status}` }] }] })
    clock.advance(2 * HOUR)
    t.equal(await look(NOTHING), 0, 'and that is over')
  }
})

t.test('what a dead process left behind is looked for too', async (t) => {
  const { clock, look, lost, statusOf, upkeep } = await openSearch(t)
  const made = await lost(WORDS, { isOrphan: true })
  clock.advance(LEASE)
  await look(found({ word: DELIVERED }))
  t.equal(await statusOf(made), 'pending', 'not while it may still be at it')
  await upkeep.recover()
  t.equal(await look(found({ word: DELIVERED })), 1)
  t.equal(await statusOf(made), 'delivered')
})

t.test('a message that is not on record after ten minutes was never taken', async (t) => {
  const { clock, deliveries, events, look, lost, statusOf } = await openSearch(t)
  const made = await lost()
  for (const age of [FIRST, SECOND - FIRST]) {
    clock.advance(age - 1)
    t.equal(await look(NOTHING), 0)
    clock.advance(1)
    t.equal(await look(NOTHING), 1)
    t.equal(await statusOf(made), 'unknown', 'at first that proves nothing')
  }
  clock.advance(THIRD - SECOND)
  t.equal(await look(NOTHING), 1)
  t.match(await deliveries.find(made.delivery), { status: 'failed', reason: 'not_taken', attempts: [{ events: [{ what: 'search.absent' }] }] })
  t.match(events, [{ type: 'delivery.updated', ...made, provider: 'twilio-sms', status: 'failed', reason: 'not_taken' }])
  clock.advance(2 * HOUR)
  t.equal(await look(NOTHING), 0)
})

t.test('records that cannot be read, or not to their end, prove nothing, and are read again for a day', async (t) => {
  const bad: ReadonlyArray<Findings | undefined> = [undefined, { ...NOTHING, reach: 'part' }, { ...NOTHING, reach: 'window' }]
  for (const findings of bad) {
    const { clock, look, lost, sought, statusOf } = await openSearch(t)
    const made = await lost()
    const ages: number[] = []
    for (let age = 0; age < 25 * HOUR; age += FIRST) {
      if (await look(findings) === 1) ages.push(age)
      clock.advance(FIRST)
    }
    const hours = Array.from({ length: 23 }, (_, hour) => 80 * 60_000 + hour * HOUR)
    t.same(ages, [FIRST, SECOND, THIRD, 2 * THIRD, 4 * THIRD, ...hours], findings?.reach ?? 'unreadable')
    t.equal(sought.length, ages.length)
    t.equal(await statusOf(made), 'unknown')
  }
})

t.test('once the records can be read again, they tell', async (t) => {
  const { clock, look, lost, statusOf } = await openSearch(t)
  const [taken, other] = [await lost(), await lost('other words', { number: '+4915112345679' })]
  clock.advance(THIRD)
  await look(undefined)
  clock.advance(THIRD)
  let count = 0
  await look(async () => ++count === 1 ? found({ word: DELIVERED }) : NOTHING)
  t.same([await statusOf(taken), await statusOf(other)].sort(), ['delivered', 'failed'])
})

t.test('a part of the records that holds one that fits tells nothing: there may be another', async (t) => {
  const { clock, look, lost, statusOf } = await openSearch(t)
  const made = await lost()
  clock.advance(FIRST)
  await look({ ...found({}), reach: 'part' })
  t.equal(await statusOf(made), 'unknown')
  clock.advance(SECOND - FIRST)
  await look({ ...found({}), reach: 'window' })
  t.equal(await statusOf(made), 'accepted', 'all that come into question were read')
})

t.test('of two that fit none is taken, and nothing is settled', async (t) => {
  const { clock, look, lost, statusOf } = await openSearch(t)
  const made = await lost()
  clock.advance(THIRD)
  await look(found({}, { reference: 'SM2' }))
  t.equal(await statusOf(made), 'unknown')
  clock.advance(THIRD)
  await look(found({ fits: 'number' }, { reference: 'SM2' }))
  t.equal(await statusOf(made), 'unknown')
})

t.test('one that fits is told from others that nearly do', async (t) => {
  const { attempts, clock, look, lost } = await openSearch(t)
  const { attempt } = await lost()
  clock.advance(FIRST)
  await look(found({ reference: 'SM0', fits: 'maybe' }, {}, { reference: 'SM2', fits: 'maybe' }))
  t.equal(await attempts.findByReference('SM1'), attempt)
})

t.test('one that only nearly fits is neither taken nor passed over', async (t) => {
  const { clock, look, lost, statusOf } = await openSearch(t)
  const made = await lost()
  clock.advance(THIRD)
  await look(found({ fits: 'maybe' }))
  t.equal(await statusOf(made), 'unknown')
  clock.advance(THIRD)
  await look(NOTHING)
  t.equal(await statusOf(made), 'failed')
})

t.test('what another attempt became is not what this one did', async (t) => {
  const { attempts, clock, begun, look, lost, newsOf, statusOf } = await openSearch(t)
  const other = await begun({ provider: 'twilio-sms' })
  await attempts.apply(newsOf(other.attempt, { status: 'delivered', reference: 'SM1' }))
  const made = await lost()
  clock.advance(FIRST)
  await look(found({}, { reference: 'SM2', word: DELIVERED }))
  t.equal(await attempts.findByReference('SM2'), made.attempt)
  const absent = await lost()
  clock.advance(THIRD)
  await look(found({}, { reference: 'SM2' }))
  t.equal(await statusOf(absent), 'failed')
})

t.test('two messages of the same words to one number are not told apart, however many were taken', async (t) => {
  for (const isOrphan of [false, true]) {
    const { clock, look, lost, statusOf, upkeep } = await openSearch(t)
    const made = [await lost(), await lost(WORDS, { isOrphan })]
    clock.advance(THIRD)
    await look(found({}))
    await upkeep.recover()
    clock.advance(THIRD)
    t.equal(await look(found({ word: DELIVERED })), 2)
    clock.advance(2 * THIRD)
    t.equal(await look(found({}, { reference: 'SM2' })), 2)
    t.same(await Promise.all(made.map(statusOf)), ['unknown', 'unknown'])
    clock.advance(HOUR)
    t.equal(await look(NOTHING), 2)
    t.same(await Promise.all(made.map(statusOf)), ['failed', 'failed'], 'where none is there it is none of either')
  }
})

t.test('once one of two is known, the other is found', async (t) => {
  const { attempts, clock, look, lost, newsOf, statusOf } = await openSearch(t)
  const [one, other] = [await lost(), await lost()]
  await attempts.apply(newsOf(one.attempt, { status: 'delivered', reference: 'SM1' }))
  clock.advance(FIRST)
  await look(found({}, { reference: 'SM2', word: UNDELIVERED }))
  t.same([await statusOf(one), await statusOf(other)], ['delivered', 'undelivered'])
})

t.test('two messages of different words to one number are told apart by the words, and only by them', async (t) => {
  const { attempts, clock, look, lost } = await openSearch(t)
  const [one, other] = [await lost('Your code is 111111.'), await lost('Your code is 222222.')]
  clock.advance(FIRST)
  await look(found({ fits: 'number' }))
  t.equal(await attempts.findByReference('SM1'), undefined, 'the vendor shows no words')
  clock.advance(SECOND)
  const references: string[] = []
  await look(async () => {
    references.push(`SM${references.length + 1}`)
    return found({ reference: references.at(-1) as string })
  })
  t.same([await attempts.findByReference('SM1'), await attempts.findByReference('SM2')].sort(), [one.attempt, other.attempt].sort())
})

t.test('where the vendor shows no words, the time and the number are enough for one message', async (t) => {
  const { clock, look, lost, sought, statusOf } = await openSearch(t)
  const made = await lost('')
  clock.advance(FIRST)
  await look(found({ fits: 'number', word: DELIVERED }))
  t.equal(sought[0]?.shown, undefined)
  t.equal(await statusOf(made), 'delivered')
})

t.test('of two without words, none is taken', async (t) => {
  const { clock, look, lost, statusOf } = await openSearch(t)
  const made = [await lost(''), await lost('')]
  clock.advance(FIRST)
  await look(found({ fits: 'number', word: DELIVERED }))
  await look(found({ fits: 'words', word: DELIVERED }))
  t.same(await Promise.all(made.map(statusOf)), ['unknown', 'unknown'])
})

t.test('a rival that nothing is kept of any more may be of the same words', async (t) => {
  const { clock, look, lost, sql, statusOf } = await openSearch(t)
  const [made, rival] = [await lost('one'), await lost('another')]
  await sql.write([{ text: 'UPDATE attempts SET sought = :sought WHERE id = :id', parameters: { id: rival.attempt, sought: 'of other keys' } }])
  clock.advance(FIRST)
  await look(found({}))
  t.same([await statusOf(made), await statusOf(rival)], ['unknown', 'unknown'])
  clock.advance(SECOND)
  t.equal(await look(NOTHING), 1, 'and cannot be looked for itself')
})

t.test('one that the vendor took without naming it may be the message too', async (t) => {
  const { attempts, clock, look, lost, resultOf, statusOf } = await openSearch(t)
  const [made, nameless] = [await lost('one'), await lost('another', { isOrphan: true })]
  await attempts.finish(resultOf(nameless.attempt, { status: 'accepted' }))
  clock.advance(FIRST)
  t.equal(await look(found({})), 1)
  t.same([await statusOf(made), await statusOf(nameless)], ['unknown', 'accepted'])
})

t.test('a callback that comes while it is looked stands', async (t) => {
  for (const [findings, age] of [[found({ reference: 'SM9', word: UNDELIVERED }), FIRST], [NOTHING, THIRD]] as const) {
    const { asked, attempts, clock, events, look, lost, newsOf, statusOf } = await openSearch(t)
    const made = await lost()
    clock.advance(age)
    await look(async () => {
      await attempts.apply(newsOf(made.attempt, { status: 'accepted', reference: 'SM1' }))
      return findings
    })
    t.equal(await statusOf(made), 'accepted')
    t.equal(await attempts.findByReference('SM9'), undefined)
    t.same(events, [])
    clock.advance(THIRD)
    await look(NOTHING, DELIVERED)
    t.same(asked, ['SM1'], 'and is asked about from then on')
  }
})

t.test('what cannot be written down is looked for again', async (t) => {
  const { clock, look, lost, statusOf } = await openSearch(t)
  const made = await lost()
  clock.advance(FIRST)
  await t.rejects(look(() => Promise.reject(new StoreUnavailable())), StoreUnavailable)
  t.equal(await look(found({})), 0)
  clock.advance(ASK_LEASE)
  t.equal(await look(found({ word: DELIVERED })), 1)
  t.equal(await statusOf(made), 'delivered')
})

t.test('a process that dies between the tie and the word leaves a message that is asked about', async (t) => {
  const { asked, clock, look, lost, searches, statusOf } = await openSearch(t)
  const made = await lost()
  clock.advance(FIRST)
  await t.rejects(look(async () => {
    await searches.tie({ attempt: made.attempt, reference: 'SM1', transaction: undefined })
    throw new StoreUnavailable()
  }))
  clock.advance(ASK_LEASE)
  await look(NOTHING, DELIVERED)
  t.same(asked, ['SM1'])
  t.equal(await statusOf(made), 'delivered')
})
