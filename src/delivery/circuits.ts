import type { Channel } from '../domain/message.ts'
import type { SendResult } from '../domain/outcome.ts'
import type { Reason } from '../domain/reason.ts'
import type { Bus } from '../observability/bus.ts'
import type { Provider } from '../providers/provider.ts'

/** Where a provider stands: in its place, set aside, or set aside and to be tried again by the next message. */
export interface CircuitState {
  readonly provider: string
  readonly channel: Channel
  readonly state: 'closed' | 'open' | 'half-open'
  /** Failures since it last worked. */
  readonly failures: number
  /** Why it failed last. */
  readonly reason: Reason | undefined
  /** When it is tried again, milliseconds since 1970. */
  readonly retryAt: number | undefined
}

/**
 * Remembers, in this process, which providers keep failing. Such a one is set aside: it comes after all others, and
 * once its cool-off is over a single message tries it in its own place.
 */
export interface Circuits {
  /** The providers in the order in which they are to be tried now: those that are set aside come last. None is left out. */
  order (providers: readonly Provider[]): readonly Provider[]
  /** Notes that a provider is about to be asked. Where it has cooled off, this is the one try: for others it stays aside. */
  begin (provider: Provider): void
  /** Notes what came of a request to a provider. */
  note (provider: Provider, result: SendResult): void
  /** Where each of the providers stands. */
  states (): readonly CircuitState[]
}

export interface CircuitsDeps {
  readonly providers: readonly Provider[]
  readonly bus: Bus
  readonly now: () => number
}

/** So many failures with nothing that worked between them, and a provider is set aside. */
const MOST_FAILURES = 5

/** For how long, in milliseconds: twice as long each time that it fails again, up to the longest. */
const COOL_OFF = 30_000
const LONGEST_COOL_OFF = 300_000

/** Failures of the provider, or of our account with it, that no message can bring about. */
const SYSTEMIC: ReadonlySet<Reason> = new Set(['credentials', 'rate_limited', 'provider_error', 'connection', 'timeout'])

interface Circuit {
  failures: number
  reason: Reason | undefined
  coolOff: number
  retryAt: number | undefined
  /** Whether a message is trying it again. */
  isTried: boolean
}

export const createCircuits = ({ providers, bus, now }: CircuitsDeps): Circuits => {
  const circuits = new Map<Provider, Circuit>()
  const circuitOf = (provider: Provider): Circuit => {
    const known = circuits.get(provider)
    if (known !== undefined) return known
    const fresh = { failures: 0, reason: undefined, coolOff: COOL_OFF, retryAt: undefined, isTried: false }
    circuits.set(provider, fresh)
    return fresh
  }

  const setAside = ({ name, channel }: Provider, circuit: Circuit, reason: Reason, milliseconds: number): void => {
    circuit.retryAt = now() + milliseconds
    circuit.isTried = false
    bus.emit({ type: 'provider.set-aside', provider: name, channel, reason, failures: circuit.failures, milliseconds })
  }

  const fail = (provider: Provider, reason: Reason, retryAfter = 0): void => {
    const circuit = circuitOf(provider)
    circuit.failures += 1
    circuit.reason = reason
    // Requests that were under way when it was set aside say nothing new.
    if (circuit.retryAt !== undefined && !circuit.isTried) return
    if (circuit.isTried) circuit.coolOff = Math.min(LONGEST_COOL_OFF, circuit.coolOff * 2)
    const leaveAlone = Math.min(LONGEST_COOL_OFF, retryAfter)
    if (circuit.isTried || circuit.failures >= MOST_FAILURES) setAside(provider, circuit, reason, Math.max(circuit.coolOff, leaveAlone))
    else if (leaveAlone > 0) setAside(provider, circuit, reason, leaveAlone)
  }

  const work = (provider: Provider): void => {
    const wasOpen = circuitOf(provider).retryAt !== undefined
    circuits.delete(provider)
    if (wasOpen) bus.emit({ type: 'provider.restored', provider: provider.name, channel: provider.channel })
  }

  /** A moment further off than any cool-off is of a clock that was put back. */
  const isInPlace = (provider: Provider): boolean => {
    const left = (circuitOf(provider).retryAt ?? 0) - now()
    return left <= 0 || left > LONGEST_COOL_OFF
  }

  return {
    order: (providers) => [...providers.filter(isInPlace), ...providers.filter((provider) => !isInPlace(provider))],
    begin (provider) {
      const circuit = circuitOf(provider)
      if (circuit.retryAt === undefined || !isInPlace(provider)) return
      circuit.retryAt = now() + circuit.coolOff
      circuit.isTried = true
    },
    note (provider, result) {
      switch (result.kind) {
        case 'accepted':
        case 'refused': return work(provider)
        case 'failed':
          if (SYSTEMIC.has(result.reason)) fail(provider, result.reason, result.retryAfter)
          return
        case 'unknown': fail(provider, result.reason)
      }
    },
    states: () => providers.map((provider) => {
      const { failures, reason, retryAt } = circuitOf(provider)
      const state = retryAt === undefined ? 'closed' : isInPlace(provider) ? 'half-open' : 'open'
      return { provider: provider.name, channel: provider.channel, state, failures, reason, retryAt }
    })
  }
}
