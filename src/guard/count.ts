import type { Budget, Budgets, Place } from '../store/budgets.ts'
import type { Quota } from './budgets.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { sharesOf } from './shares.ts'

export interface CountDeps {
  readonly budgets: Budgets
  /** Does a piece of work now or, where that fails, later; never rejects. */
  readonly settle: (what: string, work: () => Promise<void>) => Promise<void>
  readonly now: () => number
  /** From 0 up to but not including 1. */
  readonly random: () => number
}

/** What a message was counted by, and what was full. */
export interface Counted {
  readonly places: readonly Place[]
  readonly full: readonly Quota[]
}

/** Counts messages against what they may use up. */
export interface Count {
  /**
   * Takes a place in each budget that has one free. None is taken beyond those that are known to be full and enforced,
   * and no more shares are asked once one that is enforced was full. Where it throws, what it took is given back.
   */
  take (quotas: readonly Quota[]): Promise<Counted>
  giveBack (places: readonly Place[]): Promise<void>
  /** In how many milliseconds all of them have a place free, by what is counted now; `undefined` for none. */
  freeIn (quotas: readonly Quota[]): Promise<number | undefined>
}

/** For how long a shared budget is taken to be full without being asked again, in milliseconds: so a flood costs no eight questions each. */
const FULL_FOR = 1000

interface Wanted {
  readonly quota: Quota
  /** The shares that are still to be asked, the next one first. */
  readonly shares: readonly Budget[]
}

const isEnforced = ({ mode }: Quota): boolean => mode === 'enforce'

export const createCount = ({ budgets, settle, now, random }: CountDeps): Count => {
  /** When a shared budget had no place in any share. There are no more of them than countries. */
  const fullSince = new Map<string, number>()

  const isKnownFull = ({ key }: Quota): boolean => {
    const since = fullSince.get(key)
    const age = since === undefined ? FULL_FOR : now() - since
    return age >= 0 && age < FULL_FOR
  }

  /** Asks one share of each, and then the next one of those that were full: all that a message is counted by in one statement. */
  const ask = async (wanted: readonly Wanted[], before: Counted): Promise<Counted> => {
    const taken = await budgets.take(wanted.map(({ shares }) => shares[0] as Budget))
    const keys = new Set(taken.map(({ key }) => key))
    const left = wanted
      .filter(({ shares }) => !keys.has((shares[0] as Budget).key))
      .map(({ quota, shares }) => ({ quota, shares: shares.slice(1) }))
    const full = left.filter(({ shares }) => shares.length === 0).map(({ quota }) => quota)
    for (const { key, isShared } of full) if (isShared) fullSince.set(key, now())
    const counted = { places: [...before.places, ...taken], full: [...before.full, ...full] }
    const more = left.filter(({ shares }) => shares.length > 0)
    if (more.length === 0 || full.some(isEnforced)) return counted
    return await ask(more, counted).catch(async (error: unknown) => {
      await settle('giving back a budget', oneAtATime(() => budgets.giveBack(taken)))
      throw error
    })
  }

  return {
    async take (quotas) {
      const full = quotas.filter(isKnownFull)
      if (full.some(isEnforced)) return { places: [], full }
      const chance = random()
      const wanted = quotas.filter((quota) => !full.includes(quota)).map((quota) => ({ quota, shares: sharesOf(quota, chance) }))
      return await ask(wanted, { places: [], full })
    },
    giveBack: budgets.giveBack,
    async freeIn (quotas) {
      if (quotas.length === 0) return undefined
      const shares = quotas.map((quota) => sharesOf(quota, 0))
      const waits = await budgets.freeIn(shares.flat())
      return Math.max(...shares.map((ofOne) => Math.min(...ofOne.map(({ key }) => waits.get(key) as number))))
    }
  }
}
