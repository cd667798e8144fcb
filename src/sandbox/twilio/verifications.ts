import { randomInt } from 'node:crypto'
import { remember } from '../bounded.ts'
import type { Behaviours } from '../behaviours.ts'
import type { Refusal } from '../refusal.ts'
import { createSid, type TwilioAccount } from './account.ts'
import type { VerificationBehaviour } from './behaviour.ts'
import type { Calls } from './calls.ts'
import { twilioError } from './errors.ts'
import { fieldsOf, optional, type Form } from './form.ts'
import type { Messages } from './messages.ts'

const LIFE = 10 * 60_000
const MOST_SENDS = 5
const MOST_CHECKS = 5
const CALL = { events: [], timeoutSeconds: 60, timeLimitSeconds: 600, detectsMachines: false }

export type VerificationChannel = 'sms' | 'call' | 'whatsapp'

/** One way of a code to a person, and whether it was the right one. */
export interface Verification {
  readonly sid: string
  readonly to: string
  readonly channel: VerificationChannel
  readonly status: 'pending' | 'approved' | 'canceled' | 'expired'
  readonly code: string
  readonly checks: number
  readonly sends: ReadonlyArray<{ readonly attemptSid: string, readonly channel: VerificationChannel, readonly at: number }>
  /** Milliseconds since 1970, as is the next. */
  readonly createdAt: number
  readonly updatedAt: number
}

/** The verifications of the one service. */
export interface Verifications {
  /** Sends a code; a verification of the number that is pending is used again. */
  start (request: { readonly to: string, readonly channel: VerificationChannel, readonly code?: string, readonly form: Form }): Verification | Refusal
  /** The pending one of a sid or a number, for ten minutes from its first code. */
  find (sidOrNumber: string): Verification | undefined
  /** The newest of a sid or a number, also where it has ended. */
  recall (sidOrNumber: string): Verification | undefined
  /** As it stands: the pending one of a number; of a sid also what has ended, unless that is forgotten. */
  look (sidOrNumber: string): Verification | undefined
  isApproved (sid: string): boolean
  /** Ends it. Approval counts as the conversion of its attempts. */
  finish (verification: Verification, status: 'approved' | 'canceled'): Verification
  /** Compares a code, five times at most. */
  check (verification: Verification, code: string): Verification | Refusal
}

export interface VerificationsDeps {
  readonly account: TwilioAccount
  readonly behaviours: Behaviours
  readonly calls: Calls
  readonly messages: Messages
  readonly now: () => number
}

const OUTCOMES = { undelivered: 'no-answer', failed: 'failed' } as const

const outcomeOf = ({ report }: VerificationBehaviour) =>
  report === 'undelivered' || report === 'failed' ? OUTCOMES[report] : undefined

/** Makes the verifications of the service. */
export const createVerifications = ({ account, behaviours, calls, messages, now }: VerificationsDeps): Verifications => {
  const known = new Map<string, Verification>()

  const keep = (verification: Verification) => {
    remember(known, verification.sid, verification)
    return verification
  }

  const isAlive = ({ status, createdAt }: Verification) => status === 'pending' && now() - createdAt < LIFE

  const recall = (sidOrNumber: string) => [...known.values()].findLast(({ sid, to }) => sid === sidOrNumber || to === sidOrNumber)

  const find = (sidOrNumber: string) => {
    const newest = recall(sidOrNumber)
    return newest !== undefined && isAlive(newest) ? newest : undefined
  }

  /** A verification arrives like any other message or call, in Twilio's own words. */
  const send = ({ sid, to, channel, code }: Verification, attemptSid: string, form: Form) => {
    const { call = {}, verification: behaviour = {} } = behaviours.twilio(to)
    const more = { form: fieldsOf(form), verification: { verificationSid: sid, attemptSid } }
    const { phoneNumber, whatsappNumber } = account
    if (channel === 'call') {
      const words = `Your sandbox verification code is: ${[...code].join(', ')}.`
      const outcome = outcomeOf(behaviour) ?? call.outcome
      calls.create(
        { ...CALL, from: phoneNumber, to, instructions: { kind: 'document', text: `<Response><Say>${words}</Say><Pause/><Say>${words}</Say></Response>` } },
        { ...call, ...optional('outcome', outcome), ...optional('errorCode', behaviour.errorCode) },
        more)
      return
    }
    const from = channel === 'sms' ? phoneNumber : whatsappNumber
    messages.accept({ channel, from, to, text: `Your sandbox verification code is: ${code}` }, behaviour, more)
  }

  const finish = (verification: Verification, status: 'approved' | 'canceled') =>
    keep({ ...verification, status, updatedAt: now() })

  return {
    start ({ to, channel, code, form }) {
      const at = now()
      const pending = find(to)
      if (pending !== undefined && pending.sends.length >= MOST_SENDS) return twilioError(60203)
      const attemptSid = createSid('VL')
      const verification: Verification = {
        sid: createSid('VE'),
        to,
        status: 'pending',
        checks: 0,
        createdAt: at,
        ...pending,
        channel,
        code: code ?? pending?.code ?? String(randomInt(1_000_000)).padStart(6, '0'),
        sends: [...pending?.sends ?? [], { attemptSid, channel, at }],
        updatedAt: at
      }
      send(verification, attemptSid, form)
      return keep(verification)
    },
    find,
    recall,
    look (sidOrNumber) {
      const alive = find(sidOrNumber)
      const ended = alive === undefined ? known.get(sidOrNumber) : undefined
      if (ended === undefined || behaviours.twilio(ended.to).verification?.forgetsEnded === true) return alive
      return ended.status === 'pending' ? { ...ended, status: 'expired' } : ended
    },
    isApproved: sid => known.get(sid)?.status === 'approved',
    finish,
    check (verification, code) {
      if (verification.checks >= MOST_CHECKS) return twilioError(60202)
      const right = code === verification.code
      const checked = keep({ ...verification, checks: verification.checks + 1, updatedAt: now() })
      return right ? finish(checked, 'approved') : checked
    }
  }
}
