import t, { type Test } from 'tap'
import type { TwilioCallBehaviour } from '../../src/sandbox/sandbox.ts'
import type { TestGatewayOptions } from '../support/gateway.ts'
import { callbackOf, factsOf, happened, KEYPRESS, MESSAGE, NUMBER, startTwilioGateway, timesSpoken, WITHOUT_TOKEN, type TwilioGateway } from './twilio-stand.ts'

const CODE = /4\W*8\W*2\W*9\W*1\W*3/
const OTHER_NUMBER = '+14155550124'

const callWith = async (t: Test, call: TwilioCallBehaviour, options: TestGatewayOptions = {}): Promise<TwilioGateway & { readonly id: string }> => {
  const gateway = await startTwilioGateway(t, options)
  gateway.sandbox.script(NUMBER, { twilio: { call } })
  const { status, body } = await gateway.post('/send-voice-code', MESSAGE)
  t.match({ status, body }, { status: 200, body: { status: 'accepted', channel: 'voice', provider: 'twilio-voice' } })
  return { ...gateway, id: body.id }
}

/** The first URL in a document of a call, without what is not sent. */
const firstUrl = (twiml: string | undefined, verb: 'action' | 'Redirect' = 'action'): string => {
  const found = (verb === 'action' ? /action="([^"]*)"/ : /<Redirect[^>]*>([^<]*)</).exec(twiml ?? '')?.[1] ?? ''
  return found.replaceAll('&amp;', '&').split('#', 1)[0] as string
}

/** A call that rings, and where it will ask for the code. */
const ringingCall = async (t: Test): Promise<TwilioGateway & { readonly id: string, readonly call: string, readonly action: string }> => {
  const gateway = await callWith(t, { outcome: 'manual' }, { settings: KEYPRESS })
  await gateway.sandbox.settled()
  const [call] = gateway.sandbox.calls
  return { ...gateway, call: call?.id ?? '', action: firstUrl(call?.form?.Twiml) }
}

/** The words of a document, without its markup. */
const wordsOf = (twiml: string | undefined): string => twiml?.replace(/<[^>]*>/g, ' ') ?? ''

const keyForm = (CallSid: string): Record<string, string> => ({ CallSid, CallStatus: 'in-progress', Digits: '1', FinishedOnKey: '', msg: 'Gather End' })

const answer = async ({ sandbox }: TwilioGateway): Promise<void> => {
  const call = await sandbox.waitFor('call', ({ status }) => status === 'ringing')
  await fetch(`${sandbox.url}/sandbox/calls/${call.id}/answer`, { method: 'POST' })
}

t.test('a call says the code three times, hangs up, and is delivered', async (t) => {
  const gateway = await callWith(t, { outcome: 'answer' })
  const delivery = await gateway.reaches(gateway.id, 'delivered')
  await gateway.sandbox.settled()
  t.equal(timesSpoken(gateway), 3)
  t.match(gateway.sandbox.calls[0], { vendor: 'twilio', state: 'disconnected', to: NUMBER, status: 'completed' })
  t.notOk('warnings' in (gateway.sandbox.calls[0] ?? {}), 'Twilio could say all of it')
  t.match(await gateway.delivery(gateway.id), { status: 'delivered', attempts: [{ provider: 'twilio-voice', reference: gateway.sandbox.calls[0]?.id }] }, 'its end changes nothing')
  t.ok(['attempt.accepted', 'call.ringing', 'call.spoken'].every((what) => happened(delivery).includes(what)), happened(delivery).join())
})

for (const [outcome, more, reason, vendorCode] of [
  ['busy', {}, 'busy', '486'],
  ['no-answer', {}, 'no_answer', '480'],
  ['failed', {}, 'number_unreachable', '404'],
  ['failed', { errorCode: 13224 }, 'number_invalid', '13224'],
  ['canceled', {}, 'canceled', '487'],
  ['answer', { hangUpDuringPlay: true }, 'hung_up', undefined]
] as const) {
  t.test(`a call that comes to nothing (${outcome} ${JSON.stringify(more)}) says why`, async (t) => {
    const gateway = await callWith(t, { outcome, ...more })
    const found = await gateway.reaches(gateway.id, 'undelivered')
    await gateway.sandbox.settled()
    t.match(found, { reason, attempts: [{ reason, ...vendorCode && { vendorCode } }] })
    t.equal((await gateway.delivery(gateway.id)).status, 'undelivered')
  })
}

