import { createHmac, randomUUID } from 'node:crypto'
import type { Config } from '../../../config/config.ts'
import { objectIn } from '../probe.ts'
import { JSON_TYPE, secretFor, unconfigured, type Rehearsal, type TestReply, type Unplayed } from './rehearsal.ts'

const HOOK = 'supabase'

/**
 * The Send SMS hook, signed by Standard Webhooks.
 * https://supabase.com/docs/guides/auth/auth-hooks/send-sms-hook
 */
export const supabaseRehearsals = ({ hooks: { settings } }: Config): ReadonlyArray<Rehearsal | Unplayed> => {
  const [secret] = settings.supabase?.secrets ?? []
  if (secret === undefined) return [unconfigured(HOOK, 'SUPABASE_HOOK_SECRET')]
  return [{
    hook: HOOK,
    what: 'a text',
    channel: 'text',
    settings: 'SUPABASE_HOOK_SECRET',
    request ({ to, code, now }, credential) {
      const user = randomUUID()
      // Supabase takes the `+` away.
      const phone = to.slice(1)
      const body = JSON.stringify({
        metadata: { uuid: randomUUID(), time: new Date(now).toISOString(), name: 'send-sms', ip_address: '203.0.113.7' },
        user: { id: user, aud: 'authenticated', role: 'authenticated', email: '', phone },
        sms: { otp: code, phone }
      })
      const signature = supabaseSignature(secretFor(secret.reveal(), credential), body, now)
      return { path: '/hooks/supabase', headers: { ...JSON_TYPE, ...signature }, body }
    },
    isSuccess
  }]
}

/** The headers of Standard Webhooks that sign a body; the secret is in base64, `now` in milliseconds since 1970. */
export const supabaseSignature = (secret: string, body: string, now: number): Readonly<Record<string, string>> => {
  const [id, timestamp] = [`msg_${randomUUID()}`, String(Math.floor(now / 1000))]
  const signature = createHmac('sha256', Buffer.from(secret, 'base64')).update(`${id}.${timestamp}.${body}`).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }
}

/** A success has no error in its body and, but for 204, says that its body is JSON. */
const isSuccess = ({ status, contentType, body }: TestReply): boolean => {
  if (status === 204) return true
  return (status === 200 || status === 202) && contentType.startsWith('application/json') && objectIn({ body }).error === undefined
}
