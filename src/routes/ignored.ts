import type { Bus } from '../observability/bus.ts'
import type { IgnoredItem } from '../providers/provider.ts'

/** Tells how many items of a vendor's events were passed over, and why. */
export const countIgnored = (bus: Bus, vendor: string, ignored: readonly IgnoredItem[]): void => {
  for (const why of ['unknown', 'malformed', 'foreign'] as const) {
    const count = ignored.filter((item) => item === why).length
    if (count > 0) bus.emit({ type: 'events.ignored', provider: vendor, why, count })
  }
}
