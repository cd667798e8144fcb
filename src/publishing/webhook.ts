import type { Deadline } from '../domain/deadline.ts'
import { publicationOf, type LifecycleEvent, type Publication, type Receiver } from '../domain/receiver.ts'
import type { SensitiveText } from '../domain/sensitive.ts'
import { signedHeaders } from '../domain/webhook-signature.ts'

/** Sends a request once, and gives whatever answer comes, having read no more than a bounded part of it; rejects where none does. */
export interface Poster {
  request (request: { url: URL, method: 'POST', headers: Record<string, string>, body: string, timeout: number }): Promise<{ readonly status: number }>
}

export interface WebhookReceiverDeps {
  readonly url: URL
  /** In base64, without `whsec_`; each signs. */
  readonly secrets: readonly SensitiveText[]
  readonly http: Poster
  /** What receivers compare with their own clocks, milliseconds since 1970. */
  readonly now: () => number
  /** Which gateway tells it: its public URL. */
  readonly source: string
}

/**
 * Tells a receiver of each event by a request of its own, one after the other, signed by Standard Webhooks. `webhook-id` is
 * the event's id.
 */
export const createWebhookReceiver = ({ url, secrets, http, now, source }: WebhookReceiverDeps): Receiver => {
  const post = async (event: LifecycleEvent, deadline: Deadline): Promise<Publication> => {
    const body = JSON.stringify(messageOf(event, source))
    const headers = signedHeaders({ id: event.id, body, secrets, now: now() })
    return await http.request({ url, method: 'POST', headers, body, timeout: Math.max(1, Math.floor(deadline.remaining)) })
      .then(({ status }) => publicationOf(status), () => ({ kind: 'failed', status: undefined }))
  }

  return {
    name: 'webhook',
    // Of several some could be taken and others not.
    mostAtOnce: 1,
    async publish (events, deadline) {
      for (const event of events) {
        const publication = await post(event, deadline)
        if (publication.kind !== 'taken') return publication
      }
      return { kind: 'taken' }
    }
  }
}

/**
 * A CloudEvent, as Event Grid is told it, and with its `timestamp` also what Standard Webhooks advise.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
 */
const messageOf = ({ id, type, time, subject, data, traceparent }: LifecycleEvent, source: string): object => {
  const moment = new Date(time).toISOString()
  return { specversion: '1.0', id, source, type, time: moment, timestamp: moment, subject, datacontenttype: 'application/json', data, traceparent }
}
