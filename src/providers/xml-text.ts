// Everything but https://www.w3.org/TR/xml/#charsets
const ILLEGAL = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu

/** The text without what XML cannot hold, not even escaped. */
export const legalInXml = (text: string): string => text.replace(ILLEGAL, '')
