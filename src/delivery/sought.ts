import type { Keys, SealContext } from '../domain/keys.ts'
import { PhoneNumber } from '../domain/phone-number.ts'
import { SensitiveText } from '../domain/sensitive.ts'
import type { Order, Search, Sought } from '../providers/provider.ts'
import { openJson, sealJson } from './sealed-json.ts'

/** What a lost message is found by, apart from the time. */
export type SoughtContent = Pick<Sought, 'to' | 'shown'>

const contextOf = (attempt: string): SealContext => ({ purpose: 'sought', subjects: [attempt] })

/** Seals what an order's message is found by, to be opened for its attempt only. */
export const sealSought = ({ to, text, code, attempt }: Pick<Order, 'to' | 'text' | 'code' | 'attempt'>, search: Search, keys: Keys): string =>
  sealJson({ to: to.e164, shown: search.shown({ text, code })?.reveal() }, contextOf(attempt), keys)

/** Opens what `sealSought` made; `undefined` where it was not sealed for that attempt, or its key is gone. */
export const openSought = (sealed: string, attempt: string, keys: Keys): SoughtContent | undefined => {
  const content = openJson<{ to: string, shown?: string }>(sealed, contextOf(attempt), keys)
  if (content === undefined) return undefined
  const { to, shown } = content
  return { to: PhoneNumber.parse(to) as PhoneNumber, shown: shown === undefined ? undefined : new SensitiveText(shown) }
}
