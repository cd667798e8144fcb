import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { SensitiveText } from '../../../src/domain/sensitive.ts'
import { createHttpClient, type HttpClient } from '../../../src/providers/http-client.ts'
import { createTwilioClient, type TwilioClient, type TwilioClientDeps } from '../../../src/providers/twilio/client.ts'
import { CODE, NUMBER, WORDS, type Mood } from '../suite.ts'

export const ACCOUNT = `AC${'0123456789abcdef'.repeat(2)}`
export const TOKEN = 'fedcba98765432100123456789abcdef'
export const BASIC = Buffer.from(`${ACCOUNT}:${TOKEN}`).toString('base64')

/** What nothing of ours may print. */
export const SECRETS: readonly string[] = [TOKEN, BASIC, 'Basic ']

export const sid = (prefix: string, number = 1): string => prefix + String(number).padStart(32, '0')

/** One request as it came. */
export interface Asked {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** A server that answers as it is told, and checks who asks. */
export interface Vendor {
  readonly url: URL
  readonly asked: Asked[]
  /** How often it did what it was asked. */
  made (): number
  become (mood: Mood): boolean
  /** Answers every request so: a text as it is, anything else as JSON. */
  answer (answer: Answer): void
  /** Leaves the answer to the test. */
  behave (behaviour: (response: ServerResponse) => void): void
}

/** What a message, and a verification, look like when they have just been made. */
export const MESSAGE = { sid: sid('SM'), status: 'queued', error_code: null, error_message: null, date_created: 'Sat, 21 Nov 2026 08:00:00 +0000' }
export const VERIFICATION = {
  sid: sid('VE'),
  status: 'pending',
  valid: false,
  send_code_attempts: [{ time: '2026-11-21T08:00:00.000Z', channel: 'SMS', attempt_sid: sid('VL', 1) }, { attempt_sid: sid('VL', 2) }]
}

const EVERYTHING = `${NUMBER} ${CODE} ${WORDS} ${TOKEN} ${BASIC}`

const refusal = (status: number, code: number): Answer =>
  ({ status, body: { code, message: `The number ${NUMBER} is not valid`, more_info: `https://www.twilio.com/docs/errors/${code}`, status } })

/** The answer by which a mood shows; `undefined` where it shows otherwise. */
const answerOf = (mood: Mood, made: unknown): Answer | undefined => {
  const [verb, what] = mood.split('-') as [string, string]
  switch (verb) {
    case 'well': return { status: 201, body: made }
    case 'refuses': return refusal(400, 21211)
    case 'says': return { status: Number(what), headers: { location: '/elsewhere' }, body: {} }
    case 'echoes': return { status: Number(what), headers: { [`x-${TOKEN}`]: EVERYTHING }, body: { code: EVERYTHING, message: EVERYTHING, more_info: EVERYTHING, details: { EVERYTHING }, [EVERYTHING]: EVERYTHING } }
    case 'answers': return { status: 201, body: ({ empty: {}, html: '<html>It is done.</html>', broken: `{"sid":"${EVERYTHING}` } as Record<string, unknown>)[what] }
    default: return undefined
  }
}

const MAKING: readonly Mood[] = ['well', 'answers-empty', 'answers-html', 'answers-broken-json', 'answers-too-long', 'drops-after']

/** Fifty megabytes, a piece at a time. */
const pour = (response: ServerResponse, left = 50 * 1024): void => {
  const piece = 'x'.repeat(1024)
  while (left > 0 && !response.destroyed) {
    left -= 1
    if (!response.write(piece)) {
      response.once('drain', () => { pour(response, left) })
      return
    }
  }
  response.end()
}

/** Drips without an end. */
export const drip = (response: ServerResponse): void => {
  response.writeHead(201, { 'content-type': 'application/json' })
  const timer = setInterval(() => { response.write(' ') }, 5)
  response.once('close', () => { clearInterval(timer) })
}

export const startVendor = async (t: Test, made: unknown = MESSAGE): Promise<Vendor> => {
  const asked: Asked[] = []
  let count = 0
  let behaviour: (response: ServerResponse) => void = () => {}
  const reply = (response: ServerResponse, { status = 200, headers = {}, body = '' }: Answer): void => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }

  const become = (mood: Mood): boolean => {
    behaviour = (response) => {
      if (MAKING.includes(mood)) count += 1
      const answer = answerOf(mood, made)
      if (mood === 'silent') return
      if (mood.startsWith('drops')) response.socket?.resetAndDestroy()
      else if (mood === 'answers-too-long') pour(response.writeHead(201))
      else reply(response, answer as Answer)
    }
    return true
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => { chunks.push(chunk) })
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      asked.push({ method, path: url, headers, body: Buffer.concat(chunks).toString() })
      if (headers.authorization === `Basic ${BASIC}`) behaviour(response)
      else reply(response, { status: 401, body: { code: 20003, message: 'Authenticate', status: 401 } })
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  become('well')
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`),
    asked,
    made: () => count,
    become,
    answer: (answer) => { behaviour = (response) => { reply(response, answer) } },
    behave: (other) => { behaviour = other }
  }
}

/** An HTTP client over real connections; closed at the end of the test. */
export const startHttp = (t: Test): HttpClient => {
  const http = createHttpClient()
  t.teardown(() => http.close())
  return http
}

/** The SDK in front of a vendor. */
export const clientOf = (t: Test, baseUrl: URL, more: Partial<TwilioClientDeps> = {}): TwilioClient => createTwilioClient({
  http: startHttp(t),
  accountSid: ACCOUNT,
  credential: { username: ACCOUNT, password: new SensitiveText(TOKEN) },
  region: undefined,
  edge: undefined,
  baseUrl,
  ...more
})

/** An origin where nobody listens. */
export const closedUrl = async (): Promise<URL> => {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return new URL(`http://127.0.0.1:${port}/`)
}

/** The fields of a form, in their order. */
export const fieldsOf = ({ body }: Asked): Array<readonly [string, string]> => [...new URLSearchParams(body)]
