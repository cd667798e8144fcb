import { SKIP_LOCKED, statement, type Sql, type SqlRow, type Step } from './sql.ts'

/** So many messages in any such time, in milliseconds. */
export interface Budget {
  /** Tells it from all others. A fixed word or a keyed digest: what is counted cannot be read from it. */
  readonly key: string
  /** At least one. It may change from one message to the next; what was counted stays counted. */
  readonly most: number
  /** Always the same for one key. */
  readonly within: number
}

/** A place that was taken in a budget. */
export interface Place {
  readonly key: string
  readonly within: number
  /** The slice of time in which it counts. */
  readonly slice: number
}

/** What was counted, and how much may be. */
export interface Budgets {
  /**
   * Takes a place in each budget that has one free, and gives those places; no two of the budgets have one key. Atomic:
   * of any number of callers, no more than `most` get a place of one budget in any time as long as `within`. A place is
   * free again `within` after it was taken, or up to a sixth of that later.
   */
  take (budgets: readonly Budget[]): Promise<readonly Place[]>
  /** Gives places back. To be called once for each: what is given back twice lets one too many through. */
  giveBack (places: readonly Place[]): Promise<void>
  /** In how many milliseconds each of the budgets has a place free, by key; at least 1. */
  freeIn (budgets: readonly Budget[]): Promise<ReadonlyMap<string, number>>
}

/** The time of a budget is cut in so many slices. That which has begun is counted with them, so that there are seven. */
const SLICES = 6

/** Rounded up: the slices are together never shorter than the time. */
const lengthOf = (within: number): number => Math.ceil(within / SLICES)

/** The place that was taken in a budget at that moment, in milliseconds since 1970 by the store's clock. */
export const placeAt = ({ key, within }: Pick<Budget, 'key' | 'within'>, moment: number): Place =>
  ({ key, within, slice: Math.floor(moment / lengthOf(within)) })

/** How many slices ago; `used_0` is the slice in which something was taken last. */
const AGES = [0, 1, 2, 3, 4, 5, 6] as const
const columns = AGES.map((age) => `used_${age}`).join(', ')

/** How many slices have passed since something was taken last. None, where the clock went back. */
const passed = '(excluded.slice - budgets.slice)'

/** What a column holds once the slices that have passed have moved it. */
const moved = (age: number): string => {
  const moves = AGES.filter((by) => by >= 1 && by <= age).map((by) => `WHEN ${passed} = ${by} THEN budgets.used_${age - by}`)
  return `CASE WHEN ${passed} <= 0 THEN budgets.used_${age} ${moves.join(' ')} ELSE 0 END`
}
const stillCounted = AGES.map((age) => `CASE WHEN ${passed} <= ${SLICES - age} THEN budgets.used_${age} ELSE 0 END`).join(' + ')
const later = (column: string): string => `CASE WHEN excluded.${column} > budgets.${column} THEN excluded.${column} ELSE budgets.${column} END`

const bigint = (text: string): string => `CAST(${text} AS BIGINT)`

/** Which slice it is, and when nothing of it counts any more, by the store's clock. */
const currentSlice = (length: string): string => `(${bigint(':now')} / ${bigint(length)})`
const forgetAt = (slice: string, length: string): string => `(${slice} + ${SLICES + 1}) * ${bigint(length)}`

/** A statement with as many rows or names as there are things; one text for each number of them. */
const forEach = (text: (indices: readonly number[]) => string): ((count: number) => string) => {
  const texts = new Map<number, string>()
  return (count) => {
    const known = texts.get(count) ?? text(Array.from({ length: count }, (_, index) => index))
    texts.set(count, known)
    return known
  }
}

const insert = `INSERT INTO budgets (budget_key, most, slice, ${columns}, forget_at) VALUES`
const nothing = AGES.map(() => 0).join(', ')

