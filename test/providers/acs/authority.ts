import { createPrivateKey, createSecretKey, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, exportPKCS8, generateKeyPair, SignJWT, UnsecuredJWT, type GenerateKeyPairResult } from 'jose'
import type { Test } from 'tap'

export interface TokenOptions {
  /** Another key than the one that is published, under the same name. */
  readonly forged?: boolean
  readonly algorithm?: 'none' | 'HS256' | 'RS512' | 'PS256'
  /** The key's name; `undefined` leaves it out. */
  readonly kid?: string | undefined
}

/** Somebody who signs tokens, and publishes the keys for checking them. */
export interface Authority {
  readonly url: URL
  /** The paths at which keys were asked for. */
  readonly asked: string[]
  /** How the keys are served; `undefined` serves them well. */
  answer: ((response: ServerResponse) => void) | undefined
  sign (claims: Record<string, unknown>, options?: TokenOptions): Promise<string>
}

// Keys take long to make, and serve any number of authorities.
const pairs = Promise.all([1, 2, 3].map(() => generateKeyPair('RS256', { extractable: true })))

/** Starts one on a real port; it ends with the test. */
export const startAuthority = async (t: Test): Promise<Authority> => {
  const [pair, second, forger] = await pairs as [GenerateKeyPairResult, GenerateKeyPairResult, GenerateKeyPairResult]
  const kid = randomUUID()
  const keys = [
    { ...await exportJWK(pair.publicKey), kid, use: 'sig' },
    // Entra publishes several, and does not name their algorithm.
    { ...await exportJWK(second.publicKey), kid: randomUUID(), use: 'sig' }
  ]
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    if (authority.answer !== undefined) authority.answer(response)
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  const authority: Authority = {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`),
    asked,
    answer: undefined,
    async sign (claims, options = {}) {
      if (options.algorithm === 'none') return new UnsecuredJWT(claims).encode()
      const name = 'kid' in options ? options.kid : kid
      const header = { typ: 'JWT', ...name !== undefined && { kid: name } }
      if (options.algorithm === 'HS256') {
        const secret = createSecretKey(Buffer.from(String(keys[0]?.n)))
        return await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', ...header }).sign(secret)
      }
      const { privateKey } = options.forged === true ? forger : pair
      return await new SignJWT(claims).setProtectedHeader({ alg: options.algorithm ?? 'RS256', ...header }).sign(createPrivateKey(await exportPKCS8(privateKey)))
    }
  }
  return authority
}
