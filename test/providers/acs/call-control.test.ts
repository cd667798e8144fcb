import t, { type Test } from 'tap'
import { Deadline } from '../../../src/domain/deadline.ts'
import { OneTimeCode } from '../../../src/domain/one-time-code.ts'
import { SensitiveText } from '../../../src/domain/sensitive.ts'
import type { Speech } from '../../../src/domain/speech.ts'
import { EventsUnavailable, type CallControl } from '../../../src/providers/provider.ts'
import type { HttpClient, HttpResponse } from '../../../src/providers/http-client.ts'
import type { CallBehaviour, SandboxCall } from '../../../src/sandbox/sandbox.ts'
import { NUMBER, numberOf, orderFor } from '../suite.ts'
import { answering, closedAccount, impatient, providerOf, startAcs, type AcsStand, type AcsStandOptions } from './stand.ts'

const SPEECH: Speech = {
  locale: 'de-DE',
  parts: [{ kind: 'say', text: 'Ihr Code ist' }, { kind: 'spell', code: OneTimeCode.parse('493021') as OneTimeCode }]
}
const STEP = { step: 'say-code', plain: false }

interface ControlStand extends AcsStand {
  readonly control: CallControl
}

const start = async (t: Test, options?: AcsStandOptions): Promise<ControlStand> => {
  const stand = await startAcs(t, options)
  return { ...stand, control: stand.acs.calls as CallControl }
}

/** A call that somebody has answered. */
const connect = async ({ acs, sandbox }: AcsStand, call: CallBehaviour = {}): Promise<SandboxCall> => {
  sandbox.script(NUMBER, { call })
  const result = await providerOf(acs, 'acs-voice').send(orderFor('voice'), Deadline.in(30_000))
  const reference = result.kind === 'accepted' ? result.reference : undefined
  return await sandbox.waitFor('call', ({ id, state }) => id === reference && state === 'connected')
}

/** Somebody calls us; gives the call and what is needed to take it. */
const ring = async ({ sandbox }: AcsStand, from = '+15557654321'): Promise<{ call: SandboxCall, context: SensitiveText }> => {
  const response = await fetch(`${sandbox.url}/sandbox/incoming-calls`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ from })
  })
  const call = await response.json() as SandboxCall
  return { call, context: new SensitiveText(Buffer.from(JSON.stringify({ callConnectionId: call.id })).toString('base64url')) }
}

const byId = ({ sandbox }: AcsStand, id: string): SandboxCall => sandbox.calls.find((call) => call.id === id) as SandboxCall

/** A token of the kind that stands in the call's own way back. */
const tokenOf = (call: SandboxCall): SensitiveText => new SensitiveText(new URL(call.callbackUri ?? '').searchParams.get('call') ?? '')

t.test('what is spoken is heard, in its language, and its events carry the step', async (t) => {
  const stand = await start(t)
  const call = await connect(stand)
  t.equal(await stand.control.speak(call.id, SPEECH, STEP), 'taken')
  const { operations } = await stand.sandbox.waitFor('call', ({ operations }) => operations[0]?.state === 'completed')
  t.match(operations, [{ kind: 'play', operationContext: 'say-code', sources: [/^<speak .*de-DE.*4.*9.*3.*0.*2.*1/s] }])
})

t.test('without markup the same is spoken as plain text', async (t) => {
  const stand = await start(t)
  const call = await connect(stand)
  t.equal(await stand.control.speak(call.id, SPEECH, { step: 'plain', plain: true }), 'taken')
  const { operations } = await stand.sandbox.waitFor('call', ({ operations }) => operations[0]?.state === 'completed')
  t.match(operations, [{ operationContext: 'plain', speech: [{ kind: 'say', locale: 'de-DE' }] }])
  t.notMatch(operations[0]?.sources, [/</])
})

t.test('a voice of the operator takes the place of ours', async (t) => {
  const first = await start(t)
  const voice = { ...first.settings.voice as NonNullable<typeof first.settings.voice>, voiceNames: new Map([['de-DE', 'de-DE-ConradNeural']]) }
  const stand = await start(t, { settings: { voice } })
  const call = await connect(stand)
  await stand.control.speak(call.id, SPEECH, STEP)
  t.match(byId(stand, call.id).operations[0]?.sources, [/de-DE-ConradNeural/])
})

