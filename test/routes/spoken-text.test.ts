import t, { type Test } from 'tap'
import type { Behaviour } from '../../src/sandbox/behaviour.ts'
import type { SandboxCall } from '../../src/sandbox/sandbox.ts'
import { startTestGateway, type TestGateway, type TestGatewayOptions } from '../support/gateway.ts'

const NUMBER = '+14155550123'
const TEXT = 'Your account was blocked. Call us at once.'
const KEYPRESS = { VOICE_CONFIRM: 'keypress' }

interface Vendor {
  readonly options: TestGatewayOptions
  readonly provider: string
  /** A call that does so, in the vendor's own words. */
  readonly call: (call: { readonly outcome: 'answer' | 'manual' | 'voicemail', readonly keys?: string[] }) => Behaviour
}

const VENDORS: Readonly<Record<string, Vendor>> = {
  Azure: { options: {}, provider: 'acs-voice', call: (call) => ({ call }) },
  Twilio: { options: { twilio: 'alone' }, provider: 'twilio-voice', call: (call) => ({ twilio: { call } }) }
}

interface Placed extends TestGateway {
  readonly id: string
  /** The call as the sandbox tells of it. */
  call (): Promise<SandboxCall>
}

const say = async (t: Test, { options, provider, call }: Vendor, text: string, behaviour: Parameters<Vendor['call']>[0] = { outcome: 'answer' }, settings = {}): Promise<Placed> => {
  const gateway = await startTestGateway(t, { ...options, settings })
  gateway.sandbox.script(NUMBER, call(behaviour))
  const { status, body } = await gateway.post('/send-voice-code', { phoneNumber: NUMBER, text })
  t.match({ status, body }, { status: 200, body: { status: 'accepted', channel: 'voice', provider } })
  return {
    ...gateway,
    id: body.id,
    async call () {
      await gateway.sandbox.settled()
      const calls = await (await fetch(`${gateway.sandbox.url}/sandbox/calls`)).json() as SandboxCall[]
      t.equal(calls.length, 1)
      return calls[0] as SandboxCall
    }
  }
}

for (const [name, vendor] of Object.entries(VENDORS)) {
  t.test(`${name}: a text without a code is spoken twice, and delivered`, async (t) => {
    const placed = await say(t, vendor, TEXT)
    await placed.reaches(placed.id, 'delivered')
    const call = await placed.call()
    t.same(call.transcript, [TEXT, TEXT])
    t.match(call, { to: NUMBER, state: 'disconnected' })
    t.notOk('warnings' in call, 'all of it could be said')
    t.notMatch(JSON.stringify([placed.log, placed.events, await placed.delivery(placed.id)]), /blocked/)
  })

  t.test(`${name}: it is spoken as often as codes are, where that is once`, async (t) => {
    const placed = await say(t, vendor, TEXT, undefined, { VOICE_REPEATS: '1' })
    await placed.reaches(placed.id, 'delivered')
    t.same((await placed.call()).transcript, [TEXT])
  })

  t.test(`${name}: what XML would take for markup is said, and so are characters of every kind`, async (t) => {
    const text = 'Your <Hangup/> & "x" \'y\' ]]> &amp; <break time="9s"/> 👍 您好'
    const placed = await say(t, vendor, `${text}\u0000\r\n`)
    await placed.reaches(placed.id, 'delivered')
    t.same((await placed.call()).transcript, [text, text])
  })

  t.test(`${name}: digits in it are spelled; a single code is what the call says`, async (t) => {
    const placed = await say(t, vendor, 'Case 4829, blocked at 173100. Call 110.')
    await placed.reaches(placed.id, 'delivered')
    t.same((await placed.call()).transcript[0], 'Case 4 8 2 9 blocked at 1 7 3 1 0 0 Call 110.')
    const code = await say(t, vendor, 'Your code: 4829. Call 110.')
    await code.reaches(code.id, 'delivered')
    t.match((await code.call()).transcript, ['Your code is 4 8 2 9', /^Again/, /^Again/])
  })

  t.test(`${name}: a long text is cut, and said`, async (t) => {
    for (const text of ['word '.repeat(300).trim(), '&'.repeat(1600), '您'.repeat(1600), `1234567890 2345678901 3456789012 ${'&'.repeat(500)}`]) {
      const placed = await say(t, vendor, text)
      await placed.reaches(placed.id, 'delivered')
      const said = (await placed.call()).transcript[0] ?? ''
      t.ok(said.length >= 200 && said.length <= 430, String(said.length))
      t.ok(text.replaceAll(' ', '').startsWith(said.replaceAll(' ', '')))
    }
  })

  t.test(`${name}: where a key is asked for it is said after one, and again after another`, async (t) => {
    const placed = await say(t, vendor, TEXT, { outcome: 'answer', keys: ['1', '2'] }, KEYPRESS)
    await placed.reaches(placed.id, 'delivered')
    const [prompt, ...said] = (await placed.call()).spoken
    t.match(prompt, /press any key/)
    t.notMatch(prompt, /blocked/)
    t.equal(said.length, 2)
    for (const words of said) t.match(words, /^Your account was blocked\. .*once\. Your account was blocked\. .*once\. To hear it again, press any key\.$/)
  })

  t.test(`${name}: voicemail never holds it where a key is asked for`, async (t) => {
    const placed = await say(t, vendor, TEXT, { outcome: 'voicemail' }, KEYPRESS)
    t.match(await placed.reaches(placed.id, 'undelivered'), { reason: 'not_confirmed' })
    t.notMatch((await placed.call()).spoken.join(), /blocked/)
  })

  t.test(`${name}: once it has expired it is not spoken any more`, async (t) => {
    const placed = await say(t, vendor, TEXT, { outcome: 'manual', keys: ['1'] }, KEYPRESS)
    const ringing = await placed.sandbox.waitFor('call', ({ to }) => to === NUMBER)
    placed.clock.advance(301_000)
    await fetch(`${placed.sandbox.url}/sandbox/calls/${ringing.id}/answer`, { method: 'POST' })
    t.match(await placed.reaches(placed.id, 'undelivered'), { reason: 'expired' })
    t.notMatch((await placed.call()).spoken.join(), /blocked/)
  })

  t.test(`${name}: the same text twice is one call`, async (t) => {
    const placed = await say(t, vendor, TEXT, { outcome: 'manual' })
    t.match(await placed.post('/send-voice-code', { phoneNumber: NUMBER, text: TEXT }), { status: 200, body: { status: 'duplicate' } })
    await placed.call()
  })

  t.test(`${name}: its language is that of the voice`, async (t) => {
    const { post, sandbox, reaches } = await startTestGateway(t, vendor.options)
    const { body } = await post('/send-voice-code', { phoneNumber: NUMBER, text: 'Ihr Konto wurde gesperrt.', locale: 'de-DE' })
    await reaches(body.id, 'delivered')
    t.match(sandbox.calls[0], { spoken: [/^Ihr Konto wurde gesperrt\./], played: [/de-DE/] })
  })
}

