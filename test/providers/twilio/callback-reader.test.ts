import { inspect } from 'node:util'
import t from 'tap'
import { timeOrderedId } from '../../../src/domain/identifier.ts'
import { SensitiveText } from '../../../src/domain/sensitive.ts'
import type { CallbackReader, ReceivedCallback } from '../../../src/providers/provider.ts'
import { createCallbackUrls } from '../../../src/providers/callback-url.ts'
import { createTwilioCallbackReader } from '../../../src/providers/twilio/callback-reader.ts'
import { CODE, hidesAll, NUMBER, printed } from '../suite.ts'
import { BASE, callParts, type CallParts, type CallPartsOptions } from './call-parts.ts'
import { sign, type Form } from './signature.ts'
import { named, readTwiml, saidIn, textOf } from './twiml-document.ts'
import { ACCOUNT, sid, TOKEN } from './vendor.ts'

const ATTEMPT = timeOrderedId(Date.now())
const QUERY = `?attempt=${ATTEMPT}`
const MESSAGE: Form = { AccountSid: ACCOUNT, MessageSid: sid('SM'), SmsSid: sid('SM'), MessageStatus: 'sent', SmsStatus: 'sent', From: '+15550100001', To: NUMBER, ApiVersion: '2010-04-01' }
const CALL: Form = { AccountSid: ACCOUNT, CallSid: sid('CA'), CallStatus: 'ringing', From: '+15550100001', To: NUMBER, Direction: 'outbound-api', SequenceNumber: '1' }

interface Stand extends CallParts {
  readonly reader: CallbackReader
  /** Gives a request as Twilio makes it. */
  receive (about: 'message' | 'call', search: string, form: Form): ReceivedCallback
  /** Asks how the call goes on, as Twilio does. */
  askAt (url: string, form?: Form): ReceivedCallback
}

const start = (options: CallPartsOptions = {}): Stand => {
  const parts = callParts(options)
  const reader = createTwilioCallbackReader({ authTokens: [new SensitiveText(TOKEN)], urls: parts.urls, script: parts.script })
  const receive: Stand['receive'] = (about, search, form) => reader.read({
    about, search, form, headers: { 'x-twilio-signature': sign(TOKEN, `${BASE.href}/${about}${search}`, form) }
  })
  const askAt: Stand['askAt'] = (url, form = {}) => receive('call', new URL(url).search, { ...CALL, CallStatus: 'in-progress', ...form })
  return { ...parts, reader, receive, askAt }
}

const signalOf = (received: ReceivedCallback) => {
  if (received.kind !== 'signals') throw new Error(received.kind)
  const [signal, ...others] = received.signals
  if (signal?.kind !== 'report' || others.length + received.ignored.length > 0) throw new Error('it is not one report')
  return signal
}

const replyOf = (received: ReceivedCallback) => readTwiml(received.kind === 'signals' ? received.reply : undefined)
const endsCall = (received: ReceivedCallback): boolean => JSON.stringify(replyOf(received).children) === '[{"name":"Hangup","attributes":{},"children":[]}]'
const ignored = (why: string) => ({ kind: 'signals', signals: [], ignored: [why], reply: undefined })

t.test('a report names the message, its attempt and its channel, and what became of it', async (t) => {
  const { receive } = start()
  t.same(receive('message', QUERY, MESSAGE), {
    kind: 'signals',
    signals: [{
      kind: 'report', channel: 'sms', attempt: ATTEMPT, reference: sid('SM'), key: 'message sent', what: 'report.sent', status: 'accepted', reason: undefined, vendorCode: undefined
    }],
    ignored: [],
    reply: undefined
  })
  t.match(signalOf(receive('message', QUERY, { ...MESSAGE, MessageStatus: 'DELIVERED' })), { status: 'delivered', what: 'report.delivered', key: 'message delivered' })
  t.match(signalOf(receive('message', QUERY, { ...MESSAGE, MessageStatus: 'undelivered', ErrorCode: '30003' })), {
    status: 'undelivered', reason: 'number_unreachable', vendorCode: '30003', key: 'message undelivered 30003', what: 'report.undelivered'
  })
})

