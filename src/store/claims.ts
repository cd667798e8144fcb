import type { DeliveryStatus } from '../domain/delivery-status.ts'
import type { Channel } from '../domain/message.ts'
import { statement, type Sql } from './sql.ts'

/** A message that asks to be the only one of its key. All moments are told as milliseconds from the store's now. */
export interface ClaimRequest {
  /** The id of the delivery that begins if the claim is granted. */
  readonly id: string
  /** Digest of what makes two messages the same. */
  readonly key: string
  /** Digest of the body, by which one key used for two bodies is found out. */
  readonly content: string
  readonly caller: string
  readonly route: string
  readonly channel: Channel
  readonly numberMasked: string
  readonly numberDigest: string
  readonly country: string | undefined
  /** Digests of the ranges that the number lies in. */
  readonly area: string
  readonly block: string
  /** How long the claimer may take before a claim without an attempt is void. */
  readonly leaseFor: number
  /** How long the code lives. */
  readonly expiresIn: number
  /** The sealed code, where it must be kept with the delivery; opaque here. */
  readonly keptCode: string | undefined
  /** The names of the providers that are to be tried, in order. */
  readonly plan: readonly string[]
  /** The sealed message, where it may have to be sent once more; opaque here. */
  readonly keptMessage: string | undefined
  /** The name of the hook that took the message. */
  readonly hook: string
  /** Absent where the message goes on by no other channel. */
  readonly escalation: ClaimedEscalation | undefined
  /** Context of the request's span, as the header `traceparent` has it; absent: nothing is traced. */
  readonly trace: string | undefined
  /** Keyed digest of the account that the message is for; absent: the sender tells none. */
  readonly userDigest: string | undefined
}

/** What it takes for a message to go on by other channels. */
export interface ClaimedEscalation {
  /** The sealed message; opaque here. */
  readonly sealed: string
  readonly channels: readonly Channel[]
  /** After how long it is to be looked at, in milliseconds. */
  readonly after: number
}

export type Claim =
  | { readonly kind: 'new' }
  | { readonly kind: 'seen', readonly delivery: string, readonly status: DeliveryStatus }
  | { readonly kind: 'other-content' }

const takeKey = statement(
  `INSERT INTO claims (claim_key, delivery_id, content, held_until) VALUES (:key, :id, :content, :now + :leaseFor)
   ON CONFLICT (claim_key) DO UPDATE
     SET delivery_id = excluded.delivery_id, content = excluded.content, held_until = excluded.held_until
     WHERE claims.held_until <= :now`)

const insertDelivery = statement(
  `INSERT INTO deliveries (id, caller, route, channel, claim_key, number_masked, number_digest, country, status,
     created_at, updated_at, expires_at, lease_until, kept_code, plan, kept_message, area, block, hook, escalation, escalation_left,
     trace, user_digest)
   SELECT :id, :caller, :route, :channel, :key, :numberMasked, :numberDigest, :country, 'pending',
     :now, :now, :now + :expiresIn, :now + :leaseFor, :keptCode, :plan, :keptMessage, :area, :block, :hook, :escalation, :escalationLeft,
     :trace, :userDigest
   FROM claims WHERE claim_key = :key AND delivery_id = :id`)

const insertEscalation = statement(
  `INSERT INTO due (id, kind, due_at, lease_until)
   SELECT delivery_id, 'escalate', :now + :after, 0 FROM claims WHERE claim_key = :key AND delivery_id = :id`)

const holderOfKey = statement(
  `SELECT claims.delivery_id, claims.content, COALESCE(deliveries.status, 'unknown') AS status
   FROM claims LEFT JOIN deliveries ON deliveries.id = claims.delivery_id WHERE claims.claim_key = :key`)

const holdFor = statement(
  'UPDATE claims SET held_until = :now + :holdFor WHERE claim_key = :key AND delivery_id = :delivery')

/** The keys of messages, and who holds them. */
export interface Claims {
  /** Claims a message and begins its delivery. Atomic: of any number of concurrent callers exactly one gets `new`. */
  claim (request: ClaimRequest): Promise<Claim>
  /** Sets how much longer a delivery holds its key. Without effect where another delivery holds it by now. */
  hold (key: string, delivery: string, milliseconds: number): Promise<void>
}

export const createClaims = (sql: Sql): Claims => ({
  async claim (request) {
    const { country, keptCode, plan, keptMessage, escalation, trace, userDigest, ...rest } = request
    const parameters = {
      ...rest,
      country: country ?? null,
      keptCode: keptCode ?? null,
      plan: plan.join(','),
      keptMessage: keptMessage ?? null,
      escalation: escalation?.sealed ?? null,
      escalationLeft: escalation?.channels.join(',') ?? null,
      trace: trace ?? null,
      userDigest: userDigest ?? null
    }
    const looked = escalation === undefined ? [] : [insertEscalation({ id: request.id, key: request.key, after: escalation.after })]
    const [, , holders] = await sql.write([takeKey(parameters), insertDelivery(parameters), holderOfKey({ key: request.key }), ...looked])
    const holder = holders?.[0] as { delivery_id: string, content: string, status: DeliveryStatus }
    if (holder.delivery_id === request.id) return { kind: 'new' }
    if (holder.content !== request.content) return { kind: 'other-content' }
    return { kind: 'seen', delivery: holder.delivery_id, status: holder.status }
  },
  async hold (key, delivery, milliseconds) {
    await sql.write([holdFor({ key, delivery, holdFor: milliseconds })])
  }
})
