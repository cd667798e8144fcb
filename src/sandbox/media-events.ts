import type { MediaEvent, MediaRequest } from './call-media.ts'
import type { LiveCall } from './live-call.ts'
import { MEDIA_RESULTS } from './result-information.ts'
import { toneOf } from './tones.ts'

/**
 * Tells the gateway how an operation goes, as Azure does.
 * https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/play-action
 */
export const mediaEvents = (call: LiveCall) => ({ operationContext, callbackUri, listening }: MediaRequest, event: MediaEvent): void => {
  const tell = (type: string, data: Record<string, unknown> = {}) =>
    call.notify(type, { ...(operationContext === undefined ? {} : { operationContext }), ...data }, callbackUri)
  const recognizes = listening !== undefined
  const name = recognizes ? 'Recognize' : 'Play'
  switch (event.kind) {
    case 'started':
      if (!recognizes) tell('PlayStarted', { resultInformation: MEDIA_RESULTS.completed })
      return
    case 'completed':
      tell(`${name}Completed`, {
        ...(recognizes ? { recognitionType: 'dtmf', dtmfResult: { tones: event.keys.map(toneOf) } } : {}),
        resultInformation: event.result
      })
      return
    case 'failed':
      tell(`${name}Failed`, {
        ...(recognizes ? {} : { failedPlaySourceIndex: event.sourceIndex }),
        resultInformation: event.result
      })
      return
    case 'canceled': tell(`${name}Canceled`)
  }
}
