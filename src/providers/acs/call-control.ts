import type { CallAutomationClient, SsmlSource, TextSource } from '@azure/communication-call-automation'
import { isRestError } from '@azure/core-rest-pipeline'
import type { Speech } from '../../domain/speech.ts'
import type { CallControl } from '../provider.ts'
import { CALL_TOKEN_PARAMETER, type CallbackUrls } from './callback-url.ts'
import { toPlainText, toSsml } from './ssml.ts'
import { createVoices } from './voices.ts'

export interface AcsCallControlDeps {
  readonly client: CallAutomationClient
  readonly callbackUrls: CallbackUrls
  readonly cognitiveServicesEndpoint: URL
  /** Voices in place of ours, by locale. */
  readonly voiceNames: ReadonlyMap<string, string>
}

/** Seconds of silence after which nobody is taken to press a key any more. */
const SECONDS_FOR_A_KEY = 6

/** Speaks and listens in calls, by Call Automation. */
export const createAcsCallControl = ({ client, callbackUrls, cognitiveServicesEndpoint, voiceNames }: AcsCallControlDeps): CallControl => {
  const voiceOf = createVoices(voiceNames)
  const media = (reference: string) => client.getCallConnection(reference).getCallMedia()

  const sourceOf = (speech: Speech, plain: boolean): SsmlSource | TextSource => {
    const voice = voiceOf(speech.locale)
    return plain
      ? { kind: 'textSource', text: toPlainText(speech).reveal(), sourceLocale: voice.locale, voiceName: voice.name }
      : { kind: 'ssmlSource', ssmlText: toSsml(speech, voice).reveal() }
  }

  return {
    speak: (reference, speech, { step, plain }) => taken(
      media(reference).playToAll([sourceOf(speech, plain)], { operationContext: step })),
    ask: (reference, to, speech, { step, plain }) => taken(
      media(reference).startRecognizing({ phoneNumber: to.e164 }, {
        kind: 'callMediaRecognizeDtmfOptions',
        maxTonesToCollect: 1,
        initialSilenceTimeoutInSeconds: SECONDS_FOR_A_KEY,
        interruptPrompt: true,
        playPrompt: sourceOf(speech, plain),
        operationContext: step
      })),
    hangUp: (reference) => taken(client.getCallConnection(reference).hangUp(true).catch(unlessOver)),
    async confirms (reference, token) {
      try {
        // The SDK's type says `callbackUrl`; what it gives is named `callbackUri`, as on the wire.
        const properties = await client.getCallConnection(reference).getCallConnectionProperties() as { callbackUri?: string }
        return new URL(properties.callbackUri ?? '').searchParams.get(CALL_TOKEN_PARAMETER) === token.reveal()
      } catch {
        return false
      }
    },
    reject: (context) => taken(client.rejectCall(context.reveal(), { callRejectReason: 'busy' })),
    answer: (context, locale) => taken(client.answerCall(context.reveal(), callbackUrls.forAnnouncement(locale).href, {
      callIntelligenceOptions: { cognitiveServicesEndpoint: cognitiveServicesEndpoint.href }
    }))
  }
}

/** A call that Azure does not know any more is over. */
const unlessOver = (error: unknown): void => {
  if (!isRestError(error) || error.statusCode !== 404) throw error
}

/** Whether a request was taken. Why not is of no use here: what follows is the same, and the events tell the rest. */
const taken = async (work: Promise<unknown>): Promise<boolean> => {
  try {
    await work
    return true
  } catch {
    return false
  }
}
