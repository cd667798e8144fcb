import { MESSAGES } from './migrations/1-messages.ts'
import { SEVERAL_PROVIDERS } from './migrations/2-several-providers.ts'
import { GUARD } from './migrations/3-guard.ts'
import { TRAFFIC } from './migrations/4-traffic.ts'
import { ESCALATION } from './migrations/5-escalation.ts'
import { VERIFICATIONS } from './migrations/6-verifications.ts'
import { LIVE } from './migrations/7-live.ts'

/**
 * The schema, step by step. A released step is never edited: what changes is added as a new one. A step adds, so that
 * processes of the version before can go on: a column has a default, and nothing is renamed or taken away that they use.
 */
export const MIGRATIONS: readonly string[] = [MESSAGES, SEVERAL_PROVIDERS, GUARD, TRAFFIC, ESCALATION, VERIFICATIONS, LIVE]

/** How many of the steps a version of the gateway must know to work on the schema of this one. */
export const COMPATIBLE_FROM = 5
