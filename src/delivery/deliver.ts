import { DeadlinePassed, type Deadline } from '../domain/deadline.ts'
import { timeOrderedId } from '../domain/identifier.ts'
import type { Keys } from '../domain/keys.ts'
import type { Message } from '../domain/message.ts'
import type { Outcome } from '../domain/outcome.ts'
import { mayTry, type Reason } from '../domain/reason.ts'
import type { SensitiveText } from '../domain/sensitive.ts'
import { userDigest } from '../domain/user-digest.ts'
import type { Guard, Judgement } from '../guard/guard.ts'
import type { Bus } from '../observability/bus.ts'
import type { Order, Provider } from '../providers/provider.ts'
import type { Claims } from '../store/claims.ts'
import type { Deliveries } from '../store/deliveries.ts'
import { StoreUnavailable } from '../store/sql.ts'
import { spokenText } from '../wording/spoken-text.ts'
import { codeText } from '../wording/wording.ts'
import type { AttemptClaim, MakeAttempt } from './attempt.ts'
import type { KeepForEscalation } from './escalation-message.ts'
import { identify, type Identity } from './identity.ts'
import { sealKeptCode } from './kept-code.ts'
import { sealMessage } from './kept-message.ts'
import type { Plan } from './plan.ts'
import { startStopwatch, type Stopwatch } from './stopwatch.ts'
import { mayStillChange, waitForTurn } from './under-way.ts'
import type { Unfinished } from './unfinished.ts'

export interface DeliverDeps {
  readonly keys: Keys
  readonly claims: Claims
  readonly deliveries: Deliveries
  readonly makeAttempt: MakeAttempt
  readonly unfinished: Unfinished
  readonly guard: Guard
  readonly plan: Plan
  /** Takes the messages to test numbers, and sends nothing. */
  readonly testProviders: readonly Provider[]
  /** Who really sends in a provider's place; itself, as a rule. */
  readonly senderFor: (provider: Provider) => Provider
  readonly bus: Bus
  readonly now: () => number
  readonly codeLifetimeMs: number
  /** Whether codes are kept, sealed, for people who call back. */
  readonly keepCodes: boolean
  /** Whether texts are kept, sealed, to be sent once more. */
  readonly keepTexts: boolean
  readonly keepForEscalation: KeepForEscalation
}

export interface Delivered {
  readonly outcome: Outcome
  /** To be called once the reply has been written in full: from then on the same message is a new wish. */
  answered (): Promise<void>
}

/** Delivers a message, once. Throws `StoreUnavailable` or `DeadlinePassed` where nothing was sent and nothing is known. */
export type Deliver = (message: Message, deadline: Deadline) => Promise<Delivered>

/** A claim outlives the request by that many milliseconds, so that a slow process keeps what it holds. */
const LEASE_MARGIN = 5000

