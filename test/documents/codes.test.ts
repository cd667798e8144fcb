import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { COUNTRY_SETTINGS, SETTINGS } from '../../src/config/settings.ts'
import { hintOf as hintOfAzure, REPORT_CODES } from '../../src/providers/acs/codes.ts'
import type { CodeMeaning } from '../../src/providers/code-book.ts'
import { hintOf as hintOfTwilio, TWILIO_CODES } from '../../src/providers/twilio/codes.ts'

const HEADING = ['| code | reason | what to do |', '| --- | --- | --- |']

/** The codes of a vendor, and the document that explains them. */
interface Book {
  readonly codes: ReadonlyMap<string, CodeMeaning>
  readonly hintOf: (code: string, country: string | undefined) => string | undefined
  readonly document: string
}

const BOOKS: readonly Book[] = [
  { codes: TWILIO_CODES, hintOf: hintOfTwilio, document: 'docs/twilio.md' },
  { codes: REPORT_CODES, hintOf: hintOfAzure, document: 'docs/azure.md' }
]

const SETTING_NAME = /\b[A-Z]+(?:_[A-Z]+)+_?(?![A-Za-z])/g

/** By number: somebody who has one looks it up. */
const rowsOf = ({ codes, hintOf }: Book): string[] => [...codes]
  .sort(([one], [other]) => Number(one) - Number(other))
  .map(([code, { reason }]) => `| ${code} | \`${reason}\` | ${hintOf(code, undefined)?.replaceAll(SETTING_NAME, '`$&`') ?? '—'} |`)

const read = (document: string): string => {
  try {
    return readFileSync(fileURLToPath(new URL(`../../${document}`, import.meta.url)), 'utf8')
  } catch {
    return ''
  }
}

/** The rows of the document's one table of codes; none where there is no such table, or more than one. */
const rowsIn = (document: string): string[] => {
  const [, table, ...others] = read(document).split(`${HEADING.join('\n')}\n`)
  if (table === undefined || others.length > 0) return []
  const lines = table.split('\n')
  return lines.slice(0, lines.findIndex((line) => !line.startsWith('|')))
}

for (const book of BOOKS) {
  t.test(`${book.document} has a row for every code, with its reason and what to do, and no other`, async (t) => {
    const expected = rowsOf(book)
    const rows = rowsIn(book.document)
    t.same(rows, expected)
    if (rows.join('\n') !== expected.join('\n')) t.comment([`${book.document} must hold this table, once:`, ...HEADING, ...expected].join('\n'))
  })

  t.test(`what to do about the codes in ${book.document} names settings that there are, and fits into a table`, async (t) => {
    const known = new Set([...Object.keys(SETTINGS), ...Object.keys(COUNTRY_SETTINGS)])
    const hints = [...book.codes].flatMap(([code, { hint }]) => hint === undefined ? [] : [{ code, hint }])
    t.not(hints.length, 0)
    t.same(hints.filter(({ hint }) => [...hint.matchAll(SETTING_NAME)].some(([name]) => !known.has(name))), [])
    t.same(hints.filter(({ hint }) => /[|`\n]/.test(hint)), [])
  })
}
