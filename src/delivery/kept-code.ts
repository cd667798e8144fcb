import type { Keys } from '../domain/keys.ts'
import type { Message } from '../domain/message.ts'
import { OneTimeCode } from '../domain/one-time-code.ts'
import { SensitiveText } from '../domain/sensitive.ts'

/** Seals a message's code to be kept with its delivery, and to be opened for that delivery only. */
export const sealKeptCode = ({ code, locale }: Message, delivery: string, keys: Keys): string | undefined =>
  code && keys.seal(new SensitiveText(JSON.stringify({ code: code.reveal(), locale: locale ?? '' })), { purpose: 'kept-code', subjects: [delivery] })

/** Opens a kept code; `undefined` where it was not sealed for that delivery, or its key is gone. */
export const openKeptCode = (sealed: string, delivery: string, keys: Keys): { code: OneTimeCode, locale: string } | undefined => {
  const opened = keys.open(sealed, { purpose: 'kept-code', subjects: [delivery] })
  if (opened === undefined) return undefined
  const { code, locale } = JSON.parse(opened.reveal()) as { code: string, locale: string }
  return { code: OneTimeCode.parse(code) as OneTimeCode, locale }
}
