import type { DeliveryStatus } from '../domain/delivery-status.ts'
import type { GatewayEvent } from '../domain/gateway-event.ts'
import { ID_PATTERN } from '../domain/identifier.ts'
import type { Bus } from '../observability/bus.ts'
import { TIME_BOUNDS, type Grain, type Statistics } from '../store/statistics.ts'
import { createCounts, type Change, type Way } from './counts.ts'

export interface TallyDeps {
  readonly statistics: Pick<Statistics, 'add' | 'wayOf'>
  readonly bus: Bus
  /** Whether what goes by this provider goes nowhere: it is not counted. */
  readonly isTest: (provider: string) => boolean
  /** How often what was counted is written down, in milliseconds. */
  readonly everyMs?: number
  /** For how long it is written down at the end, in milliseconds. */
  readonly endMs?: number
}

/** Counts what goes how, as it happens, and writes it down from time to time. */
export interface Tally {
  /** Writes down what was counted. Never rejects: what cannot be written is kept, and told as `work.failed`, once until it works again. */
  flush (): Promise<void>
  /** Counts nothing more, and writes down what was counted, for two seconds at most. */
  stop (): Promise<void>
}

type Finished = Extract<GatewayEvent, { type: 'attempt.finished' }>
type Updated = Extract<GatewayEvent, { type: 'delivery.updated' }>

const FLUSH_EVERY_MS = 2000
const END_MS = 2000

/** So many uses wait to be counted at most, and so many are looked up at a time. */
const MOST_USES = 10_000
const USES_AT_A_TIME = 8

const GRAINS: readonly Grain[] = ['minute', 'hour']

export const createTally = ({ statistics, bus, isTest, everyMs = FLUSH_EVERY_MS, endMs = END_MS }: TallyDeps): Tally => {
  const counts = { minute: createCounts('minute'), hour: createCounts('hour') }
  const uses = new Set<string>()
  const count = (way: Way, sentAt: number, change: Change): void => {
    for (const grain of GRAINS) counts[grain].note(way, sentAt, change)
  }

  const hear = (event: GatewayEvent): void => {
    if (event.type === 'attempt.finished') tell(event, changeByAnswer(event))
    else if (event.type === 'delivery.updated') tell(event, changeByNews(event))
    else if (event.type === 'delivery.used' && uses.size < MOST_USES) uses.add(event.delivery)
  }
  const tell = ({ attempt, provider, channel, country = '' }: Finished | Updated, change: Change): void => {
    // The id says when the attempt was made: all that is told of it is counted there.
    if (!isTest(provider) && ID_PATTERN.test(attempt)) count({ provider, channel, country }, momentOf(attempt), change)
  }

  const countUse = async (delivery: string): Promise<void> => {
    const way = await statistics.wayOf(delivery)
    uses.delete(delivery)
    if (way !== undefined && !isTest(way.provider)) count(way, way.sentAt, { used: 1 })
  }
  const countUses = async (): Promise<void> => {
    const waiting = [...uses]
    for (let next = 0; next < waiting.length; next += USES_AT_A_TIME) {
      await Promise.all(waiting.slice(next, next + USES_AT_A_TIME).map(countUse))
    }
  }
  const write = async (): Promise<void> => {
    await countUses()
    for (const grain of GRAINS) await counts[grain].flush((rows, key) => statistics.add(grain, rows, key))
  }
  let isFailing = false
  const flushNow = async (): Promise<void> => {
    // What comes after a failure would have to wait as long for the same.
    const failure = await write().then(() => undefined, (error: unknown) => ({ error }))
    // It is told once, and not at every turn of an outage.
    if (failure !== undefined && !isFailing) bus.emit({ type: 'work.failed', what: 'writing statistics', error: failure.error })
    isFailing = failure !== undefined
  }
  // One after the other: what is being written must not be written by the next one too.
  let last = Promise.resolve()
  let underWay = 0
  const flush = (): Promise<void> => {
    underWay += 1
    last = last.then(flushNow).finally(() => { underWay -= 1 })
    return last
  }

  const stopListening = bus.listen(hear)
  const timer = setInterval(() => { if (underWay === 0) flush() }, everyMs)
  timer.unref()
  return {
    flush,
    async stop () {
      clearInterval(timer)
      stopListening()
      let end: NodeJS.Timeout | undefined
      await Promise.race([flush(), new Promise<void>((resolve) => { end = setTimeout(resolve, endMs) })])
      clearTimeout(end)
    }
  }
}

/** A time-ordered id begins with its moment. */
const momentOf = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)

/** Every attempt is sent, or failed, by its answer; news that came before the answer has counted neither. */
const changeByAnswer = ({ result }: Finished): Change => isNotSent(result) ? { failed: 1 } : { sent: 1 }

const isNotSent = (status: DeliveryStatus): boolean => status === 'refused' || status === 'failed'

/** What is known of the same attempt anew takes the place of what was known before. */
const changeByNews = ({ attemptStatus, attemptWas, milliseconds }: Updated): Change => {
  const isKnown = attemptWas !== 'pending'
  const failed = isKnown ? Number(isNotSent(attemptStatus)) - Number(isNotSent(attemptWas)) : 0
  return {
    sent: -failed,
    failed,
    undelivered: Number(attemptStatus === 'undelivered') - Number(attemptWas === 'undelivered'),
    ...attemptStatus === 'delivered' && { delivered: 1, time: groupOf(milliseconds) }
  }
}

/** Which of the groups of times it falls into. */
const groupOf = (milliseconds: number): number => {
  const group = TIME_BOUNDS.findIndex((bound) => milliseconds <= bound * 1000)
  return group === -1 ? TIME_BOUNDS.length : group
}
