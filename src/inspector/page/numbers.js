// Moments, durations and amounts as they are read.

const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
const FULL = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit' })
const COUNT = new Intl.NumberFormat('en-US')
const HALF_A_DAY = 43_200_000

/** `14:03:07`, or `21 Nov, 14:03` where that was not lately. */
export const moment = (at, now) => Math.abs(now - at) < HALF_A_DAY ? CLOCK.format(at) : DAY.format(at)

/** `21 Nov 2026, 14:03:07` */
export const fullMoment = at => FULL.format(at)

/** `14:03:07.042` */
export const exactMoment = at => `${CLOCK.format(at)}.${String(Math.floor(at) % 1000).padStart(3, '0')}`

/** `840 ms`, `2.4 s`, `42 s`, `3 min 20 s`, `2 h 5 min`, `3 days` */
export const duration = milliseconds => {
  const whole = Math.max(0, Math.round(milliseconds))
  if (whole < 1000) return `${whole} ms`
  if (whole < 9_950) return `${Math.round(whole / 100) / 10} s`
  const seconds = Math.round(whole / 1000)
  if (seconds < 100) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
  return `${Math.floor(hours / 24)} days`
}

/** `12,405` */
export const count = amount => COUNT.format(amount)

/** `97.4%`; of few, whole ones. A dash where there is nothing to divide by. */
export const share = (part, whole) => {
  if (!(whole > 0)) return '–'
  const percent = 100 * part / whole
  return `${whole < 200 || percent === 100 || percent === 0 ? Math.round(percent) : percent.toFixed(1)}%`
}

/** `€12.40`, where the currency is known by that name; else the amount and the name. */
export const money = (amount, currency) => {
  try {
    return new Intl.NumberFormat('en-US', { style: 'currency', currency, maximumFractionDigits: amount < 1 ? 4 : 2 }).format(amount)
  } catch {
    return `${amount.toFixed(2)} ${currency}`
  }
}

/** `1 fact`, `12 facts` */
export const several = (amount, one, many = `${one}s`) => `${count(amount)} ${amount === 1 ? one : many}`
