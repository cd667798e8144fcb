import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import t from 'tap'
import { readTemplates, type TemplateOptions, type Templates, type TemplateVariables } from '../../src/wording/templates.ts'
import { folderWith, profileOf, readOurs, readWith } from './templates-stand.ts'

const LOGIN: TemplateVariables = { purpose: 'login', code: '482913', minutes: 5, brand: undefined }
const OURS = 'Your login code is 482913. It is valid for 5 minutes.'

const textOf = (templates: Templates, locale?: string, variables: Partial<TemplateVariables> = {}): string => templates.render('text', locale, { ...LOGIN, ...variables })

t.test('ours are whole, and are told nothing of', async (t) => {
  const { templates, problems, warnings } = readOurs()
  t.same([problems, warnings], [[], []])
  t.equal(textOf(templates), OURS)
})

t.test('a template of the folder comes in place of ours, and no other does', async (t) => {
  const { templates, problems } = readWith(t, { 'de.text.liquid': 'Code {{ code }}{% if brand %} von {{ brand }}{% endif %}, {{ minutes }} Min. ({{ purpose }})\n' })
  t.same(problems, [])
  t.equal(textOf(templates, 'de'), 'Code 482913, 5 Min. (login)')
  t.equal(textOf(templates, 'de-AT', { brand: 'Example', purpose: 'payment', minutes: 7 }), 'Code 482913 von Example, 7 Min. (payment)')
  t.equal(textOf(templates, 'en'), OURS)
  t.match(templates.render('speech', 'de', LOGIN), 'Ihr Anmeldecode lautet 482913. Noch einmal')
})

t.test('that of a region comes before that of its language', async (t) => {
  const { templates, problems } = readWith(t, {
    'de.text.liquid': 'de {{ code }}',
    'de-CH.text.liquid': 'de-CH {{ code }}',
    'pt-BR.text.liquid': 'pt-BR {{ code }}',
    'en-US.text.liquid': 'en-US {{ code }}',
    'es-419.text.liquid': 'es-419 {{ code }}',
    'fr-CA.speech.liquid': 'fr-CA {{ code }}'
  })
  t.same(problems, [])
  for (const [locale, begins] of [
    ['de', 'de '], ['de-CH', 'de-CH '], ['de_ch.UTF-8', 'de-CH '], ['de-Latn-CH', 'de-CH '], ['de-AT', 'de '], ['de-ZZ', 'de '],
    ['pt', 'pt-BR '], ['pt-AO', 'O seu'], ['en', 'Your'], ['en-US', 'en-US '], ['tlh', 'en-US '], [undefined, 'en-US '],
    ['es-419', 'es-419 '], ['es-MX', 'Su '], ['fr-CA', 'Votre']
  ] as const) t.ok(textOf(templates, locale).startsWith(begins), `${locale}: ${textOf(templates, locale)}`)
  t.equal(templates.render('speech', 'fr-CA', LOGIN), 'fr-CA 482913')
  t.same(templates.tags.filter((tag) => /^(de|en|es|fr|pt)/.test(tag)), ['de', 'de-CH', 'en', 'en-US', 'es', 'es-419', 'fr', 'fr-CA', 'pt-BR', 'pt-PT'])
})

t.test('a relative folder begins where the settings are', async (t) => {
  const folder = folderWith(t, { 'en.text.liquid': 'mine {{ code }}' })
  const options: TemplateOptions = { folder: `./${basename(folder)}`, base: dirname(folder), profiles: [profileOf()], brand: undefined, domain: undefined }
  t.equal(textOf(readTemplates(options).templates), 'mine 482913')
})

t.test('other files are left alone', async (t) => {
  const folder = folderWith(t, { 'README.md': '{{ nothing }}', 'de.text.liquid.orig': '{{ nothing }}', '._de.text.liquid': '\0', '.liquid': '' })
  mkdirSync(join(folder, 'old'))
  t.same(readTemplates({ folder, base: '/', profiles: [profileOf()], brand: undefined, domain: undefined }).problems, [])
})

