import type { Channel } from './message.ts'
import type { DeliveryStatus } from './delivery-status.ts'
import type { Reason } from './reason.ts'

/** What came of a request to deliver a message. `id` is the delivery's. */
export type Outcome =
  /** A provider took the message; `reference` is its own id for it, or for what it belongs to. */
  | { readonly kind: 'accepted', readonly id: string, readonly channel: Channel, readonly provider: string, readonly reference: string | undefined }
  /** The same message was taken before, as delivery `id`; nothing was sent. */
  | { readonly kind: 'duplicate', readonly id: string, readonly original: DeliveryStatus }
  /** The same message is being sent as delivery `id`, and nobody knows yet what comes of it; nothing was sent for this one. */
  | { readonly kind: 'under-way', readonly id: string }
  /** The caller used one key for two messages; nothing was sent. */
  | { readonly kind: 'key-reused' }
  /** Refused because of the message itself; nothing was sent. `retryAfter`: in how many milliseconds it might be taken, where that is known. */
  | { readonly kind: 'refused', readonly id: string, readonly reason: Reason, readonly retryAfter?: number | undefined }
  /** Not sent, by fault of the provider or of our account with it. */
  | { readonly kind: 'failed', readonly id: string, readonly reason: Reason }
  /** Nobody knows whether it was sent; it will not be sent again by itself. */
  | { readonly kind: 'unknown', readonly id: string }

/** What a provider says of one attempt. `vendorCode` is the vendor's own name for a failure: letters, digits, dots. */
export type SendResult =
  /** Taken. `reference` is the provider's own id for it; `transaction` that of what it belongs to, where there is one. */
  | { readonly kind: 'accepted', readonly reference: string | undefined, readonly transaction?: string }
  /** Definitely not sent, because of the message itself. */
  | { readonly kind: 'refused', readonly reason: Reason, readonly vendorCode?: string }
  /** Definitely not sent. `retryAfter`: the milliseconds for which the vendor wants to be left alone. */
  | { readonly kind: 'failed', readonly reason: Reason, readonly vendorCode?: string, readonly retryAfter?: number }
  /** It may have been sent: a timeout is not a no. */
  | { readonly kind: 'unknown', readonly reason: Reason, readonly vendorCode?: string }
