import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Profile } from '../domain/verification.ts'
import { parseTemplate, type Template, type TemplateFault, type TemplateVariables } from './liquid.ts'
import { resolveLocale } from './locale.ts'
import { PHRASES, type Language } from './phrases.ts'
import { warnOfSegments } from './segment-warning.ts'
import { readTemplateFolder, TEMPLATE_KINDS, type TemplateFile, type TemplateFolder, type TemplateKind } from './template-folder.ts'
import { faultOfWords, tryTemplate } from './template-trial.ts'

/** The templates of messages, by language, read and known to be whole. */
export interface Templates {
  /** The languages that there are templates for, and the regions that have their own: BCP 47 tags, in their order. */
  readonly tags: readonly string[]
  /**
   * Renders the words of one message. `locale`: in whatever form it comes. Never throws: where a template of the folder
   * fails that was whole when it was tried, the words are ours.
   */
  render (kind: TemplateKind, locale: string | undefined, variables: TemplateVariables): string
}

export type { TemplateVariables }

export interface TemplateOptions {
  /** Templates in place of ours; a relative path begins at `base`. */
  readonly folder: string | undefined
  readonly base: string
  /** Whose messages are tried: purpose, length of the code, lifetime. */
  readonly profiles: readonly Profile[]
  readonly brand: string | undefined
  /** Host of the line by which browsers fill in a code. */
  readonly domain: string | undefined
}

export interface ReadTemplates {
  readonly templates: Templates
  /** One line for each template that is broken, or misses a variable: its file, the place in it, the name. */
  readonly problems: readonly string[]
  /** One line for all texts of more than one segment. */
  readonly warnings: readonly string[]
}

const LANGUAGES = Object.keys(PHRASES) as Language[]

const NO_FOLDER: TemplateFolder = { files: [], problems: [] }

/** Reads the templates, ours and those of a folder, and tries each of these with every profile. */
export const readTemplates = (options: TemplateOptions): ReadTemplates => {
  const { folder, base, domain } = options
  const { files, problems } = folder === undefined ? NO_FOLDER : readTemplateFolder(resolve(base, folder))
  const read = files.map((file) => readTemplate(file, options))
  const theirs = new Map(read.flatMap(({ name, template }) => template === undefined ? [] : [[name, template]]))
  for (const language of LANGUAGES) TEMPLATE_KINDS.forEach((kind) => ourTemplate(language, kind))
  const templates: Templates = {
    tags: [...new Set([...LANGUAGES, ...files.map(({ tag }) => tag)])].sort(),
    render (kind, locale, variables) {
      const { language, locale: tag } = resolveLocale(locale)
      const template = theirs.get(nameOf(tag, kind)) ?? theirs.get(nameOf(language, kind))
      const words = (template && soundWords(kind, template, variables, domain)) ?? ourTemplate(language, kind).render(variables)
      return kind === 'speech' ? words.replace(/\s+/g, ' ') : words
    }
  }
  return { templates, problems: [...problems, ...read.flatMap(({ problem }) => problem ?? [])], warnings: warnOfSegments(templates, options) }
}

const nameOf = (tag: string, kind: TemplateKind): string => `${tag}.${kind}.liquid`

// Tests know ours to be whole, whatever the settings say. They are read once, by whoever comes first.
const OURS = new Map<string, Template>()

const ourTemplate = (language: Language, kind: TemplateKind): Template => {
  const name = nameOf(language, kind)
  const template = OURS.get(name) ?? parseTemplate(readFileSync(new URL(`./templates/${name}`, import.meta.url), 'utf8'), language)
  OURS.set(name, template)
  return template
}

interface ReadTemplate {
  readonly name: string
  readonly template?: Template
  readonly problem?: string
}

const readTemplate = ({ name, kind, language, source }: TemplateFile, conditions: TemplateOptions): ReadTemplate => {
  try {
    const template = parseTemplate(source, language)
    tryTemplate(kind, template, conditions)
    return { name, template }
  } catch (error) {
    const { line, message } = error as TemplateFault
    return { name, problem: `WORDING_DIR: ${name}${line === undefined ? '' : `, line ${line}`}: ${message}.` }
  }
}

/** `undefined` where the template fails, or makes words that no trial would have let through. */
const soundWords = (kind: TemplateKind, template: Template, variables: TemplateVariables, domain: string | undefined): string | undefined => {
  try {
    const words = template.render(variables)
    return faultOfWords(kind, words, variables.code, domain) === undefined ? words : undefined
  } catch {
    return undefined
  }
}
