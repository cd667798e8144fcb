import { SHORTEST_SECRET } from '../../domain/secret.ts'
import { SensitiveText } from '../../domain/sensitive.ts'
import { isQuick } from './code-pattern.ts'
import { FIELD_NAMES, REPLY_NAMES, type ChannelMeaning, type FieldName, type FixedReply, type GenericHook, type HookAuthentication, type ReplyName } from './hook.ts'
import { checkShape, isAuthenticationType, isObject, type AuthenticationType, type ShapeProblem, type WrittenAuthentication, type WrittenHook } from './hook-shape.ts'
import { PRESET_NAMES, presetOf } from './presets.ts'

export type HookEnvironment = Readonly<Record<string, string | undefined>>

/** A hook, or what is wrong with it, one sentence each: entries and what they must be, never a value. */
export type ResolvedHook = { readonly hook: GenericHook } | { readonly problems: readonly string[] }

const DEFAULT_BUDGET_MS = 8000

const DEFAULT_TOLERANCE_SECONDS = 300

const DEFAULT_CHANNELS: Readonly<Record<string, ChannelMeaning>> = { text: 'text', sms: 'text', voice: 'voice', call: 'voice', whatsapp: 'whatsapp' }

/** Checks a hook as it stands in the file, and completes it by its preset, by the environment, and by what is usual. */
export const resolveHook = (name: string, given: unknown, environment: HookEnvironment): ResolvedHook => {
  const preset = isObject(given) ? presetOf(given.preset) : undefined
  const { sound: written, problems: wrong } = checkShape(given, PRESET_NAMES, typeOf(given, preset))

  const authentication = mergedAuthentication(written.authentication, preset?.authentication)
  const fields = mergedFields(written.fields, preset?.fields)
  const codePattern = written.codePattern ?? preset?.codePattern
  const secrets = authentication.secrets && readSecrets(authentication.secrets, environment)
  const problems = [
    ...wrong.map(({ says }) => says),
    ...secrets?.problems ?? [],
    ...missingEntries(authentication, fields).filter(({ at }) => !at.some((path) => wrong.some((problem) => isAbout(problem, path)))).map(({ says }) => says),
    ...codePattern === undefined || isQuick(codePattern) ? [] : ['codePattern must be plainer: there are texts on which it takes too long, as with repetitions within repetitions.']
  ]
  if (problems.length > 0) return { problems }
  const format = written.format ?? preset?.format
  return {
    hook: {
      name,
      authentication: resolveAuthentication(authentication, secrets?.values),
      formats: format === undefined ? ['json', 'form'] : [format],
      fields,
      numbers: written.numbers ?? preset?.numbers ?? 'careful',
      codePattern: codePattern === undefined ? undefined : new RegExp(codePattern),
      channels: new Map(Object.entries({ ...DEFAULT_CHANNELS, ...inLowerCase(preset?.channels), ...inLowerCase(written.channels) })),
      replies: mergedReplies(written.replies, preset?.replies),
      budgetMs: written.budgetMs ?? preset?.budgetMs ?? DEFAULT_BUDGET_MS
    }
  }
}

/** The type that the entries of an authentication are checked by; `undefined` where what is said is no type. */
const typeOf = (given: unknown, preset: WrittenHook | undefined): AuthenticationType | undefined => {
  const own = isObject(given) && isObject(given.authentication) ? given.authentication.type : undefined
  const type = own ?? preset?.authentication?.type ?? 'secret'
  return isAuthenticationType(type) ? type : undefined
}

type TypedAuthentication = WrittenAuthentication & { readonly type: AuthenticationType }

/** What a preset says of another type of authentication says nothing of this one. */
const mergedAuthentication = (own: WrittenAuthentication = {}, preset: WrittenAuthentication = {}): TypedAuthentication => {
  const type = own.type ?? preset.type ?? 'secret'
  return { ...type === preset.type ? preset : {}, ...own, type }
}

interface MissingEntry {
  /** The entries by which it could have been said. */
  readonly at: readonly string[]
  readonly says: string
}

