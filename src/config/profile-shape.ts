import { Type, type TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { isObject } from '../dialects/generic/hook-shape.ts'
import { CODE_MAKERS, type CodeMaker } from '../domain/code-maker.ts'
import { CHANNELS, type Channel } from '../domain/message.ts'

/** A profile as it stands in the file, once it has the shape. */
export interface WrittenProfile {
  readonly default?: boolean
  readonly purpose?: string
  readonly channels?: readonly Channel[]
  readonly codeLength?: number
  readonly ttlSeconds?: number
  readonly maxAttempts?: number
  readonly cooldownSeconds?: number
  readonly maxSends?: number
  readonly codeMaker?: CodeMaker
}

export interface CheckedProfile {
  /** What the profile says, without the entries that are wrong. */
  readonly sound: WrittenProfile
  /** One sentence each: the entry and what it must be, never a value. */
  readonly problems: readonly string[]
}

interface Entry {
  readonly schema: TSchema
  readonly says: string
}

const integer = (minimum: number, maximum: number): Entry => ({ schema: Type.Integer({ minimum, maximum }), says: `a whole number from ${minimum} to ${maximum}` })

const Word = (words: readonly string[]): TSchema => Type.Union(words.map((word) => Type.Literal(word)))

const ENTRIES: Readonly<Record<keyof WrittenProfile, Entry>> = {
  default: { schema: Type.Boolean(), says: 'true or false' },
  purpose: { schema: Type.String({ pattern: '^[a-z0-9-]{1,32}$' }), says: '1 to 32 small letters, digits and hyphens' },
  channels: { schema: Type.Array(Word(CHANNELS), { minItems: 1, uniqueItems: true }), says: `a list of ${CHANNELS.join(', ')}, of which none comes twice` },
  codeLength: integer(4, 10),
  ttlSeconds: integer(30, 3600),
  maxAttempts: integer(1, 10),
  cooldownSeconds: integer(5, 600),
  maxSends: integer(1, 10),
  codeMaker: { schema: Word(CODE_MAKERS), says: `one of ${CODE_MAKERS.join(', ')}` }
}

/** What may stand in a profile, for the documents. */
export const PROFILE_ENTRIES: readonly string[] = Object.keys(ENTRIES)

/** Checks the shape of a profile, entry by entry. */
export const checkProfile = (profile: unknown): CheckedProfile => {
  if (!isObject(profile)) return { sound: {}, problems: ['must be an object.'] }
  const checked = Object.entries(profile).map(([name, given]) => ({ name, given, problem: problemOf(name, given) }))
  return {
    sound: Object.fromEntries(checked.filter(({ problem }) => problem === undefined).map(({ name, given }) => [name, given])),
    problems: checked.flatMap(({ problem }) => problem ?? [])
  }
}

const isEntry = (name: string): name is keyof WrittenProfile => Object.hasOwn(ENTRIES, name)

const problemOf = (name: string, given: unknown): string | undefined => {
  // What looks like no name may be anything, a secret too.
  if (!isEntry(name)) return `${/^[A-Za-z0-9_-]{1,32}$/.test(name) ? name : '?'} is no entry: there are ${PROFILE_ENTRIES.join(', ')}.`
  const { schema, says } = ENTRIES[name]
  return Value.Check(schema, given) ? undefined : `${name} must be ${says}.`
}
