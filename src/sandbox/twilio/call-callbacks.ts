import type { Pacer } from '../pacer.ts'
import type { CallStatus, SandboxCall } from '../records.ts'
import type { TwilioAccount } from './account.ts'
import type { TwilioCallBehaviour } from './behaviour.ts'
import type { NewCall } from './call-request.ts'
import { longDate } from './form.ts'
import type { Webhooks } from './webhooks.ts'

/** The fields of everything that Twilio asks or tells about a call. */
export const fieldsOfCall = (account: TwilioAccount, { id, from, to }: SandboxCall, status: CallStatus): Record<string, string> => ({
  AccountSid: account.accountSid,
  ApiVersion: '2010-04-01',
  Called: to,
  Caller: from,
  CallSid: id,
  CallStatus: status,
  Direction: 'outbound-api',
  From: from,
  To: to
})

/** Tells how a call goes, where anybody wants to know it. */
export type TellProgress = (
  event: 'initiated' | 'ringing' | 'answered' | 'completed', status: CallStatus, call: SandboxCall, more?: Readonly<Record<string, string>>
) => void

export interface CallCallbacksDeps {
  readonly account: TwilioAccount
  readonly webhooks: Webhooks
  readonly pacer: Pacer
  readonly now: () => number
}

/**
 * Makes the callbacks of one call, sent one after the other, with the losses and copies that were scripted for it.
 * https://www.twilio.com/docs/voice/api/call-resource#statuscallback
 */
export const createCallCallbacks = (
  { account, webhooks, pacer, now }: CallCallbacksDeps,
  { statusCallback, events }: Pick<NewCall, 'statusCallback' | 'events'>,
  { loseCallbacks = [], callbackCopies = 1 }: TwilioCallBehaviour
): TellProgress => {
  let sequence = 0
  let last = Promise.resolve()

  return (event, status, call, more = {}) => {
    if (statusCallback === undefined || !events.includes(event)) return
    const form = {
      ...fieldsOfCall(account, call, status),
      CallbackSource: 'call-progress-events',
      SequenceNumber: String(sequence),
      Timestamp: longDate(new Date(now()).toISOString()),
      ...more
    }
    sequence += 1
    if (loseCallbacks.includes(status)) return
    for (let copy = 0; copy < callbackCopies; copy += 1) {
      last = pacer.track(last.then(async () => {
        await webhooks.send({ url: statusCallback, form }, { via: 'status-callback', type: `CallStatus=${status}`, subject: call.id })
      }))
    }
  }
}
