import type { Keys } from '../domain/keys.ts'
import type { Message } from '../domain/message.ts'
import { OneTimeCode } from '../domain/one-time-code.ts'
import { SensitiveText } from '../domain/sensitive.ts'
import type { Asker } from './send-later.ts'

/** A code that is spoken to whom it was sent, should he call. */
export interface KeptCode {
  readonly code: OneTimeCode
  readonly locale: string
  readonly asker: Asker
}

/** Seals a message's code to be kept with its delivery, and to be opened for that delivery only. */
export const sealKeptCode = ({ code, locale }: Message, { ip, user }: Asker, delivery: string, keys: Keys): string | undefined =>
  code && keys.seal(new SensitiveText(JSON.stringify({ code: code.reveal(), locale: locale ?? '', ip, user })), { purpose: 'kept-code', subjects: [delivery] })

/** Opens a kept code; `undefined` where it was not sealed for that delivery, or its key is gone. */
export const openKeptCode = (sealed: string, delivery: string, keys: Keys): KeptCode | undefined => {
  const opened = keys.open(sealed, { purpose: 'kept-code', subjects: [delivery] })
  if (opened === undefined) return undefined
  const { code, locale, ip, user } = JSON.parse(opened.reveal()) as { code: string, locale: string } & Asker
  return { code: OneTimeCode.parse(code) as OneTimeCode, locale, asker: { ip, user } }
}
