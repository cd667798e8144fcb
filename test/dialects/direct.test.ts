import { BY_SECRET, NUMBER, PROBLEM, SAYS_OF_GUARD, testDialect } from './suite.ts'

for (const [name, route, channel] of [['direct text', '/send-text-code', 'text'], ['direct voice', '/send-voice-code', 'voice']] as const) {
  testDialect({
    name,
    route,
    channels: [channel],
    tells: ['ip', 'user'],
    bodyOf: ({ number, code, ip, user }) => JSON.stringify({ phoneNumber: number, code, ip, user }),
    ...BY_SECRET,
    malformed: [
      ['no number', JSON.stringify({ code: '482913' })],
      ['a number that is text', JSON.stringify({ phoneNumber: 'call me', code: '482913' })],
      ['a code that is null', JSON.stringify({ phoneNumber: NUMBER, code: null })],
      ['a code of 40 characters', JSON.stringify({ phoneNumber: NUMBER, code: '4'.repeat(40) })],
      ['no code', JSON.stringify({ phoneNumber: NUMBER })],
      ['an unknown channel', JSON.stringify({ phoneNumber: NUMBER, code: '482913', channel: 'pigeon' })]
    ],
    says: {
      accepted: { status: 200, body: { status: 'accepted' } },
      duplicate: { status: 200, body: { status: 'duplicate' } },
      unknown: { status: 202, body: { status: 'unknown' } },
      // Azure does not tell why it takes no call: that may be our fault.
      refused: channel === 'voice' ? PROBLEM(502, 'provider_failed') : PROBLEM(422, 'recipient_refused'),
      ...SAYS_OF_GUARD,
      failed: PROBLEM(502, 'provider_failed'),
      malformed: { status: 400 },
      unauthorized: PROBLEM(401, 'unauthorized'),
      unavailable: { status: 503 }
    }
  })
}
