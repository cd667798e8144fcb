import { readFileSync } from 'node:fs'
import t from 'tap'
import { ATTEMPT_STATUSES } from '../../src/domain/delivery-status.ts'
import { NEXT_STEPS, REASONS } from '../../src/domain/reason.ts'

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')

/** The first cells of the rows of the table with that heading. */
const rowsUnder = (heading: string): string[] => {
  const [, table] = README.split(`| ${heading} |`)
  const lines = (table ?? '').split('\n').slice(2)
  return lines.slice(0, lines.findIndex((line) => !line.startsWith('|'))).map((line) => line.split('`')[1] as string)
}

t.test('README.md explains every reason, and no other', async (t) => {
  t.same(rowsUnder('reason | what it means, and what to look at | what may be tried next').sort(), [...REASONS].sort())
})

t.test('README.md says what may be tried after each reason', async (t) => {
  for (const [reason, steps] of Object.entries(NEXT_STEPS)) {
    const says = steps.length === 0 ? 'nothing' : steps.map((step) => `*${step}*`).join(', ')
    t.match(README, new RegExp(`^\\| \`${reason}\` \\|.*\\| ${says.replaceAll('*', '\\*')} \\|$`, 'm'), reason)
  }
})

t.test('README.md explains every status, and no other', async (t) => {
  t.same(rowsUnder('status | meaning').sort(), [...ATTEMPT_STATUSES].sort())
})
