// In which language the page speaks, and how its words are filled in.

/** The languages that there is a file of words for. */
export const LANGUAGES = [
  'ar', 'bn', 'de', 'en', 'es', 'fa', 'fil', 'fr', 'he', 'hi', 'id', 'it', 'ja', 'ko', 'ms', 'nl', 'pl', 'pt', 'ro', 'ru', 'sw', 'th', 'tr', 'uk',
  'ur', 'vi', 'zh-Hans', 'zh-Hant'
]

const RIGHT_TO_LEFT = ['ar', 'fa', 'he', 'ur']

const languageOf = tag => {
  let locale
  try {
    locale = new Intl.Locale(tag.replaceAll('_', '-')).maximize()
  } catch {
    return undefined
  }
  return [`${locale.language}-${locale.script}`, locale.language].find(name => LANGUAGES.includes(name))
}

/** The first language of these tags that the page speaks; English where it speaks none. */
export const chooseLanguage = tags => tags.map(languageOf).find(language => language !== undefined) ?? 'en'

/** Loads the words of a language: `say` gives those of a key, with `{name}` filled in. */
export const loadWords = async language => {
  const { words } = await import(`./words/${language}.js`)
  return {
    language,
    direction: RIGHT_TO_LEFT.includes(language) ? 'rtl' : 'ltr',
    say: (key, values = {}) => words[key].replace(/\{(\w+)\}/g, (_, name) => values[name])
  }
}

// Numbers are read from the left in every language; what surrounds them must not turn them about.
/** Sets a number, a code or a time apart from the direction of the words around it. */
export const apart = text => `\u2066${text}\u2069`
