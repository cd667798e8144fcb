/** What every engine of the store must do for those who look on, as in `suite.ts`. */
export { testExchanges } from './suite/exchanges.ts'
export { testFeed, testFeedBatches, testFeedReaders } from './suite/feed.ts'
export { testFollowing } from './suite/following.ts'
export { testInspection } from './suite/inspection.ts'
export { testLogins } from './suite/logins.ts'
export { testStatistics } from './suite/statistics.ts'
