import type { EscalationAttempt } from '../store/escalations.ts'
import type { Heard, Reports } from '../store/reports.ts'
import { HOUR_MS, hourOf, HOURS_OF_DAY, routeKey, type Traffic } from '../store/traffic.ts'

/** Whether reports do arrive as a rule on the way that an attempt took to that country. */
export type ReportsArrive = (of: Pick<EscalationAttempt, 'id' | 'provider' | 'channel' | 'age'>, country: string | undefined) => Promise<boolean>

export interface ReportsArriveDeps {
  readonly traffic: Pick<Traffic, 'read'>
  readonly reports: Reports
  readonly now: () => number
}

/** More than that share of the messages must have been reported. */
const SHARE = 0.8

/** So many of the newest messages say whether reports arrive at present. */
const NEWEST = 20

/**
 * Goes by the last day, and by the newest messages in it: where reports stop coming, not everybody is to be called. Only
 * messages before that of the attempt count, which have all had as much time. Where nothing went, nothing is known, and
 * none is said to arrive.
 */
export const createReportsArrive = ({ traffic, reports, now }: ReportsArriveDeps): ReportsArrive =>
  async (of, country) => {
    const hour = hourOf(now() - of.age)
    const [rows, thisHour] = await Promise.all([
      traffic.read([routeKey(of.provider, of.channel, country)], hour - HOURS_OF_DAY),
      reports.before(of, country, hour * HOUR_MS)
    ])
    const hours = rows.filter((row) => row.hour < hour).sort((one, other) => other.hour - one.hour)
    let newest = thisHour
    for (const before of hours) {
      if (newest.sent < NEWEST) newest = sum(newest, before)
    }
    return mostArrive(newest) && mostArrive(hours.reduce<Heard>(sum, thisHour))
  }

const sum = (one: Heard, other: Heard): Heard => ({ sent: one.sent + other.sent, reported: one.reported + other.reported })

const mostArrive = ({ sent, reported }: Heard): boolean => reported > sent * SHARE
