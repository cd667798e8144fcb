import { randomUUID } from 'node:crypto'
import { append } from './bounded.ts'
import type { CallBehaviour } from './behaviour.ts'
import type { LiveRecord } from './live-call.ts'
import type { Pacer, Scheduled } from './pacer.ts'
import type { HeardSource } from './play-source.ts'
import type { CallOperation, ResultInformation } from './records.ts'
import { MEDIA_RESULTS } from './result-information.ts'
import { durationOf, linesOf, wordsOf } from './ssml.ts'

const STARTING = 300
const PRESSING = 800
// A browser's voice may be slower than the estimate; it says itself when it is done.
const PATIENCE_WITH_A_VOICE = 4_000

/** What a recognition listens for. Durations in seconds, as on the wire. */
export interface Listening {
  readonly mostTones: number
  readonly stopKeys: readonly string[]
  readonly initialSilence: number
  readonly betweenTones: number
  /** A key cuts the prompt short. */
  readonly interruptible: boolean
}

export interface MediaRequest {
  readonly sources: readonly HeardSource[]
  readonly operationContext?: string
  /** Where the events of this operation go, other than those of the call. */
  readonly callbackUri?: string
  /** Cancels what is under way instead of waiting for it. */
  readonly interrupt: boolean
  readonly loop: boolean
  /** Given, it is a recognition with the sources as its prompt; otherwise it is a play. */
  readonly listening?: Listening
}

/** What is played into a call and pressed in it. Operations come one after the other. */
export interface CallMedia {
  start (request: MediaRequest): void
  cancelAll (): void
  /** Somebody presses a key. Counts for a recognition that listens, or whose prompt may be cut short. */
  press (key: string): void
  /** The handset has finished saying this operation's words. */
  spoken (operationId: string): void
}

/** What becomes of an operation. `keys` are those that were pressed for it. */
export type MediaEvent =
  | { readonly kind: 'started' }
  | { readonly kind: 'canceled' }
  | { readonly kind: 'completed', readonly result: ResultInformation, readonly keys: readonly string[] }
  | {
    readonly kind: 'failed'
    readonly result: ResultInformation
    readonly keys: readonly string[]
    /** The source that could not be played; 0 where none of them is to blame. */
    readonly sourceIndex: number
  }

export interface CallMediaDeps {
  readonly call: LiveRecord
  readonly behaviour: Pick<CallBehaviour, 'playFailures' | 'playFailure' | 'keys' | 'hangUpDuringPlay'>
  readonly pacer: Pacer
  /** The callee hangs up. */
  readonly hangUp: () => void
  readonly tell: (request: MediaRequest, event: MediaEvent) => void
}

interface Operation {
  readonly id: string
  readonly request: MediaRequest
  state: CallOperation['state']
  keys: string[]
  timer?: Scheduled
}