t.test('what is broken is named, with its line', async (t) => {
  for (const [source, says] of [
    ['{{ code }}\n{{ cod }}', ', line 2: there is no variable cod, but brand, code, minutes, purpose.'],
    ['{{ code }}\n\n{% if minutes == 3 %}{{ typo }}{% endif %}', ', line 3: there is no variable typo, but brand, code, minutes, purpose.'],
    ['{{ code }}{{ language }}', ', line 1: there is no variable language, but brand, code, minutes, purpose.'],
    ['{{ code }}{{ constructor }}', ', line 1: there is no variable constructor, but brand, code, minutes, purpose.'],
    ['{{ code }}\n{{ brand.name }}', ', line 2: undefined variable: brand.name.'],
    ['{{ code | shout }}', ', line 1: undefined filter: shout.'],
    ['{{ code }}\n{% shout %}', ', line 2: tag "shout" not found.'],
    ['{{ code }}\n{% if brand %}', ', line 2: tag {% if brand %} not closed.'],
    ['{{ code }}\n{{ code ', ', line 2: output "{{ code " not closed.'],
    ['{{ code }} {{ minutes | plural: one: "minute" }}', ', line 1: plural needs words for other.'],
    ['{{ code }} {{ minutes | plural: "minutes" }}', ', line 1: plural knows zero, one, two, few, many, other.'],
    ['{{ code }} {{ code | plural: other: "codes" }}', ', line 1: plural is for numbers.'],
    ['{% include "../../package.json" %}', ', line 1: tag "include" not found.'],
    ['{% render "en.text.liquid" %}', ', line 1: tag "render" not found.'],
    ['{% layout "en.text.liquid" %}', ', line 1: tag "layout" not found.'],
    ['{% block a %}{% endblock %}', ', line 1: tag "block" not found.'],
    ['{{ code }}{% for i in (1..100000000) %}x{% endfor %}', ', line 1: memory alloc limit exceeded.'],
    ['{{ code }}{% assign a = (1..300) %}{% for i in a %}{% for j in a %}{% for k in a %}{% for l in a %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}', ', line 1: template render limit exceeded.'],
    ['', ': with the purpose login, 5 min and a brand, the code is missing: it needs {{ code }}.'],
    [' \n', ': with the purpose login, 5 min and a brand, the code is missing: it needs {{ code }}.'],
    ['Your code is {% if brand %}{{ code }}{% endif %}.', ': with the purpose login, 5 min and no brand, the code is missing: it needs {{ code }}.'],
    ['{% if minutes > 1 %}{{ code }}{% endif %}', ': with the purpose login, 1 min and a brand, the code is missing: it needs {{ code }}.'],
    ['{{ code | slice: 0, 3 }} {{ code | slice: 3, 3 }}', ': with the purpose login, 5 min and a brand, the code is missing: it needs {{ code }}.'],
    ['{{ code }} {{ code }} {{ code }} {{ code }}', ': with the purpose login, 5 min and a brand, the code is there 4 times, and may be 3 times at most.'],
    [`{{ code }}${'x'.repeat(1595)}`, ': with the purpose login, 5 min and a brand, it is longer than 1600 characters.']
  ] as const) {
    const { templates, problems } = readWith(t, { 'en.text.liquid': source })
    t.same(problems, [`WORDING_DIR: en.text.liquid${says}`], source.slice(0, 80))
    t.equal(textOf(templates), OURS, 'and ours stands in its place')
  }
})

t.test('what is said of a template is short, and on one line', async (t) => {
  const [problem = ''] = readWith(t, { 'en.text.liquid': `{{ code }}{% if ${'"x"\n'.repeat(500)} ` }).problems
  t.ok(problem.length < 200, problem)
  t.notMatch(problem, '\n')
})

t.test('a call has time for 400 characters, and 600 bytes', async (t) => {
  const says = 'WORDING_DIR: en.speech.liquid: with the purpose login, 5 min and a brand, it is longer than a call has time for: 400 characters, and 600 bytes in UTF-8.'
  for (const [source, problems] of [
    [`{{ code }}${'x'.repeat(394)}`, []],
    [`{{ code }}${'x'.repeat(395)}`, [says]],
    [`{{ code }}${'य'.repeat(198)}`, []],
    [`{{ code }}${'य'.repeat(199)}`, [says]]
  ] as const) t.same(readWith(t, { 'en.speech.liquid': source }).problems, problems)
})

t.test('the line for browsers needs room too', async (t) => {
  const source = `{{ code }}${'x'.repeat(1570)}`
  t.same(readWith(t, { 'en.text.liquid': source }).problems, [])
  t.match(readWith(t, { 'en.text.liquid': source }, { domain: 'login.example.com' }).problems, [/longer than 1600 characters/])
})

