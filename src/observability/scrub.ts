/** What a code, a number, a token, a query or a sealed text looks like inside a sentence of somebody else's. */
const SUSPICIOUS = new RegExp([
  /".*"(?=(?:\.\.\.)? is not valid JSON)/,
  /\?\S+/,
  /\b(?:Bearer|Basic) \S+/,
  /\+?[0-9][0-9 ().-]{2,}[0-9]/,
  /[A-Za-z0-9+/_=-]{24,}/,
  /[A-Za-z]*[0-9][A-Za-z0-9]*/
].map(({ source }) => source).join('|'), 'gs')

const cleared = (text: unknown): string => String(text).replace(SUSPICIOUS, '…').slice(0, 300)

/** A line of a stack that tells a place in a file. */
const FRAME = /^\s+at (?:[\w$.<># [\]]+ \()?(?:file:\/\/|node:|\/|[A-Z]:\\)[^\s?]*:\d+:\d+\)?$/

/** Where it arose. The stack begins with the message, and a line of that may look like a place. */
const framesOf = ({ message, stack }: Error): string => {
  const said = new Set(String(message).split('\n'))
  return String(stack).split('\n').filter((line) => FRAME.test(line) && !said.has(line)).slice(0, 12).map((line) => line.trim()).join('\n')
}

/**
 * Makes an error safe to log: its kind, its code and where it arose, with its message cleared of all that looks like a
 * code, a number or a secret; and the same of its cause. Its other properties are left out: SDKs hang requests on them.
 */
export const describeError = (error: unknown, depth = 0): Record<string, unknown> => {
  if (!(error instanceof Error)) return { type: typeof error }
  const code = (error as { code?: unknown }).code
  return {
    type: cleared(error.name),
    message: cleared(error.message),
    // Not `code`: the log hides that name, for it may be a one-time code's.
    ...(typeof code === 'string' && /^[A-Za-z_]{1,64}$/.test(code) ? { errorCode: code } : {}),
    stack: framesOf(error),
    ...(error.cause !== undefined && depth < 3 ? { cause: describeError(error.cause, depth + 1) } : {})
  }
}
