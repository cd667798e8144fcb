import { StoreUnavailable, type Sql } from '../../src/store/sql.ts'

const unavailable = async (): Promise<never> => { throw new StoreUnavailable() }

/** A store that can be taken away. */
export const leavingStore = (): { wrapSql: (sql: Sql) => Sql, leave: () => void } => {
  let isAway = false
  const wrapSql = (sql: Sql): Sql => ({
    read: async (wanted) => isAway ? await unavailable() : await sql.read(wanted),
    write: async (work) => isAway ? await unavailable() : await sql.write(work),
    follow: (topic, wake) => sql.follow(topic, wake),
    check: () => sql.check(),
    close: () => sql.close()
  })
  return { wrapSql, leave: () => { isAway = true } }
}
