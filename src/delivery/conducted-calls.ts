import type { CallControl, Provider } from '../providers/provider.ts'
import type { Attempts } from '../store/attempts.ts'
import type { Calls } from '../store/calls.ts'
import type { Due } from '../store/due.ts'
import { createAnnouncements } from './announcements.ts'
import { createCallFlow } from './call-flow.ts'
import { createIncomingCalls, type IncomingCallDeps } from './incoming-calls.ts'
import type { TrackDeps } from './track.ts'

export interface ConductedCallsDeps extends Omit<IncomingCallDeps, 'control' | 'announcements' | 'voiceProvider'> {
  /** Absent where no vendor lets its calls be conducted. */
  readonly control: CallControl | undefined
  readonly providers: readonly Provider[]
  readonly calls: Calls
  readonly attempts: Attempts
  readonly due: Due
  readonly voice: { readonly repeats: number, readonly confirm: 'none' | 'keypress', readonly maxMs: number }
}

/** All that the gateway says in calls that it conducts itself; `undefined` where there are none. */
export const createConductedCalls = (deps: ConductedCallsDeps): TrackDeps['calls'] => {
  const { control, providers, calls, attempts, due, unfinished, voice: { repeats, confirm, maxMs } } = deps
  const voiceProvider = providers.find((provider) => provider.isConducted)
  if (control === undefined || voiceProvider === undefined) return undefined
  const announcements = createAnnouncements({ control, attempts, due, unfinished, maxMs })
  return {
    flow: createCallFlow({ calls, control, confirm, repeats, maxMs }),
    announcements,
    incoming: createIncomingCalls({ ...deps, control, announcements, voiceProvider })
  }
}
