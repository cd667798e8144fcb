import { randomBytes } from 'node:crypto'
import type { Config } from '../../../config/config.ts'
import type { HookMessage } from '../../../dialects/dialect.ts'
import type { TextChannels } from '../../../dialects/to-message.ts'
import type { Channel } from '../../../domain/message.ts'

/** What a test request is to say. */
export interface TestMessage {
  /** In E.164 form. */
  readonly to: string
  readonly code: string
  /** Milliseconds since 1970. */
  readonly now: number
}

export type Credential = 'right' | 'wrong'

/** A request as the identity provider would send it. */
export interface TestRequest {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface TestReply {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

/** One way in which an identity provider asks for a message. */
export interface Rehearsal {
  /** The hook, as settings name it. */
  readonly hook: string
  /** What is asked for: `a text`, `a spoken code`. */
  readonly what: string
  readonly channel: HookMessage['channel']
  /** The settings to look at where it does not work. */
  readonly settings: string
  request (message: TestMessage, credential: Credential): TestRequest | Promise<TestRequest>
  /** Whether the identity provider takes the reply for a success. */
  isSuccess (reply: TestReply): boolean
}

/** By which channel a message goes, wherever to: that of the hook's texts, or the one that is asked for. */
export const channelBy = ({ hook, channel }: Rehearsal, { byHook }: TextChannels): Channel =>
  channel === 'text' ? byHook.get(hook) ?? 'sms' : channel

/** A hook that is not played, and why: a sentence. */
export interface Unplayed {
  readonly hook: string
  readonly why: string
}

/** A hook that is not set up, because a setting is missing. */
export const unconfigured = (hook: string, missing: string): Unplayed => ({ hook, why: `not set up: ${missing} is not set.` })

export const JSON_TYPE = { 'content-type': 'application/json' } as const

export const wordsWith = (code: string): string => `Your verification code is ${code}`

export const isAnySuccess = ({ status }: TestReply): boolean => status >= 200 && status < 300

/** A secret that nobody has. */
const wrongSecret = (): string => randomBytes(24).toString('base64')

/** The secret of a caller; absent where none is set. */
export const callerSecretOf = ({ callers }: Config): string | undefined => [...callers.values()].flat()[0]?.reveal()

/** The secret that goes with a request. */
export const secretFor = (secret: string, credential: Credential): string => credential === 'right' ? secret : wrongSecret()
