import t from 'tap'
import { resolveLocale } from '../../src/wording/locale.ts'
import { PHRASES } from '../../src/wording/phrases.ts'

const ENGLISH = { language: 'en', locale: 'en-US' }

const RESOLVED: ReadonlyArray<readonly [string, string, string]> = [
  ['en', 'en', 'en'],
  ['en_US', 'en', 'en-US'],
  ['EN-US', 'en', 'en-US'],
  ['en-UK', 'en', 'en-GB'],
  [' es-mx ', 'es', 'es-MX'],
  ['\tde\n', 'de', 'de'],
  ['es-419', 'es', 'es-419'],
  ['de-DE.UTF-8', 'de', 'de-DE'],
  ['ca_ES@valencia', 'ca', 'ca-ES'],
  ['fr-CH, fr;q=0.9, en;q=0.8', 'fr', 'fr-CH'],
  ['de;q=0.5', 'de', 'de'],
  ['de-CH-1996', 'de', 'de-CH'],
  ['de-1996', 'de', 'de'],
  ['th-TH-u-ca-buddhist', 'th', 'th-TH'],
  ['en-x-private', 'en', 'en'],
  ['fr-!!', 'fr', 'fr'],
  ['es-', 'es', 'es'],
  ['en-USA', 'en', 'en'],
  ['es-XX', 'es', 'es'],
  ['es-ZZ', 'es', 'es'],
  ['es-999', 'es', 'es'],
  ['deu', 'de', 'de'],
  ['eng', 'en', 'en'],
  ['nb', 'nb', 'nb'],
  ['no', 'nb', 'nb'],
  ['no-NO', 'nb', 'nb-NO'],
  ['nn_NO', 'nb', 'nb-NO'],
  ['iw', 'he', 'he'],
  ['iw-IL', 'he', 'he-IL'],
  ['in', 'id', 'id'],
  ['in-ID', 'id', 'id-ID'],
  ['tl-PH', 'fil', 'fil-PH'],
  ['fil', 'fil', 'fil'],
  ['hr-HR', 'hr', 'hr-HR'],
  ['bs-BA', 'hr', 'hr-BA'],
  ['sr', 'sr', 'sr'],
  ['sr-Latn-RS', 'sr', 'sr-RS'],
  ['sh', 'sr', 'sr'],
  ['pt', 'pt-BR', 'pt-BR'],
  ['pt-br', 'pt-BR', 'pt-BR'],
  ['pt-PT', 'pt-PT', 'pt-PT'],
  ['pt-AO', 'pt-PT', 'pt-PT'],
  ['zh', 'zh-CN', 'zh-CN'],
  ['zh-CN', 'zh-CN', 'zh-CN'],
  ['zh-SG', 'zh-CN', 'zh-CN'],
  ['zh-Hans', 'zh-CN', 'zh-CN'],
  ['zh-Hans-HK', 'zh-CN', 'zh-CN'],
  ['zh-cmn-Hans-CN', 'zh-CN', 'zh-CN'],
  ['cmn', 'zh-CN', 'zh-CN'],
  ['zh-TW', 'zh-TW', 'zh-TW'],
  ['zh_tw', 'zh-TW', 'zh-TW'],
  ['zh-Hant', 'zh-TW', 'zh-TW'],
  ['zh-Hant-TW', 'zh-TW', 'zh-TW'],
  ['zh-Hant-CN', 'zh-TW', 'zh-TW'],
  ['ZH-HANT-HK', 'zh-HK', 'zh-HK'],
  ['zh-HK', 'zh-HK', 'zh-HK'],
  ['zh-MO', 'zh-HK', 'zh-HK'],
  ['yue', 'zh-HK', 'zh-HK'],
  ['yue-Hant-HK', 'zh-HK', 'zh-HK']
]

for (const [requested, language, locale] of RESOLVED) {
  t.test(`${JSON.stringify(requested)} is ${locale}`, async (t) => {
    t.same(resolveLocale(requested), { language, locale })
  })
}

t.test('every language is found by its own key, and its locale leads back to it', async (t) => {
  for (const language of Object.keys(PHRASES)) {
    const resolved = resolveLocale(language)
    t.same(resolved, { language, locale: language })
    t.same(resolveLocale(resolved.locale), resolved)
  }
})

t.test('what is no locale, or none that we have words for, is American English', async (t) => {
  const nothing = [undefined, '', ' ', 'C', 'POSIX', 'C.UTF-8', 'und', 'und-DE', 'xx', 'xx-DE', 'zzz', 'tlh-US', 'qps-ploc', 'root', 'default',
    'English', 'deutsch', 'is this a locale', 'no idea', '-', '_', '-en', '*', '1', '007', 'en–US', 'ｅｎ', 'ſv', 'К', 'en\0US', '🇩🇪', '\ud83d',
    'null', 'undefined', '[object Object]', '__proto__', 'constructor', 'toString', 'x-de', 'i-klingon',
    '<script>', "'; DROP TABLE deliveries; --", '../../etc/passwd', '{code}', '%s%n']
  for (const requested of nothing) t.same(resolveLocale(requested), ENGLISH, JSON.stringify(requested))
})

t.test('length is no danger', async (t) => {
  const long = 5_000_000
  const started = performance.now()
  t.same(resolveLocale('-'.repeat(long)), ENGLISH)
  t.same(resolveLocale(' '.repeat(long) + 'de'), ENGLISH)
  t.same(resolveLocale('a'.repeat(long)), ENGLISH)
  t.same(resolveLocale('de-AT' + '-x'.repeat(long)), { language: 'de', locale: 'de-AT' })
  t.same(resolveLocale('es-' + 'abc-'.repeat(1_000_000)), { language: 'es', locale: 'es' })
  t.ok(performance.now() - started < 5000, 'time is spent on building these strings only')
})

t.test('no three letters and no noise make it throw', async (t) => {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz'
  for (const a of alphabet) {
    for (const b of alphabet) {
      for (const c of ['', ...alphabet]) {
        const { language } = resolveLocale(`${a}${b}${c}-${b}${a}`)
        if (!Object.hasOwn(PHRASES, language)) t.fail(`${a}${b}${c} gave ${language}`)
      }
    }
  }
  let seed = 42
  const random = (below: number): number => {
    seed = (seed * 1103515245 + 12345) % 2147483648
    return seed % below
  }
  const pieces = ['en', 'zh', 'sr', 'Hant', 'LATN', 'US', '419', '000', '-', '_', '.', '@', ';', ' ', 'u', 'x', 'ca', '1996', 'é', '\u0000', '日本']
  for (let round = 0; round < 20_000; round++) {
    const noise = Array.from({ length: 1 + random(8) }, () => pieces[random(pieces.length)]).join('')
    const { language, locale } = resolveLocale(noise)
    if (!Object.hasOwn(PHRASES, language)) t.fail(`${noise} gave ${language}`)
    if (!/^[a-z]{2,3}(-([A-Z]{2}|[0-9]{3}))?$/.test(locale)) t.fail(`${noise} gave ${locale}`)
  }
})
