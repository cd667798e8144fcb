import type { Keys } from '../domain/keys.ts'
import type { VerificationRecord } from '../store/verifications.ts'
import type { Asker } from './service.ts'

/**
 * By what it is known again who starts a verification. `person`: the app's own id of the browser that it asks for, by which
 * its people are told apart.
 */
export const starterOf = (keys: Pick<Keys, 'digest'>, asker: Asker, person?: string): string =>
  asker.kind === 'session'
    ? keys.digest('verification-starter', 'session', asker.session.caller, asker.session.id)
    : keys.digest('verification-starter', 'caller', asker.caller, person ?? '')

/** Whose words count: an app's own, or those of the app that has made the session. */
export const callerOf = (asker: Asker): string => asker.kind === 'session' ? asker.session.caller : asker.caller

/** Whether somebody may see and change it: an app all of its own and of its sessions, a session what it has started. */
export const isOf = (keys: Pick<Keys, 'digest'>, record: Pick<VerificationRecord, 'caller' | 'starter'>, asker: Asker): boolean =>
  asker.kind === 'session' ? record.starter === starterOf(keys, asker) : record.caller === asker.caller
