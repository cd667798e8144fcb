import { ERRORS, type ErrorCode } from '../domain/errors.ts'
import type { Outcome } from '../domain/outcome.ts'
import type { Reason } from '../domain/reason.ts'
import type { Answer, Failure, HookReply } from './dialect.ts'

/** Failures that are no provider's fault. */
const FAULTS: ReadonlyMap<Reason, ErrorCode> = new Map([['no_time_left', 'store_unavailable'], ['no_provider', 'no_provider']])

/** What the gateway refuses by its own rules, and not the number's network. */
const REFUSALS: ReadonlyMap<Reason, ErrorCode> = new Map([
  ['country_not_allowed', 'recipient_not_allowed'], ['prefix_denied', 'recipient_not_allowed'], ['number_type_refused', 'recipient_not_allowed'],
  ['too_many_messages', 'too_many_messages'], ['range_suspected', 'too_many_messages']
])

/** What is to be told of an outcome: whatever was not sent is a failure of the table. */
export const answerOf = (outcome: Outcome): Answer => {
  switch (outcome.kind) {
    case 'accepted':
    case 'duplicate':
    case 'unknown': return outcome
    case 'under-way': return { kind: 'failure', code: 'under_way', id: outcome.id, retryAfter: 1 }
    case 'key-reused': return { kind: 'failure', code: 'idempotency_key_reused' }
    case 'refused': return { kind: 'failure', code: REFUSALS.get(outcome.reason) ?? 'recipient_refused', detail: outcome.reason, id: outcome.id, retryAfter: secondsOf(outcome.retryAfter) }
    case 'failed': return { kind: 'failure', code: FAULTS.get(outcome.reason) ?? 'provider_failed', detail: outcome.reason, id: outcome.id }
  }
}

const secondsOf = (milliseconds: number | undefined): number | undefined => milliseconds === undefined ? undefined : Math.max(1, Math.ceil(milliseconds / 1000))

/** Failures that lie in the number or in the person, so that another number would do. */
const OF_THE_NUMBER: ReadonlySet<ErrorCode> = new Set(['number_missing', 'number_impossible', 'number_needs_country', 'recipient_refused', 'recipient_not_allowed'])

/** What kind of failure it is: of who asks, of the number, of how often it was asked, of the rest of the request, or of ours, which may pass. */
export const kindOfFailure = ({ code }: Pick<Failure, 'code'>): 'unauthorized' | 'number' | 'often' | 'request' | 'ours' => {
  const { status } = ERRORS[code]
  if (OF_THE_NUMBER.has(code)) return 'number'
  if (status === 401 || status === 403) return 'unauthorized'
  if (status === 429) return 'often'
  return status >= 500 ? 'ours' : 'request'
}

/** What a failure may say to the person who waits for the code: fixed, and nothing of the inner workings. */
export const wordsForPeople = (failure: Pick<Failure, 'code'>): string => {
  switch (kindOfFailure(failure)) {
    case 'number': return 'The code cannot be delivered to this phone number.'
    case 'often': return 'Too many codes were asked for. Please try again later.'
    case 'ours': return 'The code could not be sent right now. Please try again later.'
    case 'unauthorized':
    case 'request': return 'The code could not be sent.'
  }
}

export const json = (status: number, body: object): HookReply => ({ kind: 'json', status, body })

/** The failure as it stands in the table of errors. */
export const problem = (failure: Failure): HookReply => ({ kind: 'problem', failure })
