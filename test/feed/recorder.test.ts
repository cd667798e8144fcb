import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import { createKeys } from '../../src/domain/keys.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import { createRecorder, type RecordedExchange, type RecorderDeps } from '../../src/feed/recorder.ts'
import { openMessage } from '../../src/feed/sealed-message.ts'
import { StoreUnavailable } from '../../src/store/sql.ts'
import { codeOf, messageOf } from '../support/message.ts'
import { recordBus } from '../support/recorded-bus.ts'
import { openSqliteStore, openWorld } from '../support/store.ts'

const keys = createKeys([randomBytes(32)])
const QUICK = { collect: 1, end: 2000 }

const stand = async (t: Test, options: Partial<RecorderDeps> = {}) => {
  const world = await openWorld(t, openSqliteStore)
  const bus = recordBus()
  const recorder = createRecorder({ exchanges: world.exchanges, keys, bus: bus.bus, now: world.clock, replayMs: 60_000, pauses: QUICK, ...options })
  const delivery = world.newId()
  const exchange = (more: Partial<RecordedExchange> = {}): RecordedExchange =>
    ({ id: world.newId(), delivery, hook: 'direct', status: 200, milliseconds: 7, body: { phoneNumber: '+4915112345678', code: 'KXRMTQ', text: 'It is kxrmtq' }, reply: { id: delivery, status: 'accepted', said: 'KXRMTQ' }, message: messageOf({ code: codeOf('KXRMTQ') }), ...more })
  const kept = async () => await world.exchanges.of(delivery)
  return { ...world, ...bus, recorder, delivery, exchange, kept }
}

t.test('what a hook was asked and answered is kept, masked, with the sealed message', async (t) => {
  const { recorder, exchange, kept, exchanges, clock, delivery } = await stand(t)
  const one = exchange()
  recorder.note(one)
  await recorder.stop()
  const [row] = await kept()
  t.match(row, { id: one.id, delivery, hook: 'direct', status: 200, milliseconds: 7, at: clock() - 7, replayableUntil: clock() + 60_000 })
  t.same(JSON.parse(row?.request as string), { phoneNumber: '+49•••••••5678', code: '•••', text: 'It is •••' })
  t.same(JSON.parse(row?.reply as string), { id: delivery, status: 'accepted', said: '•••' })
  t.notMatch(JSON.stringify(row), /kxrmtq|12345678/i)
  const sealed = await exchanges.sealed(one.id)
  t.equal(openMessage(sealed?.sealed as string, one.id, keys)?.code?.reveal(), 'KXRMTQ')
})

t.test('who asks is not kept, in whatever place', async (t) => {
  const { recorder, exchange, kept } = await stand(t)
  const asks = async (user: string, body: object) => {
    recorder.note(exchange({ body, reply: { said: `for ${user}` }, message: messageOf({ requester: { user: new SensitiveText(user), ip: new SensitiveText('2001:db8::beef:cafe') } }) }))
    await recorder.stop()
    return (await kept()).map(({ request, reply }) => `${request} ${String(reply)}`).join('\n')
  }
  t.notMatch(await asks('annamiller', { user: 'annamiller', id: 7, note: 'Anna-Miller asks from 2001:db8::beef:cafe', annamiller: 1 }), /anna|miller|beef|cafe/i)
  t.notMatch(await asks('google-oauth2|bobmiller', { user: { user_id: 'google-oauth2|bobmiller', identities: [{ sub: 'bobmiller' }] } }), /bob|miller|google/i)
  t.notMatch(await asks('00uyxxSknGtK8022w0g3', { data: { userProfile: { userId: '00uyxxSknGtK8022w0g3' } } }), /00uy/, 'an id that is harmless elsewhere')
  t.notMatch(await asks('3f2b8c1e-1a2b-7c3d-8e4f-0123456789ab', { user: { id: '3f2b8c1e-1a2b-7c3d-8e4f-0123456789ab' } }), /3f2b8c1e/)
})

t.test('a short account is hidden where it stands alone', async (t) => {
  const { recorder, exchange, kept } = await stand(t)
  for (const [user, body] of [['kim', { user: 'Kim', note: 'kimono' }], ['7', { user: 7, minutes: 77 }], ['', { user: '', note: 'ok' }]] as const) {
    recorder.note(exchange({ body, reply: undefined, message: messageOf({ requester: { user: new SensitiveText(user), ip: undefined } }) }))
  }
  await recorder.stop()
  t.same((await kept()).map(({ request }) => JSON.parse(request) as object), [{ user: '•••', note: 'kimono' }, { user: '•••', minutes: 77 }, { user: '', note: 'ok' }])
})

t.test('without leave to send again nothing is sealed', async (t) => {
  const { recorder, exchange, kept, exchanges } = await stand(t, { replayMs: 0 })
  const one = exchange()
  recorder.note(one)
  await recorder.stop()
  t.equal((await kept()).length, 1)
  t.equal(await exchanges.sealed(one.id), undefined)
})