/** Makes the media of one call. */
export const createCallMedia = ({ call, behaviour, pacer, hangUp, tell }: CallMediaDeps): CallMedia => {
  const { playFailures = 0, playFailure = MEDIA_RESULTS.speechRefused, keys: script, hangUpDuringPlay } = behaviour
  const waiting: Operation[] = []
  let current: Operation | undefined
  let plays = 0
  let recognitions = 0

  const enter = (operation: Operation, state: Operation['state'], more: Partial<CallOperation> = {}) => {
    operation.timer?.cancel()
    operation.state = state
    call.updateOperation(operation.id, { state, ...more })
  }
  const finish = (operation: Operation, event: Exclude<MediaEvent, { kind: 'started' | 'canceled' }>) => {
    current = undefined
    enter(operation, event.kind, { result: event.result })
    tell(operation.request, event)
    next()
  }
  const complete = (operation: Operation, result: ResultInformation) =>
    finish(operation, { kind: 'completed', result, keys: operation.keys })
  const fail = (operation: Operation, result: ResultInformation, sourceIndex = 0) =>
    finish(operation, { kind: 'failed', result, keys: operation.keys, sourceIndex })

  const wait = (operation: Operation, seconds: number, result: ResultInformation) => {
    // A person knows nothing of the pace; a script does.
    const attended = call.record.attended && script === undefined
    operation.timer = pacer[attended ? 'deadline' : 'after'](seconds * 1_000, () => fail(operation, result))
  }

  const collect = (operation: Operation, { stopKeys, mostTones, betweenTones }: Listening, key: string) => {
    operation.keys.push(key)
    const result = stopKeys.includes(key)
      ? MEDIA_RESULTS.stopTone
      : operation.keys.length >= mostTones ? MEDIA_RESULTS.mostDigits : undefined
    enter(operation, 'listening', { keys: [...operation.keys] })
    if (result === undefined) return wait(operation, betweenTones, MEDIA_RESULTS.interDigitSilence)
    complete(operation, result)
  }

  const listen = (operation: Operation, { initialSilence }: Listening) => {
    enter(operation, 'listening')
    const keys = script?.[recognitions] ?? (script === undefined && !call.record.attended && recognitions === 0 ? '1' : '')
    recognitions += 1
    if (keys === '') return wait(operation, initialSilence, MEDIA_RESULTS.initialSilence)
    operation.timer = pacer.after(PRESSING, () => {
      for (const key of keys) if (current === operation) press(key)
    })
  }

  const speak = (operation: Operation) => {
    const { sources, listening, loop } = operation.request
    const problem = sources.findIndex(source => source.problem !== undefined)
    plays += 1
    const failure = sources[problem]?.problem ?? (plays <= playFailures ? playFailure : undefined)
    if (failure !== undefined) {
      return fail(operation, listening === undefined ? failure : MEDIA_RESULTS.promptFailed, Math.max(0, problem))
    }
    const speech = sources.flatMap(source => source.speech)
    enter(operation, 'speaking')
    call.update({
      spoken: append(call.record.spoken, wordsOf(speech)),
      transcript: append(call.record.transcript, ...linesOf(speech)),
      played: append(call.record.played, ...sources.map(source => source.raw))
    })
    tell(operation.request, { kind: 'started' })
    const duration = durationOf(speech)
    if (hangUpDuringPlay === true && listening === undefined) {
      operation.timer = pacer.after(duration / 2, hangUp)
    } else if (!loop) {
      operation.timer = pacer.after(call.record.attended ? duration * 2 + PATIENCE_WITH_A_VOICE : duration, () => heard(operation))
    }
  }

  const heard = (operation: Operation) => {
    const { listening } = operation.request
    if (listening !== undefined) return listen(operation, listening)
    complete(operation, MEDIA_RESULTS.completed)
  }

  const next = () => {
    if (current !== undefined) return
    const operation = waiting.shift()
    if (operation === undefined) return
    current = operation
    const { listening, sources } = operation.request
    operation.timer = pacer.after(STARTING, () => {
      if (listening !== undefined && sources.length === 0) listen(operation, listening)
      else speak(operation)
    })
  }

  const press = (key: string) => {
    call.update({ keys: append(call.record.keys, key) })
    const listening = current?.request.listening
    if (current === undefined || listening === undefined) return
    if (current.state === 'listening' || (current.state === 'speaking' && listening.interruptible)) {
      collect(current, listening, key)
    }
  }

  const cancelAll = () => {
    const cancelled = [...(current === undefined ? [] : [current]), ...waiting.splice(0)]
    current = undefined
    for (const operation of cancelled) {
      enter(operation, 'canceled')
      tell(operation.request, { kind: 'canceled' })
    }
  }

  return {
    start (request) {
      const { operationContext, loop, sources, listening } = request
      if (request.interrupt) cancelAll()
      const operation: Operation = { id: randomUUID(), request, state: 'queued', keys: [] }
      waiting.push(operation)
      call.update({
        operations: append(call.record.operations, {
          id: operation.id,
          kind: listening === undefined ? 'play' : 'recognize',
          ...(operationContext === undefined ? {} : { operationContext }),
          state: 'queued',
          loop,
          sources: sources.map(source => source.raw),
          speech: sources.flatMap(source => source.speech),
          keys: []
        })
      })
      next()
    },
    cancelAll,
    press,
    spoken (operationId) {
      if (current?.id === operationId && current.state === 'speaking' && !current.request.loop) heard(current)
    }
  }
}
