import { createHash } from 'node:crypto'

/** Pseudo-random numbers, the same for the same seed. */
export interface Random {
  /** From 0 to 1. */
  (): number
  /** A whole number, both ends included. */
  whole (least: number, most: number): number
  chance (probability: number): boolean
  pick<T> (items: readonly T[]): T
  /** One of them, as often as its weight says. */
  weighted<T> (items: ReadonlyArray<readonly [weight: number, item: T]>): T
  shuffled<T> (items: readonly T[]): T[]
}

/**
 * Makes the numbers of one thing: each has its own, so that what one thing asks for changes nothing for another, in whatever
 * order they come (mulberry32).
 */
export const randomOf = (seed: number, ...thing: ReadonlyArray<string | number>): Random => {
  let state = createHash('sha256').update(JSON.stringify([seed, ...thing])).digest().readUInt32LE(0)
  const next = (): number => {
    state = (state + 0x6D2B79F5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const random: Random = Object.assign(next, {
    whole: (least: number, most: number) => least + Math.floor(next() * (most - least + 1)),
    chance: (probability: number) => next() < probability,
    pick: <T>(items: readonly T[]): T => items[Math.floor(next() * items.length)] as T,
    weighted: <T>(items: ReadonlyArray<readonly [number, T]>): T => {
      let left = next() * items.reduce((sum, [weight]) => sum + weight, 0)
      for (const [weight, item] of items) {
        left -= weight
        if (left < 0) return item
      }
      return (items.at(-1) as readonly [number, T])[1]
    },
    shuffled: <T>(items: readonly T[]): T[] => items.map((item) => [next(), item] as const).sort(([one], [other]) => one - other).map(([, item]) => item)
  })
  return random
}
