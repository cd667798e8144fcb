import type { Reason } from '../domain/reason.ts'
import type { CallSignal } from '../domain/signal.ts'
import type { CallControl } from '../providers/provider.ts'
import { ENDED, type Calls, type CallState } from '../store/calls.ts'
import { codePrompt, codeSpeech, confirmPrompt } from '../wording/wording.ts'
import { formatStep, parseStep, type CallStep } from './call-step.ts'

export interface CallFlowDeps {
  readonly calls: Calls
  readonly control: CallControl
  /** `keypress`: ask for a key before the code, so that voicemail never holds it. */
  readonly confirm: 'none' | 'keypress'
  readonly repeats: number
  /** How long a call may last once it was answered, in milliseconds. */
  readonly maxMs: number
}

/** What a call event means for the attempt; without a status: nothing. */
export interface CallVerdict {
  readonly status: 'accepted' | 'delivered' | 'undelivered' | undefined
  readonly reason?: Reason
  /** To be done once the verdict is on record, and also where it cannot be recorded. */
  readonly after?: () => Promise<void>
}

/** How often a person is asked for a key, and how often a key repeats the code. */
const MAX_CONFIRM_ROUNDS = 2
const MAX_CODE_ROUNDS = 5

const NOTHING: CallVerdict = { status: undefined }

/**
 * Conducts the calls that we placed: each event moves the call by one step, and whoever moves it acts on it. Events that
 * come twice, late or in another order move nothing, so any replica may take any event.
 */
export interface CallFlow {
  /** Acts on an event. `foreign`: it is not about the one call that the attempt is tied to. */
  handle (signal: CallSignal): Promise<CallVerdict | 'foreign'>
}

export const createCallFlow = ({ calls, control, confirm, repeats, maxMs }: CallFlowDeps): CallFlow => {
  /** The state of the call, if this event is about the one call of its attempt. */
  const callOf = async ({ attempt, reference, token, event }: CallSignal): Promise<CallState | undefined> => {
    const state = await calls.find(attempt)
    if (state === undefined || state.reference === reference) return state
    if (state.reference !== undefined) return undefined
    // The reply that named the call was lost, or is not recorded yet. A call that is over cannot be asked any more.
    if (event.type === 'ended' || event.type === 'not-placed') return state
    if (!await control.confirms(reference, token)) return undefined
    return await calls.bind(attempt, reference) === reference ? state : undefined
  }

  /** From `end` on the call is due to be hung up, whoever does it; once it is, that is over. */
  const hangUp = ({ attempt, reference }: CallSignal) => async (): Promise<void> => {
    await calls.end(attempt)
    if (await control.hangUp(reference)) await calls.over(attempt)
  }

  const delivered = (signal: CallSignal): CallVerdict => ({ status: 'delivered', after: hangUp(signal) })

  const fail = (signal: CallSignal, reason: Reason): CallVerdict => ({ status: 'undelivered', reason, after: hangUp(signal) })

  const say = async (signal: CallSignal, step: CallStep): Promise<CallVerdict> => {
    const { reference, content: { to, locale, said } } = signal
    const options = { step: formatStep(step), plain: step.plain }
    if (said === undefined) return fail(signal, 'expired')
    const taken = step.phase === 'confirm'
      ? await control.ask(reference, to, confirmPrompt(locale), options)
      : confirm === 'keypress'
        ? await control.ask(reference, to, codePrompt(locale, said, { repeats }), options)
        : await control.speak(reference, codeSpeech(locale, said, { repeats }), options)
    // Where the answer was lost it may be speaking already: the events will tell.
    return taken === 'refused' ? await speechFailed(signal, step) : NOTHING
  }

  /** Moves the call on and says what comes next; does nothing where somebody else has moved it. */
  const proceed = async (signal: CallSignal, from: string, next: CallStep): Promise<CallVerdict> =>
    await calls.advance(signal.attempt, from, formatStep(next)) ? await say(signal, next) : NOTHING

  /** Markup that one voice does not take, plain text may still say. */
  const speechFailed = async (signal: CallSignal, step: CallStep): Promise<CallVerdict> =>
    step.plain ? fail(signal, 'speech_failed') : await proceed(signal, formatStep(step), { ...step, plain: true })

  const connected = async (signal: CallSignal): Promise<CallVerdict> => {
    const first: CallStep = { phase: confirm === 'keypress' ? 'confirm' : 'code', round: 1, plain: false }
    if (!await calls.advance(signal.attempt, '', formatStep(first))) return { status: 'accepted' }
    await calls.endIn(signal.attempt, maxMs)
    const verdict = await say(signal, first)
    return verdict.status === undefined ? { status: 'accepted' } : verdict
  }

  /** Spoken is spoken; but a late word of an earlier round does not end the one that is being spoken now. */
  const spoken = (signal: CallSignal, state: CallState, step: CallStep): CallVerdict => {
    const now = parseStep(state.step)
    return now !== undefined && now.round > step.round ? { status: 'delivered' } : delivered(signal)
  }

  const keyPressed = async (signal: CallSignal, state: CallState, step: CallStep): Promise<CallVerdict> => {
    if (step.phase === 'confirm') return await proceed(signal, formatStep(step), { phase: 'code', round: 1, plain: false })
    if (step.round === MAX_CODE_ROUNDS) return spoken(signal, state, step)
    return await proceed(signal, formatStep(step), { ...step, round: step.round + 1 })
  }

  const noKey = async (signal: CallSignal, state: CallState, step: CallStep): Promise<CallVerdict> => {
    if (step.phase === 'code') return spoken(signal, state, step)
    if (step.round < MAX_CONFIRM_ROUNDS) return await proceed(signal, formatStep(step), { ...step, round: step.round + 1 })
    return state.step === formatStep(step) ? fail(signal, 'not_confirmed') : NOTHING
  }

  const over = ({ attempt }: CallSignal, state: CallState, reason: Reason): CallVerdict => {
    const after = (): Promise<void> => calls.over(attempt)
    const step = parseStep(state.step)
    // We ended it ourselves: the verdict is on record.
    if (state.step === ENDED) return { status: undefined, after }
    if (step === undefined) return { status: 'undelivered', reason, after }
    // Who asks for the code again has heard it.
    if (step.phase === 'code' && step.round > 1) return { status: 'delivered', after }
    return { status: 'undelivered', reason: step.phase === 'confirm' ? 'not_confirmed' : 'hung_up', after }
  }

  return {
    async handle (signal) {
      const { event } = signal
      const state = await callOf(signal)
      if (state === undefined) return 'foreign'
      if (event.type === 'connected') return await connected(signal)
      if (event.type === 'ended' || event.type === 'not-placed') return over(signal, state, event.reason)
      const step = parseStep(event.step)
      if (step === undefined) return NOTHING
      switch (event.type) {
        case 'speaking': return NOTHING
        case 'spoken': return spoken(signal, state, step)
        case 'speech-failed': return await speechFailed(signal, step)
        case 'key-pressed': return await keyPressed(signal, state, step)
        case 'no-key': return await noKey(signal, state, step)
      }
    }
  }
}
