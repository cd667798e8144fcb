import type { VerificationStatus } from '../domain/verification.ts'
import type { VerificationRecord } from '../store/verifications.ts'
import type { Results } from './results.ts'
import type { Asker } from './service.ts'

/** Says how a verification ended, signed, for a browser to carry to its app. */
export type SignResult = Results['sign']

/**
 * What a session is given to carry to its app, once it has ended. Apps ask for themselves. `record` may be of a moment before
 * it had this status: then it has ended now.
 */
export const resultOf = (
  sign: SignResult, { id, now, endedAt = now }: Pick<VerificationRecord, 'id' | 'now' | 'endedAt'>, status: VerificationStatus, asker: Asker
): string | undefined =>
  asker.kind === 'caller' || status === 'pending'
    ? undefined
    : sign({ id, status, caller: asker.session.caller, reference: asker.session.reference, endedAt })
