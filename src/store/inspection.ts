import { setImmediate as nextTurn } from 'node:timers/promises'
import type { DeliveryStatus } from '../domain/delivery-status.ts'
import { firstIdAt } from '../domain/identifier.ts'
import type { Channel } from '../domain/message.ts'
import type { Reason } from '../domain/reason.ts'
import { statement, type Sql, type SqlRow, type SqlValue } from './sql.ts'

/** What became of a delivery, or that its code was used. */
export type SoughtStatus = DeliveryStatus | 'used'

/** What deliveries are sought by; what is not given is not looked at. */
export interface DeliveryQuery {
  /** Id of a delivery, of one of its attempts, of its request, or of a verification that it belongs to. */
  readonly id?: string | undefined
  /** The provider's own id of a message, a call, or what it belongs to. */
  readonly reference?: string | undefined
  readonly numberDigest?: string | undefined
  /** Masked, as `+49•••••••5678`; or only its last four digits. */
  readonly number?: string | undefined
  readonly country?: string | undefined
  /** `used`: however it stands, its code is known to have been used. */
  readonly status?: SoughtStatus | undefined
  readonly channel?: Channel | undefined
  readonly provider?: string | undefined
  readonly hook?: string | undefined
  /** Only deliveries that are older than the one of this id. */
  readonly before?: string | undefined
  /** The most that are given. */
  readonly most: number
}

export interface DeliverySummary {
  readonly id: string
  readonly caller: string
  readonly hook: string
  readonly channel: Channel
  readonly number: string
  readonly country: string | undefined
  readonly status: DeliveryStatus
  readonly reason: Reason | undefined
  /** The provider of the newest attempt. */
  readonly provider: string | undefined
  readonly createdAt: number
  readonly updatedAt: number
  readonly usedAt: number | undefined
  /** Milliseconds from the beginning of the attempt that was delivered to the report of it. */
  readonly deliveredIn: number | undefined
}

export interface Found {
  /** The newest first. */
  readonly deliveries: readonly DeliverySummary[]
  /** How far back it was looked: from the delivery of this id on there may be more. Absent: to the end. */
  readonly until: string | undefined
}

/** Looks for deliveries. */
export interface Inspection {
  /** Looks through a bounded number of the newest deliveries, or through an index where the query allows it. */
  search (query: DeliveryQuery): Promise<Found>
  /** The verification that a delivery belongs to. */
  verificationOf (delivery: string): Promise<string | undefined>
}

/**
 * How many deliveries are looked through at a time, and how often. On SQLite nothing else is done while one read is under
 * way: 2,500 took at most 15 ms.
 */
const SLICE = 2500
const MOST_SLICES = 8

/** The most deliveries that one id can stand for, and the most verifications of a number that are looked through. */
const MOST_IDS = 50
const MOST_VERIFICATIONS = 1000

/** Sorts behind every id. */
const BEHIND_ALL = 'g'

const columns = 'id, caller, hook, channel, number_masked, country, status, reason, created_at, updated_at, used_at'

const matching = `number_digest = COALESCE(:numberDigest, number_digest) AND status = COALESCE(:status, status)
  AND (CAST(:isUsed AS BIGINT) IS NULL OR used_at IS NOT NULL)
  AND channel = COALESCE(:channel, channel) AND hook = COALESCE(:hook, hook)
  AND COALESCE(country, '') = COALESCE(:country, country, '') AND number_masked = COALESCE(:number, number_masked)
  AND SUBSTR(number_masked, LENGTH(number_masked) - 3) = COALESCE(:ending, SUBSTR(number_masked, LENGTH(number_masked) - 3))
  AND (CAST(:provider AS TEXT) IS NULL OR EXISTS (
    SELECT 1 FROM attempts WHERE attempts.delivery_id = deliveries.id AND attempts.provider = CAST(:provider AS TEXT)))`

/** Of those that were found; what is only looked through has its attempts left alone. */
const withAttempts = (found: string): string => `WITH found AS MATERIALIZED (${found})
  SELECT ${columns},
    (SELECT attempts.provider FROM attempts WHERE attempts.delivery_id = found.id ORDER BY attempts.id DESC LIMIT 1) AS provider,
    (SELECT attempts.delivered_at - attempts.started_at FROM attempts WHERE attempts.delivery_id = found.id AND attempts.status = 'delivered'
     ORDER BY attempts.id DESC LIMIT 1) AS delivered_in
  FROM found ORDER BY id DESC`

/** Looks through a slice of all deliveries, or of those that the SQL of a condition names. */
const lookThrough = (some = '') => statement(withAttempts(
  `SELECT ${columns} FROM deliveries
   WHERE ${some} id >= :from AND id < :before AND ${matching} ORDER BY id DESC LIMIT :most`))

const lookAtOne = statement(withAttempts(
  `SELECT ${columns} FROM deliveries WHERE id = :id AND id < :before AND ${matching}`))

/** The last of a slice. */
const border = (some = '') => statement(
  `SELECT id FROM deliveries WHERE ${some} id < :before ORDER BY id DESC LIMIT 1 OFFSET ${SLICE - 1}`)

const OF_ALL = { border: border(), look: lookThrough() }