t.test('each is tried with what every profile makes of it', async (t) => {
  const files = { 'en.text.liquid': '{% case purpose %}{% when "login" %}{{ code }}{% else %}{% if minutes == 15 %}Oops{% else %}{{ code }}{% endif %}{% endcase %}' }
  t.same(readWith(t, files).problems, [])
  t.match(readWith(t, files, { profiles: [profileOf(), profileOf({ name: 'pay', purpose: 'payment', lifetime: 900_000 })] }).problems,
    ['WORDING_DIR: en.text.liquid: with the purpose payment, 15 min and a brand, the code is missing: it needs {{ code }}.'])
})

t.test('where a template fails that was whole when it was tried, the words are ours', async (t) => {
  for (const source of [
    '{% if minutes == 3 %}Oops{% else %}{{ code }}{% endif %}',
    '{% if minutes == 3 %}{{ code.oops }}{% else %}{{ code }}{% endif %}',
    `{{ code }}{% if minutes == 3 %}${'x'.repeat(1600)}{% endif %}`
  ]) {
    const { templates, problems } = readWith(t, { 'en.text.liquid': source })
    t.same(problems, [])
    t.equal(textOf(templates), '482913')
    t.equal(textOf(templates, 'en', { minutes: 3 }), 'Your login code is 482913. It is valid for 3 minutes.', source.slice(0, 60))
  }
})

t.test('a template keeps nothing from one message to the next', async (t) => {
  const { templates } = readWith(t, { 'en.text.liquid': '{% increment minutes %}{% assign code = code | append: "0" %}{% increment n %} {{ code }}' })
  t.equal(textOf(templates), textOf(templates))
})

t.test('files that cannot be templates', async (t) => {
  const named = (name: string): string => `WORDING_DIR: "${name}" is named for none of our languages: a template is called <language>.text.liquid or <language>.speech.liquid, with a language such as de or de-CH.`
  for (const name of ['tlh.text.liquid', 'xx.speech.liquid', 'de.liquid', 'de.txt.liquid', 'text.liquid', 'DE.text.liquid', 'de_CH.text.liquid', 'de-ch.text.liquid', 'de-ZZ.text.liquid', 'pt.text.liquid', 'no.text.liquid', 'zh-Hant.text.liquid', 'de.text.LIQUID', 'de.text.liquid.liquid', 'x\ny.liquid']) {
    t.same(readWith(t, { [name]: '{{ code }}' }).problems, [named(name.replace('\n', '\\n'))], JSON.stringify(name))
  }
  t.same(readWith(t, { 'de.text.liquid': `{{ code }}${' '.repeat(16_384)}` }).problems, ['WORDING_DIR: de.text.liquid is larger than 16384 bytes.'])
  t.same(readWith(t, { 'de.text.liquid': Buffer.from('{{ code }} g\xfcltig', 'latin1') }).problems, ['WORDING_DIR: de.text.liquid cannot be read, or is not UTF-8.'])
})

t.test('what is no file is not waited for', async (t) => {
  const folder = folderWith(t, {})
  mkdirSync(join(folder, 'de.text.liquid'))
  symlinkSync('/nowhere/at/all', join(folder, 'en.text.liquid'))
  symlinkSync('/dev/null', join(folder, 'fr.text.liquid'))
  t.same(readTemplates({ folder, base: '/', profiles: [profileOf()], brand: undefined, domain: undefined }).problems, ['de', 'en', 'fr'].map((language) => `WORDING_DIR: ${language}.text.liquid cannot be read, or is not UTF-8.`))
})

t.test('a file behind a link is read, as a cluster mounts it', async (t) => {
  const folder = folderWith(t, {})
  mkdirSync(join(folder, '..data'))
  writeFileSync(join(folder, '..data', 'de.text.liquid'), '\uFEFFmine\r\n{{ code }}\r\n')
  symlinkSync('..data/de.text.liquid', join(folder, 'de.text.liquid'))
  const { templates, problems } = readTemplates({ folder, base: '/', profiles: [profileOf()], brand: undefined, domain: undefined })
  t.same([problems, textOf(templates, 'de')], [[], 'mine\n482913'])
})

t.test('a folder that is not there, is none, or is too full', async (t) => {
  const problemsOf = (folder: string): readonly string[] => readTemplates({ folder, base: '/', profiles: [profileOf()], brand: undefined, domain: undefined }).problems
  const folder = folderWith(t, { file: '' })
  for (const wrong of ['/nowhere/at/all', join(folder, 'file'), 'x\0y']) t.same(problemsOf(wrong), ['WORDING_DIR must name a folder that can be read.'], wrong)
  const full = folderWith(t, Object.fromEntries(Array.from({ length: 501 }, (_none, index) => [`${index}.liquid`, ''])))
  t.same(problemsOf(full), ['WORDING_DIR holds more than 500 templates.'])
})
