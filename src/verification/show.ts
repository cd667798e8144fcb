import type { Verifications } from '../store/verifications.ts'
import { done, refused } from './answered.ts'
import type { FindOwn } from './own.ts'
import type { VerificationService } from './service.ts'
import type { ToView } from './view.ts'

export interface ShowDeps {
  readonly verifications: Pick<Verifications, 'cancel'>
  readonly findOwn: FindOwn
  readonly toView: ToView
}

/** Shows how a verification stands, and how one stands that is canceled. */
export const createShow = ({ verifications, findOwn, toView }: ShowDeps): Pick<VerificationService, 'find' | 'cancel'> => {
  const find: VerificationService['find'] = async (id, asker) => {
    const record = await findOwn(id, asker)
    return record === undefined ? refused('not_found') : done(toView(record, asker))
  }
  return {
    find,
    async cancel (id, asker) {
      if (await findOwn(id, asker) !== undefined) await verifications.cancel(id)
      return await find(id, asker)
    }
  }
}
