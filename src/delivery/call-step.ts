/**
 * One thing that is said in a call. It travels with what is said, comes back with the events about it, and is kept as
 * the call's step: `code:2:plain` is the code, or the words of a message that has none, for the second time, without markup.
 */
export interface CallStep {
  readonly phase: 'confirm' | 'code'
  /** Counts from 1. */
  readonly round: number
  readonly plain: boolean
}

export const formatStep = ({ phase, round, plain }: CallStep): string => `${phase}:${round}${plain ? ':plain' : ''}`

/** Reads a step back; `undefined` for anything that is not one. */
export const parseStep = (text: string): CallStep | undefined => {
  const match = /^(confirm|code):([1-9])(:plain)?$/.exec(text)
  return match === null
    ? undefined
    : { phase: match[1] as CallStep['phase'], round: Number(match[2]), plain: match[3] !== undefined }
}