t.test('a report by the old names of the fields is one too, and fields may be added', async (t) => {
  const { receive } = start()
  const { MessageSid: _sid, MessageStatus: _status, ...old } = MESSAGE
  t.match(signalOf(receive('message', QUERY, { ...old, SmsStatus: 'delivered', NewField: ['a', 'b'] })), { reference: sid('SM'), status: 'delivered' })
  t.match(signalOf(receive('message', QUERY, { ...MESSAGE, MessageSid: sid('MM') })), { reference: sid('MM') })
})

t.test('WhatsApp shows in the numbers', async (t) => {
  const { receive } = start()
  t.match(signalOf(receive('message', QUERY, { ...MESSAGE, To: `whatsapp:${NUMBER}` })), { channel: 'whatsapp' })
  t.match(signalOf(receive('message', QUERY, { ...MESSAGE, From: 'whatsapp:+15550100001', To: '' })), { channel: 'whatsapp' })
  t.match(signalOf(receive('message', QUERY, { ...MESSAGE, To: [`whatsapp:${NUMBER}`, NUMBER] })), { channel: 'sms' }, 'a number that comes twice says nothing')
})

t.test('a report without an attempt of ours is known by the message', async (t) => {
  const { receive } = start()
  for (const search of ['', '?', '?attempt=', '?attempt=1', `${QUERY}&attempt=${ATTEMPT}`, `?attempt=${ATTEMPT.toUpperCase()}`, '?%ff=%']) {
    t.match(signalOf(receive('message', search, MESSAGE)), { attempt: undefined, reference: sid('SM') }, search)
    t.match(signalOf(receive('call', search, CALL)), { attempt: undefined, reference: sid('CA') }, search)
  }
})

t.test('what says nothing of a message of ours is passed over', async (t) => {
  const { receive } = start()
  for (const status of ['queued', 'accepted', 'sending', 'received', 'receiving', 'scheduled', 'brand-new']) {
    t.same(receive('message', QUERY, { ...MESSAGE, MessageStatus: status }), ignored('unknown'), status)
  }
  const forms: Form[] = [
    {}, { MessageStatus: 'sent' }, { MessageSid: sid('SM') }, { ...MESSAGE, MessageSid: 'x' }, { ...MESSAGE, MessageSid: sid('CA') },
    { ...MESSAGE, MessageSid: [sid('SM'), sid('SM', 2)], SmsSid: '' }, { ...MESSAGE, MessageStatus: '', SmsStatus: '' },
    { ...MESSAGE, MessageStatus: 'delivered now' }, { ...MESSAGE, MessageStatus: 'x'.repeat(41) }, { ...MESSAGE, MessageStatus: ['sent', 'delivered'], SmsStatus: '<b>' }
  ]
  for (const form of forms) t.same(receive('message', QUERY, form), ignored('malformed'), JSON.stringify(form).slice(0, 80))
})

t.test('the status of a call says how far it is', async (t) => {
  const { receive } = start()
  for (const status of ['initiated', 'queued', 'ringing', 'in-progress', 'answered']) {
    t.same(receive('call', QUERY, { ...CALL, CallStatus: status }), {
      kind: 'signals',
      signals: [{ kind: 'report', channel: 'voice', attempt: ATTEMPT, reference: sid('CA'), key: `call.${status}`, what: `call.${status}`, status: 'accepted', reason: undefined, vendorCode: undefined }],
      ignored: [],
      reply: undefined
    }, status)
  }
})