export const createDeliver = (deps: DeliverDeps): Deliver => {
  const { keys, claims, bus, now, codeLifetimeMs } = deps

  /** Never longer than codes live here; a code that is over already still has its moment. */
  const lifetimeOf = ({ expiresAt }: Message): number =>
    expiresAt === undefined ? codeLifetimeMs : Math.max(1, Math.min(codeLifetimeMs, Math.floor(expiresAt - now())))

  const deliver = async (message: Message, deadline: Deadline, identity: Identity, watch: Stopwatch): Promise<Outcome> => {
    const id = timeOrderedId(now())
    const expiresIn = lifetimeOf(message)
    const judgement = deps.guard.judge(message)
    const { channel, ranges } = judgement
    const order = orderOf({ ...message, channel }, id, now() + expiresIn)
    const providers = judgement.isTest
      ? deps.testProviders.filter((provider) => provider.channel === channel)
      : deps.plan.for(channel, message.to.country, message.code !== undefined, message.codeMaker)
    const claiming = claims.claim({
      id,
      key: identity.key,
      content: identity.content,
      caller: message.caller,
      route: message.route,
      channel: message.channel,
      numberMasked: message.to.masked,
      numberDigest: identity.number,
      country: message.to.country,
      area: ranges.area,
      block: ranges.block,
      leaseFor: Math.ceil(deadline.remaining) + LEASE_MARGIN,
      expiresIn,
      plan: providers.map(({ name }) => name),
      keptCode: deps.keepCodes ? sealKeptCode(message, judgement.counted, id, keys) : undefined,
      keptMessage: deps.keepTexts && channel === 'sms' && message.codeMaker === undefined ? sealMessage({ ...order, asker: judgement.counted }, id, keys) : undefined,
      hook: message.hook,
      trace: message.origin.trace,
      userDigest: message.requester.user && userDigest(keys, message.caller, message.requester.user),
      escalation: deps.keepForEscalation(message, judgement, id)
    })
    const claim = await deadline.bound(claiming).catch((error: unknown) => {
      // It may be granted yet, too late to be used, or its answer was lost: then a retry must not wait for its lease.
      const giveUp = (): Promise<void> => deps.unfinished.settle('giving up a claim', () => deps.deliveries.abandon(id, identity.key, 'no_time_left'))
      claiming.then(giveUp, giveUp)
      throw error
    })
    watch.lap('claim')
    switch (claim.kind) {
      case 'seen': {
        if (!mayStillChange(claim.status)) return { kind: 'duplicate', id: claim.delivery, original: claim.status }
        // Who has it under way may fail, or may be dead: nobody is told that it was sent before that is known.
        return await waitForTurn(deadline) ? await deliver(message, deadline, identity, watch) : { kind: 'under-way', id: claim.delivery }
      }
      case 'other-content': return { kind: 'key-reused' }
      case 'new': return await sendGuarded(deps, { judgement, providers, order, identity, deadline, watch, trace: message.origin.trace }).catch((error: unknown) => {
        // Before a request is written, that is: nothing was sent, and a retry must not wait for what nobody does any more.
        if (error instanceof StoreUnavailable || error instanceof DeadlinePassed) deps.unfinished.settle('giving up a message', () => deps.deliveries.abandon(id, identity.key, 'no_time_left'))
        throw error
      })
    }
  }

  return async (message, deadline) => {
    const watch = startStopwatch()
    const identity = identify(message, keys, codeLifetimeMs)
    const outcome = await deliver(message, deadline, identity, watch)
    bus.emit({
      type: 'delivery.finished',
      outcome: outcome.kind,
      delivery: outcome.kind === 'key-reused' ? undefined : outcome.id,
      request: message.origin.request,
      caller: message.caller,
      hook: message.hook,
      channel: message.channel,
      country: message.to.country,
      provider: outcome.kind === 'accepted' ? outcome.provider : undefined,
      reason: outcome.kind === 'refused' || outcome.kind === 'failed' ? outcome.reason : undefined,
      number: message.to.masked,
      milliseconds: watch.total,
      stages: watch.stages,
      trace: message.origin.trace
    })
    const { afterAnswer } = identity.hold
    return {
      outcome,
      answered: async () => {
        if (outcome.kind === 'accepted' && afterAnswer !== undefined) await claims.hold(identity.key, outcome.id, afterAnswer)
      }
    }
  }
}

type DeliveryOrder = Omit<Order, 'attempt' | 'startedAt'>

const orderOf = (message: Message, delivery: string, expiresAt: number): DeliveryOrder => {
  const { to, code, speech, locale } = message
  return { delivery, to, text: wordsOf(message), code, speech, locale: locale ?? '', expiresAt }
}

/** The words are the caller's where there are any; a call has no time for all that a text may hold. */
const wordsOf = ({ channel, text, code, locale }: Message): SensitiveText | undefined => {
  if (code !== undefined) return text ?? codeText(locale, code)
  return channel === 'voice' && text !== undefined ? spokenText(text) : text
}

