import type { DeliveryStatus } from '../domain/delivery-status.ts'
import type { Channel } from '../domain/message.ts'
import type { Reason } from '../domain/reason.ts'
import { newerMessage, reasonsThatForbid } from './forbidding-sql.ts'
import { statement, type Sql, type SqlRow } from './sql.ts'
import { holdDelivery } from './status-sql.ts'

/** One attempt of a delivery that may go on by another channel. */
export interface EscalationAttempt {
  readonly id: string
  readonly provider: string
  readonly channel: Channel
  readonly status: DeliveryStatus
  readonly reason: Reason | undefined
  /** The provider's own id of the message or call. */
  readonly reference: string | undefined
  /** Milliseconds since it began. */
  readonly age: number
  /** The carrier has told that it gives no report: then none is missing. */
  readonly saysNone: boolean
  /** Something that was told of it forbids to try anything more. */
  readonly forbids: boolean
}

/** How a delivery stands that may go on by another channel. */
export interface EscalationState {
  /** The sealed message; opaque here. */
  readonly sealed: string
  /** The channels that are left, in order; never empty. */
  readonly left: readonly Channel[]
  readonly hook: string
  readonly country: string | undefined
  /** Context of the span of the request that asked for it, where it was traced. */
  readonly trace: string | undefined
  readonly status: DeliveryStatus
  /** Milliseconds for which the code is still valid. */
  readonly expiresIn: number
  /** The newest first. */
  readonly attempts: readonly EscalationAttempt[]
  /** Milliseconds since a step was last taken, where one was. */
  readonly sinceStep: number | undefined
  /** The text is about to be sent once more by its own channel. */
  readonly isRetried: boolean
  /** A newer message of anybody's went, or may have gone, to that number. */
  readonly isOvertaken: boolean
  /** Whether it is due to be looked at; somebody else may have seen to it meanwhile. */
  readonly isDue: boolean
  /** By which `later` and `rest` know that nothing has come since. */
  readonly lease: number
}

/** A step to be taken: on to another channel. */
export interface EscalationStep {
  readonly delivery: string
  /** What was left, as it was found. */
  readonly left: readonly Channel[]
  readonly channel: Channel
  /** The newest attempt, which is left behind. */
  readonly attempt: string
  readonly why: Reason
  /** When the delivery is to be looked at again, in milliseconds, where channels are left behind this one. */
  readonly againIn: number
  /** How long the code must still be valid, in milliseconds. */
  readonly leastLife: number
}

/**
 * After these nothing may be tried. What a dead process left behind, and what a vendor never took, is none of them: there
 * nobody has said anything against it.
 */
const reasonsToStop = reasonsThatForbid('interrupted', 'not_taken')

const flag = (condition: string, name: string): string => `CASE WHEN ${condition} THEN 1 ELSE 0 END AS ${name}`

const stateOf = statement(
  `SELECT deliveries.escalation, deliveries.escalation_left, deliveries.hook, deliveries.country, deliveries.trace,
     deliveries.status AS delivery_status, deliveries.expires_at - :now AS expires_in,
     (SELECT :now - MAX(timeline.happened_at) FROM timeline JOIN attempts AS earlier ON earlier.id = timeline.attempt_id
       WHERE earlier.delivery_id = deliveries.id AND timeline.what LIKE 'escalated.%') AS since_step,
     ${flag(`EXISTS (SELECT 1 FROM due AS retry WHERE retry.id = deliveries.id AND retry.kind = 'retry'
       AND (deliveries.kept_message IS NOT NULL OR retry.lease_until > :now))`, 'is_retried')},
     ${flag(`EXISTS (${newerMessage})`, 'is_overtaken')},
     ${flag('due.due_at <= :now', 'is_due')}, COALESCE(due.lease_until, 0) AS lease,
     attempts.id, attempts.provider, attempts.channel, attempts.status, attempts.reason, attempts.reference,
     :now - attempts.started_at AS age,
     ${flag(`attempts.reason = 'no_report' OR EXISTS (SELECT 1 FROM timeline
       WHERE timeline.attempt_id = attempts.id AND timeline.reason = 'no_report' AND timeline.what NOT LIKE 'escalated.%')`, 'says_none')},
     ${flag(`attempts.reason IN (${reasonsToStop}) OR EXISTS (SELECT 1 FROM timeline
       WHERE timeline.attempt_id = attempts.id AND timeline.reason IN (${reasonsToStop}))`, 'forbids')}
   FROM deliveries
     LEFT JOIN attempts ON attempts.delivery_id = deliveries.id
     LEFT JOIN due ON due.id = deliveries.id AND due.kind = 'escalate'
   WHERE deliveries.id = :id AND deliveries.escalation IS NOT NULL AND deliveries.used_at IS NULL
   ORDER BY attempts.id DESC`)

