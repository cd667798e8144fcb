import VoiceResponse from 'twilio/lib/twiml/VoiceResponse.js'
import type { OneTimeCode } from '../../domain/one-time-code.ts'
import { SensitiveText } from '../../domain/sensitive.ts'
import type { Speech, SpeechPart } from '../../domain/speech.ts'
import { legalInXml } from '../xml-text.ts'
import type { Voice } from './voices.ts'

/** What Twilio does in a call, step by step. https://www.twilio.com/docs/voice/twiml */
export type CallAction =
  | { readonly kind: 'speak', readonly speech: Speech, readonly voice: Voice }
  /** Speaks, may be interrupted by a key, and waits for one; a key leads to `next`, and no key to the next action. */
  | { readonly kind: 'ask', readonly speech: Speech, readonly voice: Voice, readonly next: string }
  /** Asks there how to go on; nothing after it is done. */
  | { readonly kind: 'go-on', readonly next: string }
  | { readonly kind: 'hang-up' }

/** What can be spoken in, a call or a question in it. */
type Speaker = Pick<VoiceResponse.Gather, 'say' | 'pause'>

// https://www.twilio.com/docs/voice/twiml/say/text-speech#ssml. A rate is a share of the voice's own there, and a break
// between characters is counted in the voice itself; any other pause is a verb of its own, which takes whole seconds.
const BETWEEN_CHARACTERS = '400ms'
const RATE = '80%'
const LONGEST_PAUSE_SECONDS = 5

/** Seconds of silence after which nobody is taken to press a key any more. */
const SECONDS_FOR_A_KEY = 6

/** The actions as a document that Twilio executes. Text in it is escaped; what XML cannot hold is left out. */
export const toTwiml = (actions: readonly CallAction[]): SensitiveText => {
  const response = new VoiceResponse()
  for (const action of actions) add(response, action)
  return new SensitiveText(response.toString())
}

const add = (response: VoiceResponse, action: CallAction): void => {
  switch (action.kind) {
    case 'speak':
      speak(response, action.speech, action.voice)
      break
    case 'ask':
      // No key ends the answer: else a `#`, which does by default, would pass for no key at all.
      speak(response.gather({ action: action.next, method: 'POST', input: ['dtmf'], numDigits: 1, finishOnKey: '', timeout: SECONDS_FOR_A_KEY }),
        action.speech, action.voice)
      break
    case 'go-on':
      response.redirect({ method: 'POST' }, action.next)
      break
    case 'hang-up':
      response.hangup()
      break
  }
}

/** What lies between two pauses is said at a stretch: one `Say` may have 3000 characters at most. */
const speak = (speaker: Speaker, { parts }: Speech, voice: Voice): void => {
  let saying: VoiceResponse.Say | undefined
  for (const part of parts) {
    if (part.kind === 'pause') {
      saying = undefined
      speaker.pause({ length: secondsOf(part.milliseconds) })
    } else {
      saying ??= speaker.say(attributesOf(voice), '')
      utter(saying, part, voice)
    }
  }
}

const secondsOf = (milliseconds: number): number => Math.min(LONGEST_PAUSE_SECONDS, Math.max(1, Math.round(milliseconds / 1000)))

/** The SDK's lists of voices and languages are behind Twilio's, and an operator may name any. */
const attributesOf = ({ name, language }: Voice): VoiceResponse.SayAttributes => {
  const attributes = { voice: legalInXml(name), ...(language === undefined ? {} : { language: legalInXml(language) }) }
  return attributes as VoiceResponse.SayAttributes
}

const utter = (saying: VoiceResponse.Say, part: Exclude<SpeechPart, { kind: 'pause' }>, voice: Voice): void => {
  if (part.kind !== 'spell') saying.addText(`${legalInXml(part.kind === 'say' ? part.text : part.text.reveal())} `)
  else if (voice.markup === 'none') saying.addText(`${plainCharacters(part.code)} `)
  else spell(saying.prosody({ rate: RATE }, ''), part.code, voice.markup)
}

/**
 * The characters of a code for voices without markup. A semicolon ends them, because a full stop would make an ordinal of
 * the last digit.
 */
const plainCharacters = (code: OneTimeCode): string => `${[...code.reveal()].map(bare).join(', ')};`

/** How a letter looks does not matter to the ear, but a small one passes for a word: `a`. */
const bare = (character: string): string => character.toUpperCase()

// Each character is a token of its own, because not every voice heeds `say-as` and some run digits together. The code
// ends in a break and in no full stop: after a digit, that is the sign of an ordinal in half of Europe.
const spell = (prosody: VoiceResponse.SsmlProsody, code: OneTimeCode, markup: 'all' | 'breaks'): void => {
  for (const character of code.reveal()) {
    // The attribute's name is the one of SSML: the SDK would write its own, `interpretAs`, as it stands.
    if (markup === 'all' && /[a-z]/i.test(character)) prosody.sayAs({ 'interpret-as': 'characters' } as object, character)
    else prosody.addText(`${bare(character)} `)
    prosody.break({ time: BETWEEN_CHARACTERS })
  }
}
