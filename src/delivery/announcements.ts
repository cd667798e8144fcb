import type { AnnouncementSignal, IncomingCallSignal } from '../domain/signal.ts'
import type { CallControl } from '../providers/provider.ts'
import type { Attempts } from '../store/attempts.ts'
import type { Due } from '../store/due.ts'
import { incomingAnnouncement } from '../wording/wording.ts'
import type { Unfinished } from './unfinished.ts'

export interface AnnouncementDeps {
  readonly control: CallControl
  readonly attempts: Attempts
  readonly due: Due
  readonly unfinished: Unfinished
  /** How long such a call may last, in milliseconds. */
  readonly maxMs: number
}

/** The incoming calls that we answer, in order to say what the number is for. */
export interface Announcements {
  /** Answers a call; it will be ended in time, whatever its events. */
  answer (context: IncomingCallSignal['context'], locale: string): Promise<void>
  /** Conducts an answered call: speaks, and hangs up. Events of a call that we placed are none of it. */
  handle (signal: AnnouncementSignal): Promise<void>
}

const PLAIN = 'announcement:plain'

/** Calls of which it is remembered that they have been spoken into, against events that come twice. */
const MAX_REMEMBERED = 1000

export const createAnnouncements = ({ control, attempts, due, unfinished, maxMs }: AnnouncementDeps): Announcements => {
  const spokenInto = new Set<string>()

  const isFirst = (reference: string): boolean => {
    if (spokenInto.has(reference)) return false
    spokenInto.add(reference)
    const [oldest] = spokenInto
    if (spokenInto.size > MAX_REMEMBERED) spokenInto.delete(oldest as string)
    return true
  }

  const isCallOfOurs = async (reference: string): Promise<boolean> => {
    try {
      return await attempts.findByReference(reference) !== undefined
    } catch {
      // With the store down the caller is spoken to all the same.
      return false
    }
  }

  const speak = async (reference: string, locale: string, plain: boolean): Promise<void> => {
    const taken = await control.speak(reference, incomingAnnouncement(locale), { step: plain ? PLAIN : 'announcement', plain })
    if (taken === 'refused') await control.hangUp(reference)
  }

  const endInTime = (reference: string): Promise<void> =>
    unfinished.settle('timing a call', () => due.add({ id: reference, kind: 'end-announcement' }, maxMs))

  return {
    async answer (context, locale) {
      const reference = await control.answer(context, locale)
      if (reference !== undefined) await endInTime(reference)
    },
    async handle ({ reference, locale, event }) {
      if (await isCallOfOurs(reference)) return
      if (event.type === 'connected') {
        if (!isFirst(reference)) return
        // Where the vendor's answer was lost, this is the first that is heard of the call.
        await endInTime(reference)
        await speak(reference, locale, false)
      } else if (event.type === 'speech-failed' && event.step !== PLAIN) {
        await speak(reference, locale, true)
      } else if (event.type === 'spoken' || event.type === 'speech-failed') {
        await control.hangUp(reference)
      } else if (event.type === 'ended') {
        await due.done({ id: reference, kind: 'end-announcement' })
      }
    }
  }
}
