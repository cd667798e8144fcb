import { ID_PATTERN } from '../domain/identifier.ts'
import type { Keys } from '../domain/keys.ts'
import type { VerificationRecord, Verifications } from '../store/verifications.ts'
import type { Asker } from './service.ts'
import { isOf } from './starter.ts'

export interface OwnDeps {
  readonly keys: Pick<Keys, 'digest'>
  readonly verifications: Pick<Verifications, 'find'>
}

/** Finds a verification for somebody whose it is; `undefined` for everybody else, and for what is no id at all. */
export type FindOwn = (id: string, asker: Asker) => Promise<VerificationRecord | undefined>

export const createFindOwn = ({ keys, verifications }: OwnDeps): FindOwn => async (id, asker) => {
  const record = ID_PATTERN.test(id) ? await verifications.find(id) : undefined
  return record !== undefined && isOf(keys, record, asker) ? record : undefined
}
