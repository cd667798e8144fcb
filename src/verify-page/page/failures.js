// What went wrong, in words for people.

const BY_CODE = {
  offline: 'offline',
  number_missing: 'numberMissing',
  number_impossible: 'numberWrong',
  number_needs_country: 'numberWrong',
  recipient_not_allowed: 'numberRefused',
  recipient_refused: 'numberRefused',
  channel_not_offered: 'channelRefused',
  code_missing: 'codeIncomplete',
  code_invalid: 'codeIncomplete',
  not_found: 'gone',
  verification_over: 'gone',
  resend_too_early: 'againIn',
  too_many_resends: 'noMore'
}

const keyOf = ({ status, code, retryAfter }) => {
  if (Object.hasOwn(BY_CODE, code)) return BY_CODE[code]
  if (status === 429) return retryAfter === undefined ? 'tooManyLater' : 'tooMany'
  return status === 404 ? 'gone' : 'serverDown'
}

/** What a problem means to the page: it stops for good, or says something, and for how many seconds it is of no use to try. */
export const readProblem = problem => {
  // Without a session nobody comes any further.
  if (problem.status === 401) return { stop: 'sessionOver' }
  const key = keyOf(problem)
  return { key, wait: problem.retryAfter, isGone: key === 'gone' }
}

const NUMBER_REASONS = ['number_invalid', 'number_not_mobile', 'number_unreachable']
const BLOCKED_REASONS = ['opted_out', 'country_not_allowed', 'prefix_denied', 'number_type_refused', 'range_suspected', 'fraud_blocked']
// These pass by themselves.
const LATER_REASONS = ['too_many_codes', 'too_many_messages']

/** The words for why a message did not arrive. */
export const reasonKey = reason => {
  if (NUMBER_REASONS.includes(reason)) return 'failedNumber'
  if (BLOCKED_REASONS.includes(reason)) return 'failedBlocked'
  return LATER_REASONS.includes(reason) ? 'tooManyLater' : 'failedWay'
}
