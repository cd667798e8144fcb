import { createHmac } from 'node:crypto'
import type { SensitiveText } from './sensitive.ts'

export interface WebhookMessage {
  /** The same for the same message, however often it is sent. Without a full stop. */
  readonly id: string
  /** JSON. */
  readonly body: string
  /** In base64, without `whsec_`; each signs. */
  readonly secrets: readonly SensitiveText[]
  /** What receivers compare with their own clocks, milliseconds since 1970. */
  readonly now: number
}

/**
 * The headers of a message that is signed by Standard Webhooks: an HMAC-SHA256 of id, time and body, by each of the secrets.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export const signedHeaders = ({ id, body, secrets, now }: WebhookMessage): Record<string, string> => {
  const timestamp = String(Math.floor(now / 1000))
  return {
    'content-type': 'application/json',
    'user-agent': 'phone-code-gateway',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': secrets.map((secret) => `v1,${sign(`${id}.${timestamp}.${body}`, secret)}`).join(' ')
  }
}

const sign = (content: string, secret: SensitiveText): string =>
  createHmac('sha256', Buffer.from(secret.reveal(), 'base64')).update(content).digest('base64')
