import { Type, type TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { CHANNELS } from '../../domain/message.ts'
import { isPattern } from './code-pattern.ts'
import { FIELD_NAMES, NUMBER_WAYS, REPLY_NAMES, type FieldName, type HookAuthentication, type NumberWay, type ReplyName, type SignatureAlgorithm, type SignatureEncoding } from './hook.ts'

/** A hook as it stands in the file, once it has the shape. */
export interface WrittenHook {
  readonly preset?: string
  readonly authentication?: WrittenAuthentication
  readonly format?: 'json' | 'form'
  /** `null` takes a preset's field away. */
  readonly fields?: Readonly<Partial<Record<FieldName, string | readonly string[] | null>>>
  readonly numbers?: NumberWay
  readonly codePattern?: string
  readonly channels?: Readonly<Record<string, 'text' | typeof CHANNELS[number]>>
  readonly replies?: Readonly<Partial<Record<ReplyName, { readonly status?: number, readonly body?: object | string }>>>
  readonly budgetMs?: number
}

export interface WrittenAuthentication {
  readonly type?: AuthenticationType
  readonly header?: string
  readonly username?: string
  readonly secrets?: readonly string[]
  readonly algorithm?: SignatureAlgorithm
  readonly encoding?: SignatureEncoding
  readonly prefix?: string
  readonly version?: string
  readonly toleranceSeconds?: number
}

export type AuthenticationType = HookAuthentication['type']

/** What an entry must be: one value, or an object of known entries. */
type Shape =
  | { readonly kind: 'value', readonly schema: TSchema, readonly says: string }
  | { readonly kind: 'entries', readonly entries: Shapes }

type Shapes = Readonly<Record<string, Shape>>

const value = (schema: TSchema, says: string): Shape => ({ kind: 'value', schema, says })

const entries = (entries: Shapes): Shape => ({ kind: 'entries', entries })

const each = (names: readonly string[], shape: Shape): Shape => entries(Object.fromEntries(names.map((name) => [name, shape])))

const Word = (words: readonly string[]): TSchema => Type.Union(words.map((word) => Type.Literal(word)))

const oneOf = (words: readonly string[]): Shape => value(Word(words), `one of ${words.join(', ')}`)

const integer = (minimum: number, maximum: number): Shape => value(Type.Integer({ minimum, maximum }), `a whole number from ${minimum} to ${maximum}`)

/** Names joined by dots, at most eight deep. */
const Path = Type.String({ maxLength: 256, pattern: '^[^.]+(\\.[^.]+){0,7}$' })

const MEANINGS = ['text', ...CHANNELS]

const header = value(Type.String({ pattern: '^[A-Za-z0-9-]{1,64}$' }), 'the name of a header')
const secrets = value(
  Type.Array(Type.String({ maxLength: 2048, pattern: '^([^$\\s]|\\$[A-Z][A-Z0-9_]{0,127}$)' }), { minItems: 1, maxItems: 10 }),
  'a list of 1 to 10 secrets, each a text, or $ and the name of an environment variable in capital letters')
const signature = { header, secrets, algorithm: oneOf(['sha256', 'sha512']), encoding: oneOf(['hex', 'base64']) }

/** The entries of each type of authentication, besides `type`. */
const AUTHENTICATION_ENTRIES: Readonly<Record<AuthenticationType, Shapes>> = {
  secret: { header, secrets },
  basic: { username: value(Type.String({ pattern: '^[^:]{1,128}$' }), 'a text without a colon'), secrets },
  hmac: { ...signature, prefix: value(Type.String({ maxLength: 32 }), 'a text of at most 32 characters') },
  timestamped: { ...signature, version: value(Type.String({ pattern: '^[a-z0-9]{1,16}$' }), 'the name of the signature in the header, as v1'), toleranceSeconds: integer(10, 3600) }
}

const AUTHENTICATION_TYPES = Object.keys(AUTHENTICATION_ENTRIES) as readonly AuthenticationType[]

/** Whether it is a type of authentication. */
export const isAuthenticationType = (given: unknown): given is AuthenticationType => AUTHENTICATION_TYPES.some((type) => type === given)

/** The entries of an authentication of that type; of all, where nobody knows which type it is. */
const authentication = (type: AuthenticationType | undefined): Shape =>
  entries({ type: oneOf(AUTHENTICATION_TYPES), ...type === undefined ? Object.assign({}, ...Object.values(AUTHENTICATION_ENTRIES)) : AUTHENTICATION_ENTRIES[type] })

const hookShape = (presets: readonly string[], type: AuthenticationType | undefined): Shape => entries({
  preset: oneOf(presets),
  authentication: authentication(type),
  format: oneOf(['json', 'form']),
  fields: each(FIELD_NAMES, value(
    Type.Union([Path, Type.Array(Path, { minItems: 1, maxItems: 8 }), Type.Null()]),
    'names of fields joined by dots, as data.to, at most eight of them, or a list of up to eight of such paths, or null')),
  numbers: oneOf(NUMBER_WAYS),
  codePattern: value(
    Type.Refine(Type.String({ minLength: 1, maxLength: 200 }), (text) => isPattern(text as string)),
    'a regular expression of at most 200 characters'),
  channels: value(
    Type.Record(Type.String({ maxLength: 64 }), Word(MEANINGS), { maxProperties: 50 }),
    `an object of up to 50 values that the field may have, each with one of ${MEANINGS.join(', ')}`),
  replies: each(REPLY_NAMES, entries({
    status: integer(200, 599),
    body: value(Type.Union([Type.String({ maxLength: 4096 }), Type.Object({})]), 'an object, or a text of at most 4096 characters')
  })),
  budgetMs: integer(500, 60_000)
})

/** The paths of all entries, for the documents. */
export const entryPaths = (): readonly string[] => pathsOf(hookShape([], undefined), '')

const pathsOf = (shape: Shape, path: string): string[] =>
  shape.kind === 'value' ? [path] : Object.entries(shape.entries).flatMap(([name, inner]) => pathsOf(inner, join(path, name)))

const join = (path: string, name: string): string => path === '' ? name : `${path}.${name}`

/** Something that is wrong with the shape of a hook. */
export interface ShapeProblem {
  /** The entry that may be another one than was meant; of a name that is not known, the object in which it stands. */
  readonly path: string
  /** One sentence: the entry's path and what it must be, never a value. */
  readonly says: string
}

export interface CheckedShape {
  /** What the hook says, without the entries that are wrong. */
  readonly sound: WrittenHook
  readonly problems: readonly ShapeProblem[]
}

/** Checks the shape of a hook, entry by entry. `type` is that of its authentication, where it is known. */
export const checkShape = (hook: unknown, presets: readonly string[], type: AuthenticationType | undefined): CheckedShape => {
  const { sound, problems } = check(hook, hookShape(presets, type), '')
  return { sound: { ...sound as WrittenHook | undefined }, problems }
}

interface Checked {
  /** Absent where nothing of it can be used. */
  readonly sound?: unknown
  readonly problems: readonly ShapeProblem[]
}

const check = (given: unknown, shape: Shape, path: string): Checked => {
  if (shape.kind === 'value') return Value.Check(shape.schema, given) ? { sound: given, problems: [] } : { problems: [{ path, says: `${path} must be ${shape.says}.` }] }
  if (!isObject(given)) return { problems: [{ path, says: `${path}${path === '' ? '' : ' '}must be an object.` }] }
  const checked = Object.keys(given).map((name): readonly [string, Checked] => {
    const inner = Object.hasOwn(shape.entries, name) ? shape.entries[name] : undefined
    if (inner !== undefined) return [name, check(given[name], inner, join(path, name))]
    // What looks like no name may be anything, a secret too.
    const told = /^[A-Za-z0-9_-]{1,32}$/.test(name) ? join(path, name) : join(path, '?')
    return [name, { problems: [{ path, says: `${told} is no entry: there are ${Object.keys(shape.entries).join(', ')}.` }] }]
  })
  return {
    sound: Object.fromEntries(checked.flatMap(([name, { sound }]) => sound === undefined ? [] : [[name, sound]])),
    problems: checked.flatMap(([, { problems }]) => problems)
  }
}

/** Whether it is an object with names, and not a list. */
export const isObject = (given: unknown): given is Readonly<Record<string, unknown>> => typeof given === 'object' && given !== null && !Array.isArray(given)
