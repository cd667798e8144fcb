import t from 'tap'
import { numberDigest } from '../../src/domain/number-digest.ts'
import { KEYS } from '../delivery/deliver-stand.ts'
import { OPEN_GUARD } from '../support/guard.ts'
import { codeOf, keyOf, numberOf } from '../support/message.ts'
import { REFUSED } from '../support/provider.ts'
import { EXCHANGE, openInspectorApi } from './inspector-stand.ts'

const NUMBER = '+4915112345678'
const HOUR = 3_600_000

t.test('the page is told what it looks at', async (t) => {
  const { get, world } = await openInspectorApi(t)
  const { status, headers, body } = await get('/state')
  t.equal(status, 200)
  t.match(headers, { 'cache-control': 'no-store' })
  t.same(body, {
    now: world.clock(),
    sandbox: false,
    production: true,
    currency: 'USD',
    replayMinutes: 60,
    retentionDays: 30,
    providers: [{ provider: 'acs-sms', channel: 'sms', state: 'open', failures: 5, reason: 'timeout', retryAt: 17 }],
    channels: { sms: ['acs-sms'], voice: ['acs-voice'], whatsapp: [] },
    hooks: ['direct', 'okta']
  })
})

t.test('a handset is told where there is one, and a currency only with prices', async (t) => {
  const { get } = await openInspectorApi(t, { facts: { sandbox: true, handset: 'http://127.0.0.1:9/handset' }, deps: { prices: { each: new Map(), currency: 'USD' } } })
  const { body } = await get('/state')
  t.match(body, { sandbox: true, handset: 'http://127.0.0.1:9/handset' })
  t.notOk('currency' in body)
})

t.test('deliveries are found by what one knows of them', async (t) => {
  const { post, world, app } = await openInspectorApi(t)
  const digest = numberDigest(KEYS, numberOf(NUMBER))
  const { id } = await world.delivery({ numberDigest: digest, hook: 'okta' })
  const other = await world.delivery({ numberMasked: '+1••••••0123', country: 'US', channel: 'voice' })
  const attempt = world.attemptOf(id)
  await world.attempts.begin(attempt)
  await world.attempts.finish(world.resultOf(attempt.id, { reference: '8540c0de-899f-5cce-acb5-3ec493af3800' }))
  const call = world.attemptOf(other.id, { provider: 'twilio-voice', channel: 'voice' })
  await world.attempts.begin(call)
  await world.attempts.finish(world.resultOf(call.id, { reference: 'CA0123456789abcdef0123456789abcdef', status: 'failed' }))
  const second = world.attemptOf(other.id, { provider: 'twilio-voice', channel: 'voice' })
  await world.attempts.begin(second)
  await world.attempts.finish(world.resultOf(second.id, { reference: '00112233-4455-6677-8899-001122334455', status: 'failed' }))
  await world.deliveries.markUsed(id, undefined)
  for (const [sought, found] of [
    [{}, [other.id, id]],
    [{ text: '  ' }, [other.id, id]],
    [{ text: id }, [id]],
    [{ text: ` ${id.toUpperCase()} ` }, [id]],
    [{ text: attempt.id }, [id]],
    [{ text: '8540c0de-899f-5cce-acb5-3ec493af3800' }, [id]],
    [{ text: '8540c0de-899f-5cce-acb5-3ec493af3801' }, []],
    [{ text: 'CA0123456789abcdef0123456789abcdef' }, [other.id]],
    [{ text: NUMBER }, [id]],
    [{ text: '+49 (151) 1234-5678' }, [id]],
    [{ text: '01511 2345678' }, [id]],
    [{ text: '4915112345678' }, [id]],
    [{ text: '+4915112345679' }, []],
    [{ text: '004915112345678' }, [id]],
    [{ text: '00 49 151 1234-5678' }, [id]],
    [{ text: '(0049) 151 12345678' }, [id]],
    [{ text: '004915112345679' }, []],
    [{ text: '0049•••••••5678' }, [id]],
    [{ text: '0049 ***5678' }, [id]],
    [{ text: '00112233-4455-6677-8899-001122334455' }, [other.id]],
    [{ text: '0078' }, []],
    [{ text: '+49•••••••5678' }, [id]],
    [{ text: '+49••5678' }, [id]],
    [{ text: '+49 *** 5678' }, [id]],
    [{ text: '...0123' }, [other.id]],
    [{ text: 'xxxx5678' }, [id]],
    [{ text: '5678' }, [id]],
    [{ text: '+49•••12' }, []],
    [{ text: 'nothing like it' }, []],
    [{ country: 'us' }, [other.id]],
    [{ country: 'DE', text: '0123' }, []],
    [{ status: 'failed' }, [other.id]],
    [{ status: 'used' }, [id]],
    [{ status: 'used', country: 'US' }, []],
    [{ status: 'accepted' }, [id]],
    [{ channel: 'sms' }, [id]],
    [{ provider: 'twilio-voice' }, [other.id]],
    [{ hook: 'okta' }, [id]],
    [{ before: other.id }, [id]]
  ] as const) {
    const { status, body } = await post('/search', sought)
    t.equal(status, 200)
    t.same(body.deliveries.map((delivery: any) => delivery.id), found, JSON.stringify(sought))
  }
  t.match((await post('/search', { text: '5678' })).body, { deliveries: [{ id, hook: 'okta', number: '+49•••••••5678', country: 'DE', provider: 'acs-sms', status: 'accepted' }] })
  t.equal((await app.inject({ url: '/inspector/api/search?text=5678' })).statusCode, 405, 'nothing that is sought stands in a URL')
})

