import t, { type Test } from 'tap'
import { Deadline } from '../../../src/domain/deadline.ts'
import type { Provider } from '../../../src/providers/provider.ts'
import { createTwilioWhatsapp, type TwilioWhatsappDeps } from '../../../src/providers/twilio/whatsapp.ts'
import { orderFor, providerSuite } from '../suite.ts'
import { ACCOUNT, clientOf, closedUrl, fieldsOf, MESSAGE, SECRETS, sid, startVendor, type Asked, type Vendor } from './vendor.ts'

const LONG = 30_000

const whatsappOf = (t: Test, url: URL, more: Partial<TwilioWhatsappDeps> = {}): Provider =>
  createTwilioWhatsapp({ client: clientOf(t, url), number: '+14155238886', contentSid: sid('HX'), statusCallback: undefined, ...more })

const start = async (t: Test, more?: Partial<TwilioWhatsappDeps>): Promise<{ readonly provider: Provider, readonly vendor: Vendor }> => {
  const vendor = await startVendor(t)
  return { vendor, provider: whatsappOf(t, vendor.url, more) }
}

t.test('WhatsApp messages by Twilio', async (t) => {
  providerSuite(t, {
    name: 'twilio-whatsapp',
    channel: 'whatsapp',
    expected: { 'says-503': { kind: 'unknown', reason: 'provider_error' } },
    async start (t) {
      const { provider, vendor } = await start(t)
      return { provider, secrets: SECRETS, become: vendor.become, requests: () => vendor.asked.length, made: vendor.made }
    },
    unreachable: async (t) => whatsappOf(t, await closedUrl())
  })
})

t.test('the template has the words, and the code is its one variable', async (t) => {
  const { provider, vendor } = await start(t)
  t.same(await provider.send(orderFor('whatsapp'), Deadline.in(LONG)), { kind: 'accepted', reference: MESSAGE.sid })
  t.match(vendor.asked, [{
    method: 'POST',
    path: `/2010-04-01/Accounts/${ACCOUNT}/Messages.json`,
    body: `To=whatsapp%3A%2B15557654321&ContentVariables=%7B%221%22%3A%22493021%22%7D&From=whatsapp%3A%2B14155238886&ContentSid=${sid('HX')}`
  }])
})

t.test('Twilio is told where to call back', async (t) => {
  const { provider, vendor } = await start(t, { statusCallback: ({ attempt }) => new URL(`https://codes.example/?attempt=${attempt}`) })
  const order = orderFor('whatsapp')
  await provider.send(order, Deadline.in(LONG))
  t.equal(new Map(fieldsOf(vendor.asked[0] as Asked)).get('StatusCallback'), `https://codes.example/?attempt=${order.attempt}`)
  t.equal(provider.inquiry?.after, 120_000)
})

t.test('words without a code cannot be sent, and nobody is asked to', async (t) => {
  const { provider, vendor } = await start(t)
  t.same(await provider.send(orderFor('whatsapp', { code: undefined }), Deadline.in(LONG)), { kind: 'failed', reason: 'content_refused' })
  t.equal(vendor.asked.length, 0)
})

t.test('a sender that is none, and a limit, are told by their code', async (t) => {
  const { provider, vendor } = await start(t)
  const cases = [[63007, 'sender_refused'], [63018, 'rate_limited'], [63024, 'destination_unsupported']] as const
  for (const [code, reason] of cases) {
    vendor.answer({ status: 400, body: { code, status: 400 } })
    t.same(await provider.send(orderFor('whatsapp'), Deadline.in(LONG)), { kind: 'failed', reason, vendorCode: String(code) })
    t.type(provider.hint(String(code), undefined), 'string')
  }
})

t.test('asked about a message, one that was read was delivered', async (t) => {
  const { provider, vendor } = await start(t)
  vendor.answer({ body: { status: 'read', error_code: null } })
  t.match(await provider.inquiry?.ask(sid('SM'), Deadline.in(LONG)), { status: 'delivered' })
  vendor.answer({ body: { status: 'undelivered', error_code: 63016 } })
  t.match(await provider.inquiry?.ask(sid('SM'), Deadline.in(LONG)), { status: 'undelivered', reason: 'content_refused', vendorCode: '63016' })
  t.equal(provider.inquiry?.after, 15_000)
  t.equal(provider.feedback, undefined)
})
