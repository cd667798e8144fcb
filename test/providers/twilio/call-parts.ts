import { timeOrderedId } from '../../../src/domain/identifier.ts'
import type { Keys } from '../../../src/domain/keys.ts'
import { OneTimeCode } from '../../../src/domain/one-time-code.ts'
import type { SealedCall } from '../../../src/providers/callback-url.ts'
import type { CallWords } from '../../../src/providers/provider.ts'
import { createCallScript, type CallScript } from '../../../src/providers/twilio/call-script.ts'
import { createTwilioCallbackUrls, type TwilioCallbackUrls } from '../../../src/providers/twilio/callback-urls.ts'
import { createVoices } from '../../../src/providers/twilio/voices.ts'
import { codePrompt, codeSpeech, confirmPrompt } from '../../../src/wording/wording.ts'
import { createClock, type Clock } from '../../support/gateway.ts'
import { testKeys } from '../acs/stand.ts'
import { CODE, NUMBER, numberOf } from '../suite.ts'

export const BASE = new URL('https://gateway.example.com/events/twilio')

/** The gateway's own words. */
export const WORDS_OF_CALLS: CallWords = {
  code: (locale, said, repeats) => codeSpeech(locale, said, { repeats }),
  codeThenKey: (locale, said, repeats) => codePrompt(locale, said, { repeats }),
  confirm: confirmPrompt
}

export const codeOf = (text: string): OneTimeCode => {
  const code = OneTimeCode.parse(text)
  if (code === undefined) throw new Error(`${text} is no code`)
  return code
}

export interface CallParts {
  readonly clock: Clock
  readonly keys: Keys
  readonly urls: TwilioCallbackUrls
  readonly script: CallScript
  readonly call: SealedCall
}

export interface CallPartsOptions {
  readonly base?: URL
  readonly repeats?: number
  readonly voiceNames?: Readonly<Record<string, string>>
  readonly call?: Partial<SealedCall>
}

/** What a call is made of, and one call whose code expires in a minute. */
export const callParts = ({ base = BASE, repeats = 2, voiceNames = {}, call = {} }: CallPartsOptions = {}): CallParts => {
  const clock = createClock()
  const keys = testKeys()
  return {
    clock,
    keys,
    urls: createTwilioCallbackUrls(base, keys, clock),
    script: createCallScript({ words: WORDS_OF_CALLS, voiceOf: createVoices(new Map(Object.entries(voiceNames))), repeats }),
    call: {
      delivery: timeOrderedId(clock()),
      attempt: timeOrderedId(clock()),
      to: numberOf(NUMBER),
      locale: 'en-US',
      said: codeOf(CODE),
      expiresAt: clock() + 60_000,
      ...call
    }
  }
}
