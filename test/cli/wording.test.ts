import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { run } from '../../src/cli/run.ts'
import type { Environment } from '../../src/config/read-settings.ts'
import { PHRASES } from '../../src/wording/phrases.ts'
import { temporaryFolder } from '../support/folder.ts'

interface Typed {
  readonly code: number
  readonly lines: readonly string[]
  /** The cells of each line of the table. */
  readonly rows: ReadonlyArray<readonly string[]>
  readonly complained: string
}

interface Circumstances {
  readonly environment?: Environment
  readonly files?: Readonly<Record<string, string>>
}

const type = async (t: Test, words: readonly string[], { environment = {}, files = {} }: Circumstances = {}): Promise<Typed> => {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'wording'))
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  const [lines, complaints] = [[], []] as [string[], string[]]
  const code = await run(['wording', ...words], { environment, folder, print: (line) => { lines.push(line) }, complain: (line) => { complaints.push(line) } })
  const rows = lines.filter((line) => /^[a-z]{2,3}(-[A-Z0-9]+)? /.test(line)).map((line) => line.split(/ {2,}/))
  return { code, lines, rows, complained: complaints.join('\n') }
}

const settingsFile = (...lines: string[]): Readonly<Record<string, string>> => ({ '.env': `${lines.join('\n')}\n` })

t.test('each language and each purpose has a line, with what the networks count', async (t) => {
  const { code, lines, rows, complained } = await type(t, [])
  t.same([code, complained], [0, ''])
  t.match(lines[0], /^language {2}purpose {2}encoding {2}characters {2}segments {2}text$/)
  t.same(rows.map(([language]) => language), Object.keys(PHRASES).sort().flatMap((language) => [language, language]))
  t.same(rows.filter(([language]) => language === 'en'), [
    ['en', 'login', 'GSM-7', '53', '1', 'Your login code is 482913. It is valid for 5 minutes.'],
    ['en', 'signup', 'GSM-7', '52', '1', 'Your sign-up code is 4829. It is valid for 1 minute.']
  ])
  t.match(rows.find(([language]) => language === 'el'), ['el', 'login', 'UCS-2', '52', '1'])
  const column = (lines[0] as string).indexOf('text')
  for (const [index, line] of lines.slice(1).entries()) t.match(line.slice(column - 2, column + 1), /^ {2}\S/, `line ${index} is in its columns`)
})

t.test('the settings of .env are those of the words', async (t) => {
  const files = {
    ...settingsFile('BRAND_NAME=Example & Söhne', 'WEBOTP_DOMAIN=login.example.com', 'WORDING_DIR=wording'),
    'wording/de-CH.text.liquid': 'Grüezi von {{ brand }}\n{{ code }}',
    'wording/ru.text.liquid': '{{ code }}'
  }
  const { code, rows } = await type(t, ['--purpose', 'login'], { files })
  t.equal(code, 0)
  t.same(rows.map(([language]) => language), [...Object.keys(PHRASES), 'de-CH'].sort(), 'a region has a line of its own')
  t.same(rows.filter(([language]) => /^(de|ru|es)/.test(language as string)), [
    ['de', 'login', 'GSM-7', '100', '1', 'Example & Söhne: Ihr Anmeldecode lautet 482913. Er ist 5 Minuten gültig.↵↵@login.example.com #482913'],
    ['de-CH', 'login', 'GSM-7', '61', '1', 'Grüezi von Example & Söhne↵482913↵↵@login.example.com #482913'],
    ['es', 'login', 'UCS-2', '97', '2', 'Example & Söhne: Su código de acceso es 482913. Válido por 5 minutos.↵↵@login.example.com #482913'],
    ['ru', 'login', 'GSM-7', '34', '1', '482913↵↵@login.example.com #482913']
  ])
})

t.test('of one language it also shows what a call says', async (t) => {
  const { code, lines } = await type(t, ['--locale', 'de_AT'], { environment: { BRAND_NAME: 'Example' } })
  t.equal(code, 0)
  t.same(lines.slice(1), [
    'de        login    GSM-7     64          1         Example: Ihr Anmeldecode lautet 482913. Er ist 5 Minuten gültig.',
    'de        signup   GSM-7     68          1         Example: Ihr Registrierungscode lautet 4829. Er ist 1 Minute gültig.',
    '',
    'A call says for login: Example. Ihr Anmeldecode lautet 482913. Noch einmal: Ihr Code lautet 482913. Er ist 5 Minuten gültig.',
    'A call says for signup: Example. Ihr Registrierungscode lautet 4829. Noch einmal: Ihr Code lautet 4829. Er ist eine Minute gültig.'
  ])
})

