import t, { type Test } from 'tap'
import { ADMIN, startTestGateway, type TestGateway, type TestGatewayOptions } from '../support/gateway.ts'

const NUMBER = '+14155550123'

interface LiveStand extends TestGateway {
  ask (path: string, body?: unknown): Promise<{ readonly status: number, readonly body: any }>
  /** The details of a delivery, once they are such. */
  becomes (id: string, isSuch: (details: any) => boolean): Promise<any>
}

/** A gateway whose inspector is asked by the admin. */
const startInspected = async (t: Test, options: TestGatewayOptions = {}): Promise<LiveStand> => {
  const stand = await startTestGateway(t, options)
  const ask: LiveStand['ask'] = async (path, body) => {
    const reply = await fetch(`${stand.url}/inspector/api${path}`, {
      headers: { authorization: `Bearer ${ADMIN}`, ...body === undefined ? {} : { 'content-type': 'application/json' } },
      ...body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
    })
    return { status: reply.status, body: await reply.json() }
  }
  const patience = AbortSignal.timeout(15_000)
  return {
    ...stand,
    ask,
    async becomes (id, isSuch) {
      for (;;) {
        const { body } = await ask(`/deliveries/${id}`)
        if (isSuch(body)) return body
        if (patience.aborted) throw new Error(`the delivery never became such: ${JSON.stringify(body)}`)
      }
    }
  }
}

t.test('a message is seen with what was asked, and sent again: to nobody, and to the provider', async (t) => {
  const { post, ask, becomes, sandbox } = await startInspected(t)
  const { body: { id } } = await post('/send-text-code', { phoneNumber: NUMBER, code: '482913' })
  const details = await becomes(id, ({ exchanges, delivery }) => exchanges.length === 1 && delivery.status === 'delivered')
  t.match(details, {
    delivery: { id, hook: 'direct', status: 'delivered', provider: 'acs-sms', country: 'US' },
    timeline: [{ what: 'hook', hook: 'direct' }, { what: 'plan' }, { what: 'attempt' }, { what: 'answer', status: 'accepted' }, { what: 'report.delivered' }]
  })
  t.notMatch(JSON.stringify(details), /482913|4155550123/)
  const [{ id: exchange }] = details.exchanges
  t.match(await ask('/search', { text: NUMBER }), { status: 200, body: { deliveries: [{ id }] } })

  const rehearsed = await ask(`/deliveries/${id}/replay`, { exchange, to: 'sandbox' })
  t.match(rehearsed, { status: 202, body: { outcome: 'accepted', to: 'sandbox' } })
  t.equal(sandbox.messages.length, 1, 'nothing has left')
  t.match((await ask(`/deliveries/${rehearsed.body.id}`)).body, { delivery: { provider: 'rehearsal', hook: 'inspector', plan: ['acs-sms'] } })

  const sent = await ask(`/deliveries/${id}/replay`, { exchange, to: 'providers', confirmed: true })
  t.match(sent, { status: 202, body: { outcome: 'accepted', to: 'providers' } })
  t.equal(sandbox.messages.length, 2)
  t.match(sandbox.messages[1]?.text, /482913/)
})

t.test('a rehearsal is refused as the real one is', async (t) => {
  const { post, ask, becomes, sandbox } = await startInspected(t, { settings: { ALLOWED_COUNTRIES: 'DE', GUARD_MODES: 'allowed-countries=enforce' } })
  const refused = await post('/send-text-code', { phoneNumber: NUMBER, code: '482913' })
  t.match(refused, { status: 403, body: { code: 'recipient_not_allowed' } })
  const { exchanges: [{ id: exchange }] } = await becomes(refused.body.id, ({ exchanges }) => exchanges.length === 1)
  const { body } = await ask(`/deliveries/${refused.body.id}/replay`, { exchange, to: 'sandbox' })
  t.match(body, { outcome: 'refused', reason: 'country_not_allowed', to: 'sandbox' })
  t.match((await ask(`/deliveries/${body.id}`)).body.timeline, [{ what: 'hook', hook: 'inspector' }, { what: 'plan', plan: ['acs-sms'] }, { what: 'decision', rule: 'allowed-countries', mode: 'enforce' }])
  t.same(sandbox.messages, [])
})

t.test('a rehearsal takes no budget, and the real one does', async (t) => {
  const { post, ask, becomes } = await startInspected(t, { settings: { BUDGET_NUMBER: '2/10m' } })
  const { body: { id } } = await post('/send-text-code', { phoneNumber: NUMBER, code: '482913' })
  const { exchanges: [{ id: exchange }] } = await becomes(id, ({ exchanges }) => exchanges.length === 1)
  t.match(await ask(`/deliveries/${id}/replay`, { exchange, to: 'sandbox' }), { body: { outcome: 'accepted' } })
  t.match(await ask(`/deliveries/${id}/replay`, { exchange, to: 'providers', confirmed: true }), { body: { outcome: 'accepted' } })
  t.match(await post('/send-text-code', { phoneNumber: NUMBER, code: '777777' }), { status: 429 })
})

t.test('a test code is sent by the real providers once it is confirmed', async (t) => {
  const { ask, sandbox } = await startInspected(t)
  t.match(await ask('/test', { to: NUMBER, channel: 'sms' }), { status: 409, body: { code: 'not_confirmed' } })
  const { status, body } = await ask('/test', { to: NUMBER, channel: 'sms', confirmed: true })
  t.equal(status, 202)
  t.equal(sandbox.messages.length, 1)
  t.match((await ask(`/deliveries/${body.id}`)).body, { delivery: { hook: 'inspector', caller: 'inspector' }, exchanges: [] })
})
