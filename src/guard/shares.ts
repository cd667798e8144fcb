import type { Budget } from '../store/budgets.ts'
import type { Quota } from './budgets.ts'

/** A shared budget has so many places for each share, and no more than so many shares. */
const PLACES_A_SHARE = 100
const MOST_SHARES = 8

/**
 * Splits what many replicas count at a time into shares with a row each, so that they do not all wait for one row. The
 * shares are together exactly as large as the budget. They come in the order in which a message asks them, from a random
 * one on; `chance` is from 0 up to but not including 1.
 */
export const sharesOf = ({ key, most, within, isShared }: Quota, chance: number): readonly Budget[] => {
  const count = isShared ? Math.max(1, Math.min(MOST_SHARES, Math.floor(most / PLACES_A_SHARE))) : 1
  if (count === 1) return [{ key, most, within }]
  const first = Math.floor(chance * count)
  return Array.from({ length: count }, (_, index) => {
    const share = (first + index) % count
    return { key: `${key}/${share}`, most: Math.floor(most / count) + (share < most % count ? 1 : 0), within }
  })
}
