import type { FeedEntry } from '../domain/feed-entry.ts'
import type { GatewayEvent } from '../domain/gateway-event.ts'
import type { LifecycleEvent, LifecycleValue } from '../domain/receiver.ts'
import { FINAL_STATUSES } from '../domain/verification.ts'

/** All types of lifecycle events begin so. */
export const TYPE_PREFIX = 'phone-code-gateway.'

/** What is told of one kind of fact. */
export interface Telling {
  /** The last word of the type; where it depends, the field that has it. */
  readonly word: string | { readonly field: string, readonly words: readonly string[] }
  /** The path of what it is about, and the field that names it. */
  readonly about: { readonly path: string, readonly field: string }
  /** The fields of `data`, each with the field of the fact that it is. */
  readonly fields: Readonly<Record<string, string>>
}

type Fact<T extends GatewayEvent['type']> = Extract<GatewayEvent, { readonly type: T }>

/** Names of fields that the fact really has. */
interface TellingOf<T extends GatewayEvent['type']> extends Telling {
  readonly word: string | { readonly field: keyof Fact<T> & string, readonly words: readonly string[] }
  readonly about: { readonly path: string, readonly field: keyof Fact<T> & string }
  readonly fields: Readonly<Record<string, keyof Fact<T> & string>>
}

const DELIVERY = { path: 'deliveries', field: 'delivery' } as const
const VERIFICATION = { path: 'verifications', field: 'verification' } as const
const PROVIDER = { path: 'providers', field: 'provider' } as const

/** Fields that bear their own names. */
const same = <const T extends readonly string[]>(...names: T): { [Name in T[number]]: Name } =>
  Object.fromEntries(names.map((name) => [name, name])) as { [Name in T[number]]: Name }

/**
 * What is told, by the kind of fact. It is a choice: what is left out is of use to whoever watches the gateway itself, and may
 * change. Of a verification it is not told whether it is a decoy, nor which delivery is its own, which a decoy has none of:
 * what is published goes on to apps, and by way of their pages to whoever tries the numbers of others.
 */
export const TELLINGS = {
  'delivery.finished': {
    word: { field: 'outcome', words: ['accepted', 'refused', 'failed', 'unknown'] },
    about: DELIVERY,
    fields: same('delivery', 'caller', 'hook', 'channel', 'country', 'number', 'provider', 'reason', 'milliseconds')
  },
  'delivery.updated': {
    // That it stands as accepted, or nobody knows how, is no news: an attempt of several has moved.
    word: { field: 'status', words: ['delivered', 'undelivered', 'refused', 'failed'] },
    about: DELIVERY,
    fields: same('delivery', 'channel', 'country', 'provider', 'reason', 'vendorCode', 'milliseconds')
  },
  'delivery.used': { word: 'used', about: DELIVERY, fields: same('delivery') },
  'delivery.retried': { word: 'retried', about: DELIVERY, fields: same('delivery') },
  'delivery.escalated': { word: 'escalated', about: DELIVERY, fields: { ...same('delivery', 'channel'), reason: 'why' } },
  'verification.started': { word: 'started', about: VERIFICATION, fields: same('verification', 'caller', 'profile', 'channel', 'number') },
  'verification.ended': { word: { field: 'status', words: FINAL_STATUSES }, about: VERIFICATION, fields: same('verification') },
  'provider.set-aside': { word: 'set-aside', about: PROVIDER, fields: same('provider', 'channel', 'reason', 'failures', 'milliseconds') },
  'provider.restored': { word: 'restored', about: PROVIDER, fields: same('provider', 'channel') },
  'range.shut': {
    word: 'shut',
    about: { path: 'ranges', field: 'shown' },
    fields: { ...same('range', 'country'), numbers: 'shown', ...same('mode', 'cause', 'unexplained', 'threshold', 'milliseconds') }
  }
} as const satisfies { readonly [T in GatewayEvent['type']]?: TellingOf<T> }

const BY_TYPE: ReadonlyMap<string, Telling> = new Map(Object.entries(TELLINGS))

/** The lifecycle event of an entry of the feed, which is the one of that index of that page; none where nothing is told of it. */
export const lifecycleEventOf = (entry: FeedEntry, page: number, index: number): LifecycleEvent | undefined => {
  const telling = BY_TYPE.get(entry.type)
  if (telling === undefined) return undefined
  const { about, fields } = telling
  const word = wordOf(telling, entry)
  if (word === undefined) return undefined
  const { trace } = entry
  return {
    // With its moment: another store, which begins at page 1 again, gives no id twice.
    id: `${page}-${index}-${entry.at.toString(36)}`,
    type: `${TYPE_PREFIX}${entry.type.split('.')[0] as string}.${word}`,
    time: entry.at,
    subject: `${about.path}/${String(entry[about.field])}`,
    data: dataOf(fields, entry),
    ...typeof trace === 'string' && { traceparent: trace }
  }
}

const wordOf = ({ word }: Telling, entry: FeedEntry): string | undefined => {
  if (typeof word === 'string') return word
  const found = entry[word.field]
  return word.words.find((known) => known === found)
}

/** What is not there is left out; so would be what is not plain. */
const dataOf = (fields: Telling['fields'], entry: FeedEntry): Readonly<Record<string, LifecycleValue>> =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, entry[field]]).filter((pair): pair is [string, LifecycleValue] => isPlain(pair[1])))

const isPlain = (value: unknown): value is LifecycleValue => ['string', 'number', 'boolean'].includes(typeof value)
