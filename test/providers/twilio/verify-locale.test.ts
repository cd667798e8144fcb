import t, { type Test } from 'tap'
import { verifyLocaleOf } from '../../../src/providers/twilio/verify-locale.ts'

/** What each locale of Verify's is found by. */
type Found = Readonly<Record<string, readonly string[]>>

const findsAll = (t: Test, found: Found): void => {
  for (const [expected, locales] of Object.entries(found)) {
    for (const locale of locales) t.equal(verifyLocaleOf(locale), expected, locale.slice(0, 40))
  }
}

const findsNone = (t: Test, locales: readonly string[]): void => {
  for (const locale of locales) t.equal(verifyLocaleOf(locale), undefined, locale.slice(0, 40))
}

t.test('locales are found by language and region, else by their language', async (t) => {
  findsAll(t, {
    en: ['en', 'en-US', 'en-AU', 'EN-us', 'en-001', 'en-XX'],
    'en-GB': ['en-GB', 'en-gb'],
    'pt-BR': ['pt-BR', 'PT-br'],
    pt: ['pt', 'pt-PT', 'pt-AO'],
    es: ['es-MX', 'es-419'],
    nb: ['nb'],
    tl: ['tl', 'tl-PH', 'fil', 'fil-PH'],
    de: ['de-CH', 'de-CH-1996', 'de-x-private', 'de-u-co-phonebk'],
    ca: ['ca-valencia']
  })
  findsNone(t, ['ur', 'sw', 'bn', 'is', 'sq', 'prt', 'und', 'xx-999', 'sr-Latn', 'sh'])
})

t.test('a locale is understood in whatever form it comes', async (t) => {
  findsAll(t, {
    de: ['de_DE', 'de_DE@euro', 'deu', 'de--DE', `de-${'x'.repeat(100_000)}`],
    'pt-BR': ['pt_BR', 'pt_BR.UTF-8', 'pt-Latn-BR', 'por_BR'],
    es: ['es_MX.UTF-8'],
    'en-GB': ['en_GB.ISO8859-1@euro', 'en_GB,en;q=0.9', 'en_UK'],
    fr: ['fr@euro', 'FR_ca'],
    it: [' it-IT\n'],
    sv: ['sv;q=1'],
    ja: ['ja_JP.eucJP'],
    uk: ['uk_Cyrl_UA'],
    tl: ['TL_ph']
  })
  findsNone(t, [
    '', ' ', '-', '_', 'e', 'english', 'toString', '__proto__', 'constructor', 'C', 'C.UTF-8', 'POSIX', '*', '-de', 'de!', 'd\u0435', '日本', '12',
    `${' '.repeat(64)}de`, 'x'.repeat(100_000)
  ])
})

t.test('languages are known by their old names, and by those of their neighbours', async (t) => {
  findsAll(t, {
    he: ['iw', 'iw_IL', 'he-IL'],
    id: ['in', 'in_ID.UTF-8', 'id'],
    nb: ['no', 'no-NO', 'no_NO.UTF-8', 'nb-NO', 'nb_NO', 'nn-NO'],
    ro: ['mo'],
    hr: ['bs', 'bs-Latn-BA']
  })
})

t.test('Chinese goes by its script, and the words for Hong Kong go nowhere else', async (t) => {
  findsAll(t, {
    'zh-CN': ['zh', 'zh_CN', 'zh-Hans', 'zh-Hans-CN', 'ZH_hans_hk', 'zh-SG', 'zh-cmn-Hans-CN', 'cmn', 'zh_CN.GB18030'],
    'zh-HK': ['ZH-hk', 'zh_HK', 'zh-Hant-HK', 'zh-MO', 'yue', 'yue-Hant-HK', 'zh-yue-HK']
  })
  findsNone(t, ['zh-TW', 'zh_TW.Big5', 'zh-Hant', 'zh-Hant-TW', 'zh-Hant-CN', 'cmn-TW'])
})

t.test('what is found is on the list of Verify, whatever comes', async (t) => {
  const parts = ['zh', 'pt', 'en', 'no', 'iw', 'sr', 'Hans', 'Hant', 'Latn', 'Zzzz', 'CN', 'TW', 'HK', 'BR', 'GB', 'ZZ', '419', '000', 'yue', 'abc', '']
  const found = new Set(parts.flatMap((one) => parts.flatMap((two) => parts.map((three) => String(verifyLocaleOf(`${one}_${two}-${three}`))))))
  t.same([...found].sort(), ['en', 'en-GB', 'he', 'nb', 'pt', 'pt-BR', 'undefined', 'zh-CN', 'zh-HK'])
})
