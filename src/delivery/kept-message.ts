import type { Keys } from '../domain/keys.ts'
import { OneTimeCode } from '../domain/one-time-code.ts'
import { PhoneNumber } from '../domain/phone-number.ts'
import { SensitiveText } from '../domain/sensitive.ts'
import type { Order } from '../providers/provider.ts'
import type { Asker } from './send-later.ts'

/** What it takes to send a text message once more. */
export type KeptMessage = Pick<Order, 'to' | 'text' | 'code' | 'locale'> & { readonly asker: Asker }

/** Seals a message to be kept with its delivery, and to be opened for that delivery only. */
export const sealMessage = ({ to, text, code, locale, asker: { ip, user } }: KeptMessage, delivery: string, keys: Keys): string => {
  const content = JSON.stringify({ to: to.e164, text: text?.reveal() ?? '', code: code?.reveal() ?? '', locale, ip, user })
  return keys.seal(new SensitiveText(content), { purpose: 'kept-message', subjects: [delivery] })
}

/** Opens a kept message; `undefined` where it was not sealed for that delivery, or its key is gone. */
export const openMessage = (sealed: string, delivery: string, keys: Keys): KeptMessage | undefined => {
  const opened = keys.open(sealed, { purpose: 'kept-message', subjects: [delivery] })
  if (opened === undefined) return undefined
  const { to, text, code, locale, ip, user } = JSON.parse(opened.reveal()) as { to: string, text: string, code: string, locale: string } & Asker
  return { to: PhoneNumber.parse(to) as PhoneNumber, text: new SensitiveText(text), code: OneTimeCode.parse(code), locale, asker: { ip, user } }
}
