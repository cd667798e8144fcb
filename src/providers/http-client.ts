import { Agent, type Dispatcher } from 'undici'
import type { FetchKeys } from '../tokens/remote-keys.ts'

export interface HttpRequest {
  readonly url: URL
  readonly method: Dispatcher.HttpMethod
  readonly headers: Record<string, string>
  readonly body: string | undefined
  /** Milliseconds for everything: connecting, sending, and reading the last byte. */
  readonly timeout: number
}

export interface HttpResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * A request that got no answer. It carries nothing of the request. `written` tells whether the request may have reached
 * the server: only where it is false may the same thing be asked elsewhere.
 */
export class HttpFailure extends Error {
  readonly written: boolean
  readonly why: 'timeout' | 'connection' | 'too-large'

  constructor (written: boolean, why: HttpFailure['why']) {
    super(`no answer: ${why}, ${written ? 'request written' : 'request not written'}`)
    this.name = 'HttpFailure'
    this.written = written
    this.why = why
  }
}

/** Requests to vendors: a pool of connections an origin, one deadline a request, no retries, bounded answers. */
export interface HttpClient {
  /** Gives whatever answer comes, of any status. Throws only `HttpFailure`. */
  request (request: HttpRequest): Promise<HttpResponse>
  /** Closes the connections; what is still under way is ended. */
  close (): Promise<void>
}

/** No vendor has anything to say that is longer. */
const MAX_ANSWER_BYTES = 256 * 1024

export const createHttpClient = (): HttpClient => {
  // Idle connections are dropped after 4 s unless the server says that it keeps them longer: a request written into a
  // connection that the server has just closed would be lost, and nobody could tell.
  const agent = new Agent({ keepAliveTimeout: 4000, keepAliveMaxTimeout: 120_000 })
  return {
    request: (request) => new Promise((resolve, reject) => {
      agent.dispatch(
        {
          origin: request.url.origin,
          path: request.url.pathname + request.url.search,
          method: request.method,
          headers: request.headers,
          body: request.body ?? null
        },
        new AnswerReader(request.timeout, resolve, reject))
    }),
    close: () => agent.destroy()
  }
}

/** Fetches sets of keys. */
export const fetchingKeys = (http: HttpClient): FetchKeys => async (url, timeout) => {
  const { status, body } = await http.request({ url: new URL(url), method: 'GET', headers: { accept: 'application/json' }, body: undefined, timeout })
  return new Response(body, { status })
}

/** Collects one answer, within its time and its size. */
class AnswerReader implements Dispatcher.DispatchHandler {
  readonly #resolve: (response: HttpResponse) => void
  readonly #reject: (failure: HttpFailure) => void
  readonly #timer: NodeJS.Timeout
  readonly #chunks: Buffer[] = []
  #controller: Dispatcher.DispatchController | undefined
  #failure: HttpFailure | undefined
  #status = 0
  #headers: Record<string, string> = {}
  #size = 0

  constructor (timeout: number, resolve: (response: HttpResponse) => void, reject: (failure: HttpFailure) => void) {
    this.#resolve = resolve
    this.#reject = reject
    this.#timer = setTimeout(() => { this.#fail('timeout') }, timeout)
  }

  /** Called when a connection is there, just before the request is written to it. */
  onRequestStart (controller: Dispatcher.DispatchController): void {
    // The caller has already been told "not written": it must stay true.
    if (this.#failure !== undefined) controller.abort(this.#failure)
    else this.#controller = controller
  }

  onResponseStart (_controller: Dispatcher.DispatchController, status: number, headers: Record<string, string | string[] | undefined>): void {
    this.#status = status
    this.#headers = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
  }

  onResponseData (_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length
    if (this.#size > MAX_ANSWER_BYTES) this.#fail('too-large')
    else this.#chunks.push(chunk)
  }

  onResponseEnd (): void {
    clearTimeout(this.#timer)
    this.#resolve({ status: this.#status, headers: this.#headers, body: Buffer.concat(this.#chunks).toString('utf8') })
  }

  onResponseError (): void {
    this.#fail('connection')
  }

  #fail (why: HttpFailure['why']): void {
    if (this.#failure !== undefined) return
    clearTimeout(this.#timer)
    this.#failure = new HttpFailure(this.#controller !== undefined, why)
    this.#controller?.abort(this.#failure)
    this.#reject(this.#failure)
  }
}
