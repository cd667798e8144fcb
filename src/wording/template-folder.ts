import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { resolveLocale } from './locale.ts'
import type { Language } from './phrases.ts'

/** What a template makes: the words of a text message, or those of a call. */
export const TEMPLATE_KINDS = ['text', 'speech'] as const

export type TemplateKind = typeof TEMPLATE_KINDS[number]

/** A template as it lies in a folder. */
export interface TemplateFile {
  /** `de-CH.text.liquid`. */
  readonly name: string
  readonly kind: TemplateKind
  /** The language, or the language and a region: `de-CH`. */
  readonly tag: string
  readonly language: Language
  readonly source: string
}

export interface TemplateFolder {
  readonly files: readonly TemplateFile[]
  /** One line for each file that cannot be used, or for the folder. */
  readonly problems: readonly string[]
}

const NAME = /^([A-Za-z0-9-]{2,16})\.(text|speech)\.liquid$/
const LARGEST = 16_384
const MOST_FILES = 500

/** Reads the templates of a folder; files that do not end in `.liquid` are none. Never throws. */
export const readTemplateFolder = (folder: string): TemplateFolder => {
  const names = namesIn(folder)
  if (names === undefined) return { files: [], problems: ['WORDING_DIR must name a folder that can be read.'] }
  if (names.length > MOST_FILES) return { files: [], problems: [`WORDING_DIR holds more than ${MOST_FILES} templates.`] }
  const read = names.map((name) => readTemplate(folder, name))
  return {
    files: read.filter((file) => typeof file === 'object'),
    problems: read.filter((file) => typeof file === 'string').map((problem) => `WORDING_DIR: ${problem}`)
  }
}

/** In a fixed order. Hidden files are those of editors and of systems. */
const namesIn = (folder: string): string[] | undefined => {
  try {
    return readdirSync(folder).filter((name) => !name.startsWith('.') && name.toLowerCase().endsWith('.liquid')).sort()
  } catch {
    return undefined
  }
}

/** The template, or what is wrong with it. */
const readTemplate = (folder: string, name: string): TemplateFile | string => {
  const [, tag, kind] = NAME.exec(name) ?? []
  const { language, locale } = resolveLocale(tag)
  if (tag === undefined || locale !== tag) {
    return `${JSON.stringify(name)} is named for none of our languages: a template is called <language>.text.liquid or <language>.speech.liquid, with a language such as de or de-CH.`
  }
  const file = { name, kind: kind as TemplateKind, tag, language }
  try {
    return { ...file, source: sourceOf(join(folder, name)) }
  } catch (error) {
    return `${name} ${error instanceof TooLarge ? `is larger than ${LARGEST} bytes.` : 'cannot be read, or is not UTF-8.'}`
  }
}

class TooLarge extends Error {}

const sourceOf = (path: string): string => {
  const about = statSync(path)
  if (about.size > LARGEST) throw new TooLarge()
  // A pipe would be waited for.
  if (!about.isFile()) throw new TypeError('no file')
  return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path)).replaceAll('\r\n', '\n')
}
