import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { REPLY_NAMES } from '../../../src/dialects/generic/hook.ts'
import { entryPaths } from '../../../src/dialects/generic/hook-shape.ts'
import { readHooks } from '../../../src/dialects/generic/hooks-file.ts'
import { PRESET_NAMES } from '../../../src/dialects/generic/presets.ts'

const GUIDE = readFileSync(fileURLToPath(new URL('../../../docs/identity-providers/generic.md', import.meta.url)), 'utf8')

/** What stands first in the rows of its tables. */
const ROWS = [...GUIDE.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name as string)

t.test('the guide has a row for every entry of the file, and for no other', async (t) => {
  const paths = [...new Set(entryPaths().map((path) => path.replace(/^replies\.[a-z]+/, 'replies.*')))]
  t.same(paths.filter((path) => !ROWS.includes(path)), [], 'every entry')
  t.same(ROWS.filter((row) => /^(authentication|fields|replies)\./.test(row) && !paths.includes(row)), [], 'and no other')
  t.same(REPLY_NAMES.filter((name) => !ROWS.includes(name)), [], 'every reply')
})

t.test('the guide has a chapter for every preset, with its address and a request to try', async (t) => {
  const chapters = new Map(GUIDE.split(/^### /m).map((chapter) => [/^`([a-z]+)`\n/.exec(chapter)?.[1], chapter]))
  t.same([...chapters.keys()].filter((name) => name !== undefined), PRESET_NAMES)
  for (const name of PRESET_NAMES) t.match(chapters.get(name), new RegExp(`^curl -sS "\\$GATEWAY_URL/hooks/generic/${name}" `, 'm'), name)
  for (const name of PRESET_NAMES) t.match(GUIDE.split('## In five minutes')[0], `](#${name})`, `${name} is named at the beginning`)
})

t.test('what the guide has in files is right', async (t) => {
  const withoutReplies = GUIDE.replaceAll(/^```sh play\n[\s\S]*?^```\n\n```json\n[\s\S]*?^```$/gm, '')
  const files = [...withoutReplies.matchAll(/^ *```json\n([\s\S]*?)```/gm)].map(([, text]) => text as string)
  t.ok(files.length >= 4)
  const environment = { NODE_ENV: 'production', MY_IDP_SECRET: 'x'.repeat(16), AUTHGEAR_WEBHOOK_SECRET: 'x'.repeat(16), AUTHSIGNAL_SECRET: 'x'.repeat(16) }
  for (const text of files) t.same(readHooks(text, environment).problems, [], text)
})
