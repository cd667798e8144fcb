import type { Finding } from '../../domain/finding.ts'

/** What was found in one field, under its heading. */
export interface Section {
  readonly title: string
  readonly findings: readonly Finding[]
}

const MARKS: Readonly<Record<Finding['level'], string>> = { ok: 'ok  ', warn: 'warn', fail: 'FAIL', skip: '-   ' }

/** The lines of a section, one a finding. */
export const linesOf = ({ title, findings }: Section): readonly string[] =>
  ['', title, ...findings.map(({ level, about, says }) => `  ${MARKS[level]}  ${about}: ${says}`)]

/** The last line: how many things are wrong. */
export const summaryOf = (findings: readonly Finding[]): string => {
  const count = (level: Finding['level']): number => findings.filter((found) => found.level === level).length
  const [wrong, odd] = [count('fail'), count('warn')]
  const warnings = odd === 0 ? '' : `, ${odd} ${odd === 1 ? 'warning' : 'warnings'}`
  return wrong === 0 ? `All is well${warnings}.` : `${wrong} ${wrong === 1 ? 'thing is' : 'things are'} wrong${warnings}.`
}
