import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { decodeBasic, SecretSet } from '../../domain/secret.ts'
import type { SensitiveText } from '../../domain/sensitive.ts'
import { believe, type Authentication, type HookRequest } from '../dialect.ts'
import type { CallerOf } from '../secret-authentication.ts'
import type { HookAuthentication, SignatureAlgorithm, SignatureEncoding } from './hook.ts'

export interface GenericAuthenticationDeps {
  readonly authentication: HookAuthentication
  /** What a request is called by that came with a secret of the hook's own. */
  readonly caller: string
  readonly callerOf: CallerOf
  readonly now: () => number
}

/** Authenticates the requests of one hook in the way that its file says. */
export const createGenericAuthentication = ({ authentication, caller, callerOf, now }: GenericAuthenticationDeps): Authentication => {
  switch (authentication.type) {
    case 'secret': {
      const { header, secrets } = authentication
      const known = secrets === undefined ? callerOf : ownSecrets(secrets, caller)
      return {
        by: 'headers',
        examine (headers) {
          const given = textOf(headers, header)
          if (given === '') return { doubt: `there is no header ${header}` }
          return believe(known(given) ?? known(inUtf8(given)), `the secret in ${header} does not open this hook`)
        }
      }
    }
    case 'basic': {
      const { username, secrets } = authentication
      const known = secrets === undefined ? callerOf : ownSecrets(secrets, caller)
      return {
        by: 'headers',
        examine ({ authorization }) {
          const user = basicOf(authorization)?.username
          if (user === undefined) return { doubt: 'there is no Basic in Authorization' }
          const isUser = username === undefined || user === username
          return believe(isUser ? known(authorization) : undefined, 'the name or the password in Authorization is wrong')
        }
      }
    }
    case 'hmac': {
      const { header, prefix, secrets, ...manner } = authentication
      const isSigned = signedBy(secrets, manner)
      return {
        by: 'body',
        examine ({ headers, body }) {
          const given = textOf(headers, header)
          if (given === '') return { doubt: `there is no header ${header}` }
          return believe(given.startsWith(prefix) && isSigned([body], [given.slice(prefix.length)]) ? caller : undefined, `the signature in ${header} is wrong`)
        }
      }
    }
    case 'timestamped': {
      const { header, version, toleranceMs, secrets, ...manner } = authentication
      const isSigned = signedBy(secrets, manner)
      return {
        by: 'body',
        examine ({ headers, body }: HookRequest) {
          const parts = textOf(headers, header).split(',').map((part) => part.trim())
          const [time = ''] = valuesOf(parts, 't')
          if (!/^[0-9]{1,11}$/.test(time)) return { doubt: `there is no time in the header ${header}` }
          if (Math.abs(now() - Number(time) * 1000) > toleranceMs) return { doubt: `the time in ${header} is more than ${toleranceMs / 1000} s off: see the clocks, or it is an old request` }
          return believe(isSigned([`${time}.`, body], valuesOf(parts, version)) ? caller : undefined, `the signature in ${header} is wrong`)
        }
      }
    }
  }
}

/** A header that came twice, or not at all, says nothing. */
const textOf = (headers: IncomingHttpHeaders, name: string): string => {
  const given = headers[name]
  return typeof given === 'string' ? given : ''
}

/** The bytes of a header are read as Latin-1; who has a secret of other letters sends it in UTF-8. */
const inUtf8 = (header: string): string => Buffer.from(header, 'latin1').toString('utf8')

const ownSecrets = (secrets: readonly SensitiveText[], caller: string) => {
  const set = new SecretSet(secrets)
  return (header: string | undefined = ''): string | undefined =>
    set.has(basicOf(header)?.password ?? header.replace(/^Bearer +/i, '')) ? caller : undefined
}

const basicOf = (header = ''): { readonly username: string, readonly password: string } | undefined => {
  const decoded = decodeBasic(header)
  if (decoded === undefined) return undefined
  const [username = '', ...password] = decoded.split(':')
  return { username, password: password.join(':') }
}

/** The values of the parts `name=value`. */
const valuesOf = (parts: readonly string[], name: string): string[] =>
  parts.filter((part) => part.startsWith(`${name}=`)).map((part) => part.slice(name.length + 1))

/** The most signatures that are looked at; two are there while a secret is changed. */
const MOST_SIGNATURES = 5

/** Characters of a signature; those of SHA-512 in hexadecimal digits are the longest. */
const LONGEST_SIGNATURE = 128

const signedBy = (secrets: readonly SensitiveText[], { algorithm, encoding }: { readonly algorithm: SignatureAlgorithm, readonly encoding: SignatureEncoding }) =>
  (signed: ReadonlyArray<string | Buffer>, signatures: readonly string[]): boolean => {
    // Nobody who is not known yet has us work on whatever a header can hold.
    const given = signatures.slice(0, MOST_SIGNATURES).filter(({ length }) => length <= LONGEST_SIGNATURE).map((signature) => Buffer.from(plain(signature, encoding)))
    const matches = secrets.flatMap((secret) => {
      const hmac = createHmac(algorithm, secret.reveal())
      for (const part of signed) hmac.update(part)
      const expected = Buffer.from(plain(hmac.digest(encoding), encoding))
      return given.filter((signature) => signature.length === expected.length && timingSafeEqual(signature, expected))
    })
    return matches.length > 0
  }

/** A signature as it can be compared: hexadecimal digits in either case, base64 of either alphabet, padded or not. */
const plain = (signature: string, encoding: SignatureEncoding): string =>
  encoding === 'hex' ? signature.toLowerCase() : signature.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '')
