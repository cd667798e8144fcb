import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { timeOrderedId } from '../../src/domain/identifier.ts'
import type { AttemptNews, AttemptResult, NewAttempt } from '../../src/store/attempts.ts'
import type { StoreClock } from '../../src/store/clock.ts'
import type { ClaimRequest } from '../../src/store/claims.ts'
import type { Sql } from '../../src/store/sql.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { tablesOf, type Tables } from '../../src/store/tables.ts'
import { createClock, type Clock } from './gateway.ts'

export { tablesOf, type Tables }

/** What an engine brings to the suite: an empty store, on a clock that the test moves. */
export interface OpenedStore {
  readonly sql: Sql
  readonly clock: Clock
  /** The same store as another process sees it, where the engine serves several; else as this one does. */
  beside (): Promise<Sql>
  /** Closes the store and opens it again with what is in it, as a restart does. */
  reopen (): Promise<Sql>
}

/** Opens an empty store, which is gone at the end of the test. */
export type OpenStore = (t: Test) => Promise<OpenedStore>

/** A folder that is gone at the end of the test. */
export const temporaryFolder = (t: Test): string => {
  const folder = mkdtempSync(join(tmpdir(), 'store-test-'))
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
  return folder
}

export const openSqliteStore: OpenStore = async (t) => {
  const clock = createClock()
  const open = (): Sql => openSqlite({ file: join(folder, 'store.db'), now: clock })
  const folder = temporaryFolder(t)
  const first = open()
  let sql = first
  t.teardown(() => sql.close())
  return {
    sql: first,
    clock,
    beside: async () => sql,
    async reopen () {
      await sql.close()
      sql = open()
      return sql
    }
  }
}

/** The clock of a store on a machine that agrees with it. */
export const storeClockOf = (clock: Clock): StoreClock => ({ now: clock, sync: async () => 0 })

export const LEASE = 10_000
export const HOLD = 600_000

/** An open store, and the words in which tests talk to it. */
export interface World extends Tables, OpenedStore {
  newId (): string
  /** A claim that nobody else makes, unless the options say otherwise. */
  claimOf (options?: Partial<ClaimRequest>): ClaimRequest
  attemptOf (delivery: string, options?: Partial<NewAttempt>): NewAttempt
  resultOf (attempt: string, options?: Partial<AttemptResult>): AttemptResult
  newsOf (attempt: string, options?: Partial<AttemptNews>): AttemptNews
  /** A claimed delivery. */
  delivery (options?: Partial<ClaimRequest>): Promise<ClaimRequest>
  /** A claimed delivery with a begun attempt. */
  begun (options?: Partial<NewAttempt>): Promise<{ readonly delivery: string, readonly key: string, readonly attempt: string }>
}

export const openWorld = async (t: Test, open: OpenStore): Promise<World> => worldOf(await open(t))

/** The world of an open store that goes by a clock of its own; it is closed at the end of the test. */
export const openWorldOn = async (t: Test, sql: Sql): Promise<World> => {
  t.teardown(() => sql.close())
  return worldOf({ sql, clock: createClock(), beside: async () => sql, reopen: async () => sql })
}

const worldOf = (store: OpenedStore): World => {
  const { clock } = store
  const tables = tablesOf(store.sql)
  const newId = (): string => timeOrderedId(clock())
  const claimOf = (options: Partial<ClaimRequest> = {}): ClaimRequest => {
    const id = options.id ?? newId()
    return {
      id,
      key: `key of ${id}`,
      content: 'content',
      caller: 'auth0',
      route: '/direct',
      channel: 'sms',
      numberMasked: '+49•••••••5678',
      numberDigest: `number of ${id}`,
      country: 'DE',
      area: 'area',
      block: 'block',
      leaseFor: LEASE,
      expiresIn: 300_000,
      keptCode: undefined,
      plan: ['acs-sms'],
      keptMessage: undefined,
      hook: 'direct',
      escalation: undefined,
      trace: undefined,
      userDigest: undefined,
      ...options
    }
  }
  const attemptOf = (delivery: string, options: Partial<NewAttempt> = {}): NewAttempt => ({
    id: newId(), delivery, provider: 'acs-sms', channel: 'sms', leaseFor: LEASE, claim: undefined, endCallIn: undefined, sought: undefined, ...options
  })
  const delivery = async (options: Partial<ClaimRequest> = {}): Promise<ClaimRequest> => {
    const request = claimOf(options)
    await tables.claims.claim(request)
    return request
  }
  return {
    ...store,
    ...tables,
    newId,
    claimOf,
    attemptOf,
    resultOf: (attempt, options = {}) => ({
      attempt,
      status: 'accepted',
      reason: undefined,
      vendorCode: undefined,
      reference: undefined,
      milliseconds: undefined,
      transaction: undefined,
      askIn: undefined,
      claim: undefined,
      ...options
    }),
    newsOf: (attempt, options = {}) => ({
      vendor: undefined,
      attempt,
      channel: 'sms',
      reference: undefined,
      key: 'report 1',
      what: 'report.delivered',
      status: 'delivered',
      reason: undefined,
      vendorCode: undefined,
      ...options
    }),
    delivery,
    async begun (options = {}) {
      const { id, key } = await delivery()
      const attempt = attemptOf(id, { claim: { key, holdFor: HOLD }, ...options })
      await tables.attempts.begin(attempt)
      return { delivery: id, key, attempt: attempt.id }
    }
  }
}
