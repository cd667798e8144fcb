import type { CallAutomationClient } from '@azure/communication-call-automation'
import type { CallbackUrls } from '../callback-url.ts'
import type { Provider } from '../provider.ts'
import { hintOf } from './codes.ts'
import { sendOnce } from './failures.ts'
import { requestOf } from './pipeline.ts'

export interface AcsVoiceDeps {
  readonly client: CallAutomationClient
  readonly callbackUrls: CallbackUrls
  readonly cognitiveServicesEndpoint: URL
  readonly nextSource: () => string
  readonly trustRepeatability: boolean
}

/**
 * Calls by Azure Communication Services. Accepted means that the phone is about to ring; what the call says is decided
 * when Azure tells that it was answered.
 */
export const createAcsVoice = (deps: AcsVoiceDeps): Provider => ({
  name: 'acs-voice',
  channel: 'voice',
  needsCode: false,
  isConducted: true,
  async send (order, deadline) {
    const said = order.speech ?? order.code ?? order.text
    if (said === undefined) return { kind: 'failed', reason: 'content_refused' }
    const callbackUrl = deps.callbackUrls.forCall({ ...order, said }).href
    const source = { phoneNumber: deps.nextSource() }
    return await sendOnce(async (timeout) => {
      const { callConnectionProperties } = await deps.client.createCall(
        { targetParticipant: { phoneNumber: order.to.e164 }, sourceCallIdNumber: source },
        callbackUrl,
        {
          operationContext: order.attempt,
          callIntelligenceOptions: { cognitiveServicesEndpoint: deps.cognitiveServicesEndpoint.href },
          requestOptions: requestOf(order, timeout)
        })
      return { kind: 'accepted', reference: callConnectionProperties.callConnectionId }
    }, deadline, deps.trustRepeatability)
  },
  hint: hintOf,
  inquiry: undefined,
  feedback: undefined
})

/** Takes the numbers in turn: ACS allows two calls at a time for each, unless Azure has raised that. */
export const inTurn = (sources: readonly string[]): () => string => {
  let next = 0
  return () => {
    const source = sources[next % sources.length] as string
    next += 1
    return source
  }
}
