import { TIME_BOUNDS } from '../store/statistics.ts'

/** What took longer than the last bound is taken for as long as that. */
const LONGEST = TIME_BOUNDS.at(-1) as number

/** Of nothing that was delivered: a count for each group. */
export const noTimes = (): number[] => [...TIME_BOUNDS.map(() => 0), 0]

/** The group within which that share was delivered. */
export const percentileGroup = (times: readonly number[], share: number): number => {
  const rank = rankOf(times, share)
  let sum = 0
  return times.findIndex((count) => {
    sum += count
    return sum >= rank
  })
}

/**
 * Seconds within which that share was delivered, as if the times of each group lay evenly between its bounds; `undefined`
 * where nothing was delivered.
 */
export const percentileOf = (times: readonly number[], share: number): number | undefined => {
  const rank = rankOf(times, share)
  if (rank === 0) return undefined
  const group = percentileGroup(times, share)
  const below = times.slice(0, group).reduce((sum, count) => sum + count, 0)
  const [begin = 0, end = LONGEST] = [TIME_BOUNDS[group - 1], TIME_BOUNDS[group]]
  return begin + (end - begin) * (rank - below) / (times[group] as number)
}

const rankOf = (times: readonly number[], share: number): number => share * times.reduce((sum, count) => sum + count, 0)
