import { CallAutomationClient } from '@azure/communication-call-automation'
import { SmsClient, type SmsClientOptions } from '@azure/communication-sms'
import fastify, { type FastifyInstance } from 'fastify'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { createHash, createHmac } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:http'
import type { Test } from 'tap'
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts'

export const FROM = '+15550100001'
export const SECRET = 'event-grid-secret'
export const SSML = '<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="en-US">' +
  '<voice name="en-US-JennyNeural">Your code is <break time="1s"/>1 <break time="400ms"/>2.</voice></speak>'

interface Heard {
  readonly url: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: any
}

/** A gateway as the cloud sees one: it takes events, checks who sent them, and remembers them. */
export interface FakeGateway {
  readonly eventsUrl: string
  readonly callbackUrl: string
  readonly gridEvents: Heard[]
  readonly callbacks: Heard[]
  /** Types of the call events in the order in which they came, without their prefix. */
  readonly callbackTypes: () => string[]
  /** The data of the last call event of the type. */
  readonly callbackData: (type: string) => any
  /** What `/events` answers from now on; by default 200, and the validation code when it is asked. */
  answer: (request: Heard) => { status: number, body?: unknown, headers?: Record<string, string> } | undefined
  /** What the callback route answers. */
  callbackStatus: number
}

export interface World {
  readonly sandbox: Sandbox
  readonly gateway: FakeGateway
  readonly sms: SmsClient
  readonly calls: CallAutomationClient
  /** Asks one of the sandbox's own routes. */
  readonly control: (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
  Promise<{ status: number, headers: Record<string, unknown>, text: string, json: any }>
  /** A telephone call to the number, set up as the gateway does. */
  readonly call: (to: string, setup?: { cognitiveServicesEndpoint?: string, callbackUrl?: string }) => Promise<string>
}

const CLIENT: SmsClientOptions = { allowInsecureConnection: true, retryOptions: { maxRetries: 0 } }

const startGateway = async (t: Test, sandbox: Sandbox): Promise<FakeGateway> => {
  const app: FastifyInstance = fastify({ forceCloseConnections: true })
  t.teardown(() => app.close())
  const json = (_: unknown, body: unknown, done: (error: null, value: unknown) => void) => done(null, JSON.parse(body as string))
  for (const type of ['application/cloudevents+json', 'application/cloudevents-batch+json']) {
    app.addContentTypeParser(type, { parseAs: 'string' }, json)
  }
  const keys = createRemoteJWKSet(new URL(sandbox.callbackJwksUrl))
  const gateway: FakeGateway = {
    eventsUrl: '',
    callbackUrl: '',
    gridEvents: [],
    callbacks: [],
    callbackTypes: () => gateway.callbacks.map(({ body }) => body[0].type.replace('Microsoft.Communication.', '')),
    callbackData: type => gateway.callbacks.findLast(({ body }) => body[0].type.endsWith(type))?.body[0].data,
    answer: () => undefined,
    callbackStatus: 200
  }
  app.route({
    method: ['POST', 'OPTIONS'],
    url: '/events',
    handler: async ({ url, headers, body }, reply) => {
      const heard = { url, headers, body: body as any }
      gateway.gridEvents.push(heard)
      const { status, body: answer, headers: more = {} } = gateway.answer(heard) ?? { status: 200 }
      const code = heard.body?.[0]?.data?.validationCode
      return reply.code(status).headers({ 'webhook-allowed-origin': 'eventgrid.azure.net', ...more })
        .send(answer ?? (code === undefined ? '' : { validationResponse: code }))
    }
  })
  app.post('/callbacks', async ({ url, headers, body }, reply) => {
    await jwtVerify(headers.authorization!.replace('Bearer ', ''), keys, {
      issuer: sandbox.callbackIssuer, audience: sandbox.resourceId, algorithms: ['RS256']
    })
    gateway.callbacks.push({ url, headers, body: body as any })
    return reply.code(gateway.callbackStatus).send()
  })
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  return Object.assign(gateway, { eventsUrl: `${origin}/events`, callbackUrl: `${origin}/callbacks?of=test` })
}

/** Sends bytes to a server as they are, which `fetch` would not: any Host, any Origin. */
export const send = async (url: string, method: string, headers: Record<string, string>, body?: string) => {
  const outgoing = request(url, { method, headers, agent: false })
  outgoing.end(body)
  const [response] = await once(outgoing, 'response')
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) text += chunk
  return {
    status: response.statusCode as number,
    headers: response.headers as Record<string, unknown>,
    text,
    get json () { return JSON.parse(text) }
  }
}

/** A sandbox at pace 0, a gateway that it can reach, and the real clients. */
export const startWorld = async (t: Test, options: Partial<SandboxOptions> = {}): Promise<World> => {
  const sandbox = await startSandbox({ eventGridSecret: SECRET, pace: 0, ...options })
  t.teardown(() => sandbox.close())
  const gateway = await startGateway(t, sandbox)
  const calls = new CallAutomationClient(sandbox.connectionString, CLIENT)
  return {
    sandbox,
    gateway,
    sms: new SmsClient(sandbox.connectionString, CLIENT),
    calls,
    control: (method, path, body, headers = {}) => body === undefined
      ? send(`${sandbox.url}${path}`, method, headers)
      : send(`${sandbox.url}${path}`, method, { 'content-type': 'application/json', ...headers }, JSON.stringify(body)),
    async call (to, { cognitiveServicesEndpoint = sandbox.cognitiveServicesEndpoint, callbackUrl = gateway.callbackUrl } = {}) {
      const { callConnectionProperties } = await calls.createCall(
        { targetParticipant: { phoneNumber: to }, sourceCallIdNumber: { phoneNumber: FROM } },
        callbackUrl,
        {
          operationContext: 'the-call',
          ...(cognitiveServicesEndpoint === '' ? {} : { callIntelligenceOptions: { cognitiveServicesEndpoint } })
        })
      return callConnectionProperties.callConnectionId!
    }
  }
}

/** The headers that sign a request, for what the clients would not send. */
export const signed = (key: string, url: string, method: string, body: string, date = 'Sat, 21 Nov 2026 02:39:55 GMT') => {
  const { host, pathname, search } = new URL(url)
  const hash = createHash('sha256').update(body).digest('base64')
  const signature = createHmac('sha256', Buffer.from(key, 'base64'))
    .update(`${method}\n${pathname}${search}\n${date};${host};${hash}`).digest('base64')
  return {
    'x-ms-date': date,
    'x-ms-content-sha256': hash,
    authorization: `HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=${signature}`
  }
}

/** What an error of a client must have; the client's errors are more than `Error` says. */
export const error = (fields: object): Error => fields as Error
