import type { CodeMaker } from '../domain/code-maker.ts'
import { statement, type Sql } from './sql.ts'

const anotherUnderWay = statement(
  `SELECT id FROM verifications
   WHERE number_digest = :numberDigest AND status = 'pending' AND expires_at > :now AND is_decoy = 0 AND code_maker = :codeMaker AND id <> :id
   LIMIT 1`)

const deliveriesOf = statement(
  `SELECT attempts.delivery_id FROM deliveries JOIN attempts ON attempts.delivery_id = deliveries.id
   WHERE deliveries.number_digest = :numberDigest AND attempts.transaction_id = :transaction`)

/** A verification whose code a vendor makes. */
export interface OfVendor {
  readonly id: string
  readonly numberDigest: string
  readonly codeMaker: CodeMaker
  readonly deliveries: readonly string[]
}

/** What is to be known of codes that vendors make: of one number at a time they make one, for all who want one. */
export interface VendorCodes {
  /** Whether another verification of the number is under way with a code of the same vendor, which may be the same code. */
  hasAnother (verification: OfVendor): Promise<boolean>
  /** Whether all messages of that transaction are known to be those of the verification. */
  isItsOwn (verification: OfVendor, transaction: string): Promise<boolean>
}

export const createVendorCodes = (sql: Sql): VendorCodes => ({
  async hasAnother ({ id, numberDigest, codeMaker }) {
    return (await sql.read(anotherUnderWay({ id, numberDigest, codeMaker }))).length > 0
  },
  async isItsOwn ({ numberDigest, deliveries }, transaction) {
    const rows = await sql.read(deliveriesOf({ numberDigest, transaction }))
    return rows.length > 0 && rows.every((row) => deliveries.includes(row.delivery_id as string))
  }
})
