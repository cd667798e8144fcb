import { randomUUID } from 'node:crypto'
import { CONTENT_TYPES, formatEvents, TOPIC, type AccountEvent, type EventSchema } from './event-format.ts'
import type { Outbox, PostResult } from './outbox.ts'
import type { Pacer } from './pacer.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const BACKOFF = [10 * SECOND, 30 * SECOND, MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR]
const LATER = 12 * HOUR
// With these waits a day ends after 11 attempts, long before the 30 that are allowed.
const LIFE = 24 * HOUR
const LEAST_WAIT: Readonly<Record<string, number>> = { 404: 5 * MINUTE, 408: 2 * MINUTE, 503: 30 * SECOND }
const FINAL: ReadonlyArray<PostResult['status']> = [200, 201, 202, 203, 204, 400, 401, 403, 413]
const HANDSHAKES = 5
const BETWEEN_HANDSHAKES = 2 * SECOND
const ORIGIN = 'eventgrid.azure.net'

/** The part of Azure that brings an account's events to the gateway. */
export interface EventGrid {
  /**
   * Asks the endpoint whether it wants the events, and from then on brings them there and nowhere else. Asks five
   * times; rejects with what the endpoint last answered.
   */
  subscribe (eventsUrl: string, schema: EventSchema): Promise<void>
  /** Brings the events at least once, as long as anybody listens; without a subscription they are lost. */
  publish (events: readonly AccountEvent[]): void
}

export interface EventGridDeps {
  readonly outbox: Outbox
  readonly pacer: Pacer
  readonly secret: string
  readonly now: () => number
}

/**
 * Makes an Event Grid with the retry schedule of the real one, its delays multiplied by the pace.
 * https://learn.microsoft.com/azure/event-grid/delivery-and-retry
 */
export const createEventGrid = ({ outbox, pacer, secret, now }: EventGridDeps): EventGrid => {
  let subscription: { readonly url: string, readonly schema: EventSchema } | undefined

  const headersOf = (schema: EventSchema, eventType: string, count: number, eventId: string) => ({
    'content-type': CONTENT_TYPES[schema],
    'aeg-subscription-name': 'SANDBOX',
    'aeg-event-type': eventType,
    'aeg-delivery-count': String(count),
    'aeg-metadata-version': '1',
    'aeg-data-version': '1.0',
    'aeg-output-event-id': eventId
  })

  /** Gives what is wrong with the endpoint's answer, or `undefined`. */
  const shakeHands = async (url: string, schema: EventSchema): Promise<string | undefined> => {
    if (schema !== 'event-grid') {
      const { status, headers } = await outbox.send({ method: 'OPTIONS', url, headers: { 'webhook-request-origin': ORIGIN } })
      const allowed = headers['webhook-allowed-origin']
      return status === 200 && (allowed === ORIGIN || allowed === '*')
        ? undefined
        : `status ${status}, WebHook-Allowed-Origin ${allowed ?? 'missing'}`
    }
    const [id, validationCode] = [randomUUID(), randomUUID()]
    const body = JSON.stringify([{
      id,
      topic: TOPIC,
      subject: '',
      // Nothing serves this address: an endpoint that fetches it could be sent anywhere.
      data: { validationCode, validationUrl: `https://sandbox.invalid/validate?id=${id}` },
      eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
      eventTime: new Date(now()).toISOString(),
      metadataVersion: '1',
      dataVersion: '1'
    }])
    const { status, text } = await outbox.send({ url, headers: headersOf(schema, 'SubscriptionValidation', 0, id), body })
    if (status !== 200) return `status ${status}`
    const echoed = ((): unknown => { try { return JSON.parse(text) } catch { return null } })()
    return (echoed as { validationResponse?: unknown } | null)?.validationResponse === validationCode
      ? undefined
      : 'status 200 without the validation code'
  }

  const bring = async (event: AccountEvent, body: string, attempt: number, waited: number): Promise<void> => {
    const { url, schema } = subscription!
    const { status } = await outbox.deliver(
      { url, headers: headersOf(schema, 'Notification', attempt - 1, event.id), body },
      { via: 'event-grid', eventId: event.id, type: event.type, attempt, subject: event.subject })
    const wait = Math.max(BACKOFF[attempt - 1] ?? LATER, LEAST_WAIT[status] ?? 0)
    if (FINAL.includes(status) || waited + wait > LIFE) return
    pacer.after(wait, () => { bring(event, body, attempt + 1, waited + wait) })
  }

  return {
    async subscribe (eventsUrl, schema) {
      const url = new URL(eventsUrl)
      url.searchParams.set('key', secret)
      let problem: string | undefined
      for (let handshake = 1; handshake <= HANDSHAKES; handshake += 1) {
        problem = await shakeHands(url.href, schema)
        if (problem === undefined) {
          subscription = { url: url.href, schema }
          return
        }
        if (handshake < HANDSHAKES) await pacer.delay(BETWEEN_HANDSHAKES)
      }
      throw new Error(`The handshake with ${eventsUrl} failed: ${problem}.`)
    },
    publish (events) {
      if (subscription === undefined) return
      formatEvents(events, subscription.schema).forEach((body, index) => { bring(events[index]!, body, 1, 0) })
    }
  }
}
