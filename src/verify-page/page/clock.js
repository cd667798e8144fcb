// The gateway's clock: what this machine believes about the time of day does not matter.

/** Reckons the gateway's time from its last answer; before there was one, that of this machine. */
export const createClock = () => {
  let offset = Date.now() - performance.now()
  return {
    /** The gateway said what time it is. */
    sync (moment) {
      const now = Date.parse(moment)
      if (Number.isFinite(now)) offset = now - performance.now()
    },
    now: () => performance.now() + offset,
    /** Whole seconds until a moment; none where it is over. */
    secondsUntil: moment => Math.max(0, Math.ceil((Date.parse(moment) - performance.now() - offset) / 1000))
  }
}

const twoDigits = number => String(number).padStart(2, '0')

/** `4:05`, and `1:04:05` where it is hours. */
export const short = seconds => {
  const [minutes, hours] = [Math.floor(seconds / 60), Math.floor(seconds / 3600)]
  return hours > 0 ? `${hours}:${twoDigits(minutes % 60)}:${twoDigits(seconds % 60)}` : `${minutes}:${twoDigits(seconds % 60)}`
}

/** `4 minutes, 5 seconds` in a language; of more than a minute and a half, whole minutes are enough. */
export const long = (seconds, language) => {
  const unit = (amount, name) => new Intl.NumberFormat(language, { style: 'unit', unit: name, unitDisplay: 'long' }).format(amount)
  return seconds > 90 ? unit(Math.ceil(seconds / 60), 'minute') : unit(seconds, 'second')
}