t.test('a locale is found as for a message', async (t) => {
  const files = { ...settingsFile('WORDING_DIR=wording'), 'wording/de-CH.text.liquid': 'Grüezi {{ code }}' }
  for (const [locale, language] of [['de-CH', 'de-CH'], ['de-DE', 'de'], ['zh-Hant', 'zh-TW'], ['no', 'nb'], ['tlh', 'en']] as const) {
    t.same((await type(t, ['--locale', locale, '--purpose', 'signup'], { files })).rows.map((row) => row.slice(0, 2)), [[language, 'signup']], locale)
  }
})

t.test('profiles of one purpose share a line, as long as the longest', async (t) => {
  const profiles = { login: { codeLength: 4, ttlSeconds: 600 }, pay: { purpose: 'payment', codeLength: 5 }, 'pay-much': { purpose: 'payment', codeLength: 10, ttlSeconds: 60 }, signup: { codeMaker: 'twilio-verify' } }
  const files = { ...settingsFile('VERIFICATION_PROFILES_FILE=profiles.json'), 'profiles.json': JSON.stringify(profiles) }
  const { rows } = await type(t, ['--locale', 'en'], { files })
  t.same(rows.map((row) => [row[1], row[5]]), [
    ['login', 'Your login code is 4829. It is valid for 10 minutes.'],
    ['payment', 'Your verification code is 4829137560. It is valid for 5 minutes.']
  ])
})

t.test('where a vendor makes all codes, the words are the vendor\'s', async (t) => {
  const files = { ...settingsFile('VERIFICATION_PROFILES_FILE=profiles.json'), 'profiles.json': JSON.stringify({ login: { codeMaker: 'twilio-verify' }, signup: { codeMaker: 'twilio-verify' } }) }
  for (const words of [[], ['--locale', 'de']]) {
    const { code, lines } = await type(t, words, { files })
    t.same([code, lines], [0, ['The gateway words no messages here: with codeMaker twilio-verify in every profile Twilio does.']])
  }
  t.match(await type(t, ['--purpose', 'login'], { files }), { code: 2, complained: 'The gateway makes no codes for the purpose login, but for none.' })
})

t.test('what was typed wrong', async (t) => {
  for (const [words, complaint] of [
    [['--locale', '?'], '--locale must be a language tag such as de or pt-BR. See: phone-code-gateway help'],
    [['--locale', ''], '--locale must be a language tag such as de or pt-BR. See: phone-code-gateway help'],
    [['--purpose', 'nope'], 'The gateway makes no codes for the purpose nope, but for login, signup.'],
    [['--purpose', ''], 'The gateway makes no codes for the purpose , but for login, signup.'],
    [['--language', 'de'], "Unknown option '--language'. See: phone-code-gateway help"],
    [['de'], "Unexpected argument 'de'. See: phone-code-gateway help"],
    [['--locale'], "Option '--locale <value>' argument missing. See: phone-code-gateway help"]
  ] as const) t.match(await type(t, words), { code: 2, lines: [], complained: complaint }, words.join(' '))
})

t.test('a template that is broken is named, and nothing is shown', async (t) => {
  const files = { ...settingsFile('WORDING_DIR=wording'), 'wording/de.text.liquid': 'Code:\n{{ cod }}', 'wording/fr.text.liquid': 'Bonjour' }
  const { code, lines, complained } = await type(t, [], { files })
  t.same([code, lines], [1, []])
  t.equal(complained, 'The settings are wrong:\n' +
    '  - WORDING_DIR: de.text.liquid, line 2: there is no variable cod, but brand, code, minutes, purpose.\n' +
    '  - WORDING_DIR: fr.text.liquid: with the purpose login, 5 min and a brand, the code is missing: it needs {{ code }}.')
})

t.test('what a start needs besides, it does without; what is wrong, it does not', async (t) => {
  t.match(await type(t, ['--locale', 'en'], { environment: { NODE_ENV: 'production' } }), { code: 0, complained: '' })
  t.match(await type(t, ['--locale', 'en'], { environment: { BRAND_NAME: 'x'.repeat(41) } }), { code: 1, lines: [], complained: /BRAND_NAME must be/ })
})
