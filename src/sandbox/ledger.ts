import type { SandboxRecords } from './records.ts'

export type RecordKind = keyof SandboxRecords

interface Waiting {
  readonly kind: RecordKind
  readonly matches: (record: never) => boolean
  readonly resolve: (record: never) => void
  readonly reject: (reason: Error) => void
}

/** What happened in the sandbox. Keeps the last records of each kind, and as many of their last changes. */
export interface Ledger {
  /** Adds a record, or replaces the one with its id. */
  put<Kind extends RecordKind> (kind: Kind, record: SandboxRecords[Kind]): void
  /** The newest version of each record, in the order in which they were first put. */
  list<Kind extends RecordKind> (kind: Kind): ReadonlyArray<SandboxRecords[Kind]>
  get<Kind extends RecordKind> (kind: Kind, id: string): SandboxRecords[Kind] | undefined
  /**
   * The first record that matched or will match, as it was then. Looks at past changes too, so that what is already
   * over is found. Rejects when the ledger closes.
   */
  waitFor<Kind extends RecordKind> (
    kind: Kind, matches?: (record: SandboxRecords[Kind]) => boolean
  ): Promise<SandboxRecords[Kind]>
  onChange (listener: <Kind extends RecordKind>(kind: Kind, record: SandboxRecords[Kind]) => void): void
  close (): void
}

/** Makes an empty ledger, which keeps so many of each kind. */
export const createLedger = (most = 1_000): Ledger => {
  const records = { message: new Map(), call: new Map(), request: new Map(), delivery: new Map() }
  const journals = { message: [], call: [], request: [], delivery: [] }
  const listeners: Array<Parameters<Ledger['onChange']>[0]> = []
  let waiting: Waiting[] = []
  let closed = false

  const mapOf = <Kind extends RecordKind>(kind: Kind): Map<string, SandboxRecords[Kind]> => records[kind]
  const journalOf = <Kind extends RecordKind>(kind: Kind): Array<SandboxRecords[Kind]> => journals[kind]
  const closing = () => new Error('The sandbox was closed before what was waited for happened.')

  return {
    put (kind, record) {
      const map = mapOf(kind)
      map.set(record.id, record)
      if (map.size > most) map.delete(map.keys().next().value!)
      const journal = journalOf(kind)
      if (journal.push(record) > most) journal.shift()
      for (const listener of listeners) listener(kind, record)
      waiting = waiting.filter(one => {
        if (one.kind !== kind || !one.matches(record as never)) return true
        one.resolve(record as never)
        return false
      })
    },
    list: kind => [...mapOf(kind).values()],
    get: (kind, id) => mapOf(kind).get(id),
    waitFor (kind, matches = () => true) {
      const past = journalOf(kind).find(record => matches(record))
      if (past !== undefined) return Promise.resolve(past)
      if (closed) return Promise.reject(closing())
      return new Promise((resolve, reject) => { waiting.push({ kind, matches, resolve, reject }) })
    },
    onChange (listener) {
      listeners.push(listener)
    },
    close () {
      closed = true
      for (const one of waiting) one.reject(closing())
      waiting = []
    }
  }
}
