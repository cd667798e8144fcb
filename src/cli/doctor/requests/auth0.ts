import { isAnySuccess, JSON_TYPE, secretFor, wordsWith, type Rehearsal } from './rehearsal.ts'

/** What our Action hands over of the trigger `custom-phone-provider`; it counts any 2xx as sent. */
export const auth0Rehearsals = (secret: string): readonly Rehearsal[] => (['text', 'voice'] as const).map((method) => ({
  hook: 'auth0',
  what: method === 'text' ? 'a text' : 'a spoken code',
  channel: method,
  settings: 'SECRET_HEADER',
  request: ({ to, code }, credential) => ({
    path: '/hooks/auth0',
    headers: { ...JSON_TYPE, accept: 'application/json, application/problem+json', authorization: `Bearer ${secretFor(secret, credential)}` },
    body: JSON.stringify({
      tenant: 'doctor',
      ip: '203.0.113.7',
      user: 'auth0|doctor',
      notification: {
        recipient: to,
        delivery_method: method,
        message_type: 'otp_verify',
        as_text: wordsWith(code),
        as_voice: wordsWith([...code].join(' ')),
        code,
        locale: 'en_US'
      }
    })
  }),
  isSuccess: isAnySuccess
}))
