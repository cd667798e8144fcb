import type { SensitiveText } from '../domain/sensitive.ts'
import type { HookRequest } from './dialect.ts'
import { isRecent, isSignatureHeader, isSigned, OUT_OF_TIME } from './signature.ts'

export interface ZitadelSignatureDeps {
  /** As ZITADEL gave them. Any of them opens the hook. */
  readonly signingKeys: readonly SensitiveText[]
  readonly now: () => number
}

const UNSIGNED = 'it is not signed: ZITADEL-Signature is missing or makes no sense'

/**
 * Checks `ZITADEL-Signature: t=<seconds>,v1=<hex>`, with a `v1` for each of its keys: an HMAC-SHA256 of the time and the
 * body's bytes. A request that is more than five minutes old, or ahead, is not believed. Gives why not, in fixed words;
 * `undefined`: it is authentic.
 * https://github.com/zitadel/zitadel/blob/main/pkg/actions/signing.go
 */
export const createZitadelSignature = ({ signingKeys, now }: ZitadelSignatureDeps): (request: HookRequest) => string | undefined => {
  const keys = signingKeys.map((key) => Buffer.from(key.reveal(), 'utf8'))
  return ({ headers, body }) => {
    const header = headers['zitadel-signature']
    if (!isSignatureHeader(header)) return UNSIGNED
    const { t: [time, ...times], v1: signatures } = readSignature(header)
    // With two times nobody could say which of them was signed.
    if (time === undefined || times.length > 0) return UNSIGNED
    if (!isRecent(time, now())) return OUT_OF_TIME
    const presented = signatures.filter((hex) => /^[0-9a-f]{64}$/i.test(hex)).map((hex) => Buffer.from(hex, 'hex'))
    return isSigned([`${time}.`, body], presented, keys) ? undefined : 'it is not signed with ZITADEL_SIGNING_KEY, or not as it came'
  }
}

/** The values by their names; versions that are not known are let go. */
const readSignature = (header: string): { readonly t: readonly string[], readonly v1: readonly string[] } => {
  const pairs = header.split(',').map((part) => part.trim().split('='))
  const named = (name: string): string[] => pairs.flatMap(([given, value = '', ...rest]) => given === name && rest.length === 0 ? [value] : [])
  return { t: named('t'), v1: named('v1') }
}