t.test('fifty are shown at once, with where to go on', async (t) => {
  const { post, world } = await openInspectorApi(t)
  for (let count = 0; count < 60; count += 1) await world.delivery()
  const { body: first } = await post('/search', {})
  t.equal(first.deliveries.length, 50)
  const { body: next } = await post('/search', { before: first.until })
  t.equal(next.deliveries.length, 10)
  t.notOk('until' in next)
  t.equal(new Set([...first.deliveries, ...next.deliveries].map(({ id }: any) => id)).size, 60)
})

t.test('what can only be a number, and is none, is told so', async (t) => {
  const { post, log } = await openInspectorApi(t)
  for (const [text, code] of [['+49 0', 'number_impossible'], ['+', 'number_impossible'], ['+4912345678901234567890', 'number_impossible'], ['12345', 'number_impossible']] as const) {
    t.match(await post('/search', { text }), { status: 400, body: { code } }, text)
  }
  t.notMatch(log.join(), /4912345678901234567890/)
})

t.test('what does not have the shape that a route takes is refused', async (t) => {
  const { post, get } = await openInspectorApi(t)
  const id = '01890000-0000-7000-8000-000000000000'
  for (const [path, body] of [
    ['/search', { number: NUMBER }], ['/search', { text: 'x'.repeat(129) }], ['/search', { country: 'DEU' }], ['/search', { status: 'lost' }],
    ['/search', { channel: 'fax' }], ['/search', { provider: 'a b' }], ['/search', { hook: 'x'.repeat(65) }], ['/search', { before: '1' }], ['/search', []],
    [`/deliveries/${id}/replay`, {}], [`/deliveries/${id}/replay`, { exchange: EXCHANGE }], [`/deliveries/${id}/replay`, { exchange: EXCHANGE, to: 'everybody' }],
    [`/deliveries/${id}/replay`, { exchange: 'x', to: 'sandbox' }], [`/deliveries/${id}/replay`, { exchange: EXCHANGE, to: 'providers', confirmed: 'true' }],
    ['/test', { channel: 'sms' }], ['/test', { to: NUMBER }], ['/test', { to: NUMBER, channel: 'sms', code: '123456' }], ['/test', { to: 'x'.repeat(65), channel: 'sms' }]
  ] as const) {
    t.match(await post(path, body), { status: 400, body: { code: 'invalid_body' } }, `${path} ${JSON.stringify(body)}`)
  }
  t.match(await post('/search', '{'), { status: 400, body: { code: 'invalid_json' } })
  t.match(await post('/search', { text: 'x'.repeat(5000) }), { status: 413, body: { code: 'body_too_large' } })
  t.match(await get('/statistics?span=year'), { status: 400 })
  t.match(await get('/statistics?from=1'), { status: 400 })
  for (const unknown of ['x', '0b7c9a52-44f1-4d0a-9a0e-2f6f3c1d9e10', id, '..%2f..']) t.match(await get(`/deliveries/${unknown}`), { status: 404, body: { code: 'not_found' } }, unknown)
})

