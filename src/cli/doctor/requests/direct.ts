import { isAnySuccess, JSON_TYPE, secretFor, wordsWith, type Rehearsal } from './rehearsal.ts'

/** The routes for callers of our own. */
export const directRehearsals = (secret: string): readonly Rehearsal[] => [
  {
    hook: 'direct',
    what: 'a text',
    channel: 'sms',
    settings: 'SECRET_HEADER',
    request: ({ to, code }, credential) => ({
      path: '/send-text-code',
      headers: { ...JSON_TYPE, authorization: `Bearer ${secretFor(secret, credential)}` },
      body: JSON.stringify({ phoneNumber: to, text: wordsWith(code) })
    }),
    isSuccess: isAnySuccess
  },
  {
    hook: 'direct',
    what: 'a spoken code',
    channel: 'voice',
    settings: 'SECRET_HEADER',
    request: ({ to, code }, credential) => ({
      path: '/send-voice-code',
      headers: { ...JSON_TYPE, authorization: `Bearer ${secretFor(secret, credential)}` },
      body: JSON.stringify({ phoneNumber: to, code })
    }),
    isSuccess: isAnySuccess
  }
]
