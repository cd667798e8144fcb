import { OneTimeCode } from '../domain/one-time-code.ts'
import type { Profile } from '../domain/verification.ts'
import { TemplateFault, type Template } from './liquid.ts'
import { minutesOf } from './minutes.ts'
import { canBeSpoken, MOST_SPOKEN } from './spoken-text.ts'
import type { TemplateKind } from './template-folder.ts'
import { webOtpLine } from './web-otp.ts'

/** Under what conditions a template is tried. */
export interface TrialConditions {
  readonly profiles: readonly Profile[]
  readonly brand: string | undefined
  /** Host of the line at the end of a text. */
  readonly domain: string | undefined
}

/** Twilio takes no longer text: https://www.twilio.com/docs/api/errors/21617 */
const LONGEST_TEXT = 1600

/** A call spells three numbers and no more, and nobody reads a code that often. */
const MOST_CODES = 3

/** A template is rendered for each message; one that takes so long is a loop. */
const LONGEST_RENDERING_MS = 500

/** A code of so many digits, to show and to try. */
export const sampleCode = (length: number): OneTimeCode => OneTimeCode.parse('4829137560'.slice(0, length)) as OneTimeCode

/** What is wrong with words that were made with a code: part of a sentence; `undefined`: nothing. */
export const faultOfWords = (kind: TemplateKind, words: string, code: string, domain: string | undefined): string | undefined => {
  const codes = words.split(code).length - 1
  if (codes === 0) return 'the code is missing: it needs {{ code }}'
  if (codes > MOST_CODES) return `the code is there ${codes} times, and may be ${MOST_CODES} times at most`
  if (kind === 'speech') return canBeSpoken(words) ? undefined : `it is longer than a call has time for: ${MOST_SPOKEN}`
  return words.length + webOtpLine(domain, code).length > LONGEST_TEXT ? `it is longer than ${LONGEST_TEXT} characters` : undefined
}

/** Tries a template with each profile, with and without a brand, and with a lifetime of one minute. Throws `TemplateFault`. */
export const tryTemplate = (kind: TemplateKind, template: Template, { profiles, brand, domain }: TrialConditions): void => {
  for (const { purpose, codeLength, lifetime } of profiles) {
    const code = sampleCode(codeLength).reveal()
    for (const minutes of new Set([minutesOf(lifetime), 1])) {
      for (const tried of [brand ?? 'Example', undefined]) {
        const words = template.render({ purpose, code, minutes, brand: tried }, LONGEST_RENDERING_MS)
        const fault = faultOfWords(kind, words, code, domain)
        if (fault !== undefined) throw new TemplateFault(`with the purpose ${purpose}, ${minutes} min and ${tried === undefined ? 'no' : 'a'} brand, ${fault}`)
      }
    }
  }
}
