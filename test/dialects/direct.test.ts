import { SECRET } from '../support/gateway.ts'
import { NEW_SECRET, NUMBER, testDialect, type WireRequest } from './suite.ts'

const bearer = (secret: string) => (request: WireRequest): WireRequest => ({ ...request, headers: { authorization: `Bearer ${secret}` } })

const PROBLEM = (status: number, code: string) => ({ status, body: { status, code } })

for (const [name, route, channel] of [['direct text', '/send-text-code', 'text'], ['direct voice', '/send-voice-code', 'voice']] as const) {
  testDialect({
    name,
    route,
    channels: [channel],
    bodyOf: ({ number, code }) => JSON.stringify({ phoneNumber: number, code }),
    authenticated: (body, _moment, secret) => ({ headers: { authorization: `Bearer ${secret === 'old' ? SECRET : NEW_SECRET}` }, body }),
    forgeries: [
      ['no secret', (request) => ({ ...request, headers: {} })],
      ['an empty secret', bearer('')],
      ['another secret', bearer('another-secret-altogether')],
      ['a secret that is shorter', bearer(SECRET.slice(1))],
      ['a secret that is longer', bearer(`${SECRET}x`)],
      ['both secrets', bearer(`${SECRET},${NEW_SECRET}`)]
    ],
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
      failed: PROBLEM(502, 'provider_failed'),
      malformed: { status: 400 },
      unauthorized: PROBLEM(401, 'unauthorized'),
      unavailable: { status: 503 }
    }
  })
}
