import { Type } from 'typebox'
import type { DeliveryStatus } from '../domain/delivery-status.ts'
import { ERRORS } from '../domain/errors.ts'
import { json, kindOfFailure, problem, wordsForPeople } from './answer.ts'
import type { Answer, Failure, HookReply } from './dialect.ts'

/** Okta's words for how a message stands; it throws the reply away for any other. */
type OktaStatus = 'SUCCESSFUL' | 'PENDING' | 'FAILED'

interface OktaAction {
  readonly status: OktaStatus
  readonly provider?: string
  readonly transactionId?: string | undefined
  readonly transactionMetadata: string
}

const Action = Type.Object({
  status: Type.Unsafe<OktaStatus>({ type: 'string', enum: ['SUCCESSFUL', 'PENDING', 'FAILED'] }),
  provider: Type.Optional(Type.String()),
  transactionId: Type.Optional(Type.String()),
  transactionMetadata: Type.String()
})

const Cause = Type.Object({ errorSummary: Type.String(), reason: Type.String() })

/** What Okta reads of a reply. https://developer.okta.com/docs/references/telephony-hook/ */
export const OKTA_REPLIES = {
  200: Type.Union([
    Type.Object({ commands: Type.Array(Type.Object({ type: Type.String(), value: Type.Array(Action) })) }),
    Type.Object({ error: Type.Object({ errorSummary: Type.String(), errorCauses: Type.Array(Cause) }) })
  ])
}

/**
 * Replies in Okta's words; `failure` says how a message is told that was not sent: by an `error`, or by the status `FAILED`.
 *
 * After any status but 200 Okta sends the code itself and reads no body, as after an `error`. So whatever is wrong, here as
 * well, is told with 200: the administrator then finds the cause in Okta's log, and the person is asked to try again. Whoever
 * is not Okta gets the 401 that tools understand.
 */
export const createOktaReply = (failure: 'error' | 'failed') => (answer: Answer): HookReply => {
  switch (answer.kind) {
    case 'accepted': return action({ status: 'SUCCESSFUL', provider: answer.provider, transactionId: answer.reference ?? answer.id, transactionMetadata: metadataOf(answer.id) })
    case 'duplicate': return action({ status: STATUS_OF_ORIGINAL[answer.original], transactionId: answer.id, transactionMetadata: metadataOf(answer.id) })
    // It may have gone out: after an error Okta would send a second code.
    case 'unknown': return pending(answer.id)
    case 'failure':
      // So may what is under way.
      if (answer.code === 'under_way' && answer.id !== undefined) return pending(answer.id)
      if (kindOfFailure(answer) === 'unauthorized') return problem(answer)
      return failure === 'failed' ? action({ status: 'FAILED', transactionId: answer.id, transactionMetadata: `reason=${answer.code}` }) : error(answer)
  }
}

/** A message that came to nothing after all may be under way once more: that is for us to follow, and not for Okta to repeat. */
const STATUS_OF_ORIGINAL: Readonly<Record<DeliveryStatus, OktaStatus>> = {
  pending: 'PENDING',
  unknown: 'PENDING',
  accepted: 'SUCCESSFUL',
  refused: 'PENDING',
  failed: 'PENDING',
  undelivered: 'PENDING',
  delivered: 'SUCCESSFUL'
}

const metadataOf = (id: string): string => `delivery=${id}`

const pending = (id: string): HookReply => action({ status: 'PENDING', transactionId: id, transactionMetadata: metadataOf(id) })

const action = (value: OktaAction): HookReply => json(200, { commands: [{ type: 'com.okta.telephony.action', value: [value] }] })

/** The person reads the summary. The reason is for the administrator, and may name a setting. */
const error = (failure: Failure): HookReply => {
  const { code, detail, id } = failure
  const errorSummary = wordsForPeople(failure)
  const where = [detail, id && metadataOf(id)].filter((part) => part !== undefined)
  const reason = `${code}: ${ERRORS[code].title}${where.length > 0 ? ` (${where.join(', ')})` : ''}`
  return json(200, { error: { errorSummary, errorCauses: [{ errorSummary, reason }] } })
}
