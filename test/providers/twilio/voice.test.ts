import t, { type Test } from 'tap'
import { Deadline } from '../../../src/domain/deadline.ts'
import { SensitiveText } from '../../../src/domain/sensitive.ts'
import type { Provider } from '../../../src/providers/provider.ts'
import { createTwilioVoice } from '../../../src/providers/twilio/voice.ts'
import { CODE, hidesAll, NUMBER, orderFor, printed, providerSuite } from '../suite.ts'
import { BASE, callParts, codeOf, type CallParts, type CallPartsOptions } from './call-parts.ts'
import { readTwiml, saidIn, named, textOf } from './twiml-document.ts'
import { clientOf, closedUrl, fieldsOf, SECRETS, sid, startVendor, type Asked, type Vendor } from './vendor.ts'

const FROM = '+15550100001'
const CALL = { sid: sid('CA'), status: 'queued', date_created: 'Sat, 21 Nov 2026 08:00:00 +0000' }
const LONG = 30_000

interface Stand extends CallParts {
  readonly vendor: Vendor
  readonly provider: Provider
}

interface StandOptions extends CallPartsOptions {
  readonly confirm?: 'none' | 'keypress'
  /** Whether Twilio can call back; yes where absent. */
  readonly callbacks?: boolean
}

const start = async (t: Test, { confirm = 'none', callbacks = true, ...options }: StandOptions = {}): Promise<Stand> => {
  const vendor = await startVendor(t, CALL)
  const parts = callParts(options)
  const plan = confirm === 'keypress' ? { confirm, urls: parts.urls } : { confirm, urls: callbacks ? parts.urls : undefined }
  const provider = createTwilioVoice({ client: clientOf(t, vendor.url), from: FROM, script: parts.script, plan, maxSeconds: 90 })
  return { ...parts, vendor, provider }
}

const fieldOf = (asked: Asked | undefined, name: string): string => new URLSearchParams(asked?.body).get(name) ?? ''

t.test('calls by Twilio', async (t) => {
  providerSuite(t, {
    name: 'twilio-voice',
    channel: 'voice',
    expected: { 'says-503': { kind: 'unknown', reason: 'provider_error' } },
    async start (t) {
      const { provider, vendor } = await start(t)
      return { provider, secrets: SECRETS, become: vendor.become, requests: () => vendor.asked.length, made: vendor.made }
    },
    async unreachable (t) {
      const { script, urls } = callParts()
      return createTwilioVoice({ client: clientOf(t, await closedUrl()), from: FROM, script, plan: { confirm: 'none', urls }, maxSeconds: 90 })
    }
  })
})

t.test('a call goes out with what it says, how long it may take, and where to tell how far it is', async (t) => {
  const { provider, vendor } = await start(t)
  const order = orderFor('voice')
  t.same(await provider.send(order, Deadline.in(LONG)), { kind: 'accepted', reference: sid('CA') })
  const [asked] = vendor.asked
  t.match(asked, { method: 'POST', path: /^\/2010-04-01\/Accounts\/AC[0-9a-f]{32}\/Calls\.json$/ })
  t.same(fieldsOf(asked as Asked).filter(([name]) => name !== 'Twiml').sort(), [
    ['From', FROM],
    ['StatusCallback', `${BASE.href}/call?attempt=${order.attempt}#rc=3&rp=all`],
    ['StatusCallbackEvent', 'answered'],
    ['StatusCallbackEvent', 'completed'],
    ['StatusCallbackEvent', 'ringing'],
    ['StatusCallbackMethod', 'POST'],
    ['TimeLimit', '90'],
    ['Timeout', '30'],
    ['To', NUMBER]
  ])
})

t.test('what it says goes with it, and then it tells that the code was spoken', async (t) => {
  const { provider, vendor } = await start(t)
  const order = orderFor('voice')
  await provider.send(order, Deadline.in(LONG))
  const response = readTwiml(fieldOf(vendor.asked[0], 'Twiml'))
  t.equal(saidIn(response), 'Your code is 4 9 3 0 2 1 Again, your code is 4 9 3 0 2 1')
  const redirect = new URL(textOf(named(response, 'Redirect')[0] as never))
  t.equal(redirect.origin + redirect.pathname, `${BASE.href}/call`)
  t.match(Object.fromEntries(redirect.searchParams), { delivery: order.delivery, attempt: order.attempt, step: 'spoken' })
  hidesAll(t, redirect.href, [CODE, NUMBER.slice(1)], 'the URL')
})

t.test('a call that asks for a key first takes the code with it sealed, and not otherwise', async (t) => {
  const { provider, vendor, urls } = await start(t, { confirm: 'keypress' })
  const order = orderFor('voice', { locale: 'fr-CA' })
  t.match(await provider.send(order, Deadline.in(LONG)), { kind: 'accepted' })
  const [asked] = vendor.asked
  hidesAll(t, decodeURIComponent(asked?.body ?? '').replace(`To=${NUMBER}`, ''), [CODE, [...CODE].join(', '), NUMBER], 'the request')
  const action = named(readTwiml(fieldOf(asked, 'Twiml')), 'Gather')[0]?.attributes.action ?? ''
  const opened = urls.open(Object.fromEntries(new URL(action).searchParams))
  t.equal(opened?.content.said?.reveal(), CODE)
  t.match(opened, { attempt: order.attempt, content: { locale: 'fr-CA' } })
})

t.test('where Twilio cannot call back, nothing points to us', async (t) => {
  const { provider, vendor } = await start(t, { callbacks: false })
  t.match(await provider.send(orderFor('voice'), Deadline.in(LONG)), { kind: 'accepted' })
  t.same(fieldsOf(vendor.asked[0] as Asked).map(([name]) => name).sort(), ['From', 'TimeLimit', 'Timeout', 'To', 'Twiml'])
  t.notMatch(vendor.asked[0]?.body, 'example.com')
})

