import t from 'tap'
import { textLength } from '../../src/wording/segments.ts'

// 3GPP TS 23.038: 160 septets, or 140 bytes in code units of two; with a header of six bytes 153 septets or 67 units.
for (const [what, text, encoding, characters, segments] of [
  ['nothing', '', 'GSM-7', 0, 1],
  ['letters of the alphabet of GSM', 'Ihr Code: 4829 äöüÄÖÜß èéùìòà ñÑ ÅåØøÆæ Ç ¿¡§¤£$¥@_ ΔΦΓΛΩΠΨΣΘΞ', 'GSM-7', 62, 1],
  ['as many as one message holds', 'a'.repeat(160), 'GSM-7', 160, 1],
  ['one more', 'a'.repeat(161), 'GSM-7', 161, 2],
  ['two full parts', 'a'.repeat(306), 'GSM-7', 306, 2],
  ['one more than two full parts', 'a'.repeat(307), 'GSM-7', 307, 3],
  ['lines', 'a\n\nb\r', 'GSM-7', 5, 1],
  ['characters that count double', '€^{}\\[~]|\f', 'GSM-7', 20, 1],
  ['80 of them', '€'.repeat(80), 'GSM-7', 160, 1],
  ['81 of them', '€'.repeat(81), 'GSM-7', 162, 2],
  ['an escaped character is not divided: it begins the next part', `${'a'.repeat(152)}€${'a'.repeat(151)}`, 'GSM-7', 305, 2],
  ['and so takes one more where the last part was full', `${'a'.repeat(152)}€${'a'.repeat(152)}`, 'GSM-7', 306, 3],
  ['a letter that GSM does not have', 'ç'.repeat(70), 'UCS-2', 70, 1],
  ['one of them makes all others wide', `${'a'.repeat(69)}ő`, 'UCS-2', 70, 1],
  ['one more than a message holds', `${'a'.repeat(70)}ő`, 'UCS-2', 71, 2],
  ['two full parts of wide letters', 'ж'.repeat(134), 'UCS-2', 134, 2],
  ['one more than these', 'ж'.repeat(135), 'UCS-2', 135, 3],
  ['a straight apostrophe is of GSM, a typographic one is not', '’', 'UCS-2', 1, 1],
  ['a tab is not of GSM', '\t', 'UCS-2', 1, 1],
  ['capitals of Greek look like Latin ones, and are not of GSM', 'Α', 'UCS-2', 1, 1],
  ['two code units', '🏦'.repeat(35), 'UCS-2', 70, 1],
  ['two code units are not divided', `${'a'.repeat(66)}🏦${'a'.repeat(65)}`, 'UCS-2', 133, 2],
  ['and so take one more part', `${'a'.repeat(66)}🏦${'a'.repeat(66)}`, 'UCS-2', 134, 3]
] as const) {
  t.test(what, async (t) => { t.same(textLength(text), { encoding, characters, segments }) })
}
