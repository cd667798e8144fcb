import type { Keys } from '../domain/keys.ts'
import type { Keyrings } from './keyrings.ts'
import { StoreRefused } from './sql.ts'

/** Whether all processes on a store know messages by the same key. */
export interface KeyAgreement {
  /**
   * Throws `StoreRefused` where another process at work on the store has other keys: what one of them has sent, the other one
   * would send again. Where the store is away right now, that is found out later.
   */
  require (): Promise<void>
  /** Tells that this process is at work, from time to time, and gives whether all others still have the same keys. */
  stay (): Promise<boolean>
}

export const createKeyAgreement = (keyrings: Keyrings, keys: Pick<Keys, 'digest'>): KeyAgreement => {
  const fingerprint = keys.digest('keyring')
  return {
    async require () {
      if (await keyrings.join(fingerprint).catch(() => true)) return
      throw new StoreRefused('Another process at work on this store has other GATEWAY_KEYS: the last key must be the same in all of them. Where you have just ended them all to change it, wait two minutes.')
    },
    stay: () => keyrings.stay(fingerprint)
  }
}
