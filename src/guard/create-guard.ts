import type { CodeVendor } from '../domain/code-maker.ts'
import type { Keys } from '../domain/keys.ts'
import { numberDigest } from '../domain/number-digest.ts'
import type { Bus } from '../observability/bus.ts'
import type { Budgets } from '../store/budgets.ts'
import type { Decisions } from '../store/decisions.ts'
import { quotasOf, type BudgetRules, type Quota } from './budgets.ts'
import { clientNetwork } from './client-network.ts'
import { createCount } from './count.ts'
import type { Admission, Finding, Guard, Judgement, Ranges } from './guard.ts'
import { judgeNumber, type NumberRules } from './number-rules.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { rangesOf } from './ranges.ts'

/** Says whether far more is sent to a range of numbers than is explained by those who need it. */
export interface Suspicion {
  /** What is known of a number's ranges, without asking the store: `undefined` where nothing speaks against them. */
  examine (ranges: Ranges): { readonly retryAfter: number } | undefined
  /** Notes that a message was sent, or may have been, at that moment. */
  noteSent (ranges: Ranges, at: number): void
}

/** What the operator has set. */
export interface GuardRules extends NumberRules, BudgetRules {
  /** By E.164 form. */
  readonly testNumbers: ReadonlyMap<string, unknown>
}

export interface GuardDeps {
  readonly rules: GuardRules
  readonly keys: Keys
  readonly budgets: Budgets
  readonly decisions: Decisions
  readonly pumping: Suspicion
  /** Whether a number of that country can be called, with a code or without one; by the vendor that makes the code, where one does. */
  readonly canCall: (country: string | undefined, hasCode: boolean, codeMaker: CodeVendor | undefined) => boolean
  /** Does a piece of work now or, where that fails, later; never rejects. */
  readonly settle: (what: string, work: () => Promise<void>) => Promise<void>
  readonly bus: Bus
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** From 0 up to but not including 1; of the engine where absent. */
  readonly random?: () => number
}

const isEnforced = ({ mode }: { readonly mode: 'shadow' | 'enforce' }): boolean => mode === 'enforce'

/** Makes the guard. */
export const createGuard = ({ rules, keys, budgets, decisions, pumping, canCall, settle, bus, now, random = Math.random }: GuardDeps): Guard => {
  const count = createCount({ budgets, settle, now, random })

  const suspicionOf = (ranges: Ranges): Finding[] => {
    const mode = rules.modes.pumping
    const suspicion = mode === 'off' ? undefined : pumping.examine(ranges)
    return mode === 'off' || suspicion === undefined ? [] : [{ rule: 'pumping', mode, reason: 'range_suspected', retryAfter: suspicion.retryAfter }]
  }

  const admit = async (delivery: string, judgement: Judgement, isSent: boolean): Promise<Admission> => {
    const known = [...judgement.findings, ...suspicionOf(judgement.ranges)]
    // What is refused already, or not sent, counts nowhere.
    const { places, full } = !isSent || known.some(isEnforced) ? NOTHING : await count.take(quotasOf(rules, judgement))
    const giveBack = oneAtATime(() => count.giveBack(places))
    const decide = async (): Promise<readonly Finding[]> => {
      const findings = [...known, ...findingsOf(full, await count.freeIn(full.filter(isEnforced)))]
      await decisions.add(delivery, findings)
      return findings
    }
    const findings = await decide().catch(async (error: unknown) => {
      await settle(GIVING_BACK, giveBack)
      throw error
    })
    const refusal = findings.find(isEnforced)
    if (refusal !== undefined) await settle(GIVING_BACK, giveBack)
    for (const { rule, mode, reason } of findings) bus.emit({ type: 'delivery.guarded', delivery, rule, mode, reason })
    if (refusal !== undefined) return { kind: 'refused', reason: refusal.reason, retryAfter: refusal.retryAfter }

    if (!isSent) return LET_GO
    let isCounted: boolean | undefined
    return {
      kind: 'admitted',
      async settle (wasSent) {
        // What was said first counts, also where it has to be said again.
        if (isCounted === undefined && wasSent) pumping.noteSent(judgement.ranges, now())
        isCounted ??= wasSent
        if (!isCounted) await giveBack()
      }
    }
  }

  return {
    judge ({ to, channel, requester, caller, code, codeMaker }) {
      const isTest = rules.testNumbers.has(to.e164)
      const verdict = isTest ? { channel, findings: [] } : judgeNumber(rules, to, channel, () => canCall(to.country, code !== undefined, codeMaker))
      const network = requester.ip && clientNetwork(requester.ip.reveal())
      return {
        ...verdict,
        isTest,
        ranges: rangesOf(to, keys),
        counted: {
          number: numberDigest(keys, to),
          ip: network && keys.digest('guard-ip', network),
          user: requester.user && keys.digest('guard-user', caller, requester.user.reveal())
        }
      }
    },
    admit: async (delivery, judgement) => judgement.isTest ? LET_GO : await admit(delivery, judgement, true),
    rehearse: async (delivery, judgement) => judgement.isTest ? LET_GO : await admit(delivery, judgement, false)
  }
}

const GIVING_BACK = 'giving back a budget'

const NOTHING = { places: [], full: [] }

/** Test numbers are counted nowhere. */
const LET_GO: Admission = { kind: 'admitted', settle: async () => {} }

/** One for each rule that has a full budget; `retryAfter` is that of all which are enforced. */
const findingsOf = (full: readonly Quota[], retryAfter: number | undefined): Finding[] =>
  full
    .filter(({ rule }, index) => full.findIndex((other) => other.rule === rule) === index)
    .map(({ rule, mode }) => ({ rule, mode, reason: 'too_many_messages', retryAfter: mode === 'enforce' ? retryAfter : undefined }))
