import type { ErrorCode } from './errors.ts'
import type { Channel } from './message.ts'
import type { DeliveryStatus } from './delivery-status.ts'
import type { GuardMode, GuardRule } from './guard-rule.ts'
import type { Outcome } from './outcome.ts'
import type { Reason } from './reason.ts'
import type { FinalStatus, MessageState, VerificationStatus } from './verification.ts'

/** Milliseconds that each part of a delivery took; what it did not come to took none. */
export interface Stages {
  /** Until the message was known to be ours alone. */
  readonly claim: number
  /** Until its budgets were taken. */
  readonly admit: number
  /** Until the last provider had answered, and that was on record. */
  readonly send: number
}

/** A fact about what the gateway did or learned. Facts hold no code, no secret and only masked numbers. */
export type GatewayEvent =
  | { readonly type: 'hook.answered', readonly request: string, readonly hook: string, readonly status: number, readonly problem: ErrorCode | undefined, readonly detail: string | undefined, readonly hint: string | undefined, readonly delivery: string | undefined, readonly milliseconds: number }
  | { readonly type: 'delivery.finished', readonly outcome: Outcome['kind'], readonly delivery: string | undefined, readonly request: string | undefined, readonly caller: string, readonly hook: string, readonly channel: Channel, readonly country: string | undefined, readonly provider: string | undefined, readonly reason: Reason | undefined, readonly number: string, readonly milliseconds: number, readonly stages: Stages, readonly trace: string | undefined }
  | { readonly type: 'attempt.finished', readonly delivery: string, readonly attempt: string, readonly provider: string, readonly channel: Channel, readonly country: string | undefined, readonly result: DeliveryStatus, readonly reason: Reason | undefined, readonly vendorCode: string | undefined, readonly hint: string | undefined, readonly milliseconds: number, readonly trace: string | undefined }
  | { readonly type: 'delivery.updated', readonly delivery: string, readonly attempt: string, readonly provider: string, readonly channel: Channel, readonly country: string | undefined, readonly what: string, readonly status: DeliveryStatus, readonly attemptStatus: DeliveryStatus, readonly attemptWas: DeliveryStatus, readonly reason: Reason | undefined, readonly vendorCode: string | undefined, readonly hint: string | undefined, readonly attemptedAt: number, readonly milliseconds: number, readonly trace: string | undefined }
  | { readonly type: 'delivery.guarded', readonly delivery: string, readonly rule: GuardRule, readonly mode: Exclude<GuardMode, 'off'>, readonly reason: Reason }
  | { readonly type: 'delivery.retried', readonly delivery: string, readonly trace: string | undefined }
  | { readonly type: 'delivery.escalated', readonly delivery: string, readonly channel: Channel, readonly why: Reason, readonly trace: string | undefined }
  | { readonly type: 'delivery.used', readonly delivery: string }
  | { readonly type: 'verification.started', readonly verification: string, readonly caller: string, readonly profile: string, readonly channel: Channel, readonly number: string, readonly kind: 'new' | 'taken-over' | 'decoy' }
  | { readonly type: 'verification.sent', readonly verification: string, readonly delivery: string | undefined, readonly state: MessageState, readonly reason: Reason | undefined }
  | { readonly type: 'verification.resent', readonly verification: string, readonly channel: Channel }
  | { readonly type: 'verification.checked', readonly verification: string, readonly valid: boolean, readonly status: VerificationStatus }
  | { readonly type: 'verification.ended', readonly verification: string, readonly status: FinalStatus }
  | { readonly type: 'webhook.failed', readonly verification: string, readonly tries: number, readonly status: number | undefined, readonly isGivenUp: boolean }
  | { readonly type: 'login.matched', readonly from: string, readonly delivery: string }
  | { readonly type: 'publishing.failed', readonly receiver: string, readonly tries: number, readonly status: number | undefined, readonly pages: number }
  | { readonly type: 'publishing.missed', readonly receiver: string, readonly pages: number }
  | { readonly type: 'feed.lost', readonly facts: number }
  | { readonly type: 'range.shut', readonly range: 'block' | 'area' | 'country', readonly country: string | undefined, readonly shown: string, readonly mode: Exclude<GuardMode, 'off'>, readonly cause: 'hour' | 'day', readonly unexplained: number, readonly threshold: number, readonly milliseconds: number }
  | { readonly type: 'provider.set-aside', readonly provider: string, readonly channel: Channel, readonly reason: Reason, readonly failures: number, readonly milliseconds: number }
  | { readonly type: 'provider.restored', readonly provider: string, readonly channel: Channel }
  | { readonly type: 'call.event', readonly delivery: string, readonly attempt: string, readonly event: string, readonly step: string | undefined, readonly trace: string | undefined }
  | { readonly type: 'call.incoming', readonly answer: 'rejected' | 'announced' | 'called-back' | 'ignored' }
  | { readonly type: 'callback.forged', readonly vendor: string, readonly hint: string }
  | { readonly type: 'events.ignored', readonly provider: string, readonly why: 'unknown' | 'malformed' | 'foreign', readonly count: number }
  | { readonly type: 'deliveries.recovered', readonly interrupted: number, readonly unknown: number }
  | { readonly type: 'rows.purged', readonly deliveries: number }
  | { readonly type: 'keys.disagree' }
  | { readonly type: 'clock.skewed', readonly milliseconds: number }
  | { readonly type: 'work.failed', readonly what: string, readonly error: unknown }
