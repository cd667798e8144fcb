import type { DeliveryStatus } from '../domain/delivery-status.ts'
import type { GuardRule } from '../domain/guard-rule.ts'
import type { Channel } from '../domain/message.ts'
import type { Reason } from '../domain/reason.ts'
import type { Decision } from './decisions.ts'
import { hold, statement, type Sql, type SqlRow } from './sql.ts'
import { newerMessage, reasonsThatForbid } from './forbidding-sql.ts'
import { holdDelivery } from './status-sql.ts'

export interface DeliveryRecord {
  readonly id: string
  readonly caller: string
  readonly route: string
  /** The name of the hook that took the message. */
  readonly hook: string
  readonly channel: Channel
  readonly number: string
  /** ISO code of the number's country, where it is known. */
  readonly country: string | undefined
  /** The names of the providers that were to be tried, in order. */
  readonly plan: readonly string[]
  readonly status: DeliveryStatus
  readonly reason: Reason | undefined
  /** Moments are milliseconds since 1970. */
  readonly createdAt: number
  readonly updatedAt: number
  readonly expiresAt: number
  /** When the code was first known to be used. */
  readonly usedAt: number | undefined
  /** The rules by which it was, or would have been, refused. */
  readonly decisions: ReadonlyArray<{ readonly rule: GuardRule, readonly mode: Decision['mode'], readonly at: number }>
  readonly attempts: readonly AttemptRecord[]
}

export interface AttemptRecord {
  readonly id: string
  readonly provider: string
  readonly channel: Channel
  readonly status: DeliveryStatus
  readonly reason: Reason | undefined
  /** The vendor's own name for a failure. */
  readonly vendorCode: string | undefined
  /** The provider's own id of the message or call. */
  readonly reference: string | undefined
  /** What the provider calls that which the message belongs to. */
  readonly transaction: string | undefined
  readonly startedAt: number
  /** When the provider's answer was there, and what it was. */
  readonly finishedAt: number | undefined
  readonly result: DeliveryStatus | undefined
  /** How long the provider took for its answer. */
  readonly milliseconds: number | undefined
  readonly events: ReadonlyArray<{ readonly at: number, readonly what: string, readonly reason: Reason | undefined }>
}

const deliveryById = statement(
  `SELECT id, caller, route, hook, channel, number_masked, country, plan, status, reason, created_at, updated_at, expires_at, used_at
   FROM deliveries WHERE id = :id`)
const decisionsOn = statement('SELECT rule, mode, decided_at FROM decisions WHERE delivery_id = :id ORDER BY decided_at, rule')
const attemptsOf = statement(
  `SELECT id, provider, channel, status, reason, vendor_code, reference, transaction_id, started_at, finished_at, result, milliseconds
   FROM attempts WHERE delivery_id = :id ORDER BY id`)
const timelineOf = statement(
  `SELECT timeline.attempt_id, timeline.happened_at, timeline.what, timeline.reason FROM timeline JOIN attempts ON attempts.id = timeline.attempt_id
   WHERE attempts.delivery_id = :id ORDER BY happened_at, event_key`)

const endClaimed = statement(
  `UPDATE deliveries SET status = :status, reason = :reason, updated_at = :now
   WHERE id = :id AND status = 'pending' AND NOT EXISTS (SELECT 1 FROM attempts WHERE delivery_id = :id)`)
const freeClaim = statement('UPDATE claims SET held_until = 0 WHERE claim_key = :key AND delivery_id = :id')

const holdKeptCodes = hold('SELECT id FROM deliveries WHERE number_digest = :numberDigest AND kept_code IS NOT NULL ORDER BY id')
const newestKeptCode = `SELECT id FROM deliveries WHERE number_digest = :numberDigest AND kept_code IS NOT NULL
  AND expires_at > :now ORDER BY id DESC LIMIT 1`
const readKeptCode = statement(
  `SELECT id, kept_code, expires_at - :now AS expires_in FROM deliveries WHERE id = (${newestKeptCode})`)
const wipeKeptCodes = statement(
  'UPDATE deliveries SET kept_code = NULL WHERE number_digest = :numberDigest AND kept_code IS NOT NULL RETURNING id')

const reasonsToStop = reasonsThatForbid()

