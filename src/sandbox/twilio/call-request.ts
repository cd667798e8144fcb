import { isPhoneNumber } from '../numbers.ts'
import type { Refusal } from '../refusal.ts'
import type { TwilioAccount } from './account.ts'
import { twilioError } from './errors.ts'
import { field, optional, type Form } from './form.ts'
import type { Instructions } from './twiml.ts'
import { isWebhookUrl } from './webhooks.ts'

const LONGEST_TWIML = 4_000
const LONGEST_CALL_SECONDS = 4 * 60 * 60
const RINGING_SECONDS = 60
const MOST_RINGING_SECONDS = 600

/**
 * Numbers that stand for an error, and one to call from.
 * https://www.twilio.com/docs/iam/test-credentials
 */
const MAGIC_TO: Readonly<Record<string, number>> =
  { '+15005550001': 21217, '+15005550002': 21214, '+15005550003': 21215, '+15005550004': 21216 }
const MAGIC_FROM = '+15005550001'
const MAGIC_SENDER = '+15005550006'

/** How a call is to be. */
export interface NewCall {
  readonly from: string
  readonly to: string
  readonly instructions: Instructions
  readonly statusCallback?: string
  /** Which of `initiated`, `ringing`, `answered` and `completed` are told. */
  readonly events: readonly string[]
  readonly timeoutSeconds: number
  readonly timeLimitSeconds: number
  /** Whether Twilio is to find out who has answered. */
  readonly detectsMachines: boolean
}

const integer = (text: string | undefined, otherwise: number, most: number): number =>
  text !== undefined && /^[1-9]\d{0,5}$/.test(text) ? Math.min(most, Number(text)) : otherwise

const readInstructions = (form: Form): Instructions | undefined => {
  const url = field(form, 'Url')
  const twiml = field(form, 'Twiml')
  if (url !== undefined) {
    const method = field(form, 'Method') === 'GET' ? 'GET' : 'POST'
    return isWebhookUrl(url) ? { kind: 'link', verb: 'Url', webhook: { url, method, form: {} } } : undefined
  }
  return twiml === undefined || twiml.length > LONGEST_TWIML ? undefined : { kind: 'document', text: twiml }
}

/**
 * Checks a request as Twilio does before it takes a call.
 * https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource
 */
export const readCall = (form: Form, account: TwilioAccount): NewCall | Refusal => {
  const to = field(form, 'To')
  const from = field(form, 'From')
  if (to === undefined) return twilioError(21201)
  if (from === undefined) return twilioError(21213)
  if (!isPhoneNumber(to)) return twilioError(21211, to)
  if (MAGIC_TO[to] !== undefined) return twilioError(MAGIC_TO[to], to)
  if (!isPhoneNumber(from) || from === MAGIC_FROM) return twilioError(21212, from)
  if (from !== account.phoneNumber && from !== MAGIC_SENDER) return twilioError(21210, from)
  const instructions = readInstructions(form)
  if (instructions === undefined) return twilioError(21205)
  const statusCallback = field(form, 'StatusCallback')
  if (statusCallback !== undefined && !isWebhookUrl(statusCallback)) return twilioError(21609, statusCallback)
  const events = form.getAll('StatusCallbackEvent')
  return {
    from,
    to,
    instructions,
    ...optional('statusCallback', statusCallback),
    events: events.length === 0 ? ['completed'] : events,
    timeoutSeconds: integer(field(form, 'Timeout'), RINGING_SECONDS, MOST_RINGING_SECONDS),
    timeLimitSeconds: integer(field(form, 'TimeLimit'), LONGEST_CALL_SECONDS, LONGEST_CALL_SECONDS),
    detectsMachines: field(form, 'MachineDetection') !== undefined
  }
}
