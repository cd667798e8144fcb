import { createHmac } from 'node:crypto'
import type { Config } from '../../../config/config.ts'
import { isAnySuccess, JSON_TYPE, secretFor, wordsWith, unconfigured, type Rehearsal, type Unplayed } from './rehearsal.ts'

const HOOK = 'zitadel'

/**
 * The HTTP provider for SMS. https://zitadel.com/docs/guides/manage/customize/notification-providers
 */
export const zitadelRehearsals = ({ hooks: { settings } }: Config): ReadonlyArray<Rehearsal | Unplayed> => {
  const [key] = settings.zitadel?.signingKeys ?? []
  if (key === undefined) return [unconfigured(HOOK, 'ZITADEL_SIGNING_KEY')]
  return [{
    hook: HOOK,
    what: 'a text',
    channel: 'text',
    settings: 'ZITADEL_SIGNING_KEY',
    request ({ to, code, now }, credential) {
      const body = JSON.stringify({
        contextInfo: { eventType: 'session.otp.sms.challenged', provider: { id: 'doctor', description: 'doctor' }, recipientPhoneNumber: to },
        templateData: { title: '', preHeader: '', subject: '', greeting: '', text: wordsWith(code) },
        args: { oTP: code, expiry: 300_000_000_000, preferredLoginName: 'doctor' }
      })
      const signature = zitadelSignature(secretFor(key.reveal(), credential), body, now)
      return { path: '/hooks/zitadel', headers: { ...JSON_TYPE, ...signature }, body }
    },
    isSuccess: isAnySuccess
  }]
}

/** The header that signs a body; `now` in milliseconds since 1970. */
export const zitadelSignature = (key: string, body: string, now: number): Readonly<Record<string, string>> => {
  const timestamp = Math.floor(now / 1000)
  return { 'zitadel-signature': `t=${timestamp},v1=${createHmac('sha256', key).update(`${timestamp}.${body}`).digest('hex')}` }
}