const readKeptMessage = statement(
  `SELECT kept_message, plan, trace, expires_at - :now AS expires_in FROM deliveries
   WHERE id = :id AND expires_at > :now
     AND NOT EXISTS (SELECT 1 FROM attempts
       WHERE attempts.delivery_id = :id AND (COALESCE(attempts.result, 'unknown') = 'unknown' OR attempts.reason IN (${reasonsToStop})))
     AND NOT EXISTS (SELECT 1 FROM timeline JOIN attempts ON attempts.id = timeline.attempt_id
       WHERE attempts.delivery_id = :id AND timeline.reason IN (${reasonsToStop}))
     AND NOT EXISTS (${newerMessage})`)
// Who wipes it has got it: a message that somebody else took, or whose code was used, is not there any more.
const wipeKeptMessage = statement(
  `UPDATE deliveries SET kept_message = NULL WHERE id = :id AND status = 'undelivered' AND kept_message IS NOT NULL
   RETURNING id`)
const providersTried = statement('SELECT provider FROM attempts WHERE delivery_id = :id ORDER BY id')

const forgetKept = statement(
  `UPDATE deliveries SET kept_code = NULL, kept_message = NULL, escalation = NULL, escalation_left = NULL
   WHERE id = :id AND caller = COALESCE(:caller, caller) RETURNING id`)
const noteUse = statement(
  'UPDATE deliveries SET used_at = :now WHERE id = :id AND caller = COALESCE(:caller, caller) AND used_at IS NULL RETURNING id')
const readCounted = statement(
  `SELECT number_digest, created_at FROM deliveries
   WHERE id = :id AND status IN ('unknown', 'accepted', 'undelivered', 'delivered')`)
const insertFeedback = statement(
  `INSERT INTO due (id, kind, due_at, lease_until)
   SELECT attempts.id, 'feedback', :now, 0 FROM attempts JOIN deliveries ON deliveries.id = attempts.delivery_id
   WHERE attempts.delivery_id = :id AND attempts.transaction_id IS NOT NULL
     AND deliveries.caller = COALESCE(:caller, deliveries.caller) AND deliveries.used_at IS NULL
   ON CONFLICT (id, kind) DO NOTHING`)

/** A code that is kept for a call-back. */
export interface KeptCode {
  readonly delivery: string
  readonly sealed: string
  /** Milliseconds for which the code is still valid. */
  readonly expiresIn: number
}

/** A message that is to be sent once more. */
export interface KeptMessage {
  readonly sealed: string
  /** Milliseconds for which the code is still valid. */
  readonly expiresIn: number
  readonly plan: readonly string[]
  /** The names of the providers that have tried, in order; one that tried twice is there twice. */
  readonly attempted: readonly string[]
  /** Context of the span of the request that asked for it, where it was traced. */
  readonly trace: string | undefined
}

/** By what a message that went, or may have gone, was counted. */
export interface CountedMessage {
  readonly numberDigest: string
  readonly createdAt: number
}

/** The record of every message. */
export interface Deliveries {
  find (id: string): Promise<DeliveryRecord | undefined>
  /** Ends a delivery for which nothing was attempted, and frees its key. */
  abandon (id: string, key: string, reason: Reason): Promise<void>
  /** Ends a delivery that is not to be attempted, and frees its key. */
  refuse (id: string, key: string, reason: Reason): Promise<void>
  /** Takes the newest code kept for a number, and forgets the older ones: of any number of callers one gets it. */
  takeKeptCode (numberDigest: string): Promise<KeptCode | undefined>
  /**
   * Takes the message kept with a delivery that did not arrive: of any number of callers one gets it. Nobody does where
   * a provider's answer was lost, or anything that was told of the delivery forbids to try more; nor once the code has
   * expired, is known to be used, or a newer message of anybody's went, or may have gone, to that number: then it is
   * forgotten. It stays where the delivery may yet arrive.
   */
  takeKeptMessage (delivery: string): Promise<KeptMessage | undefined>
  /**
   * Notes that the code of a delivery was used, and forgets what was kept of it. `first` to one of any number of callers,
   * `again` to the others; with the first, feedback falls due for each attempt that has a transaction. `none` where there
   * is no such delivery of that caller; of any, where no caller is given.
   */
  markUsed (delivery: string, caller: string | undefined): Promise<'first' | 'again' | 'none'>
  /** Forgets what is kept of a delivery whose code is good for nothing any more, without having been used: nothing more is sent. */
  forget (delivery: string): Promise<void>
  /** By what a message was counted; `undefined` for one that is not known to have gone anywhere. */
  countedBy (delivery: string): Promise<CountedMessage | undefined>
}

