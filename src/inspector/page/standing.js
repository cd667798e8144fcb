// How a delivery stands, and why. It knows nothing of the page.

import { reasonWords } from './words.js'

/** What went well so far, where there was somebody to get it. */
const GOOD = new Set(['pending', 'accepted', 'delivered'])

/** What a delivery stands as: that its code was used says more than that it arrived, and that it was a rehearsal more than all. */
export const standing = ({ status, provider, usedAt }) => {
  if (provider === 'rehearsal' && GOOD.has(status)) return 'rehearsed'
  return usedAt === undefined || usedAt === null ? status : 'used'
}

/** Why a delivery stands as it does, in words; nothing where it went well. */
export const whyStanding = ({ status, reason, usedAt }) => {
  if (GOOD.has(status) || usedAt) return ''
  return status === 'unknown' ? 'nobody knows whether it was sent' : reasonWords(reason)
}
