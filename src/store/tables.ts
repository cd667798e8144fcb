import { createAttempts, type Attempts } from './attempts.ts'
import { createBudgets, type Budgets } from './budgets.ts'
import { createCalls, type Calls } from './calls.ts'
import { createClaims, type Claims } from './claims.ts'
import { createDecisions, type Decisions } from './decisions.ts'
import { createDeliveries, type Deliveries } from './deliveries.ts'
import { createDue, type Due } from './due.ts'
import { createEscalations, type Escalations } from './escalations.ts'
import { createExchanges, type Exchanges } from './exchanges.ts'
import { createFeedReaders, type FeedReaders } from './feed-readers.ts'
import { createFeed, type Feed } from './feed.ts'
import { createInquiries, type Inquiries } from './inquiries.ts'
import { createKeyrings, type Keyrings } from './keyrings.ts'
import { createInspection, type Inspection } from './inspection.ts'
import { createLogins, type Logins } from './logins.ts'
import { createReports, type Reports } from './reports.ts'
import { createSearches, type Searches } from './searches.ts'
import type { Sql } from './sql.ts'
import { createStatistics, type Statistics } from './statistics.ts'
import { createTraffic, type Traffic } from './traffic.ts'
import { createTrips, type Trips } from './trips.ts'
import { createUpkeep, type Upkeep } from './upkeep.ts'
import { createVerifications, type Verifications } from './verifications.ts'

/** Every table and errand of a store. */
export interface Tables {
  readonly claims: Claims
  readonly attempts: Attempts
  readonly budgets: Budgets
  readonly calls: Calls
  readonly decisions: Decisions
  readonly deliveries: Deliveries
  readonly due: Due
  readonly escalations: Escalations
  readonly exchanges: Exchanges
  readonly feed: Feed
  readonly feedReaders: FeedReaders
  readonly inquiries: Inquiries
  readonly inspection: Inspection
  readonly keyrings: Keyrings
  readonly logins: Logins
  readonly reports: Reports
  readonly searches: Searches
  readonly statistics: Statistics
  readonly traffic: Traffic
  readonly trips: Trips
  readonly upkeep: Upkeep
  readonly verifications: Verifications
}

export const tablesOf = (sql: Sql): Tables => ({
  claims: createClaims(sql),
  attempts: createAttempts(sql),
  budgets: createBudgets(sql),
  calls: createCalls(sql),
  decisions: createDecisions(sql),
  deliveries: createDeliveries(sql),
  due: createDue(sql),
  escalations: createEscalations(sql),
  exchanges: createExchanges(sql),
  feed: createFeed(sql),
  feedReaders: createFeedReaders(sql),
  inquiries: createInquiries(sql),
  inspection: createInspection(sql),
  keyrings: createKeyrings(sql),
  logins: createLogins(sql),
  reports: createReports(sql),
  searches: createSearches(sql),
  statistics: createStatistics(sql),
  traffic: createTraffic(sql),
  trips: createTrips(sql),
  upkeep: createUpkeep(sql),
  verifications: createVerifications(sql)
})
