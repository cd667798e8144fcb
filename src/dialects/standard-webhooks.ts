import type { SensitiveText } from '../domain/sensitive.ts'
import type { HookRequest } from './dialect.ts'
import { isRecent, isSignatureHeader, isSigned, OUT_OF_TIME } from './signature.ts'

export interface StandardWebhooksDeps {
  /** In base64, without `whsec_`. Any of them opens the hook. */
  readonly secrets: readonly SensitiveText[]
  /** The setting that holds them. */
  readonly setting: string
  readonly now: () => number
}

/**
 * Checks requests that are signed by Standard Webhooks: an HMAC-SHA256 of id, time and the body's bytes. A request that is
 * more than five minutes old, or ahead, is not believed. Gives why not, in fixed words; `undefined`: it is authentic.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export const createStandardWebhooks = ({ secrets, setting, now }: StandardWebhooksDeps): (request: HookRequest) => string | undefined => {
  const keys = secrets.map((secret) => Buffer.from(secret.reveal(), 'base64'))
  return ({ headers, body }) => {
    const [id, time, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => headers[name])
    if (!isSignatureHeader(id) || !isSignatureHeader(time) || !isSignatureHeader(signatures)) return 'it is not signed: webhook-id, webhook-timestamp or webhook-signature is missing'
    if (!isRecent(time, now())) return OUT_OF_TIME
    return isSigned([`${id}.${time}.`, body], readSignatures(signatures), keys) ? undefined : `it is not signed with ${setting}, or not as it came`
  }
}

/** `v1,<base64>`, several with spaces between them. Supabase puts commas there as well. */
const readSignatures = (header: string): Buffer[] => header.split(/\s+/).flatMap((item) => {
  const base64 = /^v1,([A-Za-z0-9+/]{43}=),?$/.exec(item)?.[1]
  return base64 === undefined ? [] : [Buffer.from(base64, 'base64')]
})
