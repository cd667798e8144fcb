import type { Deadline } from './deadline.ts'

/** What became of a message, a verification, a provider or a range of numbers, as systems of the operator are told it. */
export interface LifecycleEvent {
  /** The same for the same event, however often it is told. Letters, digits and hyphens. */
  readonly id: string
  /** `phone-code-gateway.delivery.delivered` */
  readonly type: string
  /** When it happened, milliseconds since 1970. */
  readonly time: number
  /** What it is about: `deliveries/<id>`. */
  readonly subject: string
  /** Plain fields. No code, no secret, and only masked numbers. */
  readonly data: Readonly<Record<string, LifecycleValue>>
  /** The span in which the message was asked for, as the header `traceparent` has it. */
  readonly traceparent?: string | undefined
}

export type LifecycleValue = string | number | boolean

/**
 * What came of telling a receiver. `refused`: it will not have this; `failed`: it may have it later, and has perhaps taken
 * some of it already. `status` is its HTTP status; there is none where no answer came.
 */
export type Publication =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused', readonly status: number }
  | { readonly kind: 'failed', readonly status: number | undefined }

/** Somebody outside who is told of lifecycle events. */
export interface Receiver {
  /** Letters, digits and hyphens. How far it has been told is kept by this name. */
  readonly name: string
  /** So many events at most are told it at once; more than one are taken together, or not at all. */
  readonly mostAtOnce: number
  /** Tells it of the events, in their order. Never throws. */
  publish (events: readonly LifecycleEvent[], deadline: Deadline): Promise<Publication>
}

/** What is refused with these is not the event's fault, but that of a setting, of the way there, or of the moment. */
const NOT_BY_CONTENT: ReadonlySet<number> = new Set([401, 403, 404, 405, 407, 408, 410, 425, 429])

/** What an HTTP status says of what was told. A redirect is not followed: what it answers was not taken. */
export const publicationOf = (status: number): Publication => {
  if (status >= 200 && status < 300) return { kind: 'taken' }
  return { kind: status >= 400 && status < 500 && !NOT_BY_CONTENT.has(status) ? 'refused' : 'failed', status }
}
