import type { Deliver } from '../delivery/deliver.ts'
import { Deadline } from '../domain/deadline.ts'
import { RequestError } from '../domain/errors.ts'
import { NOBODY, type Channel } from '../domain/message.ts'
import { OneTimeCode } from '../domain/one-time-code.ts'
import type { Origin } from '../domain/origin.ts'
import type { PhoneNumber } from '../domain/phone-number.ts'
import { SensitiveText } from '../domain/sensitive.ts'
import { CLICKED_TWICE_MS, sentBy, type Sent } from './replay.ts'

export interface TestCodeDeps {
  readonly deliver: Deliver
  /** Gives digits that nobody can foretell. */
  readonly randomDigits: (length: number) => string
  readonly isSandbox: boolean
  /** The locale of codes for which none is asked. */
  readonly defaultLocale: string | undefined
  readonly budgetMs: number
}

export interface TestCodeRequest {
  readonly to: PhoneNumber
  readonly channel: Channel
  readonly locale: string | undefined
  readonly confirmed: boolean
  readonly origin: Origin
}

const LENGTH = 6

/** Sends a code that is good for nothing, worded by the gateway. Throws `RequestError` where it must be confirmed. */
export const createSendTestCode = ({ deliver, randomDigits, isSandbox, defaultLocale, budgetMs }: TestCodeDeps) =>
  async ({ to, channel, locale = defaultLocale, confirmed, origin }: TestCodeRequest): Promise<Sent> => {
    if (!isSandbox && !confirmed) throw new RequestError('not_confirmed')
    const { outcome } = await deliver({
      caller: 'inspector',
      route: '/inspector',
      hook: 'inspector',
      requester: NOBODY,
      origin,
      channel,
      to,
      text: undefined,
      code: OneTimeCode.parse(randomDigits(LENGTH)),
      speech: undefined,
      codeMaker: undefined,
      locale,
      idempotencyKey: { value: new SensitiveText(`${channel} ${to.e164}`), holdFor: CLICKED_TWICE_MS },
      // Who clicks twice wants one code, whichever it is.
      distinction: new SensitiveText('test code'),
      expiresAt: undefined
    }, Deadline.in(budgetMs))
    return sentBy(outcome)
  }
