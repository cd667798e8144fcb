import type { SpeechSegment } from './ssml.ts'

/** How the service says that something went: an HTTP-like code and a finer one. */
export interface ResultInformation {
  readonly code: number
  readonly subCode: number
  readonly message: string
}

/** An SMS that the sandbox accepted. */
export interface SentMessage {
  /** The service's message id. */
  readonly id: string
  readonly from: string
  readonly to: string
  readonly text: string
  readonly tag?: string
  readonly repeatabilityRequestId?: string
  readonly repeatabilityFirstSent?: string
  /** How often the same repeatability id came again; no second message was made of those. */
  readonly repeats: number
  /** What its report says; `none` where none was asked for or none will come. */
  readonly report: 'pending' | 'delivered' | 'failed' | 'none'
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
export interface SandboxCall {
  /** The call connection id. */
  readonly id: string
  readonly callConnectionId: string
  readonly serverCallId: string
  readonly correlationId: string
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
  /** The raw sources of the same. */
  readonly played: readonly string[]
  /** Every key that was pressed. */
  readonly keys: readonly string[]
  readonly operations: readonly CallOperation[]
  /** Why it is over. */
  readonly end?: ResultInformation
  /** ISO 8601. */
  readonly startedAt: string
  readonly connectedAt?: string
}

/** A request that came to one of the routes of Azure. */
export interface SandboxRequest {
  readonly id: string
  readonly method: string
  /** Without its query. */
  readonly path: string
  /** The status answered; `dropped` where the connection was reset, `unanswered` where no reply will come. */
  readonly status: number | 'pending' | 'dropped' | 'unanswered'
}

/** One attempt to hand an event to the gateway. */
export interface EventDelivery {
  readonly id: string
  readonly via: 'event-grid' | 'callback'
  readonly eventId: string
  /** `Microsoft.Communication.CallConnected`. */
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
