import { parseArgs } from 'node:util'
import { SettingsWrong } from '../config/config.ts'
import { withEnvFile } from '../config/development.ts'
import { readSettings, type Environment } from '../config/read-settings.ts'
import { readVerification, type VerificationConfig } from '../config/verification-config.ts'
import { readLanguageTag } from '../domain/language-tag.ts'
import { resolveLocale } from '../wording/locale.ts'
import { textLength } from '../wording/segments.ts'
import { sampleCode } from '../wording/template-trial.ts'
import { createVerificationWords, type VerificationWords, type WordsRequest } from '../wording/verification-words.ts'
import { Refusal } from './refusal.ts'

export interface WordingDeps {
  readonly environment: Environment
  /** Where `.env` is looked for, and where relative paths begin. */
  readonly folder: string
  readonly print: (line: string) => void
}

const SEE = 'See: phone-code-gateway help'

/**
 * Shows the words of messages with codes of our own: for each language and purpose the text, and what the networks count of
 * it; for a single language also what a call says. Throws `Refusal`, and `SettingsWrong` with what is wrong with templates.
 */
export const wording = (words: readonly string[], { environment, folder, print }: WordingDeps): void => {
  const { purpose, locale } = readOptions(words)
  const config = readWording(environment, folder)
  const samples = samplesOf(config, purpose)
  if (samples.length === 0) {
    print('The gateway words no messages here: with codeMaker twilio-verify in every profile Twilio does.')
    return
  }
  const tags = locale === undefined ? config.templates.tags : [tagOf(locale, config.templates.tags)]
  const composed = createVerificationWords(config)
  const requests = tags.flatMap((tag) => samples.map((sample) => ({ ...sample, locale: tag })))
  for (const line of tableOf(requests.map((request) => rowOf(request, composed)))) print(line)
  if (locale === undefined) return
  print('')
  for (const request of requests) print(`A call says for ${request.purpose}: ${composed.speech(request).reveal()}`)
}

interface Options {
  readonly purpose: string | undefined
  readonly locale: string | undefined
}

const readOptions = (words: readonly string[]): Options => {
  const { purpose, locale } = parse(words)
  if (locale !== undefined && readLanguageTag(locale) === undefined) throw new Refusal(`--locale must be a language tag such as de or pt-BR. ${SEE}`, 2)
  return { purpose, locale }
}

const parse = (words: readonly string[]) => {
  try {
    return parseArgs({ args: [...words], options: { purpose: { type: 'string' }, locale: { type: 'string' } } }).values
  } catch (error) {
    throw new Refusal(`${(error as Error).message.split(/\. |\n/)[0]}. ${SEE}`, 2)
  }
}

/** What the settings say of codes of our own. What else they lack, this does without. */
const readWording = (environment: Environment, folder: string): VerificationConfig => {
  const settings = readSettings(withEnvFile(environment, folder))
  const { config, problems } = readVerification(settings, folder)
  const wrong = [...settings.problems, ...problems]
  if (wrong.length > 0) throw new SettingsWrong(wrong)
  return config
}

type Sample = Omit<WordsRequest, 'locale'>

/** One for each purpose, as long as its profiles make it. Where a vendor makes the codes, the words are the vendor's. */
const samplesOf = ({ profiles }: VerificationConfig, wanted: string | undefined): Sample[] => {
  const ours = [...profiles.values()].filter(({ codeMaker }) => codeMaker === 'gateway')
  const purposes = [...new Set(ours.map(({ purpose }) => purpose))]
  if (wanted !== undefined && !purposes.includes(wanted)) throw new Refusal(`The gateway makes no codes for the purpose ${wanted}, but for ${purposes.join(', ') || 'none'}.`, 2)
  return purposes.filter((purpose) => wanted === undefined || purpose === wanted).map((purpose) => {
    const alike = ours.filter((profile) => profile.purpose === purpose)
    return {
      purpose,
      code: sampleCode(Math.max(...alike.map(({ codeLength }) => codeLength))),
      lifetime: Math.max(...alike.map(({ lifetime }) => lifetime))
    }
  })
}

/** What is sent to people of a locale: the words of their region, of their language, or English. */
const tagOf = (requested: string, tags: readonly string[]): string => {
  const { language, locale } = resolveLocale(requested)
  return tags.includes(locale) ? locale : language
}

const HEADINGS = ['language', 'purpose', 'encoding', 'characters', 'segments', 'text']

const rowOf = (request: WordsRequest & { readonly locale: string }, composed: VerificationWords): string[] => {
  const text = composed.text(request).reveal()
  const { encoding, characters, segments } = textLength(text)
  return [request.locale, request.purpose, encoding, String(characters), String(segments), text.replaceAll('\n', '↵')]
}

/** Columns as wide as they must be; the last one, whose letters may be of any width, has the rest of the line. */
const tableOf = (rows: readonly string[][]): string[] => {
  const all = [HEADINGS, ...rows]
  const widths = HEADINGS.map((_heading, column) => Math.max(...all.map((row) => (row[column] as string).length)))
  return all.map((row) => row.map((cell, column) => column === row.length - 1 ? cell : cell.padEnd(widths[column] as number)).join('  '))
}
