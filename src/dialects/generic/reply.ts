import { ERRORS, type ErrorCode } from '../../domain/errors.ts'
import { kindOfFailure, wordsForPeople } from '../answer.ts'
import type { Answer, Failure, HookReply } from '../dialect.ts'
import type { GenericHook, ReplyName } from './hook.ts'

/** Says every answer in the words of the hooks file, and in our own where it has none. */
export const createGenericReply = (replies: GenericHook['replies']) => (answer: Answer): HookReply => {
  const fixed = namesOf(answer).map((name) => replies[name]).find((reply) => reply !== undefined)
  const status = fixed?.status ?? (answer.kind === 'failure' ? ERRORS[answer.code].status : 200)
  const body = fixed?.body ?? ownWords(answer)
  // With another status it would mean something else.
  const retryAfter = answer.kind === 'failure' && status === 429 ? answer.retryAfter : undefined
  return typeof body === 'string' ? { kind: 'text', status, body, retryAfter } : { kind: 'json', status, body, retryAfter }
}

/** The names of the replies that fit, the closest one first. */
const namesOf = (answer: Answer): readonly ReplyName[] => {
  switch (answer.kind) {
    case 'accepted': return ['accepted']
    case 'duplicate':
    case 'unknown': return ['undecided']
    case 'failure': return namesOfFailure(answer)
  }
}

/** The number is one, and nothing is sent to it. */
const REFUSED: ReadonlySet<ErrorCode> = new Set(['recipient_refused', 'recipient_not_allowed'])

const namesOfFailure = (failure: Failure): readonly ReplyName[] => {
  switch (kindOfFailure(failure)) {
    case 'unauthorized': return ['unauthorized']
    case 'request': return ['invalid']
    case 'number': return REFUSED.has(failure.code) ? ['refused', 'number'] : ['number']
    // A hook that has no words for it has some for what may pass.
    case 'often': return ['limited', 'failed']
    case 'ours': return ERRORS[failure.code].status === 503 ? ['unavailable'] : ['failed']
  }
}

const ownWords = (answer: Answer): object =>
  answer.kind === 'failure'
    ? { error: wordsForPeople(answer), code: answer.code, id: answer.id }
    : { id: answer.id, status: answer.kind }
