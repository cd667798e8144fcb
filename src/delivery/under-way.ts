import { setTimeout as wait } from 'node:timers/promises'
import type { Deadline } from '../domain/deadline.ts'
import type { DeliveryStatus } from '../domain/delivery-status.ts'

/** How often a claim is tried again, and how much of the time is left for the answer, in milliseconds. */
const TRY_EVERY = 100
const LEAVE = 150

/** Whether a delivery that holds a key may yet be tried further, or be given up: then it says nothing for who asks for the same. */
export const mayStillChange = (status: DeliveryStatus): boolean => status === 'pending' || status === 'failed' || status === 'refused'

/** Waits a moment before a claim is tried again. `false` where there is no time left for it. */
export const waitForTurn = async (deadline: Deadline): Promise<boolean> => {
  if (deadline.remaining < TRY_EVERY + LEAVE) return false
  await wait(TRY_EVERY)
  return true
}
