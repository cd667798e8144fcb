import type { Keys, SealContext } from '../domain/keys.ts'
import type { Channel, Message } from '../domain/message.ts'
import { OneTimeCode } from '../domain/one-time-code.ts'
import { PhoneNumber } from '../domain/phone-number.ts'
import type { Judgement } from '../guard/guard.ts'
import type { Order } from '../providers/provider.ts'
import type { ClaimedEscalation } from '../store/claims.ts'
import { openJson, sealJson } from './sealed-json.ts'
import type { Asker } from './send-later.ts'

export interface EscalationRules {
  /** The channels that a code goes on by, one after the other. */
  readonly channels: readonly Channel[]
  /** The hooks whose codes do. */
  readonly hooks: ReadonlySet<string>
  /** How long a report may take, in milliseconds. */
  readonly afterMs: number
}

/** What is to be kept with a message that may have to go on by another channel; `undefined` for one that does not. */
export type KeepForEscalation = (message: Message, judgement: Pick<Judgement, 'isTest' | 'channel' | 'counted'>, delivery: string) => ClaimedEscalation | undefined

const contextOf = (delivery: string): SealContext => ({ purpose: 'escalation', subjects: [delivery] })

/** Keeps the codes of the hooks that are named, as far as they go by text to a number that is not for tests. */
export const createKeepForEscalation = (keys: Keys, { channels, hooks, afterMs }: EscalationRules): KeepForEscalation =>
  ({ hook, to, code, locale }, { isTest, channel, counted: { ip, user } }, delivery) => {
    const goesOn = channels.length > 0 && hooks.has(hook) && channel === 'sms' && !isTest
    if (!goesOn || code === undefined) return undefined
    return { sealed: sealJson({ to: to.e164, code: code.reveal(), locale: locale ?? '', ip, user }, contextOf(delivery), keys), channels, after: afterMs }
  }

/** A code, and whom it is for. The words of a text are left out: by other channels a code comes in others. */
export type EscalationMessage = Pick<Order, 'to' | 'locale'> & { readonly code: OneTimeCode, readonly asker: Asker }

/** Opens what was kept; `undefined` where it was not sealed for that delivery, or its key is gone. */
export const openEscalation = (sealed: string, delivery: string, keys: Keys): EscalationMessage | undefined => {
  const content = openJson<{ to: string, code: string, locale: string } & Asker>(sealed, contextOf(delivery), keys)
  if (content === undefined) return undefined
  const { to, code, locale, ip, user } = content
  return { to: PhoneNumber.parse(to) as PhoneNumber, code: OneTimeCode.parse(code) as OneTimeCode, locale, asker: { ip, user } }
}
