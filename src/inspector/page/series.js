// Statistics as lines over time. It knows nothing of the page.

/** Upper bounds of the times that are told apart, in seconds; the last group has none. */
const TIME_BOUNDS = [1, 2, 3, 5, 8, 13, 20, 30, 60, 120, 300]
const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** Milliseconds between points: enough of them to see a change, and few enough to see a line. */
const stepOf = ({ span }) => span === 'hour' ? MINUTE : span === 'day' ? HOUR : 3 * HOUR

/** The time, in seconds, within which that part of them were delivered; `null` where none was. */
export const percentile = (times, part) => {
  const all = times.reduce((sum, amount) => sum + amount, 0)
  if (all === 0) return null
  let below = 0
  for (const [index, amount] of times.entries()) {
    if (below + amount >= part * all && amount > 0) {
      const from = TIME_BOUNDS[index - 1] ?? 0
      const to = TIME_BOUNDS[index] ?? from
      return from + (to - from) * (part * all - below) / amount
    }
    below += amount
  }
  return TIME_BOUNDS.at(-1)
}

/** Lines of a plot: moments in seconds, then what was sent, delivered, used, not delivered and failed, and the median and 95th of the times. */
export const seriesOf = statistics => {
  const step = stepOf(statistics)
  const first = Math.floor(statistics.from / step) * step
  const points = new Map()
  for (let at = first; at < statistics.until; at += step) points.set(at, { sent: 0, delivered: 0, used: 0, undelivered: 0, failed: 0, times: TIME_BOUNDS.map(() => 0).concat(0) })
  for (const row of statistics.rows) {
    const point = points.get(Math.floor(row.bucket / step) * step)
    if (point === undefined) continue
    point.sent += row.sent
    point.delivered += row.delivered
    point.used += row.used
    point.undelivered += row.undelivered
    point.failed += row.failed
    for (const [index, amount] of row.times.entries()) point.times[index] += amount
  }
  const all = [...points.values()]
  const line = give => all.map(give)
  return {
    moments: [...points.keys()].map(at => at / 1000),
    amounts: [line(({ sent }) => sent), line(({ delivered }) => delivered), line(({ used }) => used), line(({ undelivered }) => undelivered), line(({ failed }) => failed)],
    times: [line(({ times }) => percentile(times, 0.5)), line(({ times }) => percentile(times, 0.95))]
  }
}