t.test('a question is spoken, listens for one key, and may be interrupted', async (t) => {
  for (const plain of [false, true]) {
    const stand = await start(t)
    const call = await connect(stand, { keys: ['1'] })
    t.equal(await stand.control.ask(call.id, numberOf(NUMBER), SPEECH, { step: 'ask', plain }), 'taken')
    const { operations } = await stand.sandbox.waitFor('call', ({ operations }) => operations[0]?.state === 'completed')
    t.match(operations, [{ kind: 'recognize', operationContext: 'ask', keys: ['1'], result: { subCode: 8531 } }])
    const body = JSON.parse(String(stand.asked.at(-1)?.body))
    t.match(body, {
      recognizeOptions: { interruptPrompt: true, initialSilenceTimeoutInSeconds: 6, targetParticipant: { phoneNumber: { value: NUMBER } }, dtmfOptions: { maxTonesToCollect: 1 } },
      playPrompt: { kind: plain ? 'text' : 'ssml' }
    })
  }
})

t.test('a call is ended for everybody', async (t) => {
  const stand = await start(t)
  const call = await connect(stand)
  t.equal(await stand.control.hangUp(call.id), true)
  t.match(byId(stand, call.id), { state: 'disconnected', end: { subCode: 7000 } })
  t.match(stand.asked.at(-1)?.url.pathname, /:terminate$/, 'and not left by us alone')
})

t.test('a call that rings is ended too', async (t) => {
  const stand = await start(t)
  stand.sandbox.script(NUMBER, { call: { outcome: 'manual' } })
  await providerOf(stand.acs, 'acs-voice').send(orderFor('voice'), Deadline.in(30_000))
  const id = stand.sandbox.calls[0]?.id as string
  t.equal(await stand.control.hangUp(id), true)
  t.match(byId(stand, id), { state: 'disconnected', end: { subCode: 560487 } })
})

t.test('to end a call that is over already is no failure, to say something in it is one', async (t) => {
  const stand = await start(t)
  const call = await connect(stand)
  await stand.control.hangUp(call.id)
  t.equal(await stand.control.hangUp(call.id), true)
  t.equal(await stand.control.speak(call.id, SPEECH, STEP), 'refused')
  t.equal(await stand.control.ask(call.id, numberOf(NUMBER), SPEECH, STEP), 'refused')
})

t.test('what Azure refuses was not taken, and where its answer is lost nobody knows', async (t) => {
  const refusals = [400, 401, 429, 503].map((status) => [{ httpError: { status, headers: { 'retry-after': '1' } } }, 'refused'] as const)
  const losses = [{ httpError: { status: 500 } }, { httpError: { status: 502 } }, { drop: 'before-read' }, { drop: 'after-accept' }, { malformed: 'broken-json' }] as const
  for (const [media, answer] of [...refusals, ...losses.map((loss) => [loss, 'unknown'] as const)]) {
    const stand = await start(t)
    const call = await connect(stand, { media })
    const before = stand.asked.length
    t.equal(await stand.control.speak(call.id, SPEECH, STEP), answer, JSON.stringify(media))
    t.equal(await stand.control.ask(call.id, numberOf(NUMBER), SPEECH, STEP), answer, JSON.stringify(media))
    t.equal(stand.asked.length, before + 2, 'each was asked for once')
  }
})

t.test('what never reached Azure was not taken', async (t) => {
  const first = await start(t)
  const { control } = await start(t, { settings: { account: await closedAccount(first.accessKey) } })
  t.equal(await control.speak('c0ffee', SPEECH, STEP), 'refused')
  t.equal(await control.ask('c0ffee', numberOf(NUMBER), SPEECH, STEP), 'refused')
  t.equal(await control.reject(new SensitiveText('context')), 'refused')
  t.equal(await control.answer(new SensitiveText('context'), 'en-US'), undefined)
  t.equal(await control.hangUp('c0ffee'), false)
})

t.test('an end that Azure refuses was not taken', async (t) => {
  for (const status of [401, 429, 500, 503]) {
    const { control } = await start(t, { wrapHttp: () => answering({ status, body: '{"error":{"code":"x","message":"y"}}' }) })
    t.equal(await control.hangUp('c0ffee'), false, String(status))
  }
})

t.test('an Azure that does not answer is not waited for', async (t) => {
  const stand = await start(t, {
    wrapHttp: (http) => ({
      ...http,
      async request (request) {
        t.ok(request.timeout > 0 && request.timeout <= 30_000)
        return await impatient(http, request.url.pathname.endsWith(':play') ? 50 : 30_000).request(request)
      }
    })
  })
  const call = await connect(stand, { media: { hang: true } })
  t.equal(await stand.control.speak(call.id, SPEECH, STEP), 'unknown')
})

t.test('a call is ours where Azure names our own token for it', async (t) => {
  const stand = await start(t)
  const call = await connect(stand)
  t.equal(await stand.control.confirms(call.id, tokenOf(call)), true)
  t.equal(await stand.control.confirms(call.id, new SensitiveText(`${tokenOf(call).reveal()}x`)), false)
  t.equal(await stand.control.confirms(call.id, new SensitiveText('')), false)
})