const takeText = forEach((indices) => {
  const rows = indices.map((index) => {
    const slice = currentSlice(`:length${index}`)
    return `(:key${index}, ${bigint(`:most${index}`)}, ${slice}, ${nothing.replace('0', '1')}, ${forgetAt(slice, `:length${index}`)})`
  })
  const moves = AGES.map((age) => `used_${age} = ${moved(age)}${age === 0 ? ' + 1' : ''}`)
  return `${insert} ${rows.join(', ')}
    ON CONFLICT (budget_key) DO UPDATE
      SET most = excluded.most, slice = ${later('slice')}, ${moves.join(', ')}, forget_at = ${later('forget_at')}
      WHERE ${stillCounted} < excluded.most
    RETURNING budget_key, slice`
})

// Written as an insert, because that one takes its rows in the order in which they are named; an update does as it likes.
// A row that was forgotten meanwhile comes back empty.
const giveBackText = forEach((indices) => {
  const rows = indices.map((index) => {
    const slice = bigint(`:slice${index}`)
    return `(:key${index}, 1, ${slice}, ${nothing}, ${forgetAt(slice, `:length${index}`)})`
  })
  const less = AGES.map((age) =>
    `used_${age} = budgets.used_${age} - CASE WHEN budgets.slice - excluded.slice = ${age} AND budgets.used_${age} > 0 THEN 1 ELSE 0 END`)
  return `${insert} ${rows.join(', ')} ON CONFLICT (budget_key) DO UPDATE SET ${less.join(', ')}`
})

const usedText = forEach((indices) =>
  `SELECT budget_key, slice, ${columns}, ${bigint(':now')} AS at FROM budgets WHERE budget_key IN (${indices.map((index) => `:key${index}`).join(', ')})`)

const forget = statement(
  `DELETE FROM budgets WHERE forget_at <= :now AND budget_key IN (
     SELECT budget_key FROM budgets WHERE forget_at <= :now ORDER BY forget_at LIMIT :most ${SKIP_LOCKED})
   RETURNING budget_key`)

/** The step that removes up to so many budgets in which nothing counts any more; gives their keys. */
export const forgetBudgets = (most: number): Step => forget({ most })

/** A step about several things: the parameters of each have its index behind their names. */
const stepOf = (text: (count: number) => string, things: ReadonlyArray<Readonly<Record<string, string | number>>>): Step => ({
  text: text(things.length),
  parameters: Object.fromEntries(things.flatMap((thing, index) => Object.entries(thing).map(([name, value]) => [`${name}${index}`, value])))
})

/** In one order for all, so that no two units wait for each other. */
const inOrder = <Keyed extends { readonly key: string }>(list: readonly Keyed[]): Keyed[] => [...list].sort((one, other) => one.key < other.key ? -1 : 1)

export const createBudgets = (sql: Sql): Budgets => ({
  async take (budgets) {
    if (budgets.length === 0) return []
    const [taken = []] = await sql.write([stepOf(takeText, inOrder(budgets).map(({ key, most, within }) => ({ key, most, length: lengthOf(within) })))])
    const slices = new Map(taken.map((row) => [row.budget_key, row.slice as number]))
    return budgets.flatMap(({ key, within }) => {
      const slice = slices.get(key)
      return slice === undefined ? [] : [{ key, within, slice }]
    })
  },
  async giveBack (places) {
    if (places.length === 0) return
    await sql.write([stepOf(giveBackText, inOrder(places).map(({ key, within, slice }) => ({ key, slice, length: lengthOf(within) })))])
  },
  async freeIn (budgets) {
    const rows = await sql.read(stepOf(usedText, budgets.map(({ key }) => ({ key }))))
    const rowOf = new Map(rows.map((row) => [row.budget_key, row]))
    return new Map(budgets.map((budget) => [budget.key, waitOf(budget, rowOf.get(budget.key))]))
  }
})

const waitOf = ({ most, within }: Budget, row: SqlRow | undefined): number => {
  if (row === undefined) return 1
  const used = AGES.map((age) => row[`used_${age}`] as number)
  // The oldest go first.
  let counted = used.length
  let sum = used.reduce((one, other) => one + other)
  while (sum >= most) {
    counted -= 1
    sum -= used[counted] as number
  }
  return Math.max(1, ((row.slice as number) + used.length - counted) * lengthOf(within) - (row.at as number))
}
