import type { CallListInstanceCreateOptions } from 'twilio/lib/rest/api/v2010/account/call.js'
import type { SendResult } from '../../domain/outcome.ts'
import type { SensitiveText } from '../../domain/sensitive.ts'
import type { Spoken } from '../../domain/signal.ts'
import type { Inquiry, Order, Provider, Search } from '../provider.ts'
import type { CallScript } from './call-script.ts'
import { callSearch } from './call-search.ts'
import { finalWordOfCall } from './call-word.ts'
import type { TwilioCallbackUrls } from './callback-urls.ts'
import type { TwilioClient } from './client.ts'
import { hintOf } from './codes.ts'
import { maybeSent, toSendResult } from './failures.ts'
import { sidOf } from './sid.ts'

/** Whether a key is asked for before the code is said: that needs a way back to us. */
export type CallPlan =
  | { readonly confirm: 'none', readonly urls: TwilioCallbackUrls | undefined }
  | { readonly confirm: 'keypress', readonly urls: TwilioCallbackUrls }

export interface TwilioVoiceDeps {
  readonly client: TwilioClient
  /** The number that calls, in E.164 form. */
  readonly from: string
  readonly script: CallScript
  readonly plan: CallPlan
  /** How long a call may last once it was answered. */
  readonly maxSeconds: number
}

/** Seconds for which it rings; voicemail takes most calls after that. Twilio adds up to five. */
const RINGING_SECONDS = 30

/** How long to wait for Twilio before asking, in milliseconds, where it calls back and where it does not. */
const AFTER_CALLBACKS = 150_000
const WITHOUT_CALLBACKS = 45_000

/**
 * Calls by Twilio, which conducts them itself: what is said goes with the request. Accepted means that the phone is about
 * to ring. https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource
 */
export const createTwilioVoice = ({ client, from, script, plan, maxSeconds }: TwilioVoiceDeps): Provider => ({
  name: 'twilio-voice',
  channel: 'voice',
  needsCode: false,
  isConducted: false,
  async send (order, deadline) {
    const said = order.speech ?? order.code ?? order.text
    if (said === undefined) return { kind: 'failed', reason: 'content_refused' }
    const call: CallListInstanceCreateOptions = {
      to: order.to.e164,
      from,
      twiml: openingOf(order, said, script, plan).reveal(),
      timeout: RINGING_SECONDS,
      timeLimit: maxSeconds,
      ...callingBack(order, plan)
    }
    return await place(() => client.within(deadline.remaining, (sdk) => sdk.calls.create(call)))
  },
  hint: hintOf,
  inquiry: callInquiry(client, plan, callSearch(client, from)),
  feedback: undefined
})

const openingOf = (order: Order, said: Spoken, script: CallScript, plan: CallPlan): SensitiveText =>
  plan.confirm === 'keypress'
    ? script.confirmation(order.locale, plan.urls.forCall({ ...order, said }))
    : script.code(order.locale, said, plan.urls?.forCall({ ...order, said }))

const callingBack = ({ attempt }: Order, { urls }: CallPlan): Partial<CallListInstanceCreateOptions> => urls === undefined
  ? {}
  : {
      statusCallback: urls.forCallStatus(attempt).href,
      statusCallbackEvent: ['ringing', 'answered', 'completed'],
      statusCallbackMethod: 'POST'
    }

const place = async (create: () => Promise<{ readonly sid: unknown }>): Promise<SendResult> => {
  try {
    const reference = sidOf((await create()).sid, 'CA')
    return reference === undefined ? maybeSent() : { kind: 'accepted', reference }
  } catch (error) {
    return toSendResult(error)
  }
}

/** Asks Twilio for the status of a call. */
const callInquiry = (client: TwilioClient, { urls }: CallPlan, search: Search): Inquiry => ({
  after: urls === undefined ? WITHOUT_CALLBACKS : AFTER_CALLBACKS,
  async ask (reference, deadline) {
    const sid = sidOf(reference, 'CA')
    if (sid === undefined) return undefined
    try {
      const { status } = await client.within(deadline.remaining, (sdk) => sdk.calls(sid).fetch())
      return finalWordOfCall(status)
    } catch {
      return undefined
    }
  },
  search
})
