import type { FinalStatus, VerificationStatus } from '../domain/verification.ts'
import type { Asker } from './service.ts'

/** Says how a verification ended, signed, for a browser to carry to its app. */
export type SignResult = (verification: {
  readonly id: string
  readonly status: FinalStatus
  readonly caller: string
  /** The app's own word for what it was about. */
  readonly reference: string | undefined
}) => string

/** What a session is given to carry to its app, once it has ended. Apps ask for themselves. */
export const resultOf = (sign: SignResult, id: string, status: VerificationStatus, asker: Asker): string | undefined =>
  asker.kind === 'caller' || status === 'pending'
    ? undefined
    : sign({ id, status, caller: asker.session.caller, reference: asker.session.reference })
