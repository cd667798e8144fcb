import type { AnnouncementSignal } from '../domain/signal.ts'
import type { CallControl } from '../providers/provider.ts'
import type { Due } from '../store/due.ts'
import { incomingAnnouncement } from '../wording/wording.ts'

export interface AnnouncementDeps {
  readonly control: CallControl
  readonly due: Due
  /** How long such a call may last, in milliseconds. */
  readonly maxMs: number
}

const PLAIN = 'announcement:plain'

/** Conducts the incoming calls that we answered: says what the number is for, and hangs up. */
export const createAnnouncements = ({ control, due, maxMs }: AnnouncementDeps) =>
  async ({ reference, locale, event }: AnnouncementSignal): Promise<void> => {
    const speak = (plain: boolean): Promise<boolean> =>
      control.speak(reference, incomingAnnouncement(locale), { step: plain ? PLAIN : 'announcement', plain })
    if (event.type === 'connected') {
      await due.add({ id: reference, kind: 'end-announcement' }, maxMs)
      if (!await speak(false)) await control.hangUp(reference)
    } else if (event.type === 'speech-failed') {
      if (event.step === PLAIN || !await speak(true)) await control.hangUp(reference)
    } else if (event.type === 'spoken') {
      await control.hangUp(reference)
    } else if (event.type === 'ended') {
      await due.done(reference)
    }
  }
