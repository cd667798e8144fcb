import { SecretSet } from '../../domain/secret.ts'
import type { SensitiveText } from '../../domain/sensitive.ts'
import { bearerOf, createTokenVerifier, type TokenRules, type TokenVerifier } from '../../tokens/token-verifier.ts'
import { fetchingKeys, type HttpClient } from '../http-client.ts'
import { EventsUnavailable, type EventRequest } from '../provider.ts'

/** Event Grid's own application in Entra. */
const EVENT_GRID_APPLICATION = '4962773b-9cdb-44cf-a8bf-237846a00ab7'

/** Milliseconds for fetching keys. */
const KEYS_TIMEOUT = 3000

export interface EventCredentialsDeps {
  readonly http: HttpClient
  readonly now: () => number
  readonly eventGridSecrets: readonly SensitiveText[]
  readonly entra: { readonly tenantId: string, readonly audiences: readonly string[], readonly authority: URL } | undefined
  readonly callbackToken: { readonly resourceId: string, readonly issuer: string, readonly jwksUrl: URL } | undefined
}

/** Who may say what. Each check throws `EventsUnavailable` where keys cannot be fetched: that is not the sender's fault. */
export interface EventCredentials {
  /** Whether the request comes from our Event Grid subscription: by secret, or by Entra token. */
  isEventGrid (request: EventRequest): Promise<boolean>
  /** Whether Azure signed the callback for our resource; true where we were not told which one that is. */
  isCallAutomation (request: EventRequest): Promise<boolean>
}

export const createEventCredentials = ({ http, now, eventGridSecrets, entra, callbackToken }: EventCredentialsDeps): EventCredentials => {
  const secrets = new SecretSet(eventGridSecrets)
  const tokensOf = (jwksUrl: URL): TokenVerifier => createTokenVerifier({ jwksUrl, fetchKeys: fetchingKeys(http), timeout: KEYS_TIMEOUT, now })
  const entraTokens = entra && tokensOf(new URL(`/${entra.tenantId}/discovery/v2.0/keys`, entra.authority))
  const callTokens = callbackToken && tokensOf(callbackToken.jwksUrl)

  return {
    async isEventGrid (request) {
      const presented = [request.query.key, request.headers['x-event-grid-secret']]
      if (presented.some((secret) => typeof secret === 'string' && secrets.has(secret))) return true
      const token = bearerOf(request.headers.authorization)
      if (token === undefined || entra === undefined || entraTokens === undefined) return false
      const issuer = [`https://sts.windows.net/${entra.tenantId}/`, new URL(`/${entra.tenantId}/v2.0`, entra.authority).href]
      const payload = await verify(entraTokens, token, { issuer, audience: [...entra.audiences] })
      return payload !== undefined && (payload.appid ?? payload.azp) === EVENT_GRID_APPLICATION
    },
    async isCallAutomation (request) {
      if (callbackToken === undefined || callTokens === undefined) return true
      const token = bearerOf(request.headers.authorization)
      return token !== undefined && await verify(callTokens, token, { issuer: callbackToken.issuer, audience: callbackToken.resourceId }) !== undefined
    }
  }
}

const verify = async (tokens: TokenVerifier, token: string, rules: TokenRules): ReturnType<TokenVerifier['verify']> => {
  try {
    return await tokens.verify(token, rules)
  } catch (error) {
    throw new EventsUnavailable({ cause: error })
  }
}
