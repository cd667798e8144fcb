import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { ADMIN, KEY, startTestGateway } from './support/gateway.ts'

/* Everything that looks on, wired into a whole gateway. Its parts are tested by themselves. */

const MESSAGE = { phoneNumber: '+4915112345678', code: '482913' }

interface Receiver {
  readonly url: string
  /** What came, in order. */
  readonly taken: Array<{ readonly headers: IncomingMessage['headers'], readonly text: string }>
  /** Settles once that was posted in which the text stands. */
  holds (text: string): Promise<void>
}

/** A server that takes everything. */
const startReceiver = async (t: Test): Promise<Receiver> => {
  const taken: Receiver['taken'] = []
  const waiting: Array<() => void> = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
      taken.push({ headers: request.headers, text: Buffer.concat(chunks).toString('utf8') })
      response.end()
      for (const look of waiting.splice(0)) look()
    })
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => { server.close(); server.closeAllConnections() })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    taken,
    async holds (text) {
      while (!taken.some((one) => one.text.includes(text))) await new Promise<void>((resolve) => { waiting.push(resolve) })
    }
  }
}

t.test('what becomes of a message is told to a webhook and to an Event Grid topic, without its code', async (t) => {
  const [webhook, topic] = [await startReceiver(t), await startReceiver(t)]
  const { post, close } = await startTestGateway(t, {
    settings: {
      ADMIN_SECRET: undefined,
      EVENTS_WEBHOOK_URL: `${webhook.url}/events`,
      EVENTS_WEBHOOK_SECRET: `whsec_${KEY}`,
      EVENT_GRID_TOPIC_ENDPOINT: `${topic.url}/api/events`,
      EVENT_GRID_TOPIC_KEY: 'key-of-the-topic',
      PUBLIC_URL: 'https://codes.example.com/'
    }
  })
  const { body: { id } } = await post('/send-text-code', MESSAGE)
  await Promise.all([webhook, topic].map((receiver) => receiver.holds('phone-code-gateway.delivery.delivered')))
  await close()
  const told = [...webhook.taken, ...topic.taken]
  t.ok(told.every(({ text }) => !text.includes('482913') && !text.includes('15112345678')))
  t.match(webhook.taken.map(({ text }) => JSON.parse(text)), [
    { type: 'phone-code-gateway.delivery.accepted', source: 'https://codes.example.com', subject: `deliveries/${id}` },
    { type: 'phone-code-gateway.delivery.delivered', subject: `deliveries/${id}` }
  ])
  t.ok(webhook.taken.every(({ headers }) => /^v1,/.test(String(headers['webhook-signature']))))
  t.ok(topic.taken.every(({ headers }) => headers['aeg-sas-key'] === 'key-of-the-topic'))
})

t.test('without an admin secret, or turned off, there is no inspector', async (t) => {
  for (const settings of [{ ADMIN_SECRET: undefined }, { INSPECTOR: 'off' }]) {
    const { url, gateway, post } = await startTestGateway(t, { settings })
    t.equal(gateway.inspectorLink(), undefined)
    t.match(await post('/send-text-code', MESSAGE), { status: 200 })
    for (const path of ['/inspector', '/inspector/socket', '/inspector/api/state']) {
      const { status } = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${ADMIN}` } })
      t.equal(status, 404, path)
    }
  }
})

t.test('the inspector knows which providers there are, and that they are the sandbox\'s where they are', async (t) => {
  const { url } = await startTestGateway(t, { twilio: 'too', settings: { PRICES: 'acs-sms=0.01' } })
  const response = await fetch(`${url}/inspector/api/state`, { headers: { authorization: `Bearer ${ADMIN}` } })
  t.match(await response.json(), {
    sandbox: false,
    production: false,
    replayMinutes: 60,
    currency: 'USD',
    channels: { sms: ['acs-sms', 'twilio-sms'], voice: ['acs-voice', 'twilio-voice'] },
    hooks: ['direct', 'auth0', 'okta', 'kratos', 'verifications', 'inspector']
  })
})

t.test('everything is there below the path of PUBLIC_URL, too', async (t) => {
  const { url } = await startTestGateway(t, { settings: { PUBLIC_URL: 'https://example.com/codes' } })
  const headers = { authorization: `Bearer ${ADMIN}` }
  for (const [path, status] of [['/codes/inspector', 200], ['/codes/inspector/api/state', 200], ['/codes/hooks/okta/events', 400]] as const) {
    t.equal((await fetch(`${url}${path}`, { headers })).status, status, path)
  }
})
