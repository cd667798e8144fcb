import { believe, type Authentication, type Belief } from './dialect.ts'

/** The caller whose secret stands in a header of this form: plain, as `Bearer`, or as the password of `Basic`. */
export type CallerOf = (header: string | undefined) => string | undefined

/** Believes who brings the secret of a caller in `Authorization`. */
export const createSecretAuthentication = (callerOf: CallerOf): Authentication =>
  ({ by: 'headers', examine: ({ authorization }) => believeSecret('Authorization', authorization, callerOf) })

/** Believes the caller whose secret is in a header of that name. */
export const believeSecret = (name: string, header: string | undefined, callerOf: CallerOf): Belief => {
  if (header === undefined || header.trim() === '') return { doubt: `there is no header ${name}` }
  return believe(callerOf(header), `the secret in ${name} is none of SECRET_HEADER and CALLERS`)
}
