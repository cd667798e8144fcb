import type { DeliveryStatus } from './delivery-status.ts'
import type { Channel } from './message.ts'
import type { OneTimeCode } from './one-time-code.ts'
import type { PhoneNumber } from './phone-number.ts'
import type { Reason } from './reason.ts'
import type { SensitiveText } from './sensitive.ts'

/** What somebody says became of a message or a call. */
export interface Word {
  readonly status: Extract<DeliveryStatus, 'accepted' | 'delivered' | 'undelivered' | 'unknown'>
  readonly reason: Reason | undefined
  /** The vendor's own code for a failure. */
  readonly vendorCode: string | undefined
}

/** The vendor's or the carrier's word on a message, or on a call that the vendor conducts. */
export interface ReportSignal extends Word {
  readonly kind: 'report'
  readonly channel: Channel
  /** The attempt that the message belongs to, where the report carries it. */
  readonly attempt: string | undefined
  /** The provider's own id of the message. */
  readonly reference: string | undefined
  /** The same for repetitions of one report, different for different ones. */
  readonly key: string
  /** What happened, for the timeline: `report.delivered`, `call.ringing`. */
  readonly what: string
}

/** What happened in a call that we placed. `step` is the step of ours that it answers. */
export type CallEvent =
  | { readonly type: 'connected' }
  | { readonly type: 'speaking', readonly step: string }
  | { readonly type: 'spoken', readonly step: string }
  | { readonly type: 'speech-failed', readonly step: string }
  | { readonly type: 'key-pressed', readonly step: string }
  | { readonly type: 'no-key', readonly step: string }
  | { readonly type: 'ended', readonly reason: Reason }
  | { readonly type: 'not-placed', readonly reason: Reason }

/** What a call says: a code, which is spelled, or words. */
export type Spoken = OneTimeCode | SensitiveText

/** What a call needs to speak; it travels sealed with the call and is kept nowhere else. */
export interface CallContent {
  readonly to: PhoneNumber
  readonly locale: string
  /** Absent once it has expired: nothing is spoken then. */
  readonly said: Spoken | undefined
}

/** An event of a call that we placed, authenticated as belonging to this delivery and attempt. */
export interface CallSignal {
  readonly kind: 'call'
  readonly delivery: string
  readonly attempt: string
  /** The provider's id of the call that the event speaks of. */
  readonly reference: string
  readonly key: string
  readonly content: CallContent
  /** What proves that a call is ours: ACS must name the same in the call's properties. */
  readonly token: SensitiveText
  readonly event: CallEvent
  /** The vendor's own code for a failure. */
  readonly vendorCode: string | undefined
}

/** An event of an incoming call that we answered in order to say what the number is for. */
export interface AnnouncementSignal {
  readonly kind: 'announcement'
  readonly reference: string
  readonly locale: string
  readonly event: CallEvent
}

/** Somebody calls a number of ours. */
export interface IncomingCallSignal {
  readonly kind: 'incoming-call'
  readonly key: string
  /** Who says to be calling; a caller's number can be forged. */
  readonly from: PhoneNumber | undefined
  /** What the provider needs to answer or to reject the call. */
  readonly context: SensitiveText
}

export type Signal = ReportSignal | CallSignal | AnnouncementSignal | IncomingCallSignal
