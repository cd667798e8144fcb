/** One event as it came, whatever its envelope: Event Grid schema, CloudEvents schema or Call Automation callback. */
export interface EventItem {
  readonly id: string
  readonly type: string
  readonly source: string
  readonly data: EventData
}

/** The data of an event, read without regard to the case of its names: the official samples do not agree on it. */
export class EventData {
  readonly #fields: ReadonlyMap<string, unknown>

  constructor (data: object) {
    this.#fields = new Map(Object.entries(data).map(([name, value]) => [name.toLowerCase(), value]))
  }

  /** A text, or `undefined` where the field is something else or empty. */
  text (name: string): string | undefined {
    const value = this.#fields.get(name.toLowerCase())
    return typeof value === 'string' && value !== '' ? value : undefined
  }

  /** A number, or `undefined`. */
  number (name: string): number | undefined {
    const value = this.#fields.get(name.toLowerCase())
    return typeof value === 'number' ? value : undefined
  }

  /** What is inside a field; empty where the field is no object. */
  inside (name: string): EventData {
    const value = this.#fields.get(name.toLowerCase())
    return new EventData(isObject(value) ? value : {})
  }
}

/** Event Grid sends at most 5,000 events in a batch. */
export const MAX_ITEMS = 5000

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const text = (value: unknown): string => typeof value === 'string' ? value : ''

/** The items of a body: of a list each, of one object that one. An item that is no event at all is `undefined`. */
export const readItems = (body: unknown): ReadonlyArray<EventItem | undefined> =>
  (Array.isArray(body) ? body.slice(0, MAX_ITEMS) : [body]).map(readItem)

const readItem = (item: unknown): EventItem | undefined => {
  if (!isObject(item)) return undefined
  // `eventType` is Event Grid's schema, `type` is CloudEvents'; `topic` is to the one what `source` is to the other.
  const type = text(item.eventType ?? item.type)
  if (type === '' || !isObject(item.data ?? {})) return undefined
  return { id: text(item.id), type, source: text(item.source ?? item.topic), data: new EventData((item.data ?? {}) as object) }
}

/** Whether an event is one of a call that we placed or answered; the rest comes by Event Grid. */
export const isCallItem = (item: EventItem): boolean => item.source.startsWith('calling/callConnections/')
