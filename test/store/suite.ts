/** What every engine of the store must do. Each function adds its tests to `t`; `open` gives each test its own store. */
export { testAttempts } from './suite/attempts.ts'
export { testCalls } from './suite/calls.ts'
export { testClaims } from './suite/claims.ts'
export { testDeliveries } from './suite/deliveries.ts'
export { testDue } from './suite/due.ts'
export { testSql } from './suite/sql.ts'
export { testStatuses } from './suite/statuses.ts'
export { testUpkeep } from './suite/upkeep.ts'
