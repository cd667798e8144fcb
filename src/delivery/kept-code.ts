import type { Keys, SealContext } from '../domain/keys.ts'
import type { Message } from '../domain/message.ts'
import { OneTimeCode } from '../domain/one-time-code.ts'
import { openJson, sealJson } from './sealed-json.ts'
import type { Asker } from './send-later.ts'

/** A code that is spoken to whom it was sent, should he call. */
export interface KeptCode {
  readonly code: OneTimeCode
  readonly locale: string
  readonly asker: Asker
}

const contextOf = (delivery: string): SealContext => ({ purpose: 'kept-code', subjects: [delivery] })

/** Seals a message's code to be kept with its delivery, and to be opened for that delivery only. */
export const sealKeptCode = ({ code, locale }: Message, { ip, user }: Asker, delivery: string, keys: Keys): string | undefined =>
  code && sealJson({ code: code.reveal(), locale: locale ?? '', ip, user }, contextOf(delivery), keys)

/** Opens a kept code; `undefined` where it was not sealed for that delivery, or its key is gone. */
export const openKeptCode = (sealed: string, delivery: string, keys: Keys): KeptCode | undefined => {
  const content = openJson<{ code: string, locale: string } & Asker>(sealed, contextOf(delivery), keys)
  if (content === undefined) return undefined
  const { code, locale, ip, user } = content
  return { code: OneTimeCode.parse(code) as OneTimeCode, locale, asker: { ip, user } }
}
