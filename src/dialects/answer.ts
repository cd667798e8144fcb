import { ERRORS, type ErrorCode } from '../domain/errors.ts'
import type { Outcome } from '../domain/outcome.ts'
import type { Reason } from '../domain/reason.ts'
import type { Answer, Failure, HookReply } from './dialect.ts'

/** Failures that are no provider's fault. */
const FAULTS: ReadonlyMap<Reason, ErrorCode> = new Map([['no_time_left', 'store_unavailable'], ['no_provider', 'no_provider']])

/** What is to be told of an outcome: whatever was not sent is a failure of the table. */
export const answerOf = (outcome: Outcome): Answer => {
  switch (outcome.kind) {
    case 'accepted':
    case 'duplicate':
    case 'unknown': return outcome
    case 'key-reused': return { kind: 'failure', code: 'idempotency_key_reused' }
    case 'refused': return { kind: 'failure', code: 'recipient_refused', detail: outcome.reason, id: outcome.id }
    case 'failed': return { kind: 'failure', code: FAULTS.get(outcome.reason) ?? 'provider_failed', detail: outcome.reason, id: outcome.id }
  }
}

/** Failures that lie in the number or in the person, so that another number would do. */
const OF_THE_NUMBER: ReadonlySet<ErrorCode> = new Set(['number_missing', 'number_impossible', 'number_needs_country', 'recipient_refused'])

/** What kind of failure it is: of who asks, of the number, of the rest of the request, or of ours, which may pass. */
export const kindOfFailure = ({ code }: Pick<Failure, 'code'>): 'unauthorized' | 'number' | 'request' | 'ours' => {
  const { status } = ERRORS[code]
  if (status === 401 || status === 403) return 'unauthorized'
  if (OF_THE_NUMBER.has(code)) return 'number'
  return status >= 500 ? 'ours' : 'request'
}

/** What a failure may say to the person who waits for the code: fixed, and nothing of the inner workings. */
export const wordsForPeople = (failure: Pick<Failure, 'code'>): string => {
  switch (kindOfFailure(failure)) {
    case 'number': return 'The code cannot be delivered to this phone number.'
    case 'ours': return 'The code could not be sent right now. Please try again later.'
    case 'unauthorized':
    case 'request': return 'The code could not be sent.'
  }
}

export const json = (status: number, body: object): HookReply => ({ kind: 'json', status, body })

/** The failure as it stands in the table of errors. */
export const problem = (failure: Failure): HookReply => ({ kind: 'problem', failure })
