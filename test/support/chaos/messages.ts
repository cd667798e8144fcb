import { PhoneNumber } from '../../../src/domain/phone-number.ts'
import type { Behaviour, RequestFault } from '../../../src/sandbox/sandbox.ts'
import { randomOf, type Random } from './random.ts'

/** Who asks for a message, and how it retries. */
export const CALLERS = ['direct-text', 'direct-voice', 'auth0-text', 'auth0-voice', 'okta-text', 'okta-voice', 'supabase'] as const
export type CallerKind = typeof CALLERS[number]

/** One message that somebody wants: its number and its code belong to no other. */
export interface ChaosMessage {
  readonly index: number
  readonly caller: CallerKind
  /** In E.164 form. */
  readonly number: string
  readonly code: string
  /** What the vendors do with it. */
  readonly behaviour: Behaviour
}

/** Beginnings of mobile numbers, and how many digits follow. The country decides the route: see `ROUTES`. */
const RANGES: ReadonlyArray<readonly [beginning: string, digits: number]> = [
  ['+1415', 7], ['+1212', 7], ['+49151', 8], ['+49176', 8], ['+447400', 6], ['+3467', 7], ['+39347', 7], ['+5511987', 6], ['+61412', 6], ['+81901', 7]
]

/** Both vendors come first somewhere, and Verify as well. */
export const ROUTES = {
  SMS_ROUTE: 'acs-sms,twilio-sms',
  SMS_ROUTE_DE: 'twilio-sms,acs-sms',
  SMS_ROUTE_GB: 'twilio-verify,acs-sms',
  SMS_ROUTE_ES: 'twilio-verify,twilio-sms',
  VOICE_ROUTE: 'acs-voice,twilio-voice',
  VOICE_ROUTE_DE: 'twilio-voice,acs-voice',
  VOICE_ROUTE_GB: 'twilio-verify,acs-voice'
}

/** Letters that no hexadecimal number has, and hardly any word in capitals: a code of these is found in a log. */
const LETTERS = 'GHJKMNPQRSTVWXYZ'

/** An odd factor reaches every number of 32 bits once, so that no code comes twice. */
const codeOf = (seed: number, index: number): string => {
  const bits = (Math.imul(index, 0x9E3779B1) + seed) >>> 0
  return Array.from({ length: 8 }, (_, place) => LETTERS[(bits >>> (4 * place)) & 15]).join('')
}

/** Neighbours differ in all digits; within a range no number comes twice. */
const numberOf = (index: number): string => {
  const [beginning, digits] = RANGES[index % RANGES.length] as readonly [string, number]
  const size = 10 ** digits
  for (let step = Math.floor(index / RANGES.length); ; step += 99_991) {
    const number = `${beginning}${String((step * 7_919 + 4_321) % size).padStart(digits, '0')}`
    if (PhoneNumber.parseValid(number) !== undefined) return number
  }
}

/** The simulated time of the vendors: their delays are multiplied by it. So an event that nobody took comes again soon. */
export const PACE = 0.05

const real = (milliseconds: number): number => Math.round(milliseconds / PACE)

const requestFault = (random: Random): RequestFault => ({
  ...random.weighted<() => RequestFault>([
    [44, () => ({})],
    [12, () => ({ delayMs: real(random.whole(100, 1500)) })],
    [5, () => ({ delayMs: real(random.whole(4000, 6000)) })],
    [4, () => ({ hang: true })],
    [7, () => ({ drop: 'before-read' })],
    [9, () => ({ drop: 'after-accept' })],
    [4, () => ({ drop: 'after-accept', delayMs: real(random.whole(100, 1500)) })],
    [5, () => ({ httpError: { status: 503 } })],
    [4, () => ({ httpError: { status: 500 } })],
    [3, () => ({ httpError: { status: 429, headers: { 'retry-after': '1' } } })],
    [3, () => ({ malformed: random.pick(['html', 'broken-json', 'empty-object']) })]
  ])(),
  times: random.whole(1, 3)
})

/** What the vendors do with a message: the same for the same seed. No vendor knows a message that comes again. */
const behaviourOf = (random: Random): Behaviour => ({
  sms: {
    ...requestFault(random),
    ...(random.chance(0.03) ? { recipientError: { httpStatusCode: 400, errorMessage: 'Invalid To phone number format.' } } : {}),
    ignoreRepeatability: true,
    report: random.chance(0.92) ? 'delivered' : 'failed',
    reportCopies: random.chance(0.1) ? 2 : 1,
    outOfOrder: random.chance(0.05)
  },
  call: { ...requestFault(random), ignoreRepeatability: true, outcome: random.weighted([[80, 'answer'], [10, 'busy'], [5, 'declined'], [5, 'unreachable']]) },
  twilio: {
    message: {
      ...requestFault(random),
      ...(random.chance(0.03) ? { error: { status: 400, code: 21211 } } : {}),
      report: random.chance(0.92) ? 'delivered' : 'undelivered',
      outOfOrder: random.chance(0.05)
    },
    call: { ...requestFault(random), outcome: random.weighted([[80, 'answer'], [10, 'busy'], [10, 'failed']]) },
    verification: { ...requestFault(random), report: random.chance(0.92) ? 'delivered' : 'undelivered' }
  }
})

/** What a number does that is forgotten: everything works, and nothing is known again. */
export const OTHERWISE: Behaviour = { sms: { ignoreRepeatability: true }, call: { ignoreRepeatability: true, outcome: 'answer' }, twilio: { call: { outcome: 'answer' } } }

/** The message of that index, the same for the same seed. */
export const messageOf = (seed: number, index: number): ChaosMessage => {
  const random = randomOf(seed, 'message', index)
  const caller = random.weighted<CallerKind>([
    [26, 'direct-text'], [7, 'direct-voice'], [24, 'auth0-text'], [5, 'auth0-voice'], [18, 'okta-text'], [4, 'okta-voice'], [16, 'supabase']
  ])
  return { index, caller, number: numberOf(index), code: codeOf(seed, index), behaviour: behaviourOf(random) }
}
