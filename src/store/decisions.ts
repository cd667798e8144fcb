import type { GuardMode, GuardRule } from '../domain/guard-rule.ts'
import type { Sql, SqlValue } from './sql.ts'

/** A rule by which a message was, or would have been, refused. */
export interface Decision {
  readonly rule: GuardRule
  readonly mode: Exclude<GuardMode, 'off'>
}

/** What the guard decided. */
export interface Decisions {
  /** Writes down what was decided on a delivery. What is on record already stays as it is. */
  add (delivery: string, decisions: readonly Decision[]): Promise<void>
}

/** One text for each number of decisions, of which there are no more than rules. */
const textOf = (count: number): string => {
  const rows = Array.from({ length: count }, (_, index) => `(:delivery, :rule${index}, :mode${index}, :now)`)
  return `INSERT INTO decisions (delivery_id, rule, mode, decided_at) VALUES ${rows.join(', ')} ON CONFLICT (delivery_id, rule) DO NOTHING`
}

export const createDecisions = (sql: Sql): Decisions => ({
  async add (delivery, decisions) {
    if (decisions.length === 0) return
    const named: Array<[string, SqlValue]> = decisions.flatMap(({ rule, mode }, index) => [[`rule${index}`, rule], [`mode${index}`, mode]])
    await sql.write([{ text: textOf(decisions.length), parameters: { delivery, ...Object.fromEntries(named) } }])
  }
})
