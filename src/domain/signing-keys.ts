import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { deriveKey, type KeyRing } from './keys.ts'

/** A public key as a JWK. https://www.rfc-editor.org/rfc/rfc8037 */
export interface PublicKey {
  readonly kty: 'OKP'
  readonly crv: 'Ed25519'
  readonly x: string
  readonly kid: string
  readonly use: 'sig'
  readonly alg: 'EdDSA'
}

/** Signs with Ed25519, for everybody who knows the public keys. */
export interface SigningKeys {
  /** The key that signs: the newest one that does not wait. */
  readonly kid: string
  sign (bytes: Buffer): Buffer
  /** All keys with which any process may sign, those that wait among them: who checks knows them before they are used. */
  readonly publicKeys: readonly PublicKey[]
}

/** What stands before the 32 bytes of a private key of Ed25519 in PKCS #8. https://www.rfc-editor.org/rfc/rfc8410#section-7 */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')

/** Makes a pair of keys of each of the gateway's keys: the same in all processes, and nothing to keep. */
export const createSigningKeys = ({ keys, waiting }: KeyRing): SigningKeys => {
  const pairs = keys.map(pairOf)
  const { privateKey, publicKey } = pairs[waiting] as typeof pairs[number]
  return {
    kid: publicKey.kid,
    sign: (bytes) => sign(null, bytes, privateKey),
    publicKeys: pairs.map((pair) => pair.publicKey)
  }
}

const pairOf = (gatewayKey: Buffer) => {
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, deriveKey(gatewayKey, 'sign')]), format: 'der', type: 'pkcs8' })
  const x = createPublicKey(privateKey).export({ format: 'jwk' }).x as string
  const publicKey: PublicKey = { kty: 'OKP', crv: 'Ed25519', x, kid: thumbprint(x), use: 'sig', alg: 'EdDSA' }
  return { privateKey, publicKey }
}

/** The digest of what makes the key, in the order and the form that all write it in. https://www.rfc-editor.org/rfc/rfc7638 */
const thumbprint = (x: string): string =>
  createHash('sha256').update(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x })).digest('base64url')
