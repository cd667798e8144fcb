import type { Keys } from './keys.ts'
import type { SensitiveText } from './sensitive.ts'

/** Stands for an account of a caller where it is kept to be compared. */
export const userDigest = (keys: Keys, caller: string, user: SensitiveText): string => keys.digest('user', caller, user.reveal())