// Of any number that have found the same channels left one moves them on. With the last one the message is forgotten.
const takeStep = statement(
  `UPDATE deliveries SET escalation_left = CAST(:rest AS TEXT),
     escalation = CASE WHEN CAST(:rest AS TEXT) = '' THEN NULL ELSE escalation END
   WHERE id = :id AND escalation_left = :left AND escalation IS NOT NULL AND used_at IS NULL
     AND expires_at >= :now + :leastLife AND status IN ('unknown', 'accepted', 'undelivered')
     AND NOT EXISTS (SELECT 1 FROM attempts WHERE attempts.delivery_id = :id AND attempts.id > :attempt)
     AND NOT EXISTS (${newerMessage})
   RETURNING id`)

// Who has not got the step finds that whoever has it has noted it.
const noteStep = statement(
  `INSERT INTO timeline (attempt_id, event_key, happened_at, what, reason)
   SELECT CAST(:attempt AS TEXT), CAST(:what AS TEXT), :now, CAST(:what AS TEXT), CAST(:why AS TEXT) FROM deliveries
   WHERE id = :id AND escalation_left = :rest
     AND NOT EXISTS (SELECT 1 FROM timeline JOIN attempts ON attempts.id = timeline.attempt_id
       WHERE attempts.delivery_id = :id AND timeline.event_key = CAST(:what AS TEXT))
   ON CONFLICT (attempt_id, event_key) DO NOTHING`)

const nextStep = statement(
  `INSERT INTO due (id, kind, due_at, lease_until)
   SELECT id, 'escalate', :now + :againIn, 0 FROM deliveries WHERE id = :id AND escalation_left = :rest AND escalation IS NOT NULL
   ON CONFLICT (id, kind) DO UPDATE SET due_at = excluded.due_at, lease_until = 0`)

const noteRefusal = statement(
  `INSERT INTO timeline (attempt_id, event_key, happened_at, what, reason)
   VALUES (:attempt, 'escalation.refused', :now, 'escalation.refused', :reason)
   ON CONFLICT (attempt_id, event_key) DO NOTHING`)

const forget = statement(
  'UPDATE deliveries SET escalation = NULL, escalation_left = NULL WHERE id = :id AND escalation_left = :left')

const removeForgotten = statement(
  `DELETE FROM due WHERE id = :id AND kind = 'escalate'
     AND NOT EXISTS (SELECT 1 FROM deliveries WHERE deliveries.id = :id AND deliveries.escalation IS NOT NULL)`)

const postpone = statement(
  `UPDATE due SET due_at = :now + :milliseconds, lease_until = 0
   WHERE id = :id AND kind = 'escalate' AND lease_until = :lease`)

const remove = statement('DELETE FROM due WHERE id = :id AND kind = \'escalate\' AND lease_until = :lease')

const makeDue = statement(
  `INSERT INTO due (id, kind, due_at, lease_until)
   SELECT id, 'escalate', :now, 0 FROM deliveries WHERE id = :id AND escalation IS NOT NULL
   ON CONFLICT (id, kind) DO UPDATE SET due_at = excluded.due_at, lease_until = 0`)