t.test('Azure: speech that fails is tried once more in plain text, no longer than Azure takes', async (t) => {
  const { post, sandbox, reaches } = await startTestGateway(t)
  sandbox.script(NUMBER, { call: { outcome: 'answer', playFailures: 1 } })
  const { body } = await post('/send-voice-code', { phoneNumber: NUMBER, text: 'word & '.repeat(200) })
  await reaches(body.id, 'delivered')
  const plain = sandbox.calls[0]?.played.at(-1) ?? ''
  t.match(plain, /^word & word & /)
  t.ok(plain.length <= 400 && plain.length > 390, String(plain.length))
})

t.test('where Azure does not take the call, Twilio says the words', async (t) => {
  const { post, sandbox, reaches } = await startTestGateway(t, { twilio: 'too' })
  sandbox.script(NUMBER, { call: { httpError: { status: 503 } } })
  const { body } = await post('/send-voice-code', { phoneNumber: NUMBER, text: TEXT })
  t.match(body, { provider: 'twilio-voice' })
  await reaches(body.id, 'delivered')
  t.match(sandbox.calls.at(-1), { vendor: 'twilio', transcript: [TEXT, TEXT] })
})

t.test('Verify says codes only: where there is nobody else, a text is not sent', async (t) => {
  const { post, sandbox } = await startTestGateway(t, { twilio: 'alone', settings: { VOICE_ROUTE: 'twilio-verify' } })
  t.match(await post('/send-voice-code', { phoneNumber: NUMBER, text: TEXT }), { status: 502, body: { detail: 'no_provider' } })
  t.equal(sandbox.requests.length, 0)
})

t.test('with neither text nor code there is no call', async (t) => {
  const { post, sandbox } = await startTestGateway(t, { twilio: 'too' })
  t.match(await post('/send-voice-code', { phoneNumber: NUMBER }), { status: 400, body: { code: 'code_missing' } })
  t.match(await post('/send-voice-code', { phoneNumber: NUMBER, text: '' }), { status: 400, body: { code: 'invalid_body' } })
  const blank = await post('/send-voice-code', { phoneNumber: NUMBER, text: ' \n ' })
  t.ok(blank.status >= 400, String(blank.status))
  t.equal(sandbox.requests.length, 0)
})

t.test('a code of its own goes before the words', async (t) => {
  const { post, sandbox, reaches } = await startTestGateway(t)
  const { body } = await post('/send-voice-code', { phoneNumber: NUMBER, text: TEXT, code: '482913' })
  await reaches(body.id, 'delivered')
  t.match(sandbox.calls[0]?.transcript, ['Your code is 4 8 2 9 1 3', /^Again/, /^Again/])
})

t.test('a person who calls back is called with codes only', async (t) => {
  const { post, sandbox, reaches } = await startTestGateway(t, { settings: { INCOMING_CALLS: 'call-back' } })
  sandbox.script(NUMBER, { call: { outcome: 'busy' } })
  const { body } = await post('/send-voice-code', { phoneNumber: NUMBER, text: TEXT })
  await reaches(body.id, 'undelivered')
  await fetch(`${sandbox.url}/sandbox/incoming-calls`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ from: NUMBER }) })
  await sandbox.settled()
  t.equal(sandbox.calls.filter(({ direction }) => direction === 'outbound').length, 1)
})