t.test('a person who declines is told from one who is busy', async (t) => {
  const gateway = await callWith(t, { outcome: 'manual' })
  const call = await gateway.sandbox.waitFor('call', ({ status }) => status === 'ringing')
  await fetch(`${gateway.sandbox.url}/sandbox/calls/${call.id}/decline`, { method: 'POST' })
  t.match(await gateway.reaches(gateway.id, 'undelivered'), { reason: 'declined_or_limited', attempts: [{ vendorCode: '603' }] })
})

t.test('after a key the code is spoken, and again after every further key', async (t) => {
  const gateway = await callWith(t, { outcome: 'answer', keys: ['#', '*', '7'] }, { settings: KEYPRESS })
  await gateway.reaches(gateway.id, 'delivered')
  await gateway.sandbox.settled()
  const [call] = gateway.sandbox.calls
  const [prompt, ...codes] = call?.spoken ?? []
  t.notMatch(prompt, CODE)
  t.equal(codes.length, 3)
  t.ok(codes.every((code) => CODE.test(code)))
  t.match(call, { state: 'disconnected' })
  t.notOk('warnings' in (call ?? {}))
})

t.test('a key repeats the code a bounded number of times', async (t) => {
  const gateway = await callWith(t, { outcome: 'answer', keys: Array.from({ length: 50 }, () => '5') }, { settings: KEYPRESS })
  await gateway.reaches(gateway.id, 'delivered')
  await gateway.sandbox.settled()
  t.equal(timesSpoken(gateway), 5 * 3)
  t.same(factsOf(gateway, 'events.ignored'), [], 'and is not asked for after the last time')
  t.equal(gateway.sandbox.calls[0]?.state, 'disconnected')
})

const UNANSWERED: readonly TwilioCallBehaviour[] = [{ outcome: 'answer', keys: ['', ''] }, { outcome: 'voicemail' }]
for (const call of UNANSWERED) {
  t.test(`where nobody presses a key, as of ${call.outcome}, the code is not spoken`, async (t) => {
    const gateway = await callWith(t, call, { settings: KEYPRESS })
    t.match(await gateway.reaches(gateway.id, 'undelivered'), { reason: 'not_confirmed' })
    await gateway.sandbox.settled()
    t.equal(gateway.sandbox.calls[0]?.spoken.length, 2, 'it was asked twice')
    t.notMatch(gateway.sandbox.calls[0]?.spoken.join(), CODE)
    t.match(await gateway.delivery(gateway.id), { status: 'undelivered', reason: 'not_confirmed' }, 'the end of the call knows no better reason')
  })
}

t.test('a call of whose end nothing is told is delivered, where the code was heard', async (t) => {
  const gateway = await callWith(t, { outcome: 'answer', keys: ['1'], loseCallbacks: ['completed'] }, { settings: KEYPRESS })
  await gateway.reaches(gateway.id, 'delivered')
  await gateway.sandbox.settled()
  t.match(await gateway.delivery(gateway.id), { status: 'delivered' })
})

t.test('a code that expires while it rings is not spoken', async (t) => {
  const gateway = await callWith(t, { outcome: 'manual', keys: ['1'] }, { settings: KEYPRESS })
  gateway.clock.advance(301_000)
  await answer(gateway)
  t.match(await gateway.reaches(gateway.id, 'undelivered'), { reason: 'expired' })
  await gateway.sandbox.settled()
  t.equal(gateway.sandbox.calls[0]?.spoken.length, 1)
  t.notMatch(gateway.sandbox.calls[0]?.spoken.join(), CODE)
  t.equal(gateway.sandbox.calls[0]?.state, 'disconnected')
})

t.test('a code that expires while it is spoken is not repeated', async (t) => {
  const gateway = await ringingCall(t)
  const { action, call, callBack, clock, delivery, id } = gateway
  const first = await (await callBack(action, keyForm(call))).text()
  t.match(wordsOf(first), CODE)
  clock.advance(301_000)
  const second = await (await callBack(firstUrl(first), keyForm(call))).text()
  t.notMatch(wordsOf(second), CODE)
  t.match(second, /<Hangup\/>/)
  t.match(await delivery(id), { status: 'delivered' }, 'who asks again has heard it')
})

