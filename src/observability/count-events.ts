import { ATTEMPT_STATUSES } from '../domain/delivery-status.ts'
import { ERRORS } from '../domain/errors.ts'
import type { GatewayEvent } from '../domain/gateway-event.ts'
import { GUARD_MODES, GUARD_RULES } from '../domain/guard-rule.ts'
import { CHANNELS } from '../domain/message.ts'
import { REASONS } from '../domain/reason.ts'
import { VERIFICATION_STATUSES } from '../domain/verification.ts'
import type { Instruments } from './instruments.ts'
import { countryLabel, labelOf } from './labels.ts'
import type { Listener } from './bus.ts'

/** Names that only the composition root knows. */
export interface KnownNames {
  /** Dialects of hooks, as in `Message.hook`. */
  readonly hooks: readonly string[]
  readonly providers: readonly string[]
}

type Fact<T extends GatewayEvent['type']> = Extract<GatewayEvent, { type: T }>

/** How an answered request is called that was not refused, and asked for no message: Okta verifies its hook so. */
const NO_MESSAGE = 'no_message'

/** Outcomes of requests that are yet to be answered. Where more are under way than that, the oldest is counted as one without a message. */
const MOST_UNANSWERED = 1000

const OUTCOMES = ['accepted', 'duplicate', 'under-way', 'key-reused', 'refused', 'failed', 'unknown', NO_MESSAGE]

/** Whose logins can be told of. */
const IDENTITY_PROVIDERS = ['okta', 'auth0']

/** Who can be told of what happens. */
export const RECEIVERS = ['webhook', 'event-grid']

const RANGES = ['block', 'area', 'country']

const SETTLED: ReadonlySet<string> = new Set(['delivered', 'undelivered', 'failed', 'refused'])

