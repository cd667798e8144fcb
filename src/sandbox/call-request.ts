import type { IncomingHttpHeaders } from 'node:http'
import type { Listening, MediaRequest } from './call-media.ts'
import type { CallSetup, NewCall } from './calls.ts'
import { isPhoneNumber } from './numbers.ts'
import { hearSource, type HeardSource, type WirePlaySource } from './play-source.ts'
import { azureError, Refusal } from './refusal.ts'
import { keyOf } from './tones.ts'

type Json = Readonly<Record<string, unknown>>

const invalid = (field: string) => azureError(400, 'BadRequest', `The field ${field} is invalid.`)
const fields = (value: unknown): Json => typeof value === 'object' && value !== null ? value as Json : {}
const text = (name: string, value: unknown) => typeof value === 'string' && value !== '' ? { [name]: value } : {}
const positive = (value: unknown, otherwise: number) => typeof value === 'number' && value > 0 ? value : otherwise

/** Azure calls back over https only; beside a gateway on the same machine http will do. */
const isCallbackUri = (value: unknown): value is string => {
  if (typeof value !== 'string' || !URL.canParse(value)) return false
  const { protocol, hostname } = new URL(value)
  return protocol === 'https:' || (protocol === 'http:' && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname))
}

/** Reads how a call is to be set up, from the body that creates or answers it. */
export const readSetup = (body: Json): CallSetup | Refusal => {
  const { callbackUri, operationContext, callIntelligenceOptions } = body
  if (!isCallbackUri(callbackUri)) return invalid('CallbackUri')
  return {
    callbackUri,
    ...text('operationContext', operationContext),
    ...text('cognitiveServicesEndpoint', fields(callIntelligenceOptions)['cognitiveServicesEndpoint'])
  }
}

/** The number that a request calls, before anything in it was checked. */
export const calledNumber = (body: Json): string => {
  const target = Array.isArray(body['targets']) ? fields(body['targets'][0]) : {}
  return String(fields(target['phoneNumber'])['value'])
}

/** Reads the request for a new call, to one telephone number. */
export const readNewCall = (body: Json, headers: IncomingHttpHeaders, owned: readonly string[]): NewCall | Refusal => {
  const setup = readSetup(body)
  if (setup instanceof Refusal) return setup
  const to = calledNumber(body)
  if (!isPhoneNumber(to)) return invalid('Targets')
  const from = fields(body['sourceCallerIdNumber'])['value']
  if (!isPhoneNumber(from)) return invalid('SourceCallerIdNumber')
  if (!owned.includes(from)) return azureError(401, 'Unauthorized', '')
  return { ...setup, from, to, ...text('repeatabilityRequestId', headers['repeatability-request-id']) }
}

const hearAll = (sources: readonly unknown[], speaks: boolean): HeardSource[] | Refusal => {
  const heard = sources.map(source => hearSource(source as WirePlaySource, speaks))
  return heard.find(one => one instanceof Refusal) ?? heard as HeardSource[]
}

/** Reads a request to play something. `speaks`: the call was set up with a speech service. */
export const readPlay = (body: Json, speaks: boolean): MediaRequest | Refusal => {
  const { playSources, operationContext, operationCallbackUri, interruptCallMediaOperation, playOptions } = body
  if (!Array.isArray(playSources) || playSources.length === 0) return invalid('PlaySources')
  if (operationCallbackUri !== undefined && !isCallbackUri(operationCallbackUri)) return invalid('OperationCallbackUri')
  const sources = hearAll(playSources, speaks)
  if (sources instanceof Refusal) return sources
  return {
    sources,
    ...text('operationContext', operationContext),
    ...text('callbackUri', operationCallbackUri),
    interrupt: interruptCallMediaOperation === true,
    loop: fields(playOptions)['loop'] === true
  }
}

const readListening = ({ recognizeInputType, recognizeOptions }: Json): Listening | Refusal => {
  if (recognizeInputType !== 'dtmf') {
    return azureError(400, 'BadRequest', 'The sandbox hears keys only: recognizeInputType must be dtmf.')
  }
  const { dtmfOptions, initialSilenceTimeoutInSeconds, interruptPrompt } = fields(recognizeOptions)
  const { stopTones, maxTonesToCollect, interToneTimeoutInSeconds } = fields(dtmfOptions)
  const stopKeys = (Array.isArray(stopTones) ? stopTones : []).map(keyOf)
  if (stopKeys.includes(undefined)) return invalid('StopTones')
  return {
    stopKeys: stopKeys as string[],
    mostTones: positive(maxTonesToCollect, Infinity),
    initialSilence: positive(initialSilenceTimeoutInSeconds, 5),
    betweenTones: positive(interToneTimeoutInSeconds, 2),
    interruptible: interruptPrompt === true
  }
}

/** Reads a request to listen for keys, perhaps after a prompt. */
export const readRecognize = (body: Json, speaks: boolean): MediaRequest | Refusal => {
  const { playPrompt, operationContext, operationCallbackUri, interruptCallMediaOperation } = body
  const listening = readListening(body)
  if (listening instanceof Refusal) return listening
  if (operationCallbackUri !== undefined && !isCallbackUri(operationCallbackUri)) return invalid('OperationCallbackUri')
  const sources = hearAll(playPrompt === undefined ? [] : [playPrompt], speaks)
  if (sources instanceof Refusal) return sources
  return {
    sources,
    listening,
    ...text('operationContext', operationContext),
    ...text('callbackUri', operationCallbackUri),
    interrupt: interruptCallMediaOperation === true,
    loop: false
  }
}
