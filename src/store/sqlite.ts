import Database from 'libsql'
import { createFollowers } from './followers.ts'
import { lockFile, realFile, requireLocalDisk, type FileSystemOf } from './file-guard.ts'
import { MIGRATIONS } from './migrations.ts'
import { StoreRefused, StoreUnavailable, type Sql, type SqlRow, type Step, type Topic } from './sql.ts'

export interface SqliteOptions {
  /** Path of the database file; its folder is made where it is missing. */
  readonly file: string
  /** The store's clock, milliseconds since 1970. */
  readonly now: () => number
  readonly fileSystemOf?: FileSystemOf
}

interface Unit {
  readonly steps: readonly Step[]
  readonly resolve: (rows: SqlRow[][]) => void
  readonly reject: (error: unknown) => void
}

/** Settles a unit's promise; gives what the unit announces, where it took effect. */
type Settle = () => readonly Topic[]

/**
 * Opens the SQLite engine: one file, WAL, `synchronous = FULL`, migrated to the newest schema. The writes of one turn of
 * the event loop share one transaction, and so one wait for the disk. Throws `StoreRefused` where the file cannot be
 * this process's own.
 */
export const openSqlite = ({ file: name, now, fileSystemOf }: SqliteOptions): Sql => {
  try {
    const file = realFile(name)
    requireLocalDisk(file, fileSystemOf)
    const lock = lockFile(file)
    try {
      return new Sqlite(openDatabase(file), now, lock)
    } catch (error) {
      lock.release()
      throw error
    }
  } catch (error) {
    if (error instanceof StoreRefused) throw error
    throw new StoreRefused('The store file cannot be opened: see that its folder is there, is writable, and holds a database.', { cause: error })
  }
}

const openDatabase = (file: string): Database.Database => {
  const database = new Database(file)
  try {
    prepareDatabase(database)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

const prepareDatabase = (database: Database.Database): void => {
  database.exec('PRAGMA journal_mode = WAL')
  database.exec('PRAGMA synchronous = FULL')
  // Fewer, larger checkpoints cost less than many small ones.
  database.exec('PRAGMA wal_autocheckpoint = 10000')
  const [version] = database.prepare('PRAGMA user_version').all() as Array<{ user_version: number }>
  const done = (version as { user_version: number }).user_version
  if (done > MIGRATIONS.length) throw new StoreRefused('The store file was written by a newer version of the gateway.')
  for (let next = done; next < MIGRATIONS.length; next += 1) {
    database.exec(`BEGIN IMMEDIATE; ${MIGRATIONS[next] as string}; PRAGMA user_version = ${next + 1}; COMMIT`)
  }
}

class Sqlite implements Sql {
  readonly #database: Database.Database
  readonly #now: () => number
  readonly #lock: { release (): void }
  readonly #prepared = new Map<string, Database.Statement>()
  readonly #followers = createFollowers()
  #queue: Unit[] = []
  #closed = false

  constructor (database: Database.Database, now: () => number, lock: { release (): void }) {
    this.#database = database
    this.#now = now
    this.#lock = lock
  }

  async read (step: Step): Promise<SqlRow[]> {
    if (this.#closed) throw new StoreUnavailable()
    try {
      return this.#run(step, this.#now())
    } catch (cause) {
      throw new StoreUnavailable({ cause })
    }
  }

  write (steps: readonly Step[]): Promise<SqlRow[][]> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(new StoreUnavailable())
        return
      }
      this.#queue.push({ steps, resolve, reject })
      // setImmediate runs once the handlers of this turn have had their say: their writes are then all in the queue.
      if (this.#queue.length === 1) setImmediate(() => { this.#commitTurn() })
    })
  }

  follow (topic: Topic, wake: () => void): () => void {
    return this.#followers.add(topic, wake)
  }

  async check (): Promise<void> {
    await this.read({ text: 'SELECT 1', parameters: {} })
  }

  async close (): Promise<void> {
    if (this.#closed) return
    this.#commitTurn()
    this.#closed = true
    this.#prepared.clear()
    this.#database.close()
    this.#lock.release()
  }

  #run (step: Step, now: number): SqlRow[] {
    // One unit runs after the other.
    if (step.holdsOnly === true) return []
    let prepared = this.#prepared.get(step.text)
    if (prepared === undefined) {
      prepared = this.#database.prepare(step.text)
      this.#prepared.set(step.text, prepared)
    }
    return prepared.all({ ...step.parameters, now }) as SqlRow[]
  }

  /** Runs every queued unit in one transaction, and settles their promises once it is on disk. */
  #commitTurn (): void {
    const units = this.#queue
    if (units.length === 0) return
    this.#queue = []
    let settled: Settle[]
    try {
      this.#database.exec('BEGIN IMMEDIATE')
      const now = this.#now()
      settled = units.map((unit) => this.#runUnit(unit, now))
      this.#database.exec('COMMIT')
    } catch (cause) {
      if (this.#database.inTransaction) this.#database.exec('ROLLBACK')
      for (const unit of units) unit.reject(new StoreUnavailable({ cause }))
      return
    }
    const announced = new Set(settled.flatMap((settle) => settle()))
    for (const topic of announced) this.#followers.wake(topic)
  }

  /** Runs one unit inside the turn's transaction. Throws only where SQLite gave up the whole transaction. */
  #runUnit (unit: Unit, now: number): Settle {
    const guarded = unit.steps.length > 1
    if (guarded) this.#database.exec('SAVEPOINT unit')
    try {
      const rows = unit.steps.map((step) => this.#run(step, now))
      if (guarded) this.#database.exec('RELEASE unit')
      return () => {
        unit.resolve(rows)
        return unit.steps.flatMap(({ announces }) => announces ?? [])
      }
    } catch (cause) {
      // A full disk or an I/O error ends the transaction itself; every unit of the turn is lost then.
      if (!this.#database.inTransaction) throw cause
      if (guarded) this.#database.exec('ROLLBACK TO unit; RELEASE unit')
      return () => {
        unit.reject(new StoreUnavailable({ cause }))
        return []
      }
    }
  }
}