const ofOneNumber = 'number_digest = :numberDigest AND'
const OF_ONE_NUMBER = { border: border(ofOneNumber), look: lookThrough(ofOneNumber) }

const idsById = statement(
  `SELECT delivery_id AS ids FROM attempts WHERE id = :id
   UNION SELECT delivery_id AS ids FROM exchanges WHERE id = :id AND delivery_id IS NOT NULL
   UNION SELECT deliveries AS ids FROM verifications WHERE id = :id AND deliveries <> ''`)

const idsByReference = statement(
  `SELECT delivery_id AS ids FROM attempts WHERE reference = :reference
   UNION SELECT delivery_id AS ids FROM attempts WHERE transaction_id = :reference
   ORDER BY ids DESC LIMIT ${MOST_IDS}`)

const numberOf = statement('SELECT number_digest, expires_at FROM deliveries WHERE id = :delivery')

// Whoever takes a code over takes its deliveries over with it, while the code lives.
const verificationOfDelivery = statement(
  `SELECT id FROM (SELECT id, deliveries FROM verifications WHERE number_digest = :numberDigest AND id < :before
     ORDER BY id DESC LIMIT ${MOST_VERIFICATIONS}) AS newest
   WHERE ',' || deliveries || ',' LIKE '%,' || CAST(:delivery AS TEXT) || ',%' ORDER BY id DESC LIMIT 1`)

export const createInspection = (sql: Sql): Inspection => {
  const idsIn = async (rows: Promise<SqlRow[]>): Promise<string[]> => (await rows).flatMap(({ ids }) => (ids as string).split(','))

  /** The deliveries that an id or a reference stands for; `undefined` where neither is sought. */
  const soughtIds = async ({ id, reference }: DeliveryQuery): Promise<readonly string[] | undefined> => {
    const lists = await Promise.all([
      ...(id === undefined ? [] : [idsIn(sql.read(idsById({ id }))).then((ids) => [id, ...ids])]),
      ...(reference === undefined ? [] : [idsIn(sql.read(idsByReference({ reference })))])
    ])
    const [first, second = first] = lists
    return first && [...new Set(first)].filter((one) => second?.includes(one)).slice(0, MOST_IDS)
  }

  const searchThrough = async (parameters: Parameters, most: number): Promise<Found> => {
    const { border, look } = parameters.numberDigest === null ? OF_ALL : OF_ONE_NUMBER
    const found: DeliverySummary[] = []
    let before = parameters.before
    for (let slice = 0; slice < MOST_SLICES; slice += 1) {
      const [last] = await sql.read(border({ ...parameters, before }))
      const from = (last?.id ?? '') as string
      const rows = await sql.read(look({ ...parameters, before, from, most: most + 1 - found.length }))
      found.push(...rows.map(toSummary))
      if (found.length > most) return firstOf(found, most)
      if (last === undefined) return { deliveries: found, until: undefined }
      before = from
      await nextTurn()
    }
    return { deliveries: found, until: before }
  }

  return {
    async search (query) {
      const parameters = parametersOf(query)
      const ids = await soughtIds(query)
      if (ids === undefined) return await searchThrough(parameters, query.most)
      const rows = await Promise.all(ids.map((id) => sql.read(lookAtOne({ ...parameters, id }))))
      return firstOf(rows.flat().map(toSummary).sort((one, other) => other.id.localeCompare(one.id)), query.most)
    },
    async verificationOf (delivery) {
      const [known] = await sql.read(numberOf({ delivery }))
      if (known === undefined) return undefined
      const [row] = await sql.read(verificationOfDelivery({
        delivery, numberDigest: known.number_digest as string, before: firstIdAt(known.expires_at as number)
      }))
      return row?.id as string | undefined
    }
  }
}

type Parameters = Readonly<Record<string, SqlValue>> & { readonly before: string }

const parametersOf = ({ numberDigest, number, country, status, channel, provider, hook, before }: DeliveryQuery): Parameters => {
  const isEnding = number !== undefined && /^\d{4}$/.test(number)
  return {
    numberDigest: numberDigest ?? null,
    number: isEnding ? null : number ?? null,
    ending: isEnding ? number : null,
    country: country ?? null,
    status: status === 'used' ? null : status ?? null,
    isUsed: status === 'used' ? 1 : null,
    channel: channel ?? null,
    provider: provider ?? null,
    hook: hook ?? null,
    before: before ?? BEHIND_ALL
  }
}

/** So many of them, and where to go on if there are more. */
const firstOf = (found: readonly DeliverySummary[], most: number): Found => {
  const deliveries = found.slice(0, most)
  return { deliveries, until: found.length > most ? deliveries.at(-1)?.id : undefined }
}

const toSummary = (row: SqlRow): DeliverySummary => ({
  id: row.id as string,
  caller: row.caller as string,
  hook: row.hook as string,
  channel: row.channel as Channel,
  number: row.number_masked as string,
  country: (row.country ?? undefined) as string | undefined,
  status: row.status as DeliveryStatus,
  reason: (row.reason ?? undefined) as Reason | undefined,
  provider: (row.provider ?? undefined) as string | undefined,
  createdAt: row.created_at as number,
  updatedAt: row.updated_at as number,
  usedAt: (row.used_at ?? undefined) as number | undefined,
  deliveredIn: (row.delivered_in ?? undefined) as number | undefined
})
