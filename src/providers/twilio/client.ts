import type RequestClient from 'twilio/lib/base/RequestClient.js'
// Only this part of the SDK: the rest (tokens, TwiML, webhooks) costs time at start.
import Twilio from 'twilio/lib/rest/Twilio.js'
import { SensitiveText } from '../../domain/sensitive.ts'
import { pauseOf } from '../failure.ts'
import type { HttpClient, HttpRequest, HttpResponse } from '../http-client.ts'

/** Requests that the SDK makes outside of `within` have this many milliseconds. */
const DEFAULT_TIMEOUT = 5000

export interface TwilioClientDeps {
  readonly http: HttpClient
  readonly accountSid: string
  /** The account's SID and token, or the SID and secret of an API key. */
  readonly credential: { readonly username: string, readonly password: SensitiveText }
  readonly region: string | undefined
  readonly edge: string | undefined
  /** One origin in place of all of Twilio's hosts. */
  readonly baseUrl: URL | undefined
}

/** The official SDK, with our own HTTP client under it: each request is sent once, and its answer is bounded. */
export interface TwilioClient {
  /**
   * Makes one call of the SDK, which has that many milliseconds. The call must be made in the same turn: the SDK has no
   * timeout of a call, but asks its HTTP client at once. Rejects with `HttpFailure`, `TwilioRefusal` or `UnreadableAnswer`.
   */
  within<T> (milliseconds: number, call: (sdk: Twilio) => Promise<T>): Promise<T>
  /** Loads the parts of the SDK that are named, which it does by itself when they are first used: while a person waits. */
  load (parts: (sdk: Twilio) => unknown): void
}

/** An answer of Twilio that is not a success. It holds nothing else of the answer, and nothing of the request. */
export class TwilioRefusal extends Error {
  readonly status: number
  /** Twilio's own number for the failure. */
  readonly code: number | undefined
  /** Milliseconds for which Twilio wants to be left alone. */
  readonly retryAfter: number | undefined

  constructor (status: number, code: number | undefined, retryAfter: number | undefined) {
    super(`Twilio answered with ${status}${code === undefined ? '' : `, code ${code}`}`)
    this.name = 'TwilioRefusal'
    this.status = status
    this.code = code
    this.retryAfter = retryAfter
  }
}

/** A success whose body is not what Twilio answers with: what was asked for may have been done. */
export class UnreadableAnswer extends Error {
  constructor () {
    super('Twilio answered with something unreadable')
    this.name = 'UnreadableAnswer'
  }
}

/** What the SDK gives to its HTTP client; the rest of it (credentials, log level, redirections) is not used. */
interface SdkRequest {
  readonly method: string
  readonly uri: string
  readonly headers: Record<string, string>
  readonly params?: Readonly<Record<string, unknown>>
  readonly data?: Readonly<Record<string, unknown>>
}

export const createTwilioClient = ({ http, accountSid, credential, region, edge, baseUrl }: TwilioClientDeps): TwilioClient => {
  const token = Buffer.from(`${credential.username}:${credential.password.reveal()}`).toString('base64')
  const authorization = new SensitiveText(`Basic ${token}`)
  let timeout = DEFAULT_TIMEOUT

  const toHttp = ({ method, uri, headers, params, data }: SdkRequest): HttpRequest => ({
    url: urlOf(uri, params, baseUrl),
    method: method.toUpperCase() as HttpRequest['method'],
    headers: { ...headers, 'Accept-Encoding': 'identity', Authorization: authorization.reveal() },
    body: data === undefined ? undefined : formOf(data),
    timeout
  })

  const httpClient = {
    async request (request: SdkRequest): Promise<{ statusCode: number, body: object, headers: HttpResponse['headers'] }> {
      const response = await http.request(toHttp(request))
      const body = objectIn(response.body)
      if (response.status < 200 || response.status > 299) throw refusalOf(response, body)
      if (body === undefined) throw new UnreadableAnswer()
      return { statusCode: response.status, body, headers: response.headers }
    }
  }

  // Empty texts in place of absent ones: where a setting is absent, the SDK takes it from the environment. It is given
  // no credential, since it would keep it in the clear.
  const sdk = new Twilio(accountSid, 'not the token', {
    accountSid, region: region ?? '', edge: edge ?? '', logLevel: '', httpClient: httpClient as unknown as RequestClient
  })

  return {
    within (milliseconds, call) {
      timeout = Math.max(1, Math.floor(milliseconds))
      try {
        return call(sdk)
      } finally {
        timeout = DEFAULT_TIMEOUT
      }
    },
    load (parts) {
      parts(sdk)
    }
  }
}

const urlOf = (uri: string, params: SdkRequest['params'], baseUrl: URL | undefined): URL => {
  const url = new URL(uri)
  if (params !== undefined) url.search = formOf(params)
  return baseUrl === undefined ? url : new URL(`${baseUrl.origin}${url.pathname}${url.search}`)
}

/** Encodes a form exactly as the SDK's own client does: lists as repeated names, a space as `%20`, absent values left out. */
const formOf = (fields: Readonly<Record<string, unknown>>): string => {
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(fields)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined) form.append(name, String(one))
    }
  }
  return form.toString().replaceAll('+', '%20').replaceAll('*', '%2A').replaceAll('%7E', '~')
}

const objectIn = (body: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : undefined
  } catch {
    return undefined
  }
}

/** The code is at the same place in both of Twilio's shapes of errors, its own and RFC 9457's. */
const refusalOf = ({ status, headers }: HttpResponse, body: Record<string, unknown> | undefined): TwilioRefusal => {
  const code = body?.code
  return new TwilioRefusal(status, Number.isSafeInteger(code) ? code as number : undefined, pauseOf(headers['retry-after'], headers.date))
}
