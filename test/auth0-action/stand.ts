import { readFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createContext, Script } from 'node:vm'
import type { Test } from 'tap'

export const SECRET = 'spec-0123456789abcdef'
export const NUMBER = '+15551234567'
export const CODE = '481516'
export const TEXT = `${CODE} is your code for Fabrikam`

/** What an Action may never say, whatever it is asked. */
export const SENSITIVE = [SECRET, NUMBER, NUMBER.slice(1), CODE, TEXT, 'Fabrikam', '127.0.0.1', 'gateway.test', '203.0.113.7', 'auth0|1']

export interface Posted { method?: string | undefined, path?: string | undefined, headers: IncomingHttpHeaders, body: unknown }
export type Handler = (event: unknown, api: unknown) => Promise<void>

export const fileOf = (name: string): URL => new URL(`../../src/auth0-action/${name}.js`, import.meta.url)

/**
 * Loads an Action as Auth0 does: a CommonJS module that finds the runtime's globals and nothing else. `AbortSignal` is
 * one whose clock runs five times faster, which still leaves a busy machine its time; what was asked of it is kept in `timeouts`.
 */
export const loadAction = (name: string, globals: Record<string, unknown> = {}): { exported: Record<string, Handler>, timeouts: number[], printed: unknown[] } => {
  const timeouts: number[] = []
  const printed: unknown[] = []
  const print = (...values: unknown[]): void => { printed.push(...values) }
  const context = createContext({
    exports: {},
    fetch,
    URL,
    TextDecoder,
    AbortSignal: { timeout: (ms: number) => { timeouts.push(ms); return AbortSignal.timeout(ms / 5) } },
    console: { log: print, info: print, warn: print, error: print, debug: print },
    ...globals
  })
  new Script(readFileSync(fileOf(name), 'utf8'), { filename: fileOf(name).href }).runInContext(context)
  return { exported: context['exports'] as Record<string, Handler>, timeouts, printed }
}

/** A gateway that answers as `answer` says and remembers what came. */
export const startGateway = async (test: Test, answer: RequestListener): Promise<{ url: string, posted: Posted[] }> => {
  const posted: Posted[] = []
  const server = createServer((request, response) => {
    let raw = ''
    request.setEncoding('utf8').on('data', (part: string) => { raw += part }).on('end', () => {
      posted.push({ method: request.method, path: request.url, headers: request.headers, body: JSON.parse(raw) })
      answer(request, response)
    })
  })
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  test.teardown(() => new Promise<void>(resolve => { server.closeAllConnections(); server.close(() => resolve()) }))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, posted }
}

export const answering = (status: number, body = '', headers: Record<string, string> = {}): RequestListener =>
  (_request, response) => { response.writeHead(status, headers).end(body) }

export const problem = (status: number, code: string): RequestListener =>
  answering(status, JSON.stringify({ type: 'about:blank', title: 'No', status, code }), { 'content-type': 'application/problem+json' })
