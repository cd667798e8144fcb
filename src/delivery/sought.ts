import type { Keys } from '../domain/keys.ts'
import { PhoneNumber } from '../domain/phone-number.ts'
import { SensitiveText } from '../domain/sensitive.ts'
import type { Order, Search, Sought } from '../providers/provider.ts'

/** What a lost message is found by, apart from the time. */
export type SoughtContent = Pick<Sought, 'to' | 'shown'>

/** Seals what an order's message is found by, to be opened for its attempt only. */
export const sealSought = ({ to, text, code, attempt }: Pick<Order, 'to' | 'text' | 'code' | 'attempt'>, search: Search, keys: Keys): string => {
  const shown = search.shown({ text, code })
  const content = JSON.stringify({ to: to.e164, ...(shown === undefined ? {} : { shown: shown.reveal() }) })
  return keys.seal(new SensitiveText(content), { purpose: 'sought', subjects: [attempt] })
}

/** Opens what `sealSought` made; `undefined` where it was not sealed for that attempt, or its key is gone. */
export const openSought = (sealed: string, attempt: string, keys: Keys): SoughtContent | undefined => {
  const opened = keys.open(sealed, { purpose: 'sought', subjects: [attempt] })
  if (opened === undefined) return undefined
  const { to, shown } = JSON.parse(opened.reveal()) as { to: string, shown?: string }
  return { to: PhoneNumber.parse(to) as PhoneNumber, shown: shown === undefined ? undefined : new SensitiveText(shown) }
}
