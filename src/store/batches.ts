import { SKIP_LOCKED, statement, type Sql } from './sql.ts'

/**
 * What is written with a key of its own takes effect once, however often it is tried: where the answer to a unit was lost,
 * nobody knows whether it took effect. A unit begins with `beginBatch`, and all its other steps change something only where
 * `isOwnBatch` holds. Both go by `:batch`, the key, and by `:writer`, which is another one for every try.
 */
export const beginBatch = statement(
  'INSERT INTO batches (batch_key, writer, written_at) VALUES (:batch, :writer, :now) ON CONFLICT (batch_key) DO NOTHING')

/** Whether it was this try that wrote the batch down. */
export const isOwnBatch = 'EXISTS (SELECT 1 FROM batches WHERE batch_key = :batch AND writer = :writer)'

const forget = statement(
  `WITH gone AS MATERIALIZED (SELECT batch_key FROM batches WHERE written_at < :before ORDER BY written_at LIMIT :most ${SKIP_LOCKED})
   DELETE FROM batches WHERE batch_key IN (SELECT batch_key FROM gone) RETURNING batch_key`)

/** Removes up to `most` of the batches that were written before the moment: nobody tries them any more. Gives how many. */
export const createForgetBatches = (sql: Sql) => async (before: number, most: number): Promise<number> => {
  const [gone] = await sql.write([forget({ before, most })])
  return (gone as unknown[]).length
}