export const createDeliveries = (sql: Sql): Deliveries => ({
  async find (id) {
    const [[delivery], decisions, attempts, timeline] = await Promise.all(
      [sql.read(deliveryById({ id })), sql.read(decisionsOn({ id })), sql.read(attemptsOf({ id })), sql.read(timelineOf({ id }))])
    return delivery && toDelivery(delivery, decisions, attempts, timeline)
  },
  async abandon (id, key, reason) {
    await sql.write([freeClaim({ id, key }), endClaimed({ id, status: 'failed', reason })])
  },
  async refuse (id, key, reason) {
    await sql.write([freeClaim({ id, key }), endClaimed({ id, status: 'refused', reason })])
  },
  async takeKeptCode (numberDigest) {
    const [, [found] = [], wiped = []] = await sql.write([holdKeptCodes({ numberDigest }), readKeptCode({ numberDigest }), wipeKeptCodes({ numberDigest })])
    if (found === undefined || !wiped.some(({ id }) => id === found.id)) return undefined
    return { delivery: found.id as string, sealed: found.kept_code as string, expiresIn: found.expires_in as number }
  },
  async takeKeptMessage (id) {
    const [, [found] = [], wiped, tried = []] =
      await sql.write([holdDelivery({ id }), readKeptMessage({ id }), wipeKeptMessage({ id }), providersTried({ id })])
    if (found === undefined || wiped?.length !== 1) return undefined
    return {
      sealed: found.kept_message as string,
      expiresIn: found.expires_in as number,
      plan: toPlan(found),
      attempted: tried.map(({ provider }) => provider as string),
      trace: (found.trace ?? undefined) as string | undefined
    }
  },
  async markUsed (id, caller) {
    const owner = { id, caller: caller ?? null }
    // The first step holds the delivery's row: a result with a transaction is written down before all this, or after.
    const [known, , noted] = await sql.write([forgetKept(owner), insertFeedback(owner), noteUse(owner)])
    if (known?.length !== 1) return 'none'
    return noted?.length === 1 ? 'first' : 'again'
  },
  async forget (id) {
    await sql.write([forgetKept({ id, caller: null })])
  },
  async countedBy (id) {
    const [row] = await sql.read(readCounted({ id }))
    return row && { numberDigest: row.number_digest as string, createdAt: row.created_at as number }
  }
})

/** Names of providers, between commas. */
const toPlan = ({ plan }: SqlRow): string[] => plan === '' ? [] : (plan as string).split(',')

const toDelivery = (row: SqlRow, decisions: SqlRow[], attempts: SqlRow[], timeline: SqlRow[]): DeliveryRecord => ({
  id: row.id as string,
  caller: row.caller as string,
  route: row.route as string,
  hook: row.hook as string,
  channel: row.channel as Channel,
  number: row.number_masked as string,
  country: (row.country ?? undefined) as string | undefined,
  plan: toPlan(row),
  status: row.status as DeliveryStatus,
  reason: reasonOf(row),
  createdAt: row.created_at as number,
  updatedAt: row.updated_at as number,
  expiresAt: row.expires_at as number,
  usedAt: (row.used_at ?? undefined) as number | undefined,
  decisions: decisions.map(({ rule, mode, decided_at: at }) => ({ rule: rule as GuardRule, mode: mode as Decision['mode'], at: at as number })),
  attempts: attempts.map((attempt) => ({
    id: attempt.id as string,
    provider: attempt.provider as string,
    channel: attempt.channel as Channel,
    status: attempt.status as DeliveryStatus,
    reason: reasonOf(attempt),
    vendorCode: (attempt.vendor_code ?? undefined) as string | undefined,
    reference: (attempt.reference ?? undefined) as string | undefined,
    transaction: (attempt.transaction_id ?? undefined) as string | undefined,
    startedAt: attempt.started_at as number,
    finishedAt: (attempt.finished_at ?? undefined) as number | undefined,
    result: (attempt.result ?? undefined) as DeliveryStatus | undefined,
    milliseconds: (attempt.milliseconds ?? undefined) as number | undefined,
    events: timeline.filter((event) => event.attempt_id === attempt.id)
      .map((event) => ({ at: event.happened_at as number, what: event.what as string, reason: reasonOf(event) }))
  }))
})

const reasonOf = (row: SqlRow): Reason | undefined => (row.reason ?? undefined) as Reason | undefined
