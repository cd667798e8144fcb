import { ja, ko, zhCN, zhHK, zhTW } from './phrases/east-asian.ts'
import { da, de, en, is, nb, nl, sv } from './phrases/germanic.ts'
import { ar, fa, he, sw, tr } from './phrases/middle-east-and-africa.ts'
import { el, et, fi, hu, lt, lv, sq } from './phrases/other-european.ts'
import { ca, es, fr, it, ptBR, ptPT, ro } from './phrases/romance.ts'
import { bg, cs, hr, pl, ru, sk, sl, sr, uk } from './phrases/slavic.ts'
import { bn, hi, ur } from './phrases/south-asian.ts'
import { fil, id, ms, th, vi } from './phrases/south-east-asian.ts'
import type { Phrases } from './phrases/shape.ts'

/** All languages that the gateway writes and speaks. A key with a region is of that region and of no other. */
export const PHRASES = {
  ar,
  bg,
  bn,
  ca,
  cs,
  da,
  de,
  el,
  en,
  es,
  et,
  fa,
  fi,
  fil,
  fr,
  he,
  hi,
  hr,
  hu,
  id,
  is,
  it,
  ja,
  ko,
  lt,
  lv,
  ms,
  nb,
  nl,
  pl,
  'pt-BR': ptBR,
  'pt-PT': ptPT,
  ro,
  ru,
  sk,
  sl,
  sq,
  sr,
  sv,
  sw,
  th,
  tr,
  uk,
  ur,
  vi,
  'zh-CN': zhCN,
  'zh-HK': zhHK,
  'zh-TW': zhTW
} as const satisfies Record<string, Phrases>

/** A language that the gateway has words for. */
export type Language = keyof typeof PHRASES
