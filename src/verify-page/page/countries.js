// Countries and what numbers in them begin with.

/** All countries that have numbers, by their names in a language: `{ code, prefix, name }`; and whose a written number is. */
export const loadCountries = async language => {
  const response = await fetch(new window.URL('verify/assets/countries.json', document.baseURI))
  const byPrefix = await response.json()
  const names = new Intl.DisplayNames([language, 'en'], { type: 'region' })
  const countries = Object.entries(byPrefix).flatMap(([prefix, codes]) => codes.map(code => ({ code, prefix, name: names.of(code) })))
  countries.sort((one, other) => one.name.localeCompare(other.name, language))
  return {
    all: countries,
    find: code => countries.find(country => country.code === code),
    /**
     * Splits what begins with `+` or `00` into its country and the rest. Of countries that share a prefix it is the one
     * that is chosen, else the largest. `undefined` where it begins otherwise, or like no country.
     */
    split (text, chosen) {
      const digits = /^(?:\+|00)(.*)$/.exec(text.replace(/[^0-9+]/g, ''))?.[1]
      if (digits === undefined) return undefined
      const prefix = [1, 2, 3].map(length => digits.slice(0, length)).find(start => Object.hasOwn(byPrefix, start))
      if (prefix === undefined || digits.length < prefix.length + 4) return undefined
      const codes = byPrefix[prefix]
      return { country: codes.includes(chosen) ? chosen : codes[0], international: `+${digits}`, national: digits.slice(prefix.length) }
    }
  }
}

/** The country that a person is likely in, by what the browser says of languages. */
export const likelyCountry = tags => {
  for (const tag of tags) {
    try {
      const { region } = new Intl.Locale(tag)
      if (region !== undefined) return region
    } catch {}
  }
  return tags.length > 0 ? new Intl.Locale(tags[0]).maximize().region : undefined
}