interface Sending {
  readonly judgement: Judgement
  readonly providers: readonly Provider[]
  readonly order: DeliveryOrder
  readonly identity: Identity
  readonly deadline: Deadline
  readonly watch: Stopwatch
  /** The context of the request's span. */
  readonly trace: string | undefined
}

/** Sends what the guard lets through; what was not sent in the end counts for nothing with it. */
const sendGuarded = async (deps: DeliverDeps, sending: Sending): Promise<Outcome> => {
  const { judgement, order, identity, deadline, watch } = sending
  const id = order.delivery
  const admitting = deps.guard.admit(id, judgement)
  const giveBack = async (): Promise<void> => {
    const admission = await admitting
    if (admission.kind === 'admitted') await admission.settle(false)
  }
  try {
    const admission = await deadline.bound(admitting)
    watch.lap('admit')
    if (admission.kind === 'refused') {
      await deadline.bound(deps.deliveries.refuse(id, identity.key, admission.reason))
      return { kind: 'refused', id, reason: admission.reason, retryAfter: admission.retryAfter }
    }
    const outcome = await send(deps, sending)
    watch.lap('send')
    if (outcome.kind === 'failed') deps.unfinished.settle('giving back a budget', giveBack)
    // What every provider refused was asked for all the same.
    else if (outcome.kind !== 'refused') await admission.settle(true)
    return outcome
  } catch (error) {
    admitting.then(() => deps.unfinished.settle('giving back a budget', giveBack), () => {})
    throw error
  }
}

/** The part of the time that is left which a provider has, where others come after it. */
const SHARE_BEFORE_OTHERS = 0.6

/** Tries the providers in turn, until one takes the message or may have taken it, or nothing more may be tried. */
const send = async (
  { makeAttempt, deliveries, plan, senderFor }: DeliverDeps, { providers, order, identity, deadline, trace }: Sending
): Promise<Outcome> => {
  const id = order.delivery
  let outcome: Outcome & { reason: Reason } = { kind: 'failed', id, reason: 'no_provider' }
  let refusals = 0
  let left = providers
  for (let planned = plan.next(left); planned !== undefined; planned = plan.next(left)) {
    const provider = senderFor(planned)
    left = left.filter((other) => other !== planned)
    const isLast = left.length === 0
    const claim = claimOf(identity, isLast, deadline)
    const result = await makeAttempt({ order, provider, claim, deadline: isLast ? deadline : deadline.share(SHARE_BEFORE_OTHERS), trace })
    switch (result.kind) {
      case 'accepted': return { kind: 'accepted', id, channel: provider.channel, provider: provider.name, reference: result.transaction ?? result.reference }
      case 'unknown': return { kind: 'unknown', id }
      case 'lost': return { kind: 'failed', id, reason: 'interrupted' }
      case 'refused':
      case 'failed':
        if (!mayTry('provider', result.reason)) return { kind: result.kind, id, reason: result.reason }
        // The next one may see the message otherwise; it is the message's fault only where all say so.
        refusals += result.kind === 'refused' ? 1 : 0
        outcome = { kind: refusals === providers.length ? 'refused' : 'failed', id, reason: result.reason }
    }
  }
  if (providers.length === 0) await deadline.bound(deliveries.abandon(id, identity.key, outcome.reason))
  return outcome
}

/** The key is freed by a definite "not sent", once nobody is left to try; until then it is held as before the attempt. */
const claimOf = ({ key, hold }: Identity, isLast: boolean, deadline: Deadline): AttemptClaim => ({
  key,
  whileUnknown: hold.whileUnknown,
  holdAfter: (result) => {
    switch (result.kind) {
      case 'accepted': return hold.afterAcceptance
      case 'unknown': return undefined
      case 'refused':
      case 'failed': return isLast || !mayTry('provider', result.reason) ? 0 : Math.ceil(deadline.remaining) + LEASE_MARGIN
    }
  }
})
