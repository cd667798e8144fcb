import t from 'tap'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ERRORS } from '../../src/domain/errors.ts'

const readme = (): string => {
  try {
    return readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8')
  } catch {
    return ''
  }
}

t.test('README.md has a row for every error, with its status and title', async (t) => {
  const rows = Object.entries(ERRORS).map(([code, { status, title }]) => `| \`${code}\` | ${status} | ${title} |`)
  const lines = new Set(readme().split('\n'))
  const missing = rows.filter((expected) => !lines.has(expected))
  t.equal(missing.length, 0, missing.length === 0 ? 'README.md holds them all' : 'README.md must hold the table below')
  if (missing.length > 0) t.comment(['| code | status | title |', '| --- | --- | --- |', ...rows].join('\n'))
})

t.test('README.md has no row for an error that is gone', async (t) => {
  const named = [...readme().matchAll(/^\| `([a-z_]+)` \| [45]\d\d \|/gm)].map(([, code]) => code as string)
  t.same(named.filter((code) => !Object.hasOwn(ERRORS, code)), [])
})

t.test('statuses are those of refusals, and titles are whole sentences of fixed words', async (t) => {
  for (const [code, { status, title }] of Object.entries(ERRORS)) {
    t.ok(status >= 400 && status < 600, code)
    t.match(title, /^[A-Z][^|`]*\.$/, code)
  }
})
