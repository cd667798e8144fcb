import type { Deadline } from '../domain/deadline.ts'
import { fail, type Finding } from '../domain/finding.ts'
import { HttpFailure } from './http-client.ts'

/** Asking a vendor about the account that is configured. */
export interface AccountCheck {
  readonly vendor: string
  /** What the vendor says of the account and of what belongs to it. Nothing is sent. Settles before the deadline; never throws. */
  check (deadline: Deadline): Promise<readonly Finding[]>
}

/** What a request without an answer says of the setting that led there; `undefined` for other errors. */
export const findingOfHttpFailure = (error: unknown, about: string, vendor: string): Finding | undefined => {
  if (!(error instanceof HttpFailure)) return undefined
  switch (error.why) {
    case 'timeout': return fail(about, `${vendor} did not answer in time: see that this machine may connect to it.`)
    case 'connection': return fail(about, `${vendor} cannot be reached: see that the address is right, and that this machine may connect to it.`)
    case 'too-large': return fail(about, `what answers is not ${vendor}: its answer has no end.`)
  }
}
