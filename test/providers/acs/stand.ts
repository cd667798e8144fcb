import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { createKeys, type Keys } from '../../../src/domain/keys.ts'
import { SensitiveText } from '../../../src/domain/sensitive.ts'
import { createAcs, type AcsSettings } from '../../../src/providers/acs/acs.ts'
import { createHttpClient, type HttpClient, type HttpRequest, type HttpResponse } from '../../../src/providers/http-client.ts'
import type { Provider, Providers } from '../../../src/providers/provider.ts'
import { startSandbox, type RequestFault, type Sandbox } from '../../../src/sandbox/sandbox.ts'
import { createClock, type Clock } from '../../support/gateway.ts'
import { CODE, NUMBER, WORDS, type Mood } from '../suite.ts'

export const EVENT_GRID_SECRET = 'an-event-grid-secret'

export interface AcsStand {
  readonly sandbox: Sandbox
  readonly acs: Providers
  readonly settings: AcsSettings
  readonly keys: Keys
  readonly clock: Clock
  readonly http: HttpClient
  /** What was asked of Azure, as our own client was given it. */
  readonly asked: HttpRequest[]
  readonly accessKey: string
}

export interface AcsStandOptions {
  readonly settings?: Partial<AcsSettings>
  readonly sources?: readonly string[]
  /** Puts something between the provider and its connections. */
  readonly wrapHttp?: (http: HttpClient) => HttpClient
}

/** An HTTP client over real connections; closed at the end of the test. */
export const startHttp = (t: Test): HttpClient => {
  const http = createHttpClient()
  t.teardown(() => http.close())
  return http
}

/** A client that waits no longer than that, whatever it is told. */
export const impatient = (http: HttpClient, most: number): HttpClient =>
  ({ ...http, request: (request) => http.request({ ...request, timeout: Math.min(request.timeout, most) }) })

/** A client to which everything is answered so. */
export const answering = (response: Partial<HttpResponse>): HttpClient => ({
  request: async () => ({ status: 200, headers: { 'content-type': 'application/json' }, body: '', ...response }),
  close: async () => {}
})

export const testKeys = (): Keys => createKeys([randomBytes(32)])

/** Everything of Azure, in front of the sandbox. */
export const startAcs = async (t: Test, options: AcsStandOptions = {}): Promise<AcsStand> => {
  const clock = createClock()
  const sandbox = await startSandbox({
    eventGridSecret: EVENT_GRID_SECRET, pace: 0, now: clock, ...options.sources && { sourcePhoneNumbers: options.sources }
  })
  t.teardown(() => sandbox.close())
  const [, endpoint, accessKey] = /endpoint=(.*);accesskey=(.*)/.exec(sandbox.connectionString) as unknown as [string, string, string]
  const real = startHttp(t)
  const asked: HttpRequest[] = []
  const http: HttpClient = {
    ...real,
    request (request) {
      asked.push(request)
      return (options.wrapHttp?.(real) ?? real).request(request)
    }
  }
  const settings: AcsSettings = {
    account: { endpoint: new URL(endpoint), accessKey: new SensitiveText(accessKey) },
    sms: { sender: sandbox.sourcePhoneNumbers[0] as string, countrySenders: new Map() },
    voice: {
      sources: sandbox.sourcePhoneNumbers,
      cognitiveServicesEndpoint: new URL(sandbox.cognitiveServicesEndpoint),
      // Nobody listens to what the calls tell: the sandbox itself answers 404 there.
      callbackUrl: new URL('/nobody', sandbox.url),
      voiceNames: new Map()
    },
    ownNumbers: [],
    callbackToken: undefined,
    eventGrid: { secrets: [new SensitiveText(EVENT_GRID_SECRET)], entra: undefined },
    trustRepeatability: false,
    ...options.settings
  }
  const keys = testKeys()
  const acs = createAcs({ settings, http, keys, now: clock })
  return { sandbox, acs, settings, keys, clock, http, asked, accessKey }
}

export const providerOf = ({ providers }: Providers, name: string): Provider => {
  const found = providers.find((provider) => provider.name === name)
  if (found === undefined) throw new Error(`there is no ${name}`)
  return found
}

/** Settings whose account is where nobody listens. */
export const closedAccount = async (accessKey: string): Promise<AcsSettings['account']> => {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return { endpoint: new URL(`http://127.0.0.1:${port}/`), accessKey: new SensitiveText(accessKey) }
}

const echo = (accessKey: string): unknown => {
  const everything = `${NUMBER} ${CODE} ${WORDS} ${accessKey} HMAC-SHA256 Signature=`
  return { error: { code: everything, message: everything, details: [everything], innererror: { code: everything } }, [everything]: [everything] }
}

/** The fault by which the sandbox shows a mood; `undefined` where it is none of requests as a whole. */
export const faultOf = (mood: Mood, accessKey: string): RequestFault | undefined => {
  const [verb, what] = mood.split('-') as [string, string]
  switch (verb) {
    case 'well': return {}
    case 'says': return { httpError: { status: Number(what), headers: { location: '/elsewhere', 'retry-after': '1' } } }
    case 'echoes': return { httpError: { status: Number(what), body: echo(accessKey) } }
    case 'answers': return { malformed: ({ empty: 'empty-object', html: 'html', broken: 'broken-json', too: 'huge' } as const)[what as 'empty'] }
    case 'drops': return { drop: what === 'before' ? 'before-read' : 'after-accept' }
    case 'silent': return { hang: true }
    default: return undefined
  }
}
