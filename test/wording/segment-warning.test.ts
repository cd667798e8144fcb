import t from 'tap'
import type { TemplateOptions } from '../../src/wording/templates.ts'
import { profileOf, readOurs, readWith } from './templates-stand.ts'

const begins = 'Texts of these languages take more than one segment, and are charged as that many (phone-code-gateway wording shows them). '

/** The languages of each number of segments. */
const warned = (changes: Partial<TemplateOptions>): Record<string, string> => {
  const { warnings: [warning = begins, ...more] } = readOurs(changes)
  t.same(more, [], 'one line for all')
  t.ok(warning.startsWith(begins))
  return Object.fromEntries([...warning.matchAll(/([0-9]+) segments: ([^;.]+)/g)].map(([, segments, languages]) => [segments, languages]))
}

t.test('nothing is said of texts of one segment', async (t) => {
  t.same(readOurs({ brand: 'Example' }).warnings, [])
})

t.test('those that take more are grouped by how many', async (t) => {
  const { 2: two = '' } = warned({ brand: 'Example', domain: 'login.example.com' })
  for (const language of ['ar', 'el', 'es', 'ru', 'vi']) t.ok(two.split(', ').includes(language), language)
  for (const language of ['de', 'en', 'fr', 'zh-CN']) t.notOk(two.split(', ').includes(language), language)

  const long = warned({ brand: 'x'.repeat(40), domain: 'a'.repeat(63) })
  t.match(long['2'], /en/)
  t.match(long['3'], /ru/)
  t.same(Object.keys(long), ['2', '3'], 'the fewer first')
})

t.test('the longest of the profiles counts, with its own code', async (t) => {
  const brand = 'x'.repeat(24)
  const [short, long] = [profileOf({ codeLength: 4 }), profileOf({ purpose: 'payment', codeLength: 10, lifetime: 3_600_000 })]
  t.notMatch(warned({ brand, profiles: [short] })['2'] ?? '', /\bcs\b/)
  for (const profiles of [[short, long], [long, short]]) t.match(warned({ brand, profiles })['2'], /\bcs\b/)
})

t.test('what the gateway does not word is not counted', async (t) => {
  const domain = 'a-very-long-name-of-a-host.which-nobody-would-type.example.com'
  t.same(warned({ domain, profiles: [profileOf({ channels: ['voice', 'whatsapp'] })] }), {}, 'no text is sent')
  t.same(warned({ domain, profiles: [profileOf({ codeMaker: 'twilio-verify' })] }), {}, 'the words are the vendor\'s')
  t.same(warned({ domain, profiles: [] }), {})
})

t.test('templates of the folder are counted in place of ours, those of regions too', async (t) => {
  const long = `{{ code }}${'x'.repeat(155)}`
  const { warnings } = readWith(t, { 'de-CH.text.liquid': long, 'en.text.liquid': `{{ code }}${'ж'.repeat(129)}`, 'fr.speech.liquid': long })
  t.same(warnings, [`${begins}2 segments: de-CH; 3 segments: en.`])
})