t.test('where a key is asked for, the request holds no code, and no URL ever does', async (t) => {
  const gateway = await callWith(t, { outcome: 'answer', keys: ['1', '1'] }, { settings: KEYPRESS })
  await gateway.reaches(gateway.id, 'delivered')
  await gateway.sandbox.settled()
  const [call] = gateway.sandbox.calls
  t.notMatch(wordsOf(JSON.stringify(call?.form)), CODE)
  const { searchParams } = new URL(firstUrl(call?.form?.Twiml))
  for (const [, value] of searchParams) {
    t.notMatch(value, /482913/)
    t.notMatch(Buffer.from(value, 'base64url').toString('latin1'), /482913|4155550123/)
  }
  t.notMatch(callbackOf(call), /call=/, 'news of the call carry nothing sealed')
})

t.test('where no key is asked for, no URL in the request holds the code', async (t) => {
  const gateway = await callWith(t, { outcome: 'answer' })
  await gateway.sandbox.settled()
  const { Twiml, StatusCallback } = gateway.sandbox.calls[0]?.form ?? {}
  t.match(wordsOf(Twiml), CODE)
  t.notMatch(firstUrl(Twiml, 'Redirect') + StatusCallback, /482913/)
})

t.test('the same question has the same answer, and is one event', async (t) => {
  const { action, call, callBack, delivery, id } = await ringingCall(t)
  const replies = await Promise.all([1, 2, 3].map(async () => {
    const reply = await callBack(action, keyForm(call))
    t.match([reply.status, reply.headers.get('content-type'), reply.headers.get('cache-control')], [200, /^text\/xml/, 'no-store'])
    return await reply.text()
  }))
  t.match(wordsOf(replies[0]), CODE)
  t.same(new Set(replies).size, 1)
  t.equal(happened(await delivery(id)).filter((what) => what === 'call.key-pressed').length, 1)
})

t.test('whoever has the URL and no signature hears nothing', async (t) => {
  const { action, call, callBack, stored, sandbox } = await ringingCall(t)
  const before = await stored()
  for (const forgery of [{ token: 'f'.repeat(32) }, { headers: { 'x-twilio-signature': '' } }, { signedUrl: action.replace('http:', 'https:') }, { token: sandbox.twilio.apiKey.secret }]) {
    const reply = await callBack(action, keyForm(call), forgery)
    t.equal(reply.status, 403)
    t.notMatch(wordsOf(await reply.text()), CODE)
  }
  t.equal(await stored(), before)
})

t.test('a sealed code that was changed, or moved to another call, is not spoken, signed or not', async (t) => {
  const gateway = await ringingCall(t)
  const { action, call, callBack, sandbox, post, stored } = gateway
  sandbox.script(OTHER_NUMBER, { twilio: { call: { outcome: 'manual' } } })
  await post('/send-voice-code', { phoneNumber: OTHER_NUMBER, code: '777555' })
  await sandbox.settled()
  const other = new URL(firstUrl(sandbox.calls[1]?.form?.Twiml))
  const before = await stored()
  const changed = (change: (query: URLSearchParams) => void): string => {
    const url = new URL(action)
    change(url.searchParams)
    return url.href
  }
  const token = new URL(action).searchParams.get('call') ?? ''
  const flipped = `${token.slice(0, 30)}${token[30] === 'A' ? 'B' : 'A'}${token.slice(31)}`
  for (const [what, url] of [
    ['changed', changed((query) => { query.set('call', flipped) })],
    ['cut short', changed((query) => { query.set('call', token.slice(0, -4)) })],
    ['left out', changed((query) => { query.delete('call') })],
    ['twice', `${action}&call=${token}`],
    ['of another attempt', changed((query) => { query.set('attempt', other.searchParams.get('attempt') ?? '') })],
    ['of another delivery', changed((query) => { query.set('delivery', other.searchParams.get('delivery') ?? '') })],
    ['in another\'s place', changed((query) => { query.set('call', other.searchParams.get('call') ?? '') })],
    ['of a step that there is not', changed((query) => { query.set('step', 'code:9') })],
    ['of a step that is none', changed((query) => { query.set('step', '') })]
  ] as const) {
    const reply = await callBack(url, keyForm(call))
    const text = await reply.text()
    t.equal(reply.status, 200, what)
    t.match(text, /<Response><Hangup\/><\/Response>/, what)
    t.notMatch(wordsOf(text), /4\W*8\W*2\W*9|7\W*7\W*7\W*5/, what)
  }
  t.equal(await stored(), before)
  t.equal(factsOf(gateway, 'events.ignored').length, 9)
})

