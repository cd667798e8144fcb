import type { Deliver } from '../delivery/deliver.ts'
import { Deadline } from '../domain/deadline.ts'
import { RequestError } from '../domain/errors.ts'
import type { Keys } from '../domain/keys.ts'
import type { Origin } from '../domain/origin.ts'
import type { Outcome } from '../domain/outcome.ts'
import type { Reason } from '../domain/reason.ts'
import { SensitiveText } from '../domain/sensitive.ts'
import { openMessage } from '../feed/sealed-message.ts'
import type { Exchanges } from '../store/exchanges.ts'

export interface ReplayDeps {
  readonly exchanges: Pick<Exchanges, 'of' | 'sealed'>
  readonly keys: Keys
  readonly deliver: Deliver
  /** Delivers as `deliver` does, but to nobody: nothing leaves, and no budget is taken. */
  readonly rehearse: Deliver
  /** Whether the providers are the sandbox's: then nobody is reached anyway. */
  readonly isSandbox: boolean
  /** The most milliseconds that it takes. */
  readonly budgetMs: number
  readonly now: () => number
}

/** Where a message goes that is sent again. */
export const REPLAY_TARGETS = ['sandbox', 'providers'] as const

export interface ReplayRequest {
  readonly delivery: string
  /** Id of the exchange, one of the delivery's. */
  readonly exchange: string
  readonly to: typeof REPLAY_TARGETS[number]
  readonly confirmed: boolean
  /** Of the request that asks for it. */
  readonly origin: Origin
}

/** What came of a message that the inspector sent. */
export interface Sent {
  /** The new delivery; or the one before, where the same was asked for a moment ago. */
  readonly id: string | undefined
  readonly outcome: Outcome['kind']
  readonly reason: Reason | undefined
}

export interface Replayed extends Sent {
  readonly to: ReplayRequest['to']
  /** How long ago the identity provider asked for it, in milliseconds: the code in it may not be worth anything there any more. */
  readonly age: number
}

/** As records tell who asked: not the hook once more, by whose logins it would be found. */
const HOOK = 'inspector'

/** Who asks for the same twice within that many milliseconds has clicked twice. */
export const CLICKED_TWICE_MS = 10_000

/** Sends the message of an exchange again. Throws `RequestError` where it is not kept any more, and where it must be confirmed. */
export const createReplay = ({ exchanges, keys, deliver, rehearse, isSandbox, budgetMs, now }: ReplayDeps) =>
  async ({ delivery, exchange, to, confirmed, origin }: ReplayRequest): Promise<Replayed> => {
    if (to === 'providers' && !isSandbox && !confirmed) throw new RequestError('not_confirmed')
    const [asked, kept] = await Promise.all([exchanges.of(delivery), exchanges.sealed(exchange)])
    const first = asked.find(({ id }) => id === exchange)
    const message = kept && openMessage(kept.sealed, exchange, keys)
    if (first === undefined || message === undefined) throw new RequestError('replay_gone')
    const send = to === 'sandbox' && !isSandbox ? rehearse : deliver
    const { outcome } = await send({
      ...message,
      hook: HOOK,
      // In place of the caller's own key, by which it was sent already.
      idempotencyKey: { value: new SensitiveText(`replay ${exchange} ${to}`), holdFor: CLICKED_TWICE_MS },
      expiresAt: undefined,
      origin
    }, Deadline.in(budgetMs))
    return { ...sentBy(outcome), to, age: now() - first.at }
  }

/** What of an outcome is shown. */
export const sentBy = (outcome: Outcome): Sent => ({
  id: outcome.kind === 'key-reused' ? undefined : outcome.id,
  outcome: outcome.kind,
  reason: outcome.kind === 'refused' || outcome.kind === 'failed' ? outcome.reason : undefined
})
