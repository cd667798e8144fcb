/** So many of so many. */
export interface Part {
  readonly hits: number
  readonly of: number
}

/**
 * How likely it is that `now` has so few hits, or fewer, if it is of the same kind as `usual`: Fisher's exact test of two
 * proportions, one-sided. Unlike the test by the normal distribution it is right for few messages too, and for shares
 * close to all or none. https://en.wikipedia.org/wiki/Fisher%27s_exact_test
 */
export const chanceOfSoFew = (now: Part, usual: Part): number => {
  const all = now.of + usual.of
  const hits = now.hits + usual.hits
  const fewest = Math.max(0, hits - usual.of)
  // Of the hits, k are among those of now. Each term is a ratio of the one before, so that one is computed in full.
  let term = Math.exp(logChoices(hits, now.hits) + logChoices(all - hits, now.of - now.hits) - logChoices(all, now.of))
  let sum = term
  for (let k = now.hits; k > fewest && term > sum * 1e-12; k -= 1) {
    term *= k * (all - hits - now.of + k) / ((hits - k + 1) * (now.of - k + 1))
    sum += term
  }
  return sum
}

/** The logarithm of the number of ways in which `few` can be chosen of `many`. */
const logChoices = (many: number, few: number): number => logFactorial(many) - logFactorial(few) - logFactorial(many - few)

/** Stirling's series, which for 10 and more is right to ten digits; below, the product itself. */
const logFactorial = (n: number): number => {
  if (n < 10) {
    let product = 1
    for (let factor = 2; factor <= n; factor += 1) product *= factor
    return Math.log(product)
  }
  return n * Math.log(n) - n + Math.log(2 * Math.PI * n) / 2 + 1 / (12 * n) - 1 / (360 * n ** 3)
}
