import { createHash } from 'node:crypto'
import { createHttpHeaders, type HttpClient as AzureHttpClient, type PipelinePolicy, type PipelineRequest } from '@azure/core-rest-pipeline'
import type { HttpClient } from '../http-client.ts'

/** Requests that the SDK makes without a timeout of their own get this one, in milliseconds. */
const DEFAULT_TIMEOUT = 5000

/** A header by which an attempt reaches the pipeline; it never leaves the process. */
const ATTEMPT_HEADER = 'x-gateway-attempt'

export interface AttemptStamp {
  readonly attempt: string
  /** Milliseconds since 1970. */
  readonly startedAt: number
}

/** Request options that tell the pipeline which attempt a request belongs to, and how many milliseconds it has. */
export const requestOf = ({ attempt, startedAt }: AttemptStamp, timeout: number): { customHeaders: Record<string, string>, timeout: number } =>
  ({ customHeaders: { [ATTEMPT_HEADER]: `${attempt} ${startedAt}` }, timeout: Math.max(1, Math.floor(timeout)) })

/** Client options that put our own HTTP client under an Azure SDK, so that each request is sent once. */
export const pipelineOptions = (http: HttpClient): {
  httpClient: AzureHttpClient
  additionalPolicies: Array<{ policy: PipelinePolicy, position: 'perCall' }>
  retryOptions: { maxRetries: number }
  redirectOptions: { maxRetries: number }
  allowInsecureConnection: boolean
} => ({
  httpClient: { sendRequest: (request) => sendWith(http, request) },
  // "Per call" stands before the request is signed, so that the signature covers what the policy wrote.
  additionalPolicies: [{ policy: repeatabilityPolicy, position: 'perCall' }],
  retryOptions: { maxRetries: 0 },
  redirectOptions: { maxRetries: 0 },
  // The settings take http:// for loopback addresses only.
  allowInsecureConnection: true
})

const sendWith = async (http: HttpClient, request: PipelineRequest): ReturnType<AzureHttpClient['sendRequest']> => {
  // The SDKs ask for compressed answers, and leave unpacking them to their own HTTP client.
  request.headers.set('Accept-Encoding', 'identity')
  const response = await http.request({
    url: new URL(request.url),
    method: request.method,
    headers: request.headers.toJSON({ preserveCase: true }),
    // Both SDKs send JSON text or nothing.
    body: request.body as string | undefined,
    timeout: request.timeout > 0 ? request.timeout : DEFAULT_TIMEOUT
  })
  return { request, status: response.status, headers: createHttpHeaders(response.headers), bodyAsText: response.body }
}

/** A UUID that is the same for the same attempt (RFC 9562, version 8). */
const repeatabilityId = (attempt: string): string => {
  const hex = createHash('sha256').update(`repeatability ${attempt}`).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/**
 * Derives the repeatability id and its first-sent date from the attempt. The SDKs make a new id at every call, so that
 * asking again would be a second message. Calls carry them as headers, text messages inside the body, one a recipient.
 */
const repeatabilityPolicy: PipelinePolicy = {
  name: 'attempt-repeatability',
  async sendRequest (request, next) {
    const stamp = request.headers.get(ATTEMPT_HEADER)
    if (stamp !== undefined) {
      request.headers.delete(ATTEMPT_HEADER)
      const [attempt, startedAt] = stamp.split(' ') as [string, string]
      const id = repeatabilityId(attempt)
      const firstSent = new Date(Number(startedAt)).toUTCString()
      if (request.headers.has('repeatability-request-id')) {
        request.headers.set('Repeatability-Request-ID', id)
        request.headers.set('Repeatability-First-Sent', firstSent)
      } else {
        const body = JSON.parse(request.body as string)
        for (const recipient of body.smsRecipients) {
          recipient.repeatabilityRequestId = id
          recipient.repeatabilityFirstSent = firstSent
        }
        request.body = JSON.stringify(body)
      }
    }
    return next(request)
  }
}
