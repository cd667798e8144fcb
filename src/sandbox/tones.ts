const NAMES: Readonly<Record<string, string>> = {
  0: 'zero',
  1: 'one',
  2: 'two',
  3: 'three',
  4: 'four',
  5: 'five',
  6: 'six',
  7: 'seven',
  8: 'eight',
  9: 'nine',
  '#': 'pound',
  '*': 'asterisk',
  A: 'a',
  B: 'b',
  C: 'c',
  D: 'd'
}

/** The name that Azure has for a key: `one` for `1`, `pound` for `#`. */
export const toneOf = (key: string): string | undefined => NAMES[key]

/** The key of a name, the other way round. */
export const keyOf = (tone: unknown): string | undefined =>
  Object.entries(NAMES).find(([, name]) => name === tone)?.[0]