t.test('the status of a call that is over says why', async (t) => {
  const { receive } = start()
  const cases: ReadonlyArray<readonly [Form, string, string | undefined]> = [
    [{ CallStatus: 'completed', SipResponseCode: '200' }, 'hung_up', undefined],
    [{ CallStatus: 'COMPLETED' }, 'hung_up', undefined],
    [{ CallStatus: 'busy' }, 'busy', undefined],
    [{ CallStatus: 'busy', SipResponseCode: '486' }, 'busy', '486'],
    [{ CallStatus: 'busy', SipResponseCode: '600' }, 'busy', '600'],
    [{ CallStatus: 'busy', SipResponseCode: '603' }, 'declined_or_limited', '603'],
    [{ CallStatus: 'no-answer' }, 'no_answer', undefined],
    [{ CallStatus: 'no-answer', SipResponseCode: '487' }, 'no_answer', '487'],
    [{ CallStatus: 'no-answer', SipResponseCode: '480' }, 'no_answer', '480'],
    [{ CallStatus: 'failed', SipResponseCode: '408' }, 'no_answer', '408'],
    [{ CallStatus: 'canceled', SipResponseCode: '487' }, 'canceled', '487'],
    [{ CallStatus: 'failed' }, 'number_unreachable', undefined],
    [{ CallStatus: 'failed', SipResponseCode: '404' }, 'number_unreachable', '404'],
    [{ CallStatus: 'failed', SipResponseCode: '604' }, 'number_unreachable', '604'],
    [{ CallStatus: 'failed', SipResponseCode: '484' }, 'number_invalid', '484'],
    [{ CallStatus: 'failed', SipResponseCode: '410' }, 'number_invalid', '410'],
    [{ CallStatus: 'failed', SipResponseCode: '403' }, 'carrier_blocked', '403'],
    [{ CallStatus: 'failed', SipResponseCode: '607' }, 'carrier_blocked', '607'],
    [{ CallStatus: 'failed', SipResponseCode: '608' }, 'carrier_blocked', '608'],
    [{ CallStatus: 'failed', SipResponseCode: '500' }, 'carrier_error', '500'],
    [{ CallStatus: 'failed', SipResponseCode: '503' }, 'carrier_error', '503'],
    [{ CallStatus: 'failed', ErrorCode: '13224', SipResponseCode: '503' }, 'number_invalid', '13224'],
    [{ CallStatus: 'failed', ErrorCode: '99999', SipResponseCode: '503' }, 'carrier_error', '99999'],
    [{ CallStatus: 'failed', ErrorCode: 'x', SipResponseCode: '200' }, 'number_unreachable', undefined],
    [{ CallStatus: 'failed', ErrorCode: '', SipResponseCode: ['503', '404'] }, 'number_unreachable', undefined]
  ]
  for (const [form, reason, vendorCode] of cases) {
    const signal = signalOf(receive('call', QUERY, { ...CALL, ...form }))
    t.match(signal, { status: 'undelivered', reason, vendorCode, attempt: ATTEMPT, what: `call.${String(form.CallStatus).toLowerCase()}` }, JSON.stringify(form))
    t.equal(signal.key, [`call.${String(form.CallStatus).toLowerCase()}`, vendorCode].join(' ').trimEnd())
  }
})

t.test('what says nothing of a call of ours is passed over', async (t) => {
  const { receive } = start()
  t.same(receive('call', QUERY, { ...CALL, CallStatus: 'paused' }), ignored('unknown'))
  for (const form of [{}, { CallSid: sid('CA') }, { CallStatus: 'busy' }, { ...CALL, CallSid: 'CA1' }, { ...CALL, CallStatus: ['busy', 'failed'] }]) {
    t.same(receive('call', QUERY, form), ignored('malformed'), JSON.stringify(form))
  }
})

t.test('a key leads to the code, and the call was answered', async (t) => {
  const { askAt, urls, call } = start()
  const received = askAt(urls.forCall(call)({ kind: 'code', round: 1 }), { Digits: '1' })
  t.same(signalOf(received), {
    kind: 'report', channel: 'voice', attempt: call.attempt, reference: sid('CA'), key: 'call code:1', what: 'call.key-pressed', status: 'accepted', reason: undefined, vendorCode: undefined
  })
  t.match(saidIn(replyOf(received)), /^Your code is 4 9 3 0 2 1 Again/)
})

