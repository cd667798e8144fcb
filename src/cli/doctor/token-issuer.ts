import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT, type GenerateKeyPairResult } from 'jose'
import type { SignToken } from './requests/okta.ts'

/** Stands in for an authorization server: it signs tokens, and publishes the keys. */
export interface TokenIssuer {
  readonly jwksUrl: string
  readonly sign: SignToken
  close (): void
}

type KeyPair = GenerateKeyPairResult

const ALGORITHM = 'RS256'

/** Seconds for which a token holds. */
const LIFETIME = 300

/** Starts an issuer on a free port of this machine. */
export const startTokenIssuer = async (now: () => number): Promise<TokenIssuer> => {
  const kid = randomUUID()
  let made: Promise<readonly KeyPair[]> | undefined
  // They take a while to make, and few settings need them.
  const keys = (): Promise<readonly KeyPair[]> => {
    made ??= Promise.all([generateKeyPair(ALGORITHM), generateKeyPair(ALGORITHM)])
    return made
  }

  const server = createServer(async (_request, response) => {
    const [own] = await keys() as [KeyPair]
    const set = { keys: [{ ...await exportJWK(own.publicKey), alg: ALGORITHM, use: 'sig', kid }] }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(set))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    jwksUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`,
    async sign (claims, credential) {
      const [own, foreign] = await keys() as [KeyPair, KeyPair]
      const issuedAt = Math.floor(now() / 1000)
      return await new SignJWT({ ...claims })
        .setProtectedHeader({ alg: ALGORITHM, kid })
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + LIFETIME)
        .sign(credential === 'right' ? own.privateKey : foreign.privateKey)
    },
    close () {
      server.closeAllConnections()
      server.close()
    }
  }
}
