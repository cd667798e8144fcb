/** What a column or a parameter can hold. Moments are milliseconds since 1970. */
export type SqlValue = string | number | null

export type SqlRow = Record<string, SqlValue>

/** One statement with its parameters, named `:name` in the text. Every statement may also use `:now`, the store's clock. */
export interface Step {
  /** The SQL. One constant text for each statement: engines keep it prepared. */
  readonly text: string
  readonly parameters: Readonly<Record<string, SqlValue>>
  /** It does nothing but hold rows until the unit is over. Where units run one after the other anyway, it is left out. */
  readonly holdsOnly?: true
  /** Who follows this topic, in whatever process, is woken once the unit has taken effect. */
  readonly announces?: Topic
}

/** What can be followed. */
export const TOPICS = ['feed'] as const

export type Topic = typeof TOPICS[number]

/**
 * A marker at the end of a query, which holds its rows until the unit is over and passes over those that somebody else
 * holds: where units run one after the other, as on SQLite, it is a comment.
 */
export const SKIP_LOCKED = '/* FOR UPDATE SKIP LOCKED */'

/** Thrown at start where the store cannot be this process's. The message is for the operator. */
export class StoreRefused extends Error {
  constructor (reason: string, options?: ErrorOptions) {
    super(reason, options)
    this.name = 'StoreRefused'
  }
}

/** Thrown where the store cannot be reached, cannot write, or is closed. What was asked for may not have happened. */
export class StoreUnavailable extends Error {
  constructor (options?: ErrorOptions) {
    super('the store is unavailable', options)
    this.name = 'StoreUnavailable'
  }
}

/** The port to an SQL database. */
export interface Sql {
  /** Runs a query on what is committed. */
  read (step: Step): Promise<SqlRow[]>
  /**
   * Runs the steps as one unit: all take effect or none, and once the promise settles they are on disk. Gives the rows
   * of each step (`RETURNING`). A failing step rejects only its own unit.
   */
  write (steps: readonly Step[]): Promise<SqlRow[][]>
  /**
   * Calls `wake` soon after a unit that announces the topic has taken effect, in whatever process on this store; and now and
   * then for nothing, as when the way to the store was interrupted. `wake` must not throw. Gives the function that stops it.
   */
  follow (topic: Topic, wake: () => void): () => void
  /** Rejects with `StoreUnavailable` where the store cannot answer. */
  check (): Promise<void>
  /** Finishes the writes that were asked for and closes. Calling it again does nothing. */
  close (): Promise<void>
}

/** Makes the function that runs one constant statement as a step. */
export const statement = (text: string) =>
  (parameters: Readonly<Record<string, SqlValue>> = {}): Step => ({ text, parameters })

/**
 * Makes the function that holds the rows of a query until the unit is over, as a step whose own rows nobody reads. Rows are
 * held in the order claims, deliveries, attempts, all others, so that no two units wait for each other.
 */
export const hold = (query: string) =>
  (parameters: Readonly<Record<string, SqlValue>> = {}): Step => ({ text: `${query} FOR UPDATE`, parameters, holdsOnly: true })