/** Counts what it hears. Alerts compare with what was counted before, so that what is rare stands at zero from the start. */
export const createEventCounter = (instruments: Instruments, { hooks, providers }: KnownNames): Listener => {
  const vendors = [...new Set(providers.map(vendorOf))]
  const [hook, provider, vendor] = [labelOf([...hooks, 'verifications']), labelOf([...providers, 'test-number']), labelOf(vendors)]
  const unanswered = new Map<string, string>()
  for (const name of vendors) instruments.callbacksForged.inc({ vendor: name }, 0)
  for (const name of RECEIVERS) {
    instruments.publishingFailures.inc({ receiver: name }, 0)
    instruments.publishingMissed.inc({ receiver: name }, 0)
  }
  for (const range of RANGES) instruments.rangesShut.inc({ range }, 0)

  const countFinished = (event: Fact<'delivery.finished'>): void => {
    const { outcome, request, milliseconds, stages } = event
    if (request !== undefined) {
      unanswered.set(request, outcome)
      if (unanswered.size > MOST_UNANSWERED) unanswered.delete(unanswered.keys().next().value as string)
    }
    instruments.stages.observe(CLAIM, stages.claim / 1000)
    // What was known before is no delivery.
    if (outcome === 'duplicate' || outcome === 'under-way' || outcome === 'key-reused') return
    instruments.stages.observe(ADMIT, stages.admit / 1000)
    if (outcome !== 'refused' || stages.send > 0) instruments.stages.observe(SEND, Math.min(stages.send, milliseconds) / 1000)
    instruments.deliveries.inc({ provider: provider(event.provider), channel: channel(event.channel), country: countryLabel(event.country), status: status(outcome) })
  }

  const countAnswered = ({ request, problem, hook: name, milliseconds }: Fact<'hook.answered'>): void => {
    const came = problem ?? unanswered.get(request) ?? NO_MESSAGE
    unanswered.delete(request)
    instruments.requests.inc({ hook: hook(name), outcome: outcomeOrProblem(came) })
    instruments.stages.observe(ANSWER, milliseconds / 1000)
  }

  const countAttempt = (event: Fact<'attempt.finished'>): void => {
    const [by, result] = [provider(event.provider), status(event.result)]
    instruments.attempts.inc({ provider: by, channel: channel(event.channel), result, reason: reason(event.reason) })
    instruments.attemptSeconds.observe({ provider: by, result }, event.milliseconds / 1000)
  }

  const countUpdated = (event: Fact<'delivery.updated'>): void => {
    // News may say again what is known.
    if (event.attemptStatus === event.attemptWas || !SETTLED.has(event.attemptStatus)) return
    const way = { provider: provider(event.provider), channel: channel(event.channel) }
    instruments.deliveries.inc({ ...way, country: countryLabel(event.country), status: event.attemptStatus })
    if (event.attemptStatus === 'delivered') instruments.timeToDelivery.observe(way, Math.max(0, event.milliseconds) / 1000)
  }

  return (event) => {
    switch (event.type) {
      case 'hook.answered': return countAnswered(event)
      case 'delivery.finished': return countFinished(event)
      case 'attempt.finished': return countAttempt(event)
      case 'delivery.updated': return countUpdated(event)
      case 'delivery.guarded': return instruments.guardDecisions.inc({ rule: rule(event.rule), mode: mode(event.mode) })
      case 'delivery.retried': return instruments.retried.inc()
      case 'delivery.escalated': return instruments.escalated.inc({ channel: channel(event.channel) })
      case 'delivery.used': return instruments.used.inc()
      case 'login.matched': return instruments.loginsMatched.inc({ from: identityProvider(event.from) })
      case 'range.shut': return instruments.rangesShut.inc({ range: range(event.range) })
      case 'verification.started': return instruments.verifications.inc({ event: 'started', status: startKind(event.kind) })
      case 'verification.sent': return instruments.verifications.inc({ event: 'sent', status: sentState(event.state) })
      case 'verification.resent': return instruments.verifications.inc({ event: 'resent', status: 'pending' })
      case 'verification.checked': return instruments.verifications.inc({ event: 'checked', status: event.valid ? 'approved' : 'wrong' })
      case 'verification.ended': return instruments.verifications.inc({ event: 'ended', status: verificationStatus(event.status) })
      case 'call.incoming': return instruments.incomingCalls.inc({ answer: answer(event.answer) })
      case 'callback.forged': return instruments.callbacksForged.inc({ vendor: vendor(event.vendor) })
      case 'events.ignored': return instruments.eventsIgnored.inc({ provider: vendor(event.provider), why: why(event.why) }, event.count)
      case 'webhook.failed': return instruments.webhooksFailed.inc()
      case 'publishing.failed': return instruments.publishingFailures.inc({ receiver: receiver(event.receiver) })
      case 'publishing.missed': return instruments.publishingMissed.inc({ receiver: receiver(event.receiver) }, event.pages)
      case 'feed.lost': return instruments.feedLost.inc(event.facts)
      case 'deliveries.recovered':
        instruments.recovered.inc({ state: 'interrupted' }, event.interrupted)
        return instruments.recovered.inc({ state: 'unknown' }, event.unknown)
      case 'keys.disagree': return instruments.keysDisagree.inc()
      case 'clock.skewed': return instruments.clockSkewed.inc()
      case 'work.failed': return instruments.workFailed.inc()
      // Both are seen in `circuit_open`; the others are steps of what is counted.
      case 'provider.set-aside':
      case 'provider.restored':
      case 'call.event':
      case 'rows.purged':
    }
  }
}

/** The folder of a provider, by which events and callbacks are named: `acs`. */
const vendorOf = (provider: string): string => provider.replace(/-.*$/, '')

const [CLAIM, ADMIT, SEND, ANSWER] = [{ stage: 'claim' }, { stage: 'admit' }, { stage: 'send' }, { stage: 'answer' }]

const [channel, status, reason] = [labelOf(CHANNELS), labelOf(ATTEMPT_STATUSES), labelOf(REASONS)]
const [rule, mode, range] = [labelOf(GUARD_RULES), labelOf(GUARD_MODES), labelOf(RANGES)]
const outcomeOrProblem = labelOf([...OUTCOMES, ...Object.keys(ERRORS)])
const verificationStatus = labelOf(VERIFICATION_STATUSES)
const startKind = labelOf(['new', 'taken-over', 'decoy'])
const sentState = labelOf(['sending', 'sent', 'failed'])
const answer = labelOf(['rejected', 'announced', 'called-back', 'ignored'])
const why = labelOf(['unknown', 'malformed', 'foreign'])
const [receiver, identityProvider] = [labelOf(RECEIVERS), labelOf(IDENTITY_PROVIDERS)]
