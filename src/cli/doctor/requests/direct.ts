import { isAnySuccess, JSON_TYPE, secretFor, wordsWith, type Rehearsal } from './rehearsal.ts'

/** The routes for callers of our own. */
export const directRehearsals = (secret: string): readonly Rehearsal[] => ([
  { what: 'a text', channel: 'sms', path: '/send-text-code', contentOf: (code: string) => ({ text: wordsWith(code) }) },
  { what: 'a spoken code', channel: 'voice', path: '/send-voice-code', contentOf: (code: string) => ({ code }) }
] as const).map(({ what, channel, path, contentOf }) => ({
  hook: 'direct',
  what,
  channel,
  settings: 'SECRET_HEADER',
  request: ({ to, code }, credential) => ({
    path,
    headers: { ...JSON_TYPE, authorization: `Bearer ${secretFor(secret, credential)}` },
    body: JSON.stringify({ phoneNumber: to, ip: '203.0.113.7', user: 'doctor', ...contentOf(code) })
  }),
  isSuccess: isAnySuccess
}))
