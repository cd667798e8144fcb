/** Words for a code, as they are written small. */
export const CODE_WORDS: readonly string[] = [
  'code', 'kode', 'kod', 'kód', 'codigo', 'código', 'codice', 'cod', 'koodi', 'код', 'otp', 'pin', 'tan', 'passcode', 'password', 'passwort', 'kennwort', 'mot de passe', 'contraseña', 'clave',
  'senha', 'token', 'passphrase'
]

/** Letters that make up words which are set apart by spaces, for a class of a pattern. Others, as of Chinese, stand beside codes without one. */
export const LETTERS = '\\p{Script=Latin}\\p{Script=Greek}\\p{Script=Cyrillic}'

/** Digits as words, of the languages in which codes are read out most. */
export const DIGIT_WORDS: readonly string[] = [
  'zero', 'oh', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'null', 'eins', 'zwei', 'zwo', 'drei', 'vier', 'fünf', 'sechs', 'sieben', 'acht', 'neun',
  'cero', 'uno', 'dos', 'tres', 'cuatro', 'cinco', 'seis', 'siete', 'ocho', 'nueve', 'zéro', 'un', 'deux', 'trois', 'quatre', 'cinq', 'sept', 'huit', 'neuf'
]

/** Digits as they are written in Chinese, Japanese and Korean. */
export const HAN_DIGITS = '〇零一二三四五六七八九壹贰叁肆伍陆柒捌玖貳參陸幺洞两'