t.test('the URL of one call, used in another, changes nothing in the record', async (t) => {
  const { action, callBack, stored } = await ringingCall(t)
  const before = await stored()
  await callBack(action, keyForm(`CA${'9'.repeat(32)}`))
  t.equal(await stored(), before)
})

for (const [name, settings, calls] of [['with no key asked for', {}, 3], ['with a key asked for', KEYPRESS, 3]] as const) {
  t.test(`with the store down in mid-call the person hears the code all the same, ${name}`, async (t) => {
    const gateway = await callWith(t, { outcome: 'manual', keys: ['1'] }, { settings })
    await gateway.sandbox.settled()
    gateway.failReports(1000)
    await answer(gateway)
    await gateway.sandbox.waitFor('call', ({ state }) => state === 'disconnected')
    await gateway.sandbox.settled()
    t.equal(timesSpoken(gateway), calls)
    t.notOk('warnings' in (gateway.sandbox.calls[0] ?? {}))
    t.match(await gateway.delivery(gateway.id), { status: 'accepted' })
    await t.rejects(gateway.gateway.housekeeping.runDue(), 'it is still down')
    gateway.failReports(0)
    await gateway.gateway.housekeeping.runDue()
    t.match(await gateway.delivery(gateway.id), { status: 'delivered' })
    t.ok(happened(await gateway.delivery(gateway.id)).includes('call.spoken'))
  })
}

t.test('callbacks that come three times change nothing', async (t) => {
  for (const settings of [{}, KEYPRESS]) {
    const gateway = await callWith(t, { outcome: 'answer', callbackCopies: 3, keys: ['1'] }, { settings })
    await gateway.reaches(gateway.id, 'delivered')
    await gateway.sandbox.settled()
    const what = happened(await gateway.delivery(gateway.id))
    t.equal(new Set(what).size, what.length, what.join())
    t.equal(factsOf(gateway, 'delivery.updated').length, 1)
  }
})

t.test('that the call is over may be told before that the code was spoken, and the other way round', async (t) => {
  for (const order of [['completed', 'spoken'], ['spoken', 'completed'], ['completed', 'ringing', 'spoken', 'in-progress']]) {
    const { action, call, callBack, delivery, id, sandbox } = await ringingCall(t)
    const steps = new URL(action)
    steps.searchParams.set('step', 'spoken')
    for (const word of order) {
      const { status } = word === 'spoken'
        ? await callBack(steps.href, { CallSid: call, CallStatus: 'in-progress' })
        : await callBack(callbackOf(sandbox.calls[0]), { CallSid: call, CallStatus: word, SipResponseCode: '200' })
      t.ok(status < 300)
      if (word === 'completed' && order[0] === word) t.match(await delivery(id), { status: 'undelivered', reason: 'hung_up' })
    }
    t.match(await delivery(id), { status: 'delivered', attempts: [{ status: 'delivered' }] }, order.join())
    t.equal((await delivery(id)).reason, undefined)
  }
})

t.test('where Twilio cannot call back there is nobody to ask for a key, and no call', async (t) => {
  const { post, sandbox, delivery } = await startTwilioGateway(t, { ...WITHOUT_TOKEN, settings: { ...WITHOUT_TOKEN.settings, ...KEYPRESS, TWILIO_VERIFY_SID: undefined } })
  const { status, body } = await post('/send-voice-code', MESSAGE)
  t.match({ status, body }, { status: 502, body: { detail: 'no_provider' } })
  t.match(await delivery(body.id), { plan: [] })
  t.same(sandbox.requests, [])
})

t.test('a call whose end was not told is asked about', async (t) => {
  const gateway = await callWith(t, { outcome: 'busy', loseCallbacks: ['busy'] })
  await gateway.sandbox.settled()
  t.match(await gateway.delivery(gateway.id), { status: 'accepted' })
  gateway.clock.advance(151_000)
  await gateway.gateway.housekeeping.inquire()
  t.match(await gateway.delivery(gateway.id), { status: 'undelivered', reason: 'busy' })
})