t.test('what is said is never longer than a request may carry', async (t) => {
  const { provider, vendor } = await start(t, { repeats: 10 })
  const order = orderFor('voice', { locale: 'th', code: codeOf('qwertzuiop') })
  await provider.send(order, Deadline.in(LONG))
  t.ok(Buffer.byteLength(fieldOf(vendor.asked[0], 'Twiml')) <= 4000)
})

t.test('without a code it says the words, and with one it does not', async (t) => {
  const text = new SensitiveText('Blocked. Call us.')
  for (const [more, said] of [[{ code: undefined, text }, /^Blocked\. Call us\./], [{ text }, /^Your code is 4 9/]] as const) {
    const { provider, vendor } = await start(t)
    t.match(await provider.send(orderFor('voice', more), Deadline.in(LONG)), { kind: 'accepted' })
    t.match(saidIn(readTwiml(fieldOf(vendor.asked[0], 'Twiml'))), said)
  }
})

t.test('words that are said after a key go with the call sealed', async (t) => {
  const { provider, vendor, urls } = await start(t, { confirm: 'keypress' })
  await provider.send(orderFor('voice', { code: undefined, text: new SensitiveText('Blocked. Call us.') }), Deadline.in(LONG))
  const [asked] = vendor.asked
  hidesAll(t, decodeURIComponent(asked?.body ?? ''), ['Blocked', 'Call us'], 'the request')
  const action = named(readTwiml(fieldOf(asked, 'Twiml')), 'Gather')[0]?.attributes.action ?? ''
  t.equal(urls.open(Object.fromEntries(new URL(action).searchParams))?.content.said?.reveal(), 'Blocked. Call us.')
})

t.test('with neither a code nor words there is no call', async (t) => {
  const { provider, vendor } = await start(t)
  t.equal(provider.needsCode, false)
  t.same(await provider.send(orderFor('voice', { code: undefined }), Deadline.in(LONG)), { kind: 'failed', reason: 'content_refused' })
  t.equal(vendor.asked.length, 0)
})

t.test('an answer without a call in it leaves it open whether there is one', async (t) => {
  const { provider, vendor } = await start(t)
  for (const body of [{}, { sid: null }, { sid: 7 }, { sid: 'CA1' }, { sid: sid('SM') }, { sid: '../../x' }]) {
    vendor.answer({ status: 201, body })
    t.same(await provider.send(orderFor('voice'), Deadline.in(LONG)), { kind: 'unknown', reason: 'provider_error' }, JSON.stringify(body))
  }
})

t.test('a refusal tells why, and what to do about it', async (t) => {
  const { provider, vendor } = await start(t)
  vendor.answer({ status: 403, body: { code: 21215, message: 'No.', status: 403 } })
  t.same(await provider.send(orderFor('voice'), Deadline.in(LONG)), { kind: 'failed', reason: 'destination_unsupported', vendorCode: '21215' })
  t.match(provider.hint('21215', 'ES'), /geo permissions for voice/)
  vendor.answer({ status: 429, headers: { 'retry-after': '3' }, body: { code: 20429, message: 'Slow down.', status: 429 } })
  t.same(await provider.send(orderFor('voice'), Deadline.in(LONG)), { kind: 'failed', reason: 'rate_limited', vendorCode: '20429', retryAfter: 3000 })
})

t.test('asked what became of a call, it tells only what is certain and final', async (t) => {
  const { provider, vendor } = await start(t)
  const word = (status: unknown) => {
    vendor.answer({ status: 200, body: { ...CALL, status } })
    return provider.inquiry?.ask(sid('CA', 7), Deadline.in(LONG))
  }
  t.same(await word('busy'), { status: 'undelivered', reason: 'busy', vendorCode: undefined })
  t.same(await word('no-answer'), { status: 'undelivered', reason: 'no_answer', vendorCode: undefined })
  t.same(await word('failed'), { status: 'undelivered', reason: 'number_unreachable', vendorCode: undefined })
  t.same(await word('canceled'), { status: 'undelivered', reason: 'canceled', vendorCode: undefined })
  for (const status of ['queued', 'ringing', 'in-progress', 'completed', 'new-status', null, undefined, 7, {}]) {
    t.equal(await word(status), undefined, JSON.stringify(status))
  }
  t.match(vendor.asked[0], { method: 'GET', path: new RegExp(`/Calls/${sid('CA', 7)}\\.json$`) })
})

t.test('an inquiry that fails tells nothing, in time', async (t) => {
  const { provider, vendor } = await start(t)
  for (const mood of ['says-404', 'says-500', 'echoes-400', 'answers-html', 'answers-empty', 'drops-after'] as const) {
    vendor.become(mood)
    t.equal(await provider.inquiry?.ask(sid('CA'), Deadline.in(LONG)), undefined, mood)
  }
  vendor.become('silent')
  t.equal(await provider.inquiry?.ask(sid('CA'), Deadline.in(50)), undefined, 'silent')
})

t.test('it is asked sooner where Twilio cannot tell by itself', async (t) => {
  t.equal((await start(t)).provider.inquiry?.after, 150_000)
  t.equal((await start(t, { callbacks: false })).provider.inquiry?.after, 45_000)
  t.equal((await start(t, { confirm: 'keypress' })).provider.inquiry?.after, 150_000)
})

t.test('Twilio is told nothing of codes that were used', async (t) => {
  const { provider } = await start(t)
  t.equal(provider.feedback, undefined)
  hidesAll(t, printed(provider), [...SECRETS, CODE], 'the provider')
})
