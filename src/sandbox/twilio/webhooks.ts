import { randomUUID } from 'node:crypto'
import type { Outbox, PostResult } from '../outbox.ts'
import type { EventDelivery } from '../records.ts'
import { signatureOf } from './signature.ts'

const LONGEST_WAIT = 15_000
const SHORTEST_WAIT = 100
const MOST_RETRIES = 5

/** A request of Twilio to the gateway. */
export interface Webhook {
  /** With a fragment that says when and how often it is tried again: `#rc=2&rp=5xx,ct`. */
  readonly url: string
  readonly method?: 'POST' | 'GET'
  readonly form: Readonly<Record<string, string>>
}

/** Twilio's way to the gateway. */
export interface Webhooks {
  /**
   * Sends signed, and again where the URL's fragment wants it; each attempt has a record. Never rejects; gives the
   * last answer.
   */
  send (webhook: Webhook, event: Pick<EventDelivery, 'via' | 'type' | 'subject'>): Promise<PostResult>
}

const within = (text: string | null, least: number, otherwise: number, most: number) =>
  text === null || !/^\d{1,6}$/.test(text) ? otherwise : Math.min(most, Math.max(least, Number(text)))

/** Says in which of Twilio's words an attempt failed, or `undefined` where it did not. */
const failureOf = ({ status }: PostResult): 'ct' | 'rt' | '4xx' | '5xx' | undefined => {
  if (status === 'unreachable') return 'ct'
  if (status === 'timeout') return 'rt'
  return status >= 500 ? '5xx' : status >= 400 ? '4xx' : undefined
}

/**
 * Makes the way to the gateway.
 * https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
 */
export const createWebhooks = ({ outbox, authToken }: { readonly outbox: Outbox, readonly authToken: string }): Webhooks => ({
  async send ({ url, method = 'POST', form }, event) {
    const [address, fragment = ''] = url.split('#', 2) as [string, string?]
    const overrides = new URLSearchParams(fragment)
    const retries = within(overrides.get('rc'), 0, 1, MOST_RETRIES)
    const policy = (overrides.get('rp') ?? 'ct').split(',')
    const fields = new URLSearchParams(form).toString()
    const target = method === 'POST' ? address : `${address}${address.includes('?') ? '&' : '?'}${fields}`
    const token = randomUUID()
    const post = {
      method,
      url: target,
      headers: {
        'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
        'user-agent': 'TwilioProxy/1.1',
        'x-twilio-signature': signatureOf(authToken, target, method === 'POST' ? form : {}),
        'i-twilio-idempotency-token': token
      },
      body: method === 'POST' ? fields : '',
      deadlineMs: within(overrides.get('rt'), SHORTEST_WAIT, LONGEST_WAIT, LONGEST_WAIT)
    }
    const wantsAnother = (result: PostResult) => {
      const failure = failureOf(result)
      return failure !== undefined && (policy.includes(failure) || policy.includes('all'))
    }
    let attempt = 1
    let result = await outbox.deliver(post, { ...event, eventId: token, attempt })
    while (attempt <= retries && wantsAnother(result)) {
      attempt += 1
      result = await outbox.deliver(post, { ...event, eventId: token, attempt })
    }
    return result
  }
})

/** Whether Twilio would call this address; it refuses hosts with an underscore. */
export const isWebhookUrl = (text: string): boolean => {
  if (!URL.canParse(text)) return false
  const { protocol, hostname } = new URL(text)
  return /^https?:$/.test(protocol) && !hostname.includes('_')
}