t.test('a call whose answer was lost rings once, and is known by its callbacks', async (t) => {
  const { post, sandbox, reaches, delivery } = await startTwilioGateway(t, { settings: KEYPRESS })
  sandbox.script(NUMBER, { twilio: { call: { drop: 'after-accept', outcome: 'answer', keys: ['1'] } } })
  const { status, body } = await post('/send-voice-code', MESSAGE)
  t.match({ status, body }, { status: 202, body: { status: 'unknown' } })
  await reaches(body.id, 'delivered')
  t.equal((await post('/send-voice-code', MESSAGE)).body.status, 'duplicate')
  await sandbox.settled()
  t.equal(sandbox.calls.length, 1)
  t.match(await delivery(body.id), { attempts: [{ reference: sandbox.calls[0]?.id }] })
})

t.test('where Azure cannot call, Twilio does', async (t) => {
  for (const settings of [{}, KEYPRESS]) {
    const { post, sandbox, reaches } = await startTwilioGateway(t, { twilio: 'too', settings })
    sandbox.script(NUMBER, { call: { httpError: { status: 503 } }, twilio: { call: { outcome: 'answer', keys: ['1'] } } })
    const { body } = await post('/send-voice-code', MESSAGE)
    t.match(body, { status: 'accepted', provider: 'twilio-voice' })
    t.match(await reaches(body.id, 'delivered'), { attempts: [{ provider: 'acs-voice', status: 'failed' }, { provider: 'twilio-voice', status: 'delivered' }] })
    t.same(sandbox.calls.map(({ vendor }) => vendor), ['twilio'])
  }
})

t.test('where Twilio cannot call, Azure does', async (t) => {
  for (const settings of [{}, KEYPRESS]) {
    const { post, sandbox, reaches } = await startTwilioGateway(t, { twilio: 'too', settings: { VOICE_ROUTE: 'twilio-voice,acs-voice', ...settings } })
    sandbox.script(NUMBER, { twilio: { call: { error: { status: 400, code: 21215 } } }, call: { outcome: 'answer', keys: ['1'] } })
    const { body } = await post('/send-voice-code', MESSAGE)
    t.match(body, { status: 'accepted', provider: 'acs-voice' })
    t.match(await reaches(body.id, 'delivered'), { attempts: [{ provider: 'twilio-voice', status: 'failed', vendorCode: '21215' }, { provider: 'acs-voice', status: 'delivered' }] })
    t.same(sandbox.calls.map(({ vendor }) => vendor), ['azure'])
  }
})

t.test('a language is spoken by a voice of its own; one that Twilio does not speak is spoken in English', async (t) => {
  for (const [locale, voice] of [['de-DE', /Polly\.Vicki/], ['es-MX', /Polly\.Mia/], ['xx', /Polly\.Joanna/], ['sw-KE', /Polly\.Joanna/]] as const) {
    for (const settings of [{}, KEYPRESS]) {
      const gateway = await startTwilioGateway(t, { settings })
      const { body } = await gateway.post('/send-voice-code', { ...MESSAGE, locale })
      await gateway.reaches(body.id, 'delivered')
      await gateway.sandbox.settled()
      t.equal(timesSpoken(gateway), 3, locale)
      t.match(gateway.sandbox.calls[0]?.played.join() + String(gateway.sandbox.calls[0]?.form?.Twiml), voice)
      t.notOk('warnings' in (gateway.sandbox.calls[0] ?? {}), locale)
    }
  }
})

t.test('an operator\'s own voice says it, whether it takes markup or not', async (t) => {
  for (const name of ['alice', 'Polly.Salli', 'Google.en-US-Chirp3-HD-Kore']) {
    const gateway = await startTwilioGateway(t, { settings: { TWILIO_VOICE_NAMES: `en-US=${name}`, VOICE_REPEATS: '1' } })
    const { body } = await gateway.post('/send-voice-code', { ...MESSAGE, locale: 'en-US' })
    await gateway.reaches(body.id, 'delivered')
    await gateway.sandbox.settled()
    t.equal(timesSpoken(gateway), 1, name)
    t.notOk('warnings' in (gateway.sandbox.calls[0] ?? {}), name)
  }
})