t.test('a call goes from URL to URL to its end, and each says what was heard', async (t) => {
  const { askAt, urls, call } = start()
  let url = urls.forCall(call)({ kind: 'code', round: 1 })
  for (let round = 1; round <= 4; round += 1) {
    const received = askAt(url, { Digits: '#' })
    t.match(signalOf(received), { status: round === 1 ? 'accepted' : 'delivered', key: `call code:${round}`, what: 'call.key-pressed' })
    url = named(replyOf(received), 'Gather')[0]?.attributes.action as string
  }
  const last = askAt(url, { Digits: '1' })
  t.match(signalOf(last), { status: 'delivered', key: 'call code:5' })
  t.same(named(replyOf(last), 'Gather'), [])
  const end = askAt(textOf(named(replyOf(last), 'Redirect')[0] as never))
  t.match(signalOf(end), { status: 'delivered', key: 'call spoken', what: 'call.spoken' })
  t.ok(endsCall(end))
})

t.test('the same question has the same answer again', async (t) => {
  const { askAt, urls, call } = start()
  const url = urls.forCall(call)({ kind: 'code', round: 2 })
  const [first, again] = [1, 2].map(() => askAt(url, { Digits: '1' }))
  t.same(signalOf(first as never), signalOf(again as never))
  t.equal(first?.kind === 'signals' && first.reply?.reveal(), again?.kind === 'signals' && again.reply?.reveal())
})

t.test('a call in which nobody pressed a key says nothing, and is not confirmed', async (t) => {
  const { askAt, urls, call } = start()
  const next = urls.forCall(call)
  const notConfirmed = askAt(next({ kind: 'not-confirmed' }))
  t.match(signalOf(notConfirmed), { status: 'undelivered', reason: 'not_confirmed', what: 'call.not-confirmed', key: 'call not-confirmed' })
  t.ok(endsCall(notConfirmed))
  for (const form of [{}, { Digits: '' }, { Digits: [] }]) {
    const received = askAt(next({ kind: 'code', round: 1 }), form)
    t.match(signalOf(received), { status: 'undelivered', reason: 'not_confirmed' }, JSON.stringify(form))
    t.ok(endsCall(received))
  }
})

t.test('several keys are a key', async (t) => {
  const { askAt, urls, call } = start()
  for (const Digits of ['12', '*', ['1', '2']]) t.match(signalOf(askAt(urls.forCall(call)({ kind: 'code', round: 1 }), { Digits })), { what: 'call.key-pressed' })
})

t.test('who was told the code and presses nothing more has heard it', async (t) => {
  const { askAt, urls, call } = start()
  const received = askAt(urls.forCall(call)({ kind: 'code', round: 2 }))
  t.match(signalOf(received), { status: 'delivered', what: 'call.spoken' })
  t.ok(endsCall(received))
})

t.test('a code that has expired is not spoken', async (t) => {
  const { askAt, urls, call, clock } = start()
  const next = urls.forCall(call)
  clock.advance(60_000)
  const first = askAt(next({ kind: 'code', round: 1 }), { Digits: '1' })
  t.match(signalOf(first), { status: 'undelivered', reason: 'expired' })
  t.ok(endsCall(first))
  const again = askAt(next({ kind: 'code', round: 2 }), { Digits: '1' })
  t.match(signalOf(again), { status: 'delivered' }, 'who asks again has heard it')
  t.ok(endsCall(again))
  t.match(signalOf(askAt(next({ kind: 'spoken' }))), { status: 'delivered' })
})

