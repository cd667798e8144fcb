import { firstIdAt } from '../domain/identifier.ts'
import type { Channel } from '../domain/message.ts'
import { statement, type Sql } from './sql.ts'

/** How many messages were taken, and of how many it is known what became of them. */
export interface Heard {
  readonly sent: number
  readonly reported: number
}

/** An attempt, and the way that it took. */
export interface AttemptOnRoute {
  readonly id: string
  readonly provider: string
  readonly channel: Channel
}

/** The newest of them say how things are. */
const MOST_BEFORE = 200

const before = statement(
  `SELECT COUNT(*) AS sent, COALESCE(SUM(CASE WHEN status IN ('delivered', 'undelivered') THEN 1 ELSE 0 END), 0) AS reported
   FROM (SELECT attempts.status FROM attempts JOIN deliveries ON deliveries.id = attempts.delivery_id
     WHERE attempts.id >= :from AND attempts.id < :attempt AND attempts.provider = :provider AND attempts.channel = :channel
       AND COALESCE(deliveries.country, '') = :country AND attempts.status NOT IN ('pending', 'unknown', 'refused', 'failed')
     ORDER BY attempts.id DESC LIMIT ${MOST_BEFORE}) AS newest`)

/** Whether reports come. */
export interface Reports {
  /** Looks at the newest messages that went the same way to that country before the attempt, from that moment on. */
  before (attempt: AttemptOnRoute, country: string | undefined, from: number): Promise<Heard>
}

export const createReports = (sql: Sql): Reports => ({
  async before ({ id: attempt, provider, channel }, country, from) {
    const [row] = await sql.read(before({ attempt, provider, channel, country: country ?? '', from: firstIdAt(from) }))
    return row as unknown as Heard
  }
})
