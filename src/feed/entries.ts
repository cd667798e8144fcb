import type { FeedEntry } from '../domain/feed-entry.ts'
import type { GatewayEvent } from '../domain/gateway-event.ts'

/** No fact needs longer words, in characters. */
const LONGEST = 300

const bounded = (value: unknown): unknown => typeof value === 'string' && value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value

/** The fact as it stands; what is not there is left out when it is written as JSON. */
const entryWith = (event: GatewayEvent, at: number): FeedEntry => {
  const entry: Record<string, unknown> & FeedEntry = { at, ...event }
  for (const name in entry) {
    if (typeof entry[name] === 'string') entry[name] = bounded(entry[name])
  }
  return entry
}

/** What is written down of a fact that happened at that moment; nothing where nobody who looks on wants to see it. */
export const entryOf = (event: GatewayEvent, at: number): FeedEntry | undefined => {
  switch (event.type) {
    // What became of messages and codes.
    case 'hook.answered':
    case 'delivery.finished':
    case 'attempt.finished':
    case 'delivery.updated':
    case 'delivery.guarded':
    case 'delivery.retried':
    case 'delivery.escalated':
    case 'delivery.used':
    case 'call.event':
    case 'call.incoming':
    case 'login.matched':
    case 'verification.started':
    case 'verification.sent':
    case 'verification.resent':
    case 'verification.checked':
    case 'verification.ended':
    case 'webhook.failed':
      return entryWith(event, at)
    // What messages go by from now on, and what somebody should look at.
    case 'range.shut':
    case 'provider.set-aside':
    case 'provider.restored':
    case 'deliveries.recovered':
    case 'callback.forged':
    case 'keys.disagree':
    case 'publishing.failed':
    case 'publishing.missed':
      return entryWith(event, at)
    case 'events.ignored':
      // Vendors tell many things that nobody here has asked for.
      return event.why === 'unknown' ? undefined : entryWith(event, at)
    case 'work.failed':
      // What an error says may be anything; the log has it, cleared.
      return { at, type: event.type, what: bounded(event.what) }
    case 'rows.purged':
    case 'clock.skewed':
      // The house is kept, and clocks go wrong, all the time: nothing becomes of a message by that.
      return undefined
    case 'feed.lost':
      // The journal writes that down itself, where it stands in the order of things.
      return undefined
  }
}

/** Whether anybody on the net can bring about such a fact, as often as he likes: what forges, and what asks for nothing that could be done. */
export const isStrangers = (event: GatewayEvent): boolean =>
  event.type === 'callback.forged' || (event.type === 'hook.answered' && event.problem !== undefined && event.delivery === undefined)
