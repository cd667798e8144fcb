import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import twilio from 'twilio'
import { validateRequest } from 'twilio/lib/webhooks/webhooks.js'
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts'

export type Fields = Readonly<Record<string, string>>

/** A request that Twilio sent, and whether its signature holds. */
export interface Heard {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly fields: Fields
  readonly genuine: boolean
}

export interface Answer {
  readonly status?: number
  readonly type?: string
  readonly body?: string
  /** Reads the request, and never answers. */
  readonly silent?: boolean
}

/** A gateway as Twilio sees one: it takes callbacks, checks who sent them, and remembers them. */
export interface Receiver {
  readonly url: string
  readonly heard: Heard[]
  /** Values of a field, in the order in which they came. */
  readonly told: (name: string) => Array<string | undefined>
  /** What it answers from now on; an empty 204 by default. */
  answer: (request: Heard) => Answer
}

export interface TwilioWorld {
  readonly sandbox: Sandbox
  readonly client: twilio.Twilio
  readonly receiver: Receiver
}

const startReceiver = async (t: Test, authToken: string): Promise<Receiver> => {
  const receiver = {
    url: '',
    heard: [] as Heard[],
    told: (name: string) => receiver.heard.map(({ fields }) => fields[name]),
    answer: (_request: Heard): Answer => ({ status: 204 })
  }
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    const fields = Object.fromEntries(new URLSearchParams(body))
    const address = `${new URL(receiver.url).origin}${request.url}`
    const heard = {
      method: request.method!,
      url: request.url!,
      headers: request.headers,
      fields,
      genuine: validateRequest(authToken, String(request.headers['x-twilio-signature']), address, fields)
    }
    receiver.heard.push(heard)
    const { status = 200, type = 'text/xml', body: answer = '', silent = false } = receiver.answer(heard)
    if (!silent) response.writeHead(status, { 'content-type': type }).end(answer)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/told?of=test`
  return receiver
}

/** The real client, pointed at the sandbox. */
export const clientOf = (sandbox: Sandbox, username = sandbox.twilio.accountSid, password = sandbox.twilio.authToken,
  accountSid = sandbox.twilio.accountSid): twilio.Twilio => {
  const client = twilio(username, password, { accountSid, timeout: 10_000 })
  client.api.baseUrl = sandbox.twilio.baseUrl
  client.verify.baseUrl = sandbox.twilio.baseUrl
  return client
}

/** A sandbox at pace 0, the real client, and a receiver of callbacks. */
export const startTwilioWorld = async (t: Test, options: Partial<SandboxOptions> = {}): Promise<TwilioWorld> => {
  const sandbox = await startSandbox({ eventGridSecret: 'event-grid-secret', pace: 0, ...options })
  t.teardown(() => sandbox.close())
  return { sandbox, client: clientOf(sandbox), receiver: await startReceiver(t, sandbox.twilio.authToken) }
}
