import { ERRORS } from '../../domain/errors.ts'
import { json, kindOfFailure, wordsForPeople } from '../answer.ts'
import type { Answer, Failure, HookReply } from '../dialect.ts'
import type { GenericHook, ReplyName } from './hook.ts'

/** Says every answer in the words of the hooks file, and in our own where it has none. */
export const createGenericReply = (replies: GenericHook['replies']) => (answer: Answer): HookReply => {
  const fixed = namesOf(answer).map((name) => replies[name]).find((reply) => reply !== undefined)
  const status = fixed?.status ?? (answer.kind === 'failure' ? ERRORS[answer.code].status : 200)
  const body = fixed?.body ?? ownWords(answer)
  return typeof body === 'string' ? { kind: 'text', status, body } : json(status, body)
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

const namesOfFailure = (failure: Failure): readonly ReplyName[] => {
  switch (kindOfFailure(failure)) {
    case 'unauthorized': return ['unauthorized']
    case 'request': return ['invalid']
    case 'number': return failure.code === 'recipient_refused' ? ['refused', 'number'] : ['number']
    case 'ours': return ERRORS[failure.code].status === 503 ? ['unavailable'] : ['failed']
  }
}

const ownWords = (answer: Answer): object =>
  answer.kind === 'failure'
    ? { error: wordsForPeople(answer), code: answer.code, id: answer.id }
    : { id: answer.id, status: answer.kind }
