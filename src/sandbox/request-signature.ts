import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

export interface SignedRequest {
  readonly method: string
  /** Path and query as they came on the wire. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

const equal = (one: string, other: string) => {
  const [left, right] = [Buffer.from(one), Buffer.from(other)]
  return left.length === right.length && timingSafeEqual(left, right)
}

/**
 * Whether the request was signed with the access key (base64), and its body is the one that was signed. A date that
 * was used before is accepted, since clients repeat a request without signing it anew.
 * https://learn.microsoft.com/rest/api/communication/authentication
 */
export const isSigned = ({ method, url, headers, body }: SignedRequest, accessKey: string): boolean => {
  const date = headers['x-ms-date']
  const contentHash = createHash('sha256').update(body).digest('base64')
  if (typeof date !== 'string' || !equal(String(headers['x-ms-content-sha256']), contentHash)) return false
  const signature = createHmac('sha256', Buffer.from(accessKey, 'base64'))
    .update(`${method}\n${url}\n${date};${headers.host};${contentHash}`)
    .digest('base64')
  return equal(
    headers.authorization ?? '',
    `HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=${signature}`
  )
}