t.test('a key leads to words where there is no code, until they expire', async (t) => {
  const { askAt, urls, call, clock } = start({ call: { said: new SensitiveText('Blocked. Call us.') } })
  const url = urls.forCall(call)({ kind: 'code', round: 1 })
  const received = askAt(url, { Digits: '1' })
  t.match(signalOf(received), { status: 'accepted', what: 'call.key-pressed' })
  t.match(saidIn(replyOf(received)), /^Blocked\. Call us\. Blocked\. Call us\. To hear it again/)
  t.notMatch(inspect(received, { depth: 10 }), 'Blocked')
  clock.advance(60_000)
  const late = askAt(url, { Digits: '1' })
  t.match(signalOf(late), { status: 'undelivered', reason: 'expired' })
  t.ok(endsCall(late))
})

t.test('a step is believed only with the code that was sealed for it', async (t) => {
  const { askAt, urls, call } = start()
  const url = new URL(urls.forCall(call)({ kind: 'spoken' }))
  const other = new URL(urls.forCall({ ...call, attempt: timeOrderedId(Date.now()) })({ kind: 'spoken' }))
  const foreign = new URL(callParts().urls.forCall(call)({ kind: 'spoken' }))
  const tampered: Array<[string, string | null]> = [
    ['call', other.searchParams.get('call')], ['call', foreign.searchParams.get('call')], ['call', ''], ['call', 'x'], ['attempt', other.searchParams.get('attempt')],
    ['delivery', timeOrderedId(Date.now())], ['attempt', ''], ['announcement', 'x']
  ]
  for (const [name, value] of tampered) {
    const changed = new URL(url)
    changed.searchParams.set(name, value ?? '')
    const received = askAt(changed.href, { Digits: '1' })
    t.match(received, { kind: 'signals', signals: [], ignored: ['foreign'] }, `${name}=${value}`)
    t.ok(endsCall(received))
  }
})

t.test('neither a call nor an announcement of another vendor\'s opens a call', async (t) => {
  const { receive, keys, clock, call } = start()
  const azure = createCallbackUrls(BASE, keys, clock, 'call')
  for (const { search } of [azure.forCall(call), azure.forAnnouncement('en-US')]) {
    for (const step of ['code%3A1', 'spoken']) {
      const received = receive('call', `${search}&step=${step}`, { ...CALL, Digits: '1' })
      t.match(received, { signals: [], ignored: ['foreign'] })
      t.ok(endsCall(received))
    }
  }
})

t.test('a step that there is not ends the call', async (t) => {
  const { askAt, urls, call } = start()
  const url = new URL(urls.forCall(call)({ kind: 'spoken' }))
  for (const step of ['', 'code', 'code:0', 'code:6', 'code:10', 'code:1:plain', 'Spoken', 'confirm:1', '__proto__']) {
    url.searchParams.set('step', step)
    const received = askAt(url.href, { Digits: '1' })
    t.match(received, { signals: [], ignored: ['unknown'] }, step)
    t.ok(endsCall(received), step)
  }
})

t.test('a step of no call is malformed, and ends', async (t) => {
  const { askAt, urls, call } = start()
  for (const CallSid of ['', 'CA', sid('SM'), [sid('CA'), sid('CA')]]) {
    const received = askAt(urls.forCall(call)({ kind: 'spoken' }), { CallSid })
    t.match(received, { signals: [], ignored: ['malformed'] })
    t.ok(endsCall(received))
  }
})

t.test('nothing that was read prints a number, a code or a token', async (t) => {
  const { askAt, receive, urls, call, reader } = start()
  const url = urls.forCall(call)({ kind: 'code', round: 1 })
  const token = new URL(url).searchParams.get('call') as string
  const received = [askAt(url, { Digits: '1' }), receive('message', QUERY, MESSAGE), reader]
  hidesAll(t, received.map(printed).join('\n'), [CODE, [...CODE].join(' '), '4 <break', NUMBER, NUMBER.slice(1), token, TOKEN], 'what was read')
})
