import { statement, type Sql } from './sql.ts'

const advanceStep = statement(
  'UPDATE attempts SET step = :to WHERE id = :attempt AND COALESCE(step, \'\') = :from RETURNING id')

const endStep = statement('UPDATE attempts SET step = \'ended\' WHERE id = :attempt')

const makeDue = statement('UPDATE due SET due_at = :now + :delay WHERE id = :attempt AND kind = \'end-call\'')

const removeDue = statement('DELETE FROM due WHERE id = :attempt AND kind = \'end-call\'')

const bindReference = statement(
  'UPDATE attempts SET reference = COALESCE(reference, :reference) WHERE id = :attempt RETURNING reference')

const callOfAttempt = statement('SELECT reference, step FROM attempts WHERE id = :attempt')

/** The step of a call that is at its end. */
export const ENDED = 'ended'

export interface CallState {
  /** The provider's id of the call, once it is known. */
  readonly reference: string | undefined
  readonly step: string
}

/** How far each call is. The steps are the caller's own words; `''` is a call that has not said anything yet. */
export interface Calls {
  /** Moves a call from one step to another. Atomic: of any number of callers one gets `true`. */
  advance (attempt: string, from: string, to: string): Promise<boolean>
  /** Moves a call to its end, whatever its step; from now on it is due to be hung up, until `over`. */
  end (attempt: string): Promise<void>
  /** Notes that a call is over: there is nothing left to end. */
  over (attempt: string): Promise<void>
  /** Sets when the call must be over, in milliseconds from now. */
  endIn (attempt: string, milliseconds: number): Promise<void>
  /** Ties an attempt to the provider's id of the call, if none is known yet, and gives the one it is tied to. Atomic. */
  bind (attempt: string, reference: string): Promise<string | undefined>
  /** Where a call stands; `undefined` where there is no such attempt. */
  find (attempt: string): Promise<CallState | undefined>
}

export const createCalls = (sql: Sql): Calls => ({
  async advance (attempt, from, to) {
    const [rows] = await sql.write([advanceStep({ attempt, from, to })])
    return rows?.length === 1
  },
  async end (attempt) {
    await sql.write([endStep({ attempt }), makeDue({ attempt, delay: 0 })])
  },
  async over (attempt) {
    await sql.write([endStep({ attempt }), removeDue({ attempt })])
  },
  async endIn (attempt, milliseconds) {
    await sql.write([makeDue({ attempt, delay: milliseconds })])
  },
  async bind (attempt, reference) {
    const [rows] = await sql.write([bindReference({ attempt, reference })])
    return rows?.[0]?.reference as string | undefined
  },
  async find (attempt) {
    const [row] = await sql.read(callOfAttempt({ attempt }))
    return row && { reference: (row.reference ?? undefined) as string | undefined, step: (row.step ?? '') as string }
  }
})
