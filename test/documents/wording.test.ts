import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { run } from '../../src/cli/run.ts'
import { SETTINGS } from '../../src/config/settings.ts'
import { PHRASES } from '../../src/wording/phrases.ts'
import { temporaryFolder } from '../support/folder.ts'
import { profileOf, readWith } from '../wording/templates-stand.ts'

/* The guide to the words, held to the code. */

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const GUIDE = readFileSync(`${ROOT}docs/wording.md`, 'utf8')
const BLOCKS = [...GUIDE.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map(([, info = '', body = '']) => ({ info, body }))

t.test('the template that it shows is whole', async (t) => {
  const [block, ...more] = BLOCKS.filter(({ info }) => info === 'liquid')
  t.same(more, [])
  const { templates, problems } = readWith(t, { 'en.text.liquid': block?.body ?? '' }, { profiles: [profileOf(), profileOf({ purpose: 'payment' })] })
  t.same(problems, [])
  const variables = { purpose: 'payment', code: '482913', minutes: 1, brand: 'Example' }
  t.equal(templates.render('text', 'en', variables), 'Example: 482913 confirms your payment. Nobody of us will ever ask you for it. It is valid for 1 minute.')
  t.equal(templates.render('text', 'en', { ...variables, purpose: 'login', minutes: 5, brand: undefined }), '482913 opens the door. It is valid for 5 minutes.')
})

t.test('the table and the problem that it shows are those that are printed', async (t) => {
  const lines: string[] = []
  const folder = temporaryFolder(t)
  await run(['wording', '--locale', 'pt-BR'], { environment: { BRAND_NAME: 'Example' }, folder, print: (line) => { lines.push(line) }, complain: t.fail })
  t.ok(BLOCKS.some(({ body }) => body === `${lines.slice(0, 3).join('\n')}\n`), lines.slice(0, 3).join('\n'))
  const { problems } = readWith(t, { 'de.text.liquid': 'Code:\n{{ cod }}' })
  t.ok(BLOCKS.some(({ body }) => body === `${problems[0]}\n`))
})

t.test('it names no setting and no file that there is not, and counts the languages', async (t) => {
  for (const [, name = ''] of GUIDE.matchAll(/`([A-Z][A-Z0-9]*_[A-Z0-9_]+)(?:=[^`]*)?`/g)) t.ok(name in SETTINGS, name)
  for (const [, link = ''] of GUIDE.matchAll(/\]\((?!https?:|#)([^)#]+)/g)) t.ok(existsSync(`${ROOT}docs/${link}`), link)
  t.match(GUIDE, `each of ${Object.keys(PHRASES).length} languages`)
  for (const language of Object.keys(PHRASES).filter((language) => language.includes('-'))) t.match(GUIDE, `\`${language}\``)
})