t.test('what could not be read is kept too, without a message, and without its bytes', async (t) => {
  const { recorder, exchange, kept } = await stand(t)
  recorder.note(exchange({ message: undefined, body: Buffer.from('{"code": "482913'), reply: 'invalid_json', status: 400 }))
  recorder.note(exchange({ message: undefined, body: undefined, reply: undefined, status: 400 }))
  recorder.note(exchange({ message: messageOf({ code: undefined }), body: { text: 'Hello 482913' }, reply: 'sent to +4915112345678', status: 200 }))
  await recorder.stop()
  t.same((await kept()).map(({ request, reply, replayableUntil }) => [request, reply, replayableUntil !== undefined]),
    [['"•••"', 'invalid_json', false], ['null', undefined, false], ['{"text":"•••"}', 'sent to +49•••', true]])
})

t.test('fifty a second are kept, and no more', async (t) => {
  const written: number[] = []
  const { recorder, exchange, clock } = await stand(t, { exchanges: { add: async (batch) => { written.push(batch.length) } } })
  const note = (count: number): void => { for (let index = 0; index < count; index++) recorder.note(exchange()) }
  note(80)
  await recorder.stop()
  t.same(written, [50], 'as one')
  clock.advance(200)
  note(80)
  clock.advance(-5000)
  note(80)
  await recorder.stop()
  t.same(written, [50, 10])
})

t.test('while the store hangs a bounded number waits', async (t) => {
  let open = (): void => {}
  const written: number[] = []
  const { recorder, exchange, clock } = await stand(t, {
    pauses: { collect: 1, end: 30 },
    exchanges: {
      add: (batch) => {
        written.push(batch.length)
        return new Promise<void>((resolve) => { open = resolve })
      }
    }
  })
  recorder.note(exchange())
  await recorder.stop()
  for (let second = 0; second < 8; second++) {
    clock.advance(1000)
    for (let index = 0; index < 50; index++) recorder.note(exchange())
  }
  await recorder.stop()
  t.same(written, [1], 'the end does not wait for ever')
  open()
  await new Promise((resolve) => { setImmediate(resolve) })
  t.same(written, [1, 200])
  open()
})

t.test('what cannot be written is left out, and told once until it works again', async (t) => {
  let isAway = true
  const { recorder, exchange, kept, events, exchanges: real } = await stand(t)
  t.same(events, [])
  const away = createRecorder({
    exchanges: {
      add: async (batch) => {
        if (isAway) throw new StoreUnavailable()
        await real.add(batch)
      }
    },
    keys,
    bus: { emit: (event) => { events.push(event) }, listen: () => () => {} },
    now: Date.now,
    replayMs: 0,
    pauses: QUICK
  })
  for (const isNowAway of [true, true, false, true]) {
    isAway = isNowAway
    away.note(exchange())
    await away.stop()
  }
  t.same(events.map((event) => event.type), ['work.failed', 'work.failed'])
  t.equal((await kept()).length, 1)
  await recorder.stop()
})

t.test('what cannot be masked disturbs nobody', async (t) => {
  const { recorder, exchange, kept, events } = await stand(t)
  const hostile = Object.defineProperty({}, 'a', { enumerable: true, get: () => { throw new Error('no') } })
  recorder.note(exchange({ body: hostile }))
  recorder.note(exchange())
  await recorder.stop()
  t.match(events, [{ type: 'work.failed', what: 'masking what a hook was asked' }])
  t.equal((await kept()).length, 1)
})

t.test('it writes by itself', async (t) => {
  let done = (): void => {}
  const written = new Promise<void>((resolve) => { done = resolve })
  const { recorder, exchange } = await stand(t, { exchanges: { add: async () => { done() } } })
  const awake = setInterval(() => {}, 60_000)
  recorder.note(exchange())
  await written
  clearInterval(awake)
})

t.test('sentences are kept only where the code in them is known', async (t) => {
  const { recorder, exchange, kept } = await stand(t)
  const body = { text: 'kqzwvt opens the door', locale: 'en', inner: '{"words":"the door is blue"}' }
  recorder.note(exchange({ body, reply: undefined, message: messageOf({ code: undefined }) }))
  recorder.note(exchange({ body, reply: undefined, message: undefined, status: 400 }))
  recorder.note(exchange({ body, reply: undefined, message: messageOf({ code: codeOf('KQZWVT') }) }))
  await recorder.stop()
  const hidden = { text: '•••', locale: 'en', inner: '{"words":"•••"}' }
  t.same((await kept()).map(({ request }) => JSON.parse(request) as object), [hidden, hidden, { text: '••• opens the door', locale: 'en', inner: '{"words":"the door is blue"}' }])
})
