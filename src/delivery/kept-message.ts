import type { Keys, SealContext } from '../domain/keys.ts'
import { OneTimeCode } from '../domain/one-time-code.ts'
import { PhoneNumber } from '../domain/phone-number.ts'
import { SensitiveText } from '../domain/sensitive.ts'
import type { Order } from '../providers/provider.ts'
import { openJson, sealJson } from './sealed-json.ts'
import type { Asker } from './send-later.ts'

/** What it takes to send a text message once more. */
export type KeptMessage = Pick<Order, 'to' | 'text' | 'code' | 'locale'> & { readonly asker: Asker }

const contextOf = (delivery: string): SealContext => ({ purpose: 'kept-message', subjects: [delivery] })

/** Seals a message to be kept with its delivery, and to be opened for that delivery only. */
export const sealMessage = ({ to, text, code, locale, asker: { ip, user } }: KeptMessage, delivery: string, keys: Keys): string =>
  sealJson({ to: to.e164, text: text?.reveal() ?? '', code: code?.reveal() ?? '', locale, ip, user }, contextOf(delivery), keys)

/** Opens a kept message; `undefined` where it was not sealed for that delivery, or its key is gone. */
export const openMessage = (sealed: string, delivery: string, keys: Keys): KeptMessage | undefined => {
  const content = openJson<{ to: string, text: string, code: string, locale: string } & Asker>(sealed, contextOf(delivery), keys)
  if (content === undefined) return undefined
  const { to, text, code, locale, ip, user } = content
  return { to: PhoneNumber.parse(to) as PhoneNumber, text: new SensitiveText(text), code: OneTimeCode.parse(code), locale, asker: { ip, user } }
}
