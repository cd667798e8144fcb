/** The forms of a noun that CLDR knows. https://cldr.unicode.org/index/cldr-spec/plural-rules */
const FORMS: ReadonlySet<string> = new Set(['zero', 'one', 'two', 'few', 'many', 'other'] satisfies Intl.LDMLPluralRule[])

const RULES = new Map<string, Intl.PluralRules>()

/** They take long to make, and there are as many as languages. */
const rulesOf = (language: string): Intl.PluralRules => {
  const rules = RULES.get(language) ?? new Intl.PluralRules(language)
  RULES.set(language, rules)
  return rules
}

/**
 * The form of a noun that a language uses with a number, with the number in place of `#`. The forms are pairs of name and
 * words, as Liquid gives them: `{{ minutes | plural: one: '# minute', other: '# minutes' }}`. `other` stands for those that
 * are not there. Throws where it is missing, and where something else is given.
 */
export const plural = (language: string, count: unknown, given: readonly unknown[]): string => {
  const forms = new Map(given.map(readForm))
  const other = forms.get('other')
  if (typeof count !== 'number') throw new TypeError('plural is for numbers')
  if (other === undefined) throw new TypeError('plural needs words for other')
  return (forms.get(rulesOf(language).select(count)) ?? other).replaceAll('#', String(count))
}

const readForm = (form: unknown): [string, string] => {
  const [name, words] = Array.isArray(form) ? form : []
  if (!FORMS.has(name)) throw new TypeError(`plural knows ${[...FORMS].join(', ')}`)
  return [name, String(words)]
}
