import type { Meter } from '../guard/meter.ts'
import type { UsedMessage } from '../guard/used-codes.ts'
import type { Attempts } from '../store/attempts.ts'
import type { Deliveries } from '../store/deliveries.ts'
import type { Traffic } from '../store/traffic.ts'
import type { MakeAttempt } from './attempt.ts'
import type { Unfinished } from './unfinished.ts'

/** Makes attempts, and counts those that a provider took. */
export const meteredAttempt = (makeAttempt: MakeAttempt, meter: Pick<Meter, 'accepted'>, now: () => number): MakeAttempt =>
  async (request) => {
    const { order: { to }, provider } = request
    const startedAt = now()
    const result = await makeAttempt(request)
    if (result.kind === 'accepted') meter.accepted({ provider: provider.name, channel: provider.channel, country: to.country }, startedAt)
    return result
  }

/**
 * Applies news, and counts what was delivered. `asked`: the news are answers to our questions, and say nothing of how
 * reliably reports come by themselves.
 */
export const meteredNews = <Table extends Pick<Attempts, 'apply'>>(
  attempts: Table, meter: Pick<Meter, 'reported' | 'delivered'>, { asked }: { readonly asked: boolean }
): Table => ({
    ...attempts,
    async apply (news) {
      const applied = await attempts.apply(news)
      if (applied === undefined) return undefined
      const { provider, country, attemptedAt } = applied
      if (applied.ended && !asked) meter.reported({ provider, channel: news.channel, country }, attemptedAt)
      if (applied.changed && applied.attemptStatus === 'delivered') meter.delivered(applied.place)
      return applied
    }
  })

export interface MeteredUseDeps {
  readonly traffic: Pick<Traffic, 'placeOf'>
  readonly meter: Pick<Meter, 'used'>
  /** Gives back what a message took that its number may have. */
  readonly giveBack: (message: UsedMessage) => Promise<void>
  readonly unfinished: Unfinished
}

/** Notes that codes were used, counts them, and lets their numbers have others in their place. */
export const meteredUse = <Table extends Pick<Deliveries, 'markUsed' | 'countedBy'>>(
  deliveries: Table, { traffic, meter, giveBack, unfinished }: MeteredUseDeps
): Table => ({
    ...deliveries,
    async markUsed (delivery, caller) {
      const noted = await deliveries.markUsed(delivery, caller)
      if (noted === 'first') {
        await unfinished.settle('counting a code that was used', async () => {
          const place = await traffic.placeOf(delivery)
          if (place !== undefined) meter.used(place)
        })
        let isTried = false
        await unfinished.settle('giving back a budget', async () => {
          const counted = isTried ? undefined : await deliveries.countedBy(delivery)
          // Once, even where it fails: a place too few does no harm, one too many does.
          isTried = true
          if (counted !== undefined) await giveBack(counted)
        })
      }
      return noted
    }
  })
