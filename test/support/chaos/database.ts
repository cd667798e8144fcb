import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'

/** The database of the replicas, as its administrator sees it. */
export interface ChaosDatabase {
  /** Ends those sessions of the replicas for which `isMeant` says so; gives how many. */
  terminate (isMeant: () => boolean): Promise<number>
  /** Lets nobody read or write for that many milliseconds. */
  stall (milliseconds: number): Promise<void>
  /** Whatever waits for its time has waited for that many milliseconds more. */
  letTimePass (milliseconds: number): Promise<void>
  /** How many deliveries there are of each status. */
  statuses (): Promise<Readonly<Record<string, number>>>
  /** What has not come to its end, to look at; one line each. */
  openOnes (): Promise<string[]>
  /** How many attempts have no result, deliveries no last word, and errands are not done. */
  unsettled (): Promise<{ readonly attempts: number, readonly deliveries: number, readonly due: number }>
  close (): Promise<void>
}

/** What may yet become something else. Of a call that is over and whose callbacks were lost nobody tells more. */
const OPEN_DELIVERY = `(deliveries.status = 'pending' OR (deliveries.status = 'accepted' AND NOT EXISTS (
  SELECT 1 FROM attempts AS placed WHERE placed.delivery_id = deliveries.id AND placed.status = 'accepted' AND placed.channel = 'voice' AND (placed.provider LIKE 'twilio-%' OR placed.step = 'ended'))))`

/** Every moment until which something waits. */
const MOMENTS: Readonly<Record<string, readonly string[]>> = {
  claims: ['held_until'],
  deliveries: ['created_at', 'updated_at', 'expires_at', 'lease_until'],
  attempts: ['started_at', 'finished_at', 'lease_until', 'ask_at'],
  due: ['due_at', 'lease_until']
}

/** Opens it by the URL that the replicas have. */
export const openChaosDatabase = async (url: string): Promise<ChaosDatabase> => {
  const client = new pg.Client({ connectionString: url, application_name: 'chaos' })
  client.on('error', () => {})
  await client.connect()
  const count = async (sql: string): Promise<number> => Number((await client.query(`SELECT count(*) AS count FROM ${sql}`)).rows[0].count)

  return {
    async terminate (isMeant) {
      const { rows } = await client.query("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name <> 'chaos' AND backend_type = 'client backend' ORDER BY backend_start, pid")
      const meant = rows.filter(isMeant).map(({ pid }) => pid as number)
      await client.query('SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS pid', [meant])
      return meant.length
    },
    async stall (milliseconds) {
      const locker = new pg.Client({ connectionString: url, application_name: 'chaos' })
      locker.on('error', () => {})
      await locker.connect()
      try {
        await locker.query('BEGIN; LOCK TABLE claims, deliveries, attempts IN ACCESS EXCLUSIVE MODE')
        await wait(milliseconds)
      } finally {
        await locker.end()
      }
    },
    async letTimePass (milliseconds) {
      for (const [table, columns] of Object.entries(MOMENTS)) {
        const moved = columns.map((column) => `${column} = CASE WHEN ${column} > 0 THEN ${column} - $1 ELSE ${column} END`)
        await client.query(`UPDATE ${table} SET ${moved.join(', ')}`, [milliseconds])
      }
    },
    async statuses () {
      const { rows } = await client.query('SELECT status, count(*) AS count FROM deliveries GROUP BY status ORDER BY status')
      return Object.fromEntries(rows.map(({ status, count }) => [status as string, Number(count)]))
    },
    async openOnes () {
      const { rows } = await client.query(
        `SELECT deliveries.status, deliveries.route, deliveries.channel, attempts.provider, attempts.status AS attempt, attempts.result, attempts.reason,
           attempts.reference IS NOT NULL AS has_reference, attempts.ask_at, attempts.step,
           (SELECT string_agg(what, ', ' ORDER BY happened_at) FROM timeline WHERE attempt_id = attempts.id) AS events
         FROM deliveries LEFT JOIN attempts ON attempts.delivery_id = deliveries.id
         WHERE ${OPEN_DELIVERY} OR attempts.status = 'pending' ORDER BY attempts.id LIMIT 50`)
      return rows.map((row) => JSON.stringify(row))
    },
    async unsettled () {
      return {
        attempts: await count("attempts WHERE status = 'pending'"),
        deliveries: await count(`deliveries WHERE ${OPEN_DELIVERY}`),
        due: await count('due')
      }
    },
    close: async () => { await client.end() }
  }
}
