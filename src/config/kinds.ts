import { Type, type TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { readLanguageTag } from '../domain/language-tag.ts'
import { CHANNELS, type Channel } from '../domain/message.ts'
import type { KeyRing } from '../domain/keys.ts'
import { isCountry } from '../domain/phone-number.ts'
import { SensitiveText } from '../domain/sensitive.ts'

/** How the text of a setting is checked and read. */
export interface Kind<T> {
  /** What the text must look like. */
  readonly schema: TSchema
  /** Completes "NAME must be …"; never holds a value. */
  readonly says: string
  /** Reads the text; `undefined` where it is wrong. */
  readonly read: (text: string) => T | undefined
}

/** Makes a kind of its shape, its words, and how it is read. */
export const kind = <T>(schema: TSchema, says: string, read: (text: string) => T | undefined): Kind<T> => ({
  schema,
  says,
  read: (text) => Value.Check(schema, text) ? read(text) : undefined
})

/** The items between commas; empty ones are left out. */
export const list = (text: string): string[] => text.split(',').map((item) => item.trim()).filter((item) => item !== '')

/** A whole number within bounds. */
export const integer = (minimum: number, maximum: number): Kind<number> =>
  kind(Type.String({ pattern: '^[0-9]{1,9}$' }), `a whole number from ${minimum} to ${maximum}`, (text) => {
    const value = Number(text)
    return value >= minimum && value <= maximum ? value : undefined
  })

/** One of a few words. */
export const choice = <const T extends string>(...words: readonly T[]): Kind<T> =>
  kind(Type.Union(words.map((word) => Type.Literal(word))), `one of ${words.join(', ')}`, (text) => text as T)

/** Any text that matches. */
export const text = (says: string, pattern = '^.{1,2048}$'): Kind<string> =>
  kind(Type.String({ pattern }), says, (value) => value)

/** A language, with or without a country, as in BCP 47. */
export const locale: Kind<string> =
  kind(Type.String({ maxLength: 64 }), 'a language tag such as de or pt-BR', (value) => readLanguageTag(value) === undefined ? undefined : value)

/** By which channel the texts of each hook travel: `name=channel,…`. */
export const hookChannels: Kind<ReadonlyMap<string, Channel>> =
  kind(Type.String({ maxLength: 8192 }), `name=channel pairs separated by commas, no name twice; a channel is one of ${CHANNELS.join(', ')}`, (value) => {
    const items = list(value).map((item) => /^([a-z0-9-]+(?:\/[a-z0-9-]+)?)=([a-z]+)$/.exec(item))
    const channels = new Map(items.map((item) => [item?.[1] as string, item?.[2] as Channel]))
    return channels.size === items.length && [...channels.values()].every(isChannel) ? channels : undefined
  })

const isChannel = (text: string | undefined): boolean => CHANNELS.some((channel) => channel === text)

/** A country whose numbers we can read. */
export const country: Kind<string> =
  kind(Type.String({ maxLength: 2 }), 'the two-letter code of a country, as in ISO 3166 (GB, not UK)', (value) => isCountry(value) ? value : undefined)

/** Texts separated by commas, each of which matches. */
export const texts = (says: string, pattern: string): Kind<readonly string[]> =>
  kind(Type.String({ maxLength: 4096 }), says, (value) => {
    const items = list(value)
    return items.length > 0 && items.every((item) => new RegExp(pattern).test(item)) ? items : undefined
  })

/** Some of a few words, separated by commas, none twice, in the order in which they are written. */
export const someOf = <const T extends string>(...words: readonly T[]): Kind<readonly T[]> =>
  kind(Type.String({ maxLength: 4096 }), `one or more of ${words.join(', ')}, separated by commas, none twice`, (value) => {
    const items = list(value)
    const known: readonly string[] = words
    return items.length > 0 && new Set(items).size === items.length && items.every((item) => known.includes(item)) ? items as T[] : undefined
  })

/** A number that sends by WhatsApp, in E.164 form; the `whatsapp:` that Twilio writes in front of it is taken away. */
export const whatsappNumber: Kind<string> =
  kind(Type.String({ pattern: '^(whatsapp:)?\\+[1-9][0-9]{4,14}$' }), 'a number in E.164 form, with or without whatsapp: in front', (value) => value.replace('whatsapp:', ''))

/** One or more secrets separated by commas; several let an operator change one without a gap. */
export const secrets: Kind<readonly SensitiveText[]> =
  kind(Type.String({ maxLength: 8192 }), 'one or more secrets, separated by commas', (value) => {
    const items = list(value)
    return items.length > 0 ? items.map((item) => new SensitiveText(item)) : undefined
  })

/**
 * Secrets of Standard Webhooks, `v1,whsec_<base64>`; several are separated by `|`, commas or spaces.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export const webhookSecrets: Kind<readonly SensitiveText[]> =
  kind(Type.String({ maxLength: 4096 }), 'one or more secrets as they were shown, v1,whsec_ and base64, separated by |', (value) => {
    const items = value.split(/[\s,|]+/).filter((item) => item !== '' && item !== 'v1')
    return items.length > 0 && items.every((item) => /^whsec_[A-Za-z0-9+/]{22,}={0,2}$/.test(item))
      ? items.map((item) => new SensitiveText(item.slice('whsec_'.length)))
      : undefined
  })

/**
 * Secrets to sign by Standard Webhooks with, `whsec_<base64>` of 24 to 64 bytes; several are separated by `|`. What other
 * senders show has `v1,` in front.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export const signingSecrets: Kind<readonly SensitiveText[]> =
  kind(Type.String({ maxLength: 4096 }), 'one or more secrets, each whsec_ and the base64 of 24 to 64 random bytes, separated by |', (value) => {
    const found = value.split('|').map((item) => /^(?:v1,)?whsec_([A-Za-z0-9+/]+={0,2})$/.exec(item.trim())?.[1])
    return found.every(isSigningSecret) ? found.map((item) => new SensitiveText(item)) : undefined
  })

/** Whether every library reads the same bytes out of it. */
const isSigningSecret = (text: string | undefined): text is string => {
  const bytes = Buffer.from(text ?? '', 'base64')
  return bytes.length >= 24 && bytes.length <= 64 && bytes.toString('base64') === text
}

/** One secret. */
export const secret: Kind<SensitiveText> =
  kind(Type.String({ maxLength: 2048 }), 'a secret', (value) => new SensitiveText(value))

/** Those who are known by another setting: two who bear one name would share their idempotency keys. */
const RESERVED: ReadonlySet<string> = new Set(['default', 'auth0-sms-gateway', 'okta', 'supabase', 'zitadel'])

/** `name:secret` pairs separated by commas, as a list of names with their secrets; a name may come twice. */
export const namedSecrets: Kind<ReadonlyMap<string, readonly SensitiveText[]>> =
  kind(Type.String({ maxLength: 8192 }), `name:secret pairs separated by commas; a name is letters, digits, - and _, and none of ${[...RESERVED].join(', ')}`, (value) => {
    const named = new Map<string, SensitiveText[]>()
    for (const item of list(value)) {
      const match = /^([A-Za-z0-9_-]{1,64}):(.+)$/.exec(item)
      if (match === null || RESERVED.has(match[1] as string)) return undefined
      const [, name, found] = match as unknown as [string, string, string]
      named.set(name, [...named.get(name) ?? [], new SensitiveText(found)])
    }
    return named
  })

/** Keys of 32 bytes in base64, separated by commas. Those with `~` in front come first, and do not seal yet; one does. */
export const keys: Kind<KeyRing> =
  kind(Type.String({ maxLength: 4096 }), 'one or more keys of 32 bytes in base64, newest first, separated by commas; ~ may stand in front of the newest, but not of all', (value) => {
    const items = list(value)
    const waiting = items.findIndex((item) => !item.startsWith('~'))
    const isOrdered = waiting >= 0 && items.every((item, index) => !item.includes('~', index < waiting ? 1 : 0))
    const found = items.map((item) => Buffer.from(item.replace(/^~/, ''), 'base64'))
    return isOrdered && found.every(({ length }) => length === 32) ? { keys: found, waiting } : undefined
  })

/** `from=to` pairs separated by commas. */
export const pairs = (says: string): Kind<ReadonlyMap<string, string>> =>
  kind(Type.String({ maxLength: 8192 }), says, (value) => {
    const items = list(value).map((item) => /^([^=\s]+)=([^=\s]+)$/.exec(item))
    return items.every((item) => item !== null)
      ? new Map(items.map((item) => [item[1] as string, item[2] as string]))
      : undefined
  })

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/** Whether a URL leads to this machine itself. */
export const isLoopback = (url: URL): boolean => LOOPBACK.test(url.hostname)

/** Whether a URL may be used: https, or http to this machine only. */
export const isSafeUrl = (url: URL): boolean =>
  url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))

