// Numbers and codes as people write them.

// The zeros of Arabic, Persian, Devanagari, Bengali, Gurmukhi, Gujarati, Odia, Tamil, Telugu, Kannada, Malayalam, Thai,
// Lao, Burmese and Khmer; after each stand its nine others.
const ZEROS = [0x660, 0x6F0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xE50, 0xED0, 0x1040, 0x17E0]

/** Writes the digits of any script as 0 to 9; wide ones, and the wide plus, of East Asian keyboards as well. */
export const plainDigits = text => text.normalize('NFKC').replace(/\p{Nd}/gu, digit => {
  const point = digit.codePointAt(0)
  const zero = ZEROS.find(start => point >= start && point < start + 10)
  return zero === undefined ? digit : String(point - zero)
})

/** The digits of a code in whatever was typed or pasted, as many as it has. */
export const codeDigits = (text, length) => plainDigits(text).replace(/[^0-9]/g, '').slice(0, length)
