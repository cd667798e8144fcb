import { Agent, request } from 'undici'

export interface ProbeRequest {
  readonly url: URL
  readonly method?: 'GET' | 'POST' | 'OPTIONS'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** What came of a request: whatever answer there was, or why there was none. */
export type Probed =
  | { readonly kind: 'answer', readonly status: number, readonly headers: Readonly<Record<string, string>>, readonly body: string }
  | { readonly kind: 'silence', readonly why: 'name' | 'refused' | 'tls' | 'timeout' | 'connection', readonly code: string }

/** Asks once, follows no redirection. Never throws. */
export type Probe = (request: ProbeRequest) => Promise<Probed>

/** By which the log of a gateway tells what the doctor has asked from everything else. */
const WHO = { 'user-agent': 'phone-code-gateway-doctor' } as const

/** Nobody has to read more of an answer to know whose it is, in bytes. */
const LONGEST_ANSWER = 64 * 1024

/** Makes the asking; each request has that many milliseconds for everything. `close` drops the connections. */
export const createProbe = (timeoutMs: number): { readonly probe: Probe, close (): Promise<void> } => {
  const agent = new Agent({ connect: { timeout: timeoutMs } })
  return {
    probe: async ({ url, method = 'GET', headers = {}, body }) => {
      const signal = AbortSignal.timeout(timeoutMs)
      try {
        const response = await request(url, { dispatcher: agent, method, headers: { ...WHO, ...headers }, body: body ?? null, signal })
        const text = await readSome(response.body)
        return { kind: 'answer', status: response.statusCode, headers: plain(response.headers), body: text }
      } catch (error) {
        return silenceOf(error, signal.aborted)
      }
    },
    close: () => agent.destroy()
  }
}

const plain = (headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))

const readSome = async (body: AsyncIterable<Buffer>): Promise<string> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    size += chunk.length
    if (size > LONGEST_ANSWER) break
  }
  return Buffer.concat(chunks).toString('utf8')
}

const NO_NAME: ReadonlySet<string> = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'EAI_NONAME'])
const NO_TIME: ReadonlySet<string> = new Set(['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT'])

/** https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const OF_TLS = /^(CERT_|ERR_TLS|ERR_SSL|EPROTO|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH|INVALID_CA)/

/** Why there was no answer, by what was thrown; `late`: the time was up. */
export const silenceOf = (error: unknown, late: boolean): Probed => {
  const given = (error as { readonly code?: unknown }).code
  const code = typeof given === 'string' ? given : 'no code'
  if (late || NO_TIME.has(code)) return { kind: 'silence', why: 'timeout', code }
  if (NO_NAME.has(code)) return { kind: 'silence', why: 'name', code }
  if (code === 'ECONNREFUSED') return { kind: 'silence', why: 'refused', code }
  return { kind: 'silence', why: OF_TLS.test(code) ? 'tls' : 'connection', code }
}

/** The answer's body as an object; empty where it is none. */
export const objectIn = ({ body }: { readonly body: string }): Readonly<Record<string, unknown>> => {
  try {
    return Object(JSON.parse(body))
  } catch {
    return {}
  }
}