t.test('a delivery is shown with all that happened to it', async (t) => {
  const { get, world, asked } = await openInspectorApi(t)
  const { delivery, exchange } = await asked({}, { reply: 'words', request: '{"phoneNumber":"+49•••••••5678"}' })
  const at = world.clock()
  world.clock.advance(1)
  const attempt = world.attemptOf(delivery)
  await world.attempts.begin(attempt)
  world.clock.advance(40)
  await world.attempts.finish(world.resultOf(attempt.id, { reference: 'message-1', milliseconds: 40 }))
  world.clock.advance(2000)
  await world.attempts.apply(world.newsOf(attempt.id, { what: 'report.undelivered', status: 'undelivered', reason: 'carrier_blocked', vendorCode: '4014' }))
  world.clock.advance(10_000)
  await world.deliveries.markUsed(delivery, undefined)
  const { status, headers, body } = await get(`/deliveries/${delivery}`)
  t.equal(status, 200)
  t.match(headers, { 'cache-control': 'no-store' })
  const of = { attempt: attempt.id, provider: 'acs-sms', channel: 'sms' }
  t.same(body, {
    delivery: {
      id: delivery,
      status: 'undelivered',
      reason: 'carrier_blocked',
      channel: 'sms',
      provider: 'acs-sms',
      number: '+49•••••••5678',
      country: 'DE',
      route: '/direct',
      hook: 'direct',
      caller: 'auth0',
      plan: ['acs-sms'],
      createdAt: at,
      updatedAt: at + 2041,
      expiresAt: at + 300_000,
      usedAt: at + 12_041
    },
    timeline: [
      { at, what: 'hook', hook: 'direct', caller: 'auth0', request: exchange, milliseconds: 12 },
      { at, what: 'plan', plan: ['acs-sms'] },
      { at: at + 1, what: 'attempt', ...of },
      { at: at + 41, what: 'answer', ...of, status: 'accepted', reference: 'message-1', milliseconds: 40 },
      { at: at + 2041, what: 'report.undelivered', ...of, reason: 'carrier_blocked', vendorCode: '4014', hint: 'acs-sms says 4014 in DE' },
      { at: at + 12_041, what: 'used' }
    ],
    exchanges: [{
      id: exchange, hook: 'direct', status: 200, milliseconds: 12, at, request: { phoneNumber: '+49•••••••5678' }, reply: 'words', replayableUntil: at + HOUR
    }]
  })
})

t.test('statistics tell what went how in a span', async (t) => {
  const { get, world } = await openInspectorApi(t)
  const bucket = world.clock() - world.clock() % 60_000
  const row = { bucket, provider: 'acs-sms', channel: 'sms', country: 'US', sent: 10, delivered: 4, undelivered: 1, failed: 2, used: 3, times: [0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] }
  await world.statistics.add('minute', [row])
  const { status, body } = await get('/statistics')
  t.equal(status, 200)
  t.match(body, {
    span: 'hour',
    grain: 'minute',
    from: bucket - 59 * 60_000,
    until: bucket + 60_000,
    rows: [{ ...row, cost: 0.1 }],
    totals: { sent: 10, delivered: 4, undelivered: 1, failed: 2, used: 3, cost: 0.1, median: 1.5, percentile95: 1.95 },
    byProvider: [{ name: 'acs-sms', sent: 10 }],
    byChannel: [{ name: 'sms' }],
    byCountry: [{ name: 'US' }],
    worse: []
  })
  t.match((await get('/statistics?span=week')).body, { span: 'week', grain: 'hour', rows: [], totals: { sent: 0 } })
})