/** What a hook has to say and does not. */
const missingEntries = ({ type, header, secrets }: TypedAuthentication, fields: GenericHook['fields']): MissingEntry[] => {
  const isSigned = type === 'hmac' || type === 'timestamped'
  return [
    ...isSigned && header === undefined ? [{ at: ['authentication.type', 'authentication.header'], says: 'authentication.header must name the header of the signature.' }] : [],
    ...isSigned && secrets === undefined
      ? [{ at: ['authentication.type', 'authentication.secrets'], says: 'authentication.secrets must be given: what is signed is signed with a secret of its own.' }]
      : [],
    ...fields.number.length === 0 ? [{ at: ['fields.number'], says: 'fields.number must say where the phone number is.' }] : [],
    ...fields.code.length + fields.text.length === 0
      ? [{ at: ['fields.code', 'fields.text'], says: 'fields.code or fields.text must say where the code is, or the text.' }]
      : []
  ]
}

/** Whether the entry of that path may be there after all, under a wrong name or with a wrong value: then it is not told as missing too. */
const isAbout = ({ path }: ShapeProblem, entry: string): boolean => path === '' || path === 'preset' || path === entry || entry.startsWith(`${path}.`)

const resolveAuthentication = (written: TypedAuthentication, given: readonly SensitiveText[] | undefined): HookAuthentication => {
  const { type, header = 'Authorization', username, algorithm = 'sha256', encoding = 'hex', prefix = '', version = 'v1', toleranceSeconds = DEFAULT_TOLERANCE_SECONDS } = written
  const signed = { header: header.toLowerCase(), algorithm, encoding, secrets: given ?? [] }
  switch (type) {
    case 'secret': return { type, header: header.toLowerCase(), secrets: given }
    case 'basic': return { type, username, secrets: given }
    case 'hmac': return { type, ...signed, prefix }
    case 'timestamped': return { type, ...signed, version, toleranceMs: toleranceSeconds * 1000 }
  }
}

/** Reads secrets that are written out, or that an environment variable holds: one, or several separated by commas. */
const readSecrets = (written: readonly string[], environment: HookEnvironment): { readonly values: readonly SensitiveText[], readonly problems: string[] } => {
  const problems: string[] = []
  const values = written.flatMap((text) => {
    if (!text.startsWith('$')) return [text.trim()]
    const name = text.slice(1)
    const found = (environment[name] ?? '').split(',').map((item) => item.trim()).filter((item) => item !== '')
    if (found.length === 0) problems.push(`authentication.secrets needs the environment variable ${name}, which is not set.`)
    return found
  })
  if (environment.NODE_ENV?.trim() === 'production' && values.some((secret) => secret.length < SHORTEST_SECRET)) {
    problems.push(`authentication.secrets must have at least ${SHORTEST_SECRET} characters each in production.`)
  }
  return { values: values.map((secret) => new SensitiveText(secret)), problems }
}

const mergedFields = (own: WrittenHook['fields'] = {}, preset: WrittenHook['fields'] = {}): Record<FieldName, readonly string[]> => {
  const pathsOf = (name: FieldName): readonly string[] => {
    const paths = own[name] === undefined ? preset[name] : own[name]
    return typeof paths === 'string' ? [paths] : paths ?? []
  }
  return Object.fromEntries(FIELD_NAMES.map((name) => [name, pathsOf(name)])) as Record<FieldName, readonly string[]>
}

const mergedReplies = (own: WrittenHook['replies'] = {}, preset: WrittenHook['replies'] = {}): Partial<Record<ReplyName, FixedReply>> =>
  Object.fromEntries(REPLY_NAMES.flatMap((name) => name in own || name in preset ? [[name, { ...preset[name], ...own[name] }]] : []))

const inLowerCase = (channels: WrittenHook['channels'] = {}): Record<string, ChannelMeaning> =>
  Object.fromEntries(Object.entries(channels).map(([value, meaning]) => [value.toLowerCase(), meaning]))
