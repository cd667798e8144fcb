export interface TokenBucketOptions {
  readonly perSecond: number
  /** As many as are there at the beginning, and at most. */
  readonly burst: number
  /** Milliseconds since any moment. */
  readonly now: () => number
}

/** Lets so many through a second, and a few more where it was quiet before. */
export interface TokenBucket {
  /** Takes one, where there is one. */
  take (): boolean
}

export const createTokenBucket = ({ perSecond, burst, now }: TokenBucketOptions): TokenBucket => {
  let tokens = burst
  let filledAt = now()
  return {
    take () {
      const moment = now()
      // A clock may be set back: then nothing comes for that time, and nothing is taken away.
      tokens = Math.min(burst, tokens + Math.max(0, moment - filledAt) * perSecond / 1000)
      filledAt = moment
      if (tokens < 1) return false
      tokens -= 1
      return true
    }
  }
}
