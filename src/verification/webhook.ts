import type { Keys } from '../domain/keys.ts'
import type { SensitiveText } from '../domain/sensitive.ts'
import { signedHeaders } from '../domain/webhook-signature.ts'
import type { DoWork } from '../delivery/housekeeping.ts'
import type { Bus } from '../observability/bus.ts'
import { pauseOf } from '../providers/failure.ts'
import { HttpFailure, type HttpClient, type HttpResponse } from '../providers/http-client.ts'
import type { Due, DueWork } from '../store/due.ts'
import type { VerificationRecord, Verifications } from '../store/verifications.ts'
import { createLingeringWork } from './lingering-work.ts'
import { openReference } from './sealed-code.ts'

export interface WebhookDeps {
  readonly url: URL
  /** In base64; each signs. */
  readonly secrets: readonly SensitiveText[]
  readonly keys: Keys
  readonly http: Pick<HttpClient, 'request'>
  readonly verifications: Pick<Verifications, 'find'>
  readonly due: Pick<Due, 'done' | 'later'>
  /** What receivers compare with their own clocks, milliseconds since 1970. */
  readonly now: () => number
  /** From 0 to 1, so that what failed together does not come back together. */
  readonly random?: () => number
  /** For how many milliseconds other ends wait for a receiver that is slow with this one. */
  readonly patience?: number
  /** For how many milliseconds a receiver that is slow is waited for when the process ends. */
  readonly grace?: number
  readonly bus: Bus
}

export interface Webhook {
  /** The work that falls due for an end. */
  readonly tell: DoWork
  /** Settles once no end is being told any more. What is not known to be told by then is told again by whoever finds it due. */
  stop (): Promise<void>
}

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** How long it is waited after each failure; after the last of them it is not tried again. As the specification suggests. */
export const WEBHOOK_PAUSES = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR] as const

/** By how much a pause is longer at most, as a part of it. */
const JITTER = 0.1

/** Milliseconds that a receiver has for its whole answer; shorter than the work is ours alone. */
const DEADLINE = 15 * SECOND

const PATIENCE = 2 * SECOND

/** The receiver is gone for good. */
const GONE = 410

/** With these it may be said when to come again. */
const MAY_WAIT: ReadonlySet<number> = new Set([429, 503])

/**
 * Tells the receiver how a verification ended, at least once; the same end bears the same `webhook-id`. `tries`: how often
 * that was tried in vain. A receiver that is slow is waited for beside the work of others. Where this process ends meanwhile,
 * that is no failure: the next one tells it again.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export const createWebhook = ({ url, secrets, keys, http, verifications, due, now, random = Math.random, patience = PATIENCE, grace, bus }: WebhookDeps): Webhook => {
  const lingering = createLingeringWork('telling how a verification ended', bus, grace)

  /** The answer; none where it was lost, or took too long. */
  const post = async (verification: VerificationRecord): Promise<HttpResponse | undefined> => {
    const body = JSON.stringify(messageOf(verification, openReference(verification.sealedNumber, verification.id, keys)))
    const headers = signedHeaders({ id: `msg_${verification.id}`, body, secrets, now: now() })
    return await http.request({ url, method: 'POST', headers, body, timeout: DEADLINE }).catch((error: unknown) => {
      if (error instanceof HttpFailure) return undefined
      throw error
    })
  }

  const tell = async (verification: VerificationRecord, tries: number): Promise<void> => {
    const answer = await lingering.unlessStopped(() => post(verification))
    // It is due again when it is nobody's any more.
    if (answer === 'stopped') return
    const work: DueWork = { id: verification.id, kind: 'verification-webhook' }
    if (answer !== undefined && answer.status >= 200 && answer.status < 300) return await due.done(work)
    const pause = answer?.status === GONE ? undefined : WEBHOOK_PAUSES[tries]
    bus.emit({ type: 'webhook.failed', verification: verification.id, tries: tries + 1, status: answer?.status, isGivenUp: pause === undefined })
    if (pause === undefined) await due.done(work)
    else await due.later(work, Math.max(pause * (1 + JITTER * random()), wantedPause(answer)))
  }

  return {
    async tell (id, tries) {
      const verification = await verifications.find(id)
      if (verification === undefined || verification.status === 'pending') return undefined
      await lingering.atMost(patience, tell(verification, tries))
      return 'kept'
    },
    stop: lingering.stop
  }
}

/** What is told of a verification: nothing by which its code could be known, or its number. */
const messageOf = ({ id, caller, status, profile, channel, numberMasked, createdAt, endedAt = createdAt }: VerificationRecord, reference: string | undefined): object => ({
  type: `verification.${status}`,
  timestamp: moment(endedAt),
  data: { id, caller, reference, status, profile, channel, number: numberMasked, createdAt: moment(createdAt), endedAt: moment(endedAt) }
})

const moment = (milliseconds: number): string => new Date(milliseconds).toISOString()

const wantedPause = (answer: HttpResponse | undefined): number =>
  answer !== undefined && MAY_WAIT.has(answer.status) ? pauseOf(answer.headers['retry-after'], answer.headers.date) ?? 0 : 0