t.test('a call of somebody else is not ours, whatever token comes with it', async (t) => {
  const stand = await start(t)
  const mine = await connect(stand)
  const other = await connect(stand)
  t.not(other.id, mine.id)
  t.equal(await stand.control.confirms(other.id, tokenOf(mine)), false)
  t.equal(await stand.control.confirms('00000000-0000-4000-8000-000000000000', tokenOf(mine)), false)
  const { call: incoming } = await ring(stand)
  t.equal(await stand.control.confirms(incoming.id, tokenOf(mine)), false)
})

t.test('a call is not confirmed by an answer that does not name its way back', async (t) => {
  const answers = ['{}', '{"callbackUri":null}', '{"callbackUri":""}', '{"callbackUri":"not a URL"}', '{"callbackUri":"https://a.example/?other=abc"}']
  for (const body of answers) {
    const { control } = await start(t, { wrapHttp: () => answering({ body }) })
    t.equal(await control.confirms('c0ffee', new SensitiveText('abc')), false, body)
  }
})

/** Fails the first requests that ask about a call, and lets through what comes then. */
const failingFirst = (failures: ReadonlyArray<Partial<HttpResponse>>): ((http: HttpClient) => HttpClient) => {
  const left = [...failures]
  return (http) => ({
    ...http,
    async request (request) {
      const failure = request.method === 'GET' ? left.shift() : undefined
      return await (failure === undefined ? http : answering(failure)).request(request)
    }
  })
}

t.test('an Azure that fails once or twice is asked again whether a call is ours', async (t) => {
  const tooMany = { status: 429, headers: { 'retry-after': '60' } }
  for (const failures of [[{ status: 500 }], [tooMany], [{ body: '<html>' }], [tooMany, { status: 503 }]]) {
    const stand = await start(t, { wrapHttp: failingFirst(failures) })
    const call = await connect(stand)
    const before = stand.asked.length
    t.equal(await stand.control.confirms(call.id, tokenOf(call)), true)
    t.equal(stand.asked.length, before + failures.length + 1)
  }
})

t.test('where Azure cannot say whether a call is ours the event must come again', async (t) => {
  for (const failure of [{ status: 429 }, { status: 500 }, { status: 401 }, { body: '<html>' }]) {
    const stand = await start(t, { wrapHttp: failingFirst([failure, failure, failure]) })
    const call = await connect(stand)
    const before = stand.asked.length
    await t.rejects(stand.control.confirms(call.id, tokenOf(call)), EventsUnavailable, JSON.stringify(failure))
    t.equal(stand.asked.length, before + 3)
    t.equal(await stand.control.confirms(call.id, tokenOf(call)), true, 'when it comes again')
  }
})

t.test('a call that Azure does not know is not ours, and is asked about once', async (t) => {
  const stand = await start(t, { wrapHttp: () => answering({ status: 404, body: '{"error":{"code":"8522","message":"Call not found"}}' }) })
  t.equal(await stand.control.confirms('c0ffee', new SensitiveText('abc')), false)
  t.equal(stand.asked.length, 1)
})

t.test('a caller is rejected, once', async (t) => {
  const stand = await start(t)
  const { call, context } = await ring(stand)
  t.equal(await stand.control.reject(context), 'taken')
  t.match(byId(stand, call.id), { state: 'disconnected', end: { subCode: 560603 } })
  t.match(JSON.parse(String(stand.asked.at(-1)?.body)), { callRejectReason: 'busy' })
  t.equal(await stand.control.reject(context), 'refused')
  t.equal(await stand.control.reject(new SensitiveText('not a context')), 'refused')
})

t.test('a caller is answered, with a way back that knows the language and can speak', async (t) => {
  const stand = await start(t)
  const { call, context } = await ring(stand)
  t.equal(await stand.control.answer(context, 'es-MX'), call.id, 'the call has a name from the start')
  const answered = await stand.sandbox.waitFor('call', ({ id, state }) => id === call.id && state === 'connected')
  t.equal(answered.cognitiveServicesEndpoint, stand.sandbox.cognitiveServicesEndpoint)
  const url = new URL(answered.callbackUri ?? '')
  t.same([...url.searchParams.keys()], ['announcement'])
  t.equal(url.pathname, '/nobody')
  t.notMatch(url.search, 'es-MX')
  t.equal(await stand.control.speak(call.id, SPEECH, STEP), 'taken')
  t.equal(await stand.control.answer(context, 'es-MX'), undefined, 'it is answered already')
})
