import type { ChaosReport } from './run.ts'

/** What went otherwise than it must; one line each. */
export const verdictOf = ({ messages, taken, doubles, missing, mixed, unsettled, faults, leaks }: ChaosReport): string[] => [
  ...doubles.map((what) => `sent more than once: ${what}`),
  ...missing.map((what) => `told to be accepted, and nobody has it: ${what}`),
  ...mixed.map((number) => `a text to ${number} does not hold its code`),
  ...Object.entries(unsettled).filter(([, open]) => open > 0).map(([what, open]) => `${open} ${what} have not come to an end`),
  ...faults.badEnds.map((end) => `told to end, and did not end well: ${end}`),
  ...leaks.map((line) => `the log holds a number or a code: ${line}`),
  ...(taken.distinct < messages / 4 ? [`only ${taken.distinct} of ${messages} messages were sent`] : [])
]
