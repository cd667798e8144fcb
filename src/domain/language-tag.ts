const LONGEST_TAG = 64

// Language, extended language (unused), script and region; what follows (variant, charset, further choices) is let go.
const TAG = /^([a-z]{2,3})(?:-[a-z]{3})?(?:-([a-z]{4}))?(?:-([a-z]{2}|[0-9]{3}))?(?=$|[-.@,;])/i

/**
 * Reads a locale in whatever form it comes: `en_US.UTF-8`, ` ES-mx `, `zh-Hant-TW`, `iw`; `undefined` for what is none.
 * Never throws; looks at no more than the first 64 characters.
 */
export const readLanguageTag = (text: string): Intl.Locale | undefined => {
  const match = TAG.exec(text.slice(0, LONGEST_TAG).trim().replaceAll('_', '-'))
  return match === null ? undefined : new Intl.Locale(match.slice(1).filter((part) => part !== undefined).join('-'))
}