/**
 * The messages that go on by another channel where they do not arrive. Each is looked at when its due work of the kind
 * `escalate` says so; that row belongs to this table, and is moved by it only.
 */
export interface Escalations {
  /** How a delivery stands; `undefined` where nothing is kept of it, or its code was used: then it goes nowhere any more. */
  find (delivery: string): Promise<EscalationState | undefined>
  /**
   * Takes a step, notes why on the attempt that is left behind, and sets when the one after it is due; with the last one
   * the message is forgotten. Atomic: of any number of callers one gets `true`, and of each channel once. Nobody does once
   * the code was used, is about to expire, has arrived, or anything was tried since, or a newer message went to that number.
   */
  take (step: EscalationStep): Promise<boolean>
  /** Notes that the guard let nothing go on from that attempt, and forgets the message, unless a step was taken since. */
  refuse (delivery: string, left: readonly Channel[], attempt: string, reason: Reason): Promise<void>
  /** Forgets a message that goes nowhere any more, unless a step was taken since. */
  end (delivery: string, left: readonly Channel[]): Promise<void>
  /** Sets when a delivery is to be looked at again, in milliseconds; without effect where it fell due anew meanwhile. */
  later (delivery: string, lease: number, milliseconds: number): Promise<void>
  /** Looks at a delivery no more until something is told of it; without effect where it fell due anew meanwhile. */
  rest (delivery: string, lease: number): Promise<void>
  /** Lets a delivery fall due at once, where its message is kept. */
  hasten (delivery: string): Promise<void>
}

export const createEscalations = (sql: Sql): Escalations => ({
  async find (id) {
    const rows = await sql.read(stateOf({ id }))
    return rows[0] && toState(rows[0], rows)
  },
  async take ({ delivery: id, left, channel, attempt, why, againIn, leastLife }) {
    const rest = left.slice(left.indexOf(channel) + 1).join(',')
    const [, taken] = await sql.write([
      holdDelivery({ id }),
      takeStep({ id, left: left.join(','), rest, attempt, leastLife }),
      noteStep({ id, rest, attempt, what: `escalated.${channel}`, why }),
      nextStep({ id, rest, againIn }),
      removeForgotten({ id })
    ])
    return taken?.length === 1
  },
  async refuse (id, left, attempt, reason) {
    await sql.write([forget({ id, left: left.join(',') }), noteRefusal({ attempt, reason }), removeForgotten({ id })])
  },
  async end (id, left) {
    await sql.write([forget({ id, left: left.join(',') }), removeForgotten({ id })])
  },
  async later (id, lease, milliseconds) {
    await sql.write([postpone({ id, lease, milliseconds })])
  },
  async rest (id, lease) {
    await sql.write([remove({ id, lease })])
  },
  async hasten (id) {
    await sql.write([makeDue({ id })])
  }
})

const toState = (row: SqlRow, rows: readonly SqlRow[]): EscalationState => ({
  sealed: row.escalation as string,
  left: (row.escalation_left as string).split(',') as Channel[],
  hook: row.hook as string,
  country: (row.country ?? undefined) as string | undefined,
  trace: (row.trace ?? undefined) as string | undefined,
  status: row.delivery_status as DeliveryStatus,
  expiresIn: row.expires_in as number,
  attempts: rows.filter(({ id }) => id !== null).map(toAttempt),
  sinceStep: (row.since_step ?? undefined) as number | undefined,
  isRetried: row.is_retried === 1,
  isOvertaken: row.is_overtaken === 1,
  isDue: row.is_due === 1,
  lease: row.lease as number
})

const toAttempt = (row: SqlRow): EscalationAttempt => ({
  id: row.id as string,
  provider: row.provider as string,
  channel: row.channel as Channel,
  status: row.status as DeliveryStatus,
  reason: (row.reason ?? undefined) as Reason | undefined,
  reference: (row.reference ?? undefined) as string | undefined,
  age: row.age as number,
  saysNone: row.says_none === 1,
  forbids: row.forbids === 1
})