t.test('a message is sent again to nobody, unless real providers are confirmed', async (t) => {
  const { post, asked, sent, world, log } = await openInspectorApi(t)
  const { delivery, exchange } = await asked({ code: codeOf('482913'), idempotencyKey: keyOf('theirs'), expiresAt: 1 })
  world.clock.advance(90_000)
  const rehearsed = await post(`/deliveries/${delivery}/replay`, { exchange, to: 'sandbox' })
  t.match(rehearsed, { status: 202, body: { outcome: 'accepted', to: 'sandbox', age: 90_000 } })
  t.same(sent, [], 'nothing has left')
  t.match(await world.deliveries.find(rehearsed.body.id), { status: 'accepted', caller: 'auth0', hook: 'inspector', plan: ['acs-sms'], attempts: [{ provider: 'rehearsal' }] })
  t.match(await post(`/deliveries/${delivery}/replay`, { exchange, to: 'providers' }), { status: 409, body: { code: 'not_confirmed' } })
  t.match(await post(`/deliveries/${delivery}/replay`, { exchange, to: 'providers', confirmed: false }), { status: 409, body: { code: 'not_confirmed' } })
  t.same(sent, [])
  const again = await post(`/deliveries/${delivery}/replay`, { exchange, to: 'providers', confirmed: true })
  t.match(again, { status: 202, body: { outcome: 'accepted', to: 'providers' } })
  t.equal(sent.length, 1)
  t.equal(sent[0]?.to.e164, NUMBER)
  t.equal(sent[0]?.code?.reveal(), '482913')
  t.ok((sent[0]?.expiresAt as number) > world.clock(), 'its time counts anew')
  t.notMatch(log.join(), /482913|15112345678/)
})

t.test('who clicks twice sends once, and who waits sends again', async (t) => {
  const { post, asked, sent, world } = await openInspectorApi(t)
  const { delivery, exchange } = await asked()
  const replay = () => post(`/deliveries/${delivery}/replay`, { exchange, to: 'providers', confirmed: true })
  const [first, second] = await Promise.all([replay(), replay()])
  t.same([first.status, second.status], [202, 202])
  t.same([first.body.outcome, second.body.outcome].sort(), ['accepted', 'duplicate'])
  t.equal(first.body.id, second.body.id)
  world.clock.advance(9000)
  t.match(await replay(), { body: { id: first.body.id, outcome: 'duplicate' } })
  t.equal(sent.length, 1)
  world.clock.advance(2000)
  t.match(await replay(), { body: { outcome: 'accepted' } })
  t.equal(sent.length, 2)
})

t.test('to the sandbox\'s own providers it goes for real, unasked', async (t) => {
  for (const to of ['sandbox', 'providers']) {
    const { post, asked, sent } = await openInspectorApi(t, { facts: { sandbox: true } })
    const { delivery, exchange } = await asked()
    t.match(await post(`/deliveries/${delivery}/replay`, { exchange, to }), { status: 202, body: { outcome: 'accepted', to } })
    t.equal(sent.length, 1, to)
  }
})

t.test('what came of it is told: it may be refused', async (t) => {
  const { post, asked, world } = await openInspectorApi(t, { result: REFUSED })
  const { delivery, exchange } = await asked()
  t.match(await post(`/deliveries/${delivery}/replay`, { exchange, to: 'providers', confirmed: true }), { status: 202, body: { outcome: 'refused', reason: 'number_invalid' } })
  const guarded = await openInspectorApi(t, { delivering: { guard: { ...OPEN_GUARD, admit: async () => ({ kind: 'refused', reason: 'too_many_messages', retryAfter: undefined }) } } })
  const kept = await guarded.asked()
  t.match(await guarded.post(`/deliveries/${kept.delivery}/replay`, { exchange: kept.exchange, to: 'providers', confirmed: true }), { status: 202, body: { outcome: 'refused', reason: 'too_many_messages' } })
  t.equal(guarded.sent.length, 0, 'the guard is asked as ever')
  await world.sql.close()
  t.match(await post(`/deliveries/${delivery}/replay`, { exchange, to: 'sandbox' }), { status: 503, body: { code: 'store_unavailable' } })
})

