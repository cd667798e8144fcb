import type { Deliveries } from '../store/deliveries.ts'
import type { VerificationRecord } from '../store/verifications.ts'

/** What a vendor calls that which the messages of a verification belong to, as far as it has told; the newest first, each once. */
export const transactionsOf = async (
  { deliveries: ids }: Pick<VerificationRecord, 'deliveries'>, deliveries: Pick<Deliveries, 'find'>
): Promise<readonly string[]> => {
  const found = await Promise.all(ids.map((id) => deliveries.find(id)))
  const told = found.flatMap((delivery) => delivery?.attempts ?? []).map(({ transaction }) => transaction)
  return [...new Set(told.reverse())].filter((transaction) => transaction !== undefined)
}
