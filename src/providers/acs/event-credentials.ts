import { createRemoteJWKSet, customFetch, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose'
import { SecretSet } from '../../domain/secret.ts'
import type { SensitiveText } from '../../domain/sensitive.ts'
import type { HttpClient } from '../http-client.ts'
import { EventsUnavailable, type EventRequest } from '../provider.ts'

/** Event Grid's own application in Entra. */
const EVENT_GRID_APPLICATION = '4962773b-9cdb-44cf-a8bf-237846a00ab7'

/** Seconds by which the clocks may differ. */
const CLOCK_TOLERANCE = 30

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

const bearerOf = ({ headers }: EventRequest): string | undefined => /^Bearer +([^ ]+)$/i.exec(headers.authorization ?? '')?.[1]

export const createEventCredentials = ({ http, now, eventGridSecrets, entra, callbackToken }: EventCredentialsDeps): EventCredentials => {
  const secrets = new SecretSet(eventGridSecrets)
  const keysAt = (url: URL): JWTVerifyGetKey => createRemoteJWKSet(url, { timeoutDuration: KEYS_TIMEOUT, [customFetch]: fetchKeys(http) })
  const entraKeys = entra && keysAt(new URL(`/${entra.tenantId}/discovery/v2.0/keys`, entra.authority))
  const callKeys = callbackToken && keysAt(callbackToken.jwksUrl)

  const verify = async (token: string, keys: JWTVerifyGetKey, issuer: string | string[], audience: string | string[]): Promise<JWTPayload | undefined> => {
    try {
      const options = { issuer, audience, algorithms: ['RS256'], clockTolerance: CLOCK_TOLERANCE, currentDate: new Date(now()), requiredClaims: ['exp'] }
      return (await jwtVerify(token, keys, options)).payload
    } catch (error) {
      if (saysNo(error)) return undefined
      throw new EventsUnavailable({ cause: error })
    }
  }

  return {
    async isEventGrid (request) {
      const presented = [request.query.key, request.headers['x-event-grid-secret']]
      if (presented.some((secret) => typeof secret === 'string' && secrets.has(secret))) return true
      const token = bearerOf(request)
      if (token === undefined || entra === undefined || entraKeys === undefined) return false
      const issuers = [`https://sts.windows.net/${entra.tenantId}/`, new URL(`/${entra.tenantId}/v2.0`, entra.authority).href]
      const payload = await verify(token, entraKeys, issuers, [...entra.audiences])
      return payload !== undefined && (payload.appid ?? payload.azp) === EVENT_GRID_APPLICATION
    },
    async isCallAutomation (request) {
      if (callbackToken === undefined || callKeys === undefined) return true
      const token = bearerOf(request)
      return token !== undefined && await verify(token, callKeys, callbackToken.issuer, callbackToken.resourceId) !== undefined
    }
  }
}

/** Whether the error speaks of the token; any other speaks of the keys, which could not be had. */
const saysNo = (error: unknown): boolean =>
  error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired || error instanceof errors.JWTInvalid ||
  error instanceof errors.JWSInvalid || error instanceof errors.JWSSignatureVerificationFailed ||
  error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported || error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys

/** Fetches keys by our own client, which bounds time and size. */
const fetchKeys = (http: HttpClient) => async (url: string): Promise<Response> => {
  const { status, body } = await http.request({ url: new URL(url), method: 'GET', headers: { accept: 'application/json' }, body: undefined, timeout: KEYS_TIMEOUT })
  return new Response(body, { status })
}