t.test('what is not kept any more cannot be sent again', async (t) => {
  const { post, asked, sent, world } = await openInspectorApi(t)
  const { delivery, exchange } = await asked({}, {}, 1000)
  const other = await asked({}, { id: '1b7c9a52-44f1-4d0a-9a0e-2f6f3c1d9e10' })
  const gone = { status: 409, body: { code: 'replay_gone' } }
  t.match(await post(`/deliveries/${delivery}/replay`, { exchange: other.exchange, to: 'sandbox' }), gone, 'it is of another delivery')
  t.match(await post(`/deliveries/${delivery}/replay`, { exchange: '2b7c9a52-44f1-4d0a-9a0e-2f6f3c1d9e10', to: 'sandbox' }), gone)
  t.match(await post('/deliveries/x/replay', { exchange, to: 'sandbox' }), gone)
  world.clock.advance(1001)
  t.match(await post(`/deliveries/${delivery}/replay`, { exchange, to: 'sandbox' }), gone)
  const sealed = (await world.exchanges.sealed(other.exchange))?.sealed as string
  const { id } = await world.delivery()
  await world.exchanges.add([{ id: EXCHANGE.replace('0', '3'), delivery: id, hook: 'direct', status: 200, milliseconds: 1, request: '{}', reply: undefined, at: 1, sealed: { text: sealed, keepFor: HOUR } }])
  t.match(await post(`/deliveries/${id}/replay`, { exchange: EXCHANGE.replace('0', '3'), to: 'sandbox' }), gone, 'it was sealed for another request')
  t.same(sent, [])
})

t.test('a test code is sent once it is confirmed, and told to nobody but its phone', async (t) => {
  const { post, sent, world, log } = await openInspectorApi(t)
  t.match(await post('/test', { to: NUMBER, channel: 'sms' }), { status: 409, body: { code: 'not_confirmed' } })
  const { status, body } = await post('/test', { to: '01511 2345678', channel: 'sms', confirmed: true })
  t.equal(status, 202)
  t.same(Object.keys(body).sort(), ['id', 'outcome'])
  t.match(sent, [{ locale: 'de' }])
  t.equal(sent[0]?.code?.reveal(), '730591')
  t.match(sent[0]?.text?.reveal(), /730591/)
  t.match(await world.deliveries.find(body.id), { caller: 'inspector', hook: 'inspector', route: '/inspector', number: '+49•••••••5678' })
  t.notMatch(log.join(), /730591|15112345678/)
  await post('/test', { to: NUMBER, channel: 'voice', locale: 'fr-FR', confirmed: true })
  t.match(sent[1], { locale: 'fr-FR' })
})

t.test('a test code goes to the sandbox unasked, and once for who clicks twice', async (t) => {
  const codes = ['111111', '222222', '333333']
  const { post, sent, world } = await openInspectorApi(t, { facts: { sandbox: true }, deps: { randomDigits: () => codes.shift() as string } })
  const [first, second] = await Promise.all([post('/test', { to: NUMBER, channel: 'sms' }), post('/test', { to: NUMBER, channel: 'sms' })])
  t.same([first.body.outcome, second.body.outcome].sort(), ['accepted', 'duplicate'])
  world.clock.advance(11_000)
  t.match(await post('/test', { to: NUMBER, channel: 'sms' }), { body: { outcome: 'accepted' } })
  t.equal(sent.length, 2)
})

t.test('a number that is none gets no test code', async (t) => {
  const { post, sent } = await openInspectorApi(t)
  for (const [to, code] of [['', 'number_missing'], ['  ', 'number_missing'], ['+49', 'number_impossible'], ['hello', 'number_impossible']] as const) {
    t.match(await post('/test', { to, channel: 'sms', confirmed: true }), { status: 400, body: { code } }, to)
  }
  t.same(sent, [])
})

t.test('where no country is the default one, a number must say its own', async (t) => {
  const { createNumberReader } = await import('../../src/dialects/number.ts')
  const { post } = await openInspectorApi(t, { deps: { numbers: createNumberReader(undefined) } })
  t.match(await post('/test', { to: '0151 12345678', channel: 'sms', confirmed: true }), { status: 400, body: { code: 'number_needs_country' } })
})
