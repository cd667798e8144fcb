import type { Deliver } from '../delivery/deliver.ts'
import type { DoWork } from '../delivery/housekeeping.ts'
import type { Plan } from '../delivery/plan.ts'
import type { Keys } from '../domain/keys.ts'
import type { OneTimeCode } from '../domain/one-time-code.ts'
import type { Profile } from '../domain/verification.ts'
import type { Guard } from '../guard/guard.ts'
import type { Bus } from '../observability/bus.ts'
import type { Verifications } from '../store/verifications.ts'
import type { VerificationWords } from '../wording/verification-words.ts'
import { createBackground } from './background.ts'
import { createCheck, type CheckByVendor } from './check.ts'
import { createFindOwn } from './own.ts'
import { randomDigits as uniformDigits } from './random-code.ts'
import { createResend } from './resend.ts'
import type { SignResult } from './result-of.ts'
import { createSend } from './send.ts'
import type { VerificationService } from './service.ts'
import { createShow } from './show.ts'
import { createStart } from './start.ts'
import { createToView } from './view.ts'
import { createFindWay } from './way.ts'

export interface VerificationDeps {
  readonly keys: Keys
  readonly verifications: Verifications
  readonly deliver: Deliver
  readonly plan: Pick<Plan, 'for'>
  readonly guard: Pick<Guard, 'judge'>
  readonly checkByVendor: CheckByVendor
  readonly words: VerificationWords
  /** By name; the first is taken where none is asked for. */
  readonly profiles: ReadonlyMap<string, Profile>
  /** Codes of the numbers to which nothing is sent, by E.164 form. */
  readonly testNumbers: ReadonlyMap<string, OneTimeCode>
  readonly sign: SignResult
  /** The locale of messages that are asked for without one. */
  readonly defaultLocale: string | undefined
  /** How long a message may take to be sent, in milliseconds. */
  readonly budgetMs: number
  readonly bus: Bus
  /** The store's clock, milliseconds since 1970. */
  readonly now: () => number
  /** Makes a code of that many digits; uniform, and not to be guessed, where absent. */
  readonly randomDigits?: (length: number) => string
}

/** Codes of our own, and the sending of their messages. */
export interface Verification {
  readonly service: VerificationService
  /** Sends the newest message of a verification, where it is still to be sent: the work that falls due for it. */
  readonly send: DoWork
  /** Settles once no message is being sent any more that this process began to send by itself. */
  readonly idle: () => Promise<void>
}

/** Ties together the steps of a verification. */
export const createVerification = ({ randomDigits = uniformDigits, ...deps }: VerificationDeps): Verification => {
  const send = createSend(deps)
  const background = createBackground(send, deps.bus)
  const findOwn = createFindOwn(deps)
  const steps = { ...deps, findOwn, background, randomDigits, findWay: createFindWay(deps), toView: createToView(deps) }
  return {
    send,
    idle: background.idle,
    service: {
      start: createStart(steps),
      check: createCheck(steps),
      resend: createResend(steps),
      ...createShow(steps)
    }
  }
}
