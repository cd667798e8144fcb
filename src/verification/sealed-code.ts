import { openJson, sealJson } from '../delivery/sealed-json.ts'
import type { Keys, SealContext } from '../domain/keys.ts'
import { OneTimeCode } from '../domain/one-time-code.ts'
import { PhoneNumber } from '../domain/phone-number.ts'
import type { Requester } from '../domain/message.ts'
import { readRequester, writeRequester, type WrittenRequester } from './sealed-requester.ts'

/** A code, and what it takes to send it. */
export interface SealedCode {
  readonly to: PhoneNumber
  /** Absent where a vendor makes it. */
  readonly code: OneTimeCode | undefined
  readonly codeLength: number
  readonly locale: string | undefined
  /** Which words are sent with it. */
  readonly purpose: string
  readonly requester: Requester
}

interface Written extends WrittenRequester {
  readonly to: string
  readonly code?: string
  readonly codeLength: number
  readonly locale?: string
  readonly purpose: string
}

const codeContext = (codeId: string): SealContext => ({ purpose: 'verification', subjects: [codeId] })
const numberContext = (id: string): SealContext => ({ purpose: 'verification-number', subjects: [id] })

/** Seals a code into the row of the verification whose code it is. */
export const sealCode = ({ to, code, codeLength, locale, purpose, requester }: SealedCode, codeId: string, keys: Keys): string => {
  const written: Written = {
    to: to.e164,
    codeLength,
    purpose,
    ...code && { code: code.reveal() },
    ...locale !== undefined && { locale },
    ...writeRequester(requester)
  }
  return sealJson(written, codeContext(codeId), keys)
}

/** Opens what `sealCode` made; `undefined` where it has been wiped, was sealed for another, or its key is gone. */
export const openCode = (sealed: string | undefined, codeId: string, keys: Keys): SealedCode | undefined => {
  const written = sealed === undefined ? undefined : openJson<Written>(sealed, codeContext(codeId), keys)
  if (written === undefined) return undefined
  const { to, code, codeLength, locale, purpose } = written
  return {
    to: PhoneNumber.parse(to) as PhoneNumber,
    code: code === undefined ? undefined : OneTimeCode.parse(code),
    codeLength,
    locale,
    purpose,
    requester: readRequester(written)
  }
}

/** Seals the number into the row of its verification, where it outlives the code; with it the app's own word for what it is about. */
export const sealNumber = (to: PhoneNumber, id: string, keys: Keys, reference?: string | undefined): string =>
  sealJson({ to: to.e164, ...reference !== undefined && { reference } }, numberContext(id), keys)

/** Opens what `sealNumber` made; `undefined` where its key is gone. */
export const openNumber = (sealed: string, id: string, keys: Keys): PhoneNumber | undefined => {
  const opened = openJson<{ readonly to: string }>(sealed, numberContext(id), keys)
  return opened && PhoneNumber.parse(opened.to) as PhoneNumber
}

/** The app's own word in what `sealNumber` made, where it gave one. */
export const openReference = (sealed: string, id: string, keys: Keys): string | undefined =>
  openJson<{ readonly reference?: string }>(sealed, numberContext(id), keys)?.reference

/** By what a code is known to be right, without being kept. */
export const codeDigest = (code: OneTimeCode, codeId: string, keys: Pick<Keys, 'digest'>): string =>
  keys.digest('verification-code', codeId, code.reveal())
