import type { SpeechSegment } from './ssml.ts'

/** How the service says that something went: an HTTP-like code and a finer one. */
export interface ResultInformation {
  readonly code: number
  readonly subCode: number
  readonly message: string
}

/** The service that a request came to. */
export type Vendor = 'azure' | 'twilio'

/** What Twilio says of a message, in its own words. */
export type MessageStatus = 'accepted' | 'queued' | 'sent' | 'delivered' | 'read' | 'undelivered' | 'failed'

/** What Twilio says of a call, in its own words. */
export type CallStatus =
  'queued' | 'initiated' | 'ringing' | 'in-progress' | 'completed' | 'busy' | 'no-answer' | 'failed' | 'canceled'

/** The attempt of Verify that a message or a call is. */
export interface VerificationAttempt {
  readonly verificationSid: string
  readonly attemptSid: string
}

/** What Twilio's messages and calls have beside what all have. */
export interface TwilioDetails<Status> {
  readonly status?: Status
  /** Twilio's number of what went wrong. */
  readonly errorCode?: number
  /** The fields of the request, unchanged; several values of one field are joined by a space. */
  readonly form?: Readonly<Record<string, string>>
  readonly verification?: VerificationAttempt
}

/** A message that the sandbox accepted. */
export interface SentMessage extends TwilioDetails<MessageStatus> {
  /** The service's message id. */
  readonly id: string
  readonly vendor: Vendor
  readonly channel: 'sms' | 'whatsapp'
  /** Without the `whatsapp:` of a WhatsApp number, as is `to`. */
  readonly from: string
  readonly to: string
  readonly text: string
  readonly tag?: string
  readonly repeatabilityRequestId?: string
  readonly repeatabilityFirstSent?: string
  /** How often the same repeatability id came again; no second message was made of those. */
  readonly repeats: number
  /** What its report says; `none` where none was asked for or none will come. Only Twilio says `undelivered`. */
  readonly report: 'pending' | 'delivered' | 'undelivered' | 'failed' | 'none'
  /** Whether the sender has said that it helped; absent where nobody asked for that. Only Twilio takes it. */
  readonly feedback?: 'unconfirmed' | 'confirmed'
  /** ISO 8601. */
  readonly acceptedAt: string
}

/** One play or recognition within a call. */
export interface CallOperation {
  readonly id: string
  readonly kind: 'play' | 'recognize'
  readonly operationContext?: string
  readonly state: 'queued' | 'speaking' | 'listening' | 'completed' | 'failed' | 'canceled'
  /** Goes on until it is cancelled. */
  readonly loop: boolean
  /** What the gateway sent to be heard: SSML, plain text or a file's address, unchanged. */
  readonly sources: readonly string[]
  /** What is heard. */
  readonly speech: readonly SpeechSegment[]
  /** Tones that a recognition has collected, as keys: `1`, `#`. */
  readonly keys: readonly string[]
  readonly result?: ResultInformation
}

export type CallState = 'connecting' | 'connected' | 'disconnected'

/** A call, from its first ring to its end. */
export interface SandboxCall extends TwilioDetails<CallStatus> {
  /** The call connection id, or Twilio's call sid. */
  readonly id: string
  readonly vendor: Vendor
  /** The same as `id`. */
  readonly callConnectionId: string
  /** Azure only, as is the next. */
  readonly serverCallId?: string
  readonly correlationId?: string
  /** Seen from the gateway: it calls (`outbound`), or it is called. */
  readonly direction: 'outbound' | 'inbound'
  readonly from: string
  readonly to: string
  readonly state: CallState
  /** Where its events go; an inbound call has none until the gateway answers it. */
  readonly callbackUri?: string
  readonly operationContext?: string
  readonly cognitiveServicesEndpoint?: string
  readonly repeatabilityRequestId?: string
  /** How often the same repeatability id came again. */
  readonly repeats: number
  /** Somebody with the handset page is expected to answer, listen and press keys. */
  readonly attended: boolean
  /** The words of each play and prompt that began, in order. */
  readonly spoken: readonly string[]
  /** The same words, broken into lines where somebody stops for a second or more. */
  readonly transcript: readonly string[]
  /** The raw sources of the same. */
  readonly played: readonly string[]
  /** Every key that was pressed. */
  readonly keys: readonly string[]
  readonly operations: readonly CallOperation[]
  /** Why it is over. A call of Twilio has its SIP code and its `errorCode` here. */
  readonly end?: ResultInformation
  /** Seconds from its answer to its end, as Twilio counts them. */
  readonly duration?: number
  /** Twilio's numbers of what was wrong with its documents: 13520 where something could not be said. */
  readonly warnings?: readonly number[]
  /** ISO 8601. */
  readonly startedAt: string
  readonly connectedAt?: string
}

/** A request that came to one of the routes of a vendor. */
export interface SandboxRequest {
  readonly id: string
  readonly vendor: Vendor
  readonly method: string
  /** Without its query. */
  readonly path: string
  /** The status answered; `dropped` where the connection was reset, `unanswered` where no reply will come. */
  readonly status: number | 'pending' | 'dropped' | 'unanswered'
}

/** One attempt to hand an event to the gateway. */
export interface EventDelivery {
  readonly id: string
  /** `twiml`: a call asks the gateway how to go on. */
  readonly via: 'event-grid' | 'callback' | 'status-callback' | 'twiml'
  /** Twilio's is the idempotency token, the same in every attempt. */
  readonly eventId: string
  /** `Microsoft.Communication.CallConnected`; Twilio's is `MessageStatus=delivered`, `CallStatus=busy` or the verb that asks. */
  readonly type: string
  /** 1 for the first. */
  readonly attempt: number
  /** What the gateway answered, or why it did not. */
  readonly status: number | 'pending' | 'unreachable' | 'timeout'
  /** The call or the message it is about. */
  readonly subject: string
}

/** Everything that the sandbox keeps, by kind. Records are never changed: a change is a new record of the same id. */
export interface SandboxRecords {
  readonly message: SentMessage
  readonly call: SandboxCall
  readonly request: SandboxRequest
  readonly delivery: EventDelivery
}