/** An absolute URL: https, or http to a loopback address. */
export const url: Kind<URL> =
  kind(Type.String({ maxLength: 2048 }), 'an https:// URL (http:// for a loopback address only)', (value) => {
    if (!URL.canParse(value)) return undefined
    const parsed = new URL(value)
    return isSafeUrl(parsed) && parsed.username === '' && parsed.password === '' && parsed.hash === '' ? parsed : undefined
  })

/** A URL that other URLs are made from, which must fit into the requests of calls. */
export const baseUrl: Kind<URL> =
  kind(Type.String({ maxLength: 400 }), 'an https:// URL of at most 400 characters (http:// for a loopback address only), whose path has letters, digits and . _ ~ - only', (value) => {
    const parsed = url.read(value)
    return parsed !== undefined && /^(\/[A-Za-z0-9._~-]+)*\/?$/.test(parsed.pathname) ? parsed : undefined
  })

/** A URL that is a scheme, a host and perhaps a port, and no more. */
export const origin: Kind<URL> =
  kind(Type.String({ maxLength: 2048 }), 'an https:// URL without a path and a query (http:// for a loopback address only)', (value) => {
    const parsed = url.read(value)
    return parsed !== undefined && parsed.pathname === '/' && parsed.search === '' ? parsed : undefined
  })

/** Origins as browsers write them, separated by commas. */
export const origins: Kind<readonly string[]> =
  kind(Type.String({ maxLength: 4096 }), 'one or more https:// URLs without a path and a query (http:// for a loopback address only), separated by commas', (value) => {
    const items = list(value).map(origin.read)
    return items.length > 0 && items.every((item) => item !== undefined) ? items.map((item) => item.origin) : undefined
  })

export interface AcsAccount {
  readonly endpoint: URL
  readonly accessKey: SensitiveText
}

/** An Azure connection string: `endpoint=https://…;accesskey=…`. */
export const acsConnectionString: Kind<AcsAccount> =
  kind(Type.String({ maxLength: 2048 }), 'endpoint=https://…;accesskey=… as the Azure portal shows it (http:// for a loopback address only)', (value) => {
    const match = /^endpoint=([^;]+);accesskey=([A-Za-z0-9+/=]+);?$/i.exec(value)
    const endpoint = match === null ? undefined : origin.read(match[1] as string)
    if (endpoint === undefined) return undefined
    return { endpoint, accessKey: new SensitiveText(match?.[2] as string) }
  })
