import type { Keys } from '../domain/keys.ts'
import type { Channel } from '../domain/message.ts'
import type { Profile } from '../domain/verification.ts'
import type { Bus } from '../observability/bus.ts'
import type { VerificationRecord, Verifications } from '../store/verifications.ts'
import { done, refused } from './answered.ts'
import type { Background } from './background.ts'
import type { FindOwn } from './own.ts'
import { openCode } from './sealed-code.ts'
import type { Answered, VerificationService } from './service.ts'
import { leastLife, sendWithin } from './timing.ts'
import type { ToView } from './view.ts'
import type { FindWay } from './way.ts'

export interface ResendDeps {
  readonly keys: Keys
  readonly verifications: Pick<Verifications, 'resend'>
  readonly profiles: ReadonlyMap<string, Profile>
  readonly findOwn: FindOwn
  readonly findWay: FindWay
  readonly toView: ToView
  readonly background: Pick<Background, 'begin'>
  readonly budgetMs: number
  readonly bus: Bus
}

/** Sends the same code once more, by the same channel or by another one that the profile offers. */
export const createResend = ({ keys, verifications, profiles, findOwn, findWay, toView, background, budgetMs, bus }: ResendDeps): VerificationService['resend'] => {
  /** By which channel it would go. What has ended, or was sealed with a key that is gone, goes by none. */
  const wayOf = (record: VerificationRecord, wanted: Channel | undefined): Answered<Channel> => {
    const sealed = openCode(record.sealed, record.codeId, keys)
    if (record.status !== 'pending' || sealed === undefined) return refused('verification_over')
    if (wanted !== undefined && profiles.get(record.profile)?.channels.includes(wanted) !== true) return refused('channel_not_offered')
    return findWay({ ...sealed, channel: wanted ?? record.channel, codeMaker: record.codeMaker, caller: record.caller })
  }

  return async (id, wanted, asker) => {
    const record = await findOwn(id, asker)
    if (record === undefined) return refused('not_found')
    const way = wayOf(record, wanted)
    if (way.kind === 'refused') return way
    const resent = await verifications.resend(id, way.value, {
      // Of a profile that is gone from the settings, what was said when it began.
      cooldown: profiles.get(record.profile)?.cooldown ?? USUAL_COOLDOWN,
      sendWithin: sendWithin(budgetMs),
      leastLife: leastLife(record.expiresAt - record.createdAt)
    })
    switch (resent.kind) {
      case 'too-soon': return refused('resend_too_early', resent.retryAfter)
      case 'too-many': return refused('too_many_resends')
      case 'over': return refused('verification_over')
      case 'resent': {
        bus.emit({ type: 'verification.resent', verification: id, channel: resent.verification.channel })
        background.begin(id)
        return done(toView(resent.verification, asker))
      }
    }
  }
}

/** Milliseconds between messages of a profile that is gone from the settings. */
const USUAL_COOLDOWN = 30_000
