/** How often the code is said at most where a key repeats it. */
export const MAX_CODE_ROUNDS = 5

/** Where a call has got to when it asks how to go on. It stands in the URL by which it asks: `code:2`, `spoken`. */
export type CallStep =
  /** A key was pressed; what comes is the code, for the `round`-th time, counted from 1. */
  | { readonly kind: 'code', readonly round: number }
  /** The code was spoken to its end. */
  | { readonly kind: 'spoken' }
  /** Nobody pressed a key, and nothing secret was said. */
  | { readonly kind: 'not-confirmed' }

export const formatStep = (step: CallStep): string => step.kind === 'code' ? `code:${step.round}` : step.kind

/** Reads a step back; `undefined` for anything that is not one. */
export const parseStep = (text: string): CallStep | undefined => {
  if (text === 'spoken' || text === 'not-confirmed') return { kind: text }
  const round = Number(/^code:([1-9])$/.exec(text)?.[1])
  return round <= MAX_CODE_ROUNDS ? { kind: 'code', round } : undefined
}
