import type { CallAutomationClient, SsmlSource, TextSource } from '@azure/communication-call-automation'
import { isRestError } from '@azure/core-rest-pipeline'
import type { Speech } from '../../domain/speech.ts'
import { CALL_TOKEN_PARAMETER, type CallbackUrls } from '../callback-url.ts'
import { EventsUnavailable, type CallControl, type Taken } from '../provider.ts'
import { toSendResult } from './failures.ts'
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
    async hangUp (reference) {
      const ended = await taken(client.getCallConnection(reference).hangUp(true).catch(unlessOver))
      return ended === 'taken'
    },
    async confirms (reference, token) {
      const properties = await getProperties(client, reference)
      return properties !== undefined && tokenIn(properties.callbackUri) === token.reveal()
    },
    reject: (context) => taken(client.rejectCall(context.reveal(), { callRejectReason: 'busy' })),
    async answer (context, locale) {
      try {
        const { callConnectionProperties } = await client.answerCall(context.reveal(), callbackUrls.forAnnouncement(locale).href, {
          callIntelligenceOptions: { cognitiveServicesEndpoint: cognitiveServicesEndpoint.href }
        })
        return callConnectionProperties.callConnectionId
      } catch {
        return undefined
      }
    }
  }
}

/** How often Azure is asked about a call before it is given up. */
const TRIES = 3

/** What Azure knows of a call; `undefined` where it knows of none. The SDK's type says `callbackUrl`: it is `callbackUri`. */
const getProperties = async (client: CallAutomationClient, reference: string, tries = TRIES): Promise<{ callbackUri?: string } | undefined> => {
  try {
    return await client.getCallConnection(reference).getCallConnectionProperties() as { callbackUri?: string }
  } catch (error) {
    if (isOver(error)) return undefined
    if (tries === 1) throw new EventsUnavailable({ cause: error })
    return await getProperties(client, reference, tries - 1)
  }
}

const tokenIn = (callbackUri = ''): string | null =>
  URL.canParse(callbackUri) ? new URL(callbackUri).searchParams.get(CALL_TOKEN_PARAMETER) : null

/** A call that Azure does not know any more is over. */
const isOver = (error: unknown): boolean => isRestError(error) && error.statusCode === 404

const unlessOver = (error: unknown): void => {
  if (!isOver(error)) throw error
}

/** Whether a request was taken. Why not is of no use here: the events tell the rest. */
const taken = async (work: Promise<unknown>): Promise<Taken> => {
  try {
    await work
    return 'taken'
  } catch (error) {
    return toSendResult(error).kind === 'unknown' ? 'unknown' : 'refused'
  }
}
