import t, { type Test } from 'tap'
import { Deadline } from '../../../src/domain/deadline.ts'
import { timeOrderedId } from '../../../src/domain/identifier.ts'
import type { SendResult } from '../../../src/domain/outcome.ts'
import { SensitiveText } from '../../../src/domain/sensitive.ts'
import { inTurn } from '../../../src/providers/acs/voice.ts'
import type { Provider } from '../../../src/providers/provider.ts'
import type { CallBehaviour } from '../../../src/sandbox/sandbox.ts'
import { CODE, NUMBER, numberOf, orderFor, providerSuite } from '../suite.ts'
import { answering, closedAccount, faultOf, providerOf, startAcs, type AcsStand, type AcsStandOptions } from './stand.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

const start = async (t: Test, options?: AcsStandOptions): Promise<AcsStand & { readonly provider: Provider }> => {
  const stand = await startAcs(t, options)
  return { ...stand, provider: providerOf(stand.acs, 'acs-voice') }
}

/** What is said of one call where Azure behaves so. */
const sendTo = async (t: Test, call: CallBehaviour, options?: AcsStandOptions): Promise<{ result: SendResult, stand: AcsStand }> => {
  const { provider, ...stand } = await start(t, options)
  stand.sandbox.script(NUMBER, { call })
  return { result: await provider.send(orderFor('voice'), Deadline.in(30_000)), stand }
}

t.test('calls by Azure', async (t) => {
  providerSuite(t, {
    name: 'acs-voice',
    channel: 'voice',
    isConducted: true,
    async start (t) {
      const { provider, sandbox, accessKey } = await start(t)
      return {
        provider,
        secrets: [accessKey],
        become (mood) {
          const call = faultOf(mood, accessKey)
          if (call === undefined) return false
          sandbox.script(NUMBER, { call })
          return true
        },
        requests: () => sandbox.requests.filter(({ path }) => path === '/calling/callConnections').length,
        made: () => sandbox.calls.length
      }
    },
    async unreachable (t) {
      return (await start(t, { settings: { account: await closedAccount('a2V5') } })).provider
    }
  })
})

t.test('a call goes out with its attempt, the speech service, and a way back that shows neither number nor code', async (t) => {
  const { provider, sandbox } = await start(t)
  const order = orderFor('voice')
  const result = await provider.send(order, Deadline.in(30_000))
  const call = sandbox.calls[0]
  t.match(call, {
    to: NUMBER, from: '+15550100001', operationContext: order.attempt, cognitiveServicesEndpoint: sandbox.cognitiveServicesEndpoint
  })
  t.same(result, { kind: 'accepted', reference: call?.id })
  const callbackUri = new URL(call?.callbackUri ?? '')
  t.equal(callbackUri.origin + callbackUri.pathname, `${sandbox.url}/nobody`)
  t.equal(callbackUri.searchParams.get('delivery'), order.delivery)
  t.equal(callbackUri.searchParams.get('attempt'), order.attempt)
  t.notMatch(callbackUri.href, CODE)
  t.notMatch(callbackUri.href, NUMBER.slice(1))
})

t.test('the repeatability id and its first date come from the attempt, in the headers', async (t) => {
  const { provider, sandbox, asked } = await start(t)
  const startedAt = Date.UTC(2026, 1, 3, 4, 5, 6, 789)
  const order = orderFor('voice', { startedAt })
  await provider.send(order, Deadline.in(30_000))
  await provider.send(orderFor('voice', { startedAt, attempt: timeOrderedId(startedAt + 1) }), Deadline.in(30_000))
  const headers = asked.map((request) => new Headers(request.headers))
  const [first, second] = headers.map((one) => one.get('repeatability-request-id'))
  t.match(first, UUID)
  t.match(second, UUID)
  t.not(second, first)
  t.same(headers.map((one) => one.get('repeatability-first-sent')), Array(2).fill('Tue, 03 Feb 2026 04:05:06 GMT'))
  t.same(headers.map((one) => [...one.values()].join().includes(order.attempt)), [false, false])
  t.same(sandbox.calls.map(({ repeatabilityRequestId }) => repeatabilityRequestId), [first, second])
})

