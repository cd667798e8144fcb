import type { OneTimeCode } from '../domain/one-time-code.ts'
import { SensitiveText } from '../domain/sensitive.ts'
import { minutesOf } from './minutes.ts'
import type { Templates } from './templates.ts'
import { webOtpLine } from './web-otp.ts'

export interface VerificationWordsDeps {
  readonly templates: Templates
  readonly brand: string | undefined
  /** Host of the page that the code is entered on; its texts end with the line by which browsers fill it in. */
  readonly domain: string | undefined
}

/** A code, and what it is for. */
export interface WordsRequest {
  readonly purpose: string
  readonly locale: string | undefined
  readonly code: OneTimeCode
  /** How long it lives, in milliseconds; said in whole minutes, at least one. */
  readonly lifetime: number
}

/** What is said with codes of our own. */
export interface VerificationWords {
  /** The words of a text message. */
  text (request: WordsRequest): SensitiveText
  /** The words of a call, with the code in them. */
  speech (request: WordsRequest): SensitiveText
}

export const createVerificationWords = ({ templates, brand, domain }: VerificationWordsDeps): VerificationWords => {
  const render = (kind: 'text' | 'speech', { purpose, locale, code, lifetime }: WordsRequest): string =>
    templates.render(kind, locale, { purpose, code: code.reveal(), minutes: minutesOf(lifetime), brand })
  return {
    text: (request) => new SensitiveText(`${render('text', request)}${webOtpLine(domain, request.code.reveal())}`),
    speech: (request) => new SensitiveText(render('speech', request))
  }
}
