import type { Keys } from '../domain/keys.ts'
import type { OneTimeCode } from '../domain/one-time-code.ts'
import type { Bus } from '../observability/bus.ts'
import type { Checked, VerificationRecord, Verifications } from '../store/verifications.ts'
import { done, refused } from './answered.ts'
import type { FindOwn } from './own.ts'
import { resultOf, type SignResult } from './result-of.ts'
import { codeDigest } from './sealed-code.ts'
import type { Answered, VerificationService } from './service.ts'

/** Checks a code that a vendor has made. */
export type CheckByVendor = (record: VerificationRecord, code: OneTimeCode) => Promise<Answered<Checked>>

export interface CheckDeps {
  readonly keys: Pick<Keys, 'digest'>
  readonly verifications: Pick<Verifications, 'check'>
  readonly findOwn: FindOwn
  readonly checkByVendor: CheckByVendor
  readonly sign: SignResult
  readonly bus: Bus
}

/** Checks a code. What has not the shape of one is no guess, and counts for nothing. */
export const createCheck = ({ keys, verifications, findOwn, checkByVendor, sign, bus }: CheckDeps): VerificationService['check'] => {
  const checkedBy = async (record: VerificationRecord, code: OneTimeCode): Promise<Answered<Checked>> =>
    record.codeMaker === 'gateway'
      ? done(await verifications.check(record.id, codeDigest(code, record.codeId, keys)))
      : await checkByVendor(record, code)

  return async (id, code, asker) => {
    const record = await findOwn(id, asker)
    if (record === undefined) return refused('not_found')
    if (code === undefined) return refused('code_invalid')
    const answered = await checkedBy(record, code)
    if (answered.kind === 'refused') return answered
    const { valid, status, attemptsLeft } = answered.value
    bus.emit({ type: 'verification.checked', verification: id, valid, status })
    return done({ valid, status, attemptsLeft, result: resultOf(sign, record, status, asker) })
  }
}