t.test('the same attempt again is the same call', async (t) => {
  const { provider, sandbox } = await start(t)
  const order = orderFor('voice')
  const first = await provider.send(order, Deadline.in(30_000))
  t.same(await provider.send(order, Deadline.in(30_000)), first)
  t.equal(sandbox.calls.length, 1)
  t.equal(sandbox.calls[0]?.repeats, 1)
})

t.test('our numbers call in turn', async (t) => {
  const sources = ['+15550100001', '+15550100002', '+15550100003']
  const { provider, sandbox } = await start(t, { sources })
  for (let call = 0; call < 4; call += 1) {
    t.match(await provider.send(orderFor('voice', { to: numberOf(`+1555765432${call}`) }), Deadline.in(30_000)), { kind: 'accepted' })
  }
  t.same(sandbox.calls.map(({ from }) => from), [...sources, sources[0]])
  const next = inTurn(['+15550100001'])
  t.same([next(), next()], ['+15550100001', '+15550100001'])
})

t.test('a call that Azure will not set up is a no', async (t) => {
  const { result } = await sendTo(t, { httpError: { status: 400, body: { error: { code: '8523', message: 'Invalid.' } } } })
  t.same(result, { kind: 'failed', reason: 'configuration', vendorCode: '8523' })
  const account = { sources: ['+15550100001'] }
  const { provider } = await start(t, {
    ...account,
    settings: {
      voice: {
        sources: ['+15550100099'],
        cognitiveServicesEndpoint: new URL('https://speech.invalid/'),
        callbackUrl: new URL('http://127.0.0.1/nobody'),
        voiceNames: new Map()
      }
    }
  })
  t.same(await provider.send(orderFor('voice'), Deadline.in(30_000)), { kind: 'failed', reason: 'credentials', vendorCode: 'Unauthorized' })
})

t.test('an answer without a call in it leaves it open whether there is one', async (t) => {
  for (const body of ['{}', '{"callConnectionId":null}', '{"serverCallId":"x"}', '[]', 'null', '']) {
    const { provider } = await start(t, { wrapHttp: () => answering({ status: 201, body }) })
    t.match(await provider.send(orderFor('voice'), Deadline.in(30_000)), { kind: 'unknown', reason: 'provider_error' }, body)
  }
})

t.test('where repeatability is not trusted, a lost reply stays lost', async (t) => {
  const { result, stand: { sandbox } } = await sendTo(t, { drop: 'after-accept', times: 1 })
  t.same(result, { kind: 'unknown', reason: 'connection' })
  t.equal(sandbox.requests.length, 1)
})

t.test('where repeatability is trusted, a lost reply is asked for again by the same id, and there is one call', async (t) => {
  const { result, stand: { sandbox, asked } } = await sendTo(t, { drop: 'after-accept', times: 1 }, { settings: { trustRepeatability: true } })
  t.same(result, { kind: 'accepted', reference: sandbox.calls[0]?.id })
  t.equal(sandbox.calls.length, 1)
  t.equal(sandbox.calls[0]?.repeats, 1)
  t.equal(asked.length, 2)
  t.same(asked[1]?.body, asked[0]?.body, 'the way back is the same too')
})

t.test('without a code the words go with the call, sealed', async (t) => {
  const { provider, sandbox } = await start(t)
  t.match(await provider.send(orderFor('voice', { code: undefined, text: new SensitiveText('Blocked. Call us.') }), Deadline.in(30_000)), { kind: 'accepted' })
  const callbackUri = decodeURIComponent(sandbox.calls[0]?.callbackUri ?? '')
  t.match(callbackUri, /call=[A-Za-z0-9_-]{100,}/)
  t.notMatch(callbackUri, /Blocked|Call us/)
})

t.test('with neither a code nor words there is no call', async (t) => {
  const { provider, sandbox } = await start(t)
  t.equal(provider.needsCode, false)
  t.same(await provider.send(orderFor('voice', { code: undefined }), Deadline.in(30_000)), { kind: 'failed', reason: 'content_refused' })
  t.equal(sandbox.requests.length, 0)
})
