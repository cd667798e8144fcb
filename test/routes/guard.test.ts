import t from 'tap'
import type { Sql } from '../../src/store/sql.ts'
import { StoreUnavailable } from '../../src/store/sql.ts'
import { startTestGateway, type Reply, type TestGateway } from '../support/gateway.ts'

const MOBILE = '+4915112345678'
const LANDLINE = '+442071838750'

let made = 100_000
/** A message that is no other one. */
const messageTo = (phoneNumber: string, options: object = {}): object => ({ phoneNumber, code: String(made += 1), ...options })

const send = ({ post }: TestGateway, phoneNumber: string, options: object = {}): Promise<Reply> => post('/send-text-code', messageTo(phoneNumber, options))

const guarded = ({ events }: TestGateway): string[] =>
  events.flatMap((event) => event.type === 'delivery.guarded' ? [`${event.rule} ${event.mode} ${event.reason}`] : [])

const budgetsIn = async (sql: Sql | undefined): Promise<unknown[]> => (await sql?.read({ text: 'SELECT budget_key FROM budgets', parameters: {} })) ?? []

t.test('what goes to countries, prefixes and kinds of numbers that get nothing is refused, and no provider hears of it', async (t) => {
  const gateway = await startTestGateway(t, {
    settings: { ALLOWED_COUNTRIES: 'DE,US,GB', DENIED_PREFIXES: '+4916', DENIED_NUMBER_TYPES: 'premium,shared-cost,unknown' }
  })
  for (const [number, rule, reason] of [
    ['+33612345678', 'allowed-countries', 'country_not_allowed'],
    ['+4916012345678', 'denied-prefixes', 'prefix_denied'],
    ['+19002345678', 'number-types', 'number_type_refused']
  ] as const) {
    const { status, headers, body } = await send(gateway, number)
    t.match([status, body, headers.get('retry-after')], [403, { code: 'recipient_not_allowed', detail: reason }, null])
    t.match(await gateway.delivery(body.id), { status: 'refused', reason, decisions: [{ rule, mode: 'enforce', at: new Date(gateway.clock()).toISOString() }], attempts: [] })
    t.equal(guarded(gateway).at(-1), `${rule} enforce ${reason}`)
  }
  t.match(await send(gateway, '+15550100001'), { status: 403, body: { detail: 'country_not_allowed' } }, 'the first rule is told')
  t.same(gateway.sandbox.requests, [])
  t.equal((await send(gateway, MOBILE)).status, 200)
})

t.test('of numbers that no country has given out, none gets anything unless the operator says so', async (t) => {
  const usual = await startTestGateway(t, { settings: { DENIED_NUMBER_TYPES: undefined } })
  t.match(await send(usual, '+15550100001'), { status: 403, body: { detail: 'number_type_refused' } })
  t.equal((await send(await startTestGateway(t), '+15550100001')).status, 200)
})

t.test('a landline that is to get a text is called', async (t) => {
  const gateway = await startTestGateway(t, { twilio: 'too' })
  const { status, body } = await send(gateway, LANDLINE)
  t.match([status, body], [200, { channel: 'voice', provider: 'acs-voice' }])
  const delivery = await gateway.reaches(body.id, 'delivered')
  t.match(delivery, { plan: ['acs-voice', 'twilio-voice'], attempts: [{ channel: 'voice' }], decisions: [] })
  const reply = await gateway.post('/send-text-code', { phoneNumber: '+442071838751', text: 'Your appointment is at nine.' })
  t.match([reply.status, reply.body], [200, { channel: 'voice' }], 'words without a code are spoken')
  t.match((await gateway.sandbox.waitFor('call', ({ to, state }) => to === '+442071838751' && state === 'disconnected')).spoken.join(' '), /appointment/)
  t.same(gateway.sandbox.messages, [])
})

t.test('a landline that nothing can call is refused as what it is', async (t) => {
  const gateway = await startTestGateway(t, { settings: { ACS_COGNITIVE_SERVICES_ENDPOINT: undefined } })
  const { status, body } = await send(gateway, LANDLINE)
  t.match([status, body], [422, { code: 'recipient_refused', detail: 'number_not_mobile' }])
  t.match(await gateway.delivery(body.id), { status: 'refused', reason: 'number_not_mobile', decisions: [{ rule: 'number-types', mode: 'enforce' }] })
  t.same(gateway.sandbox.requests, [])
})

t.test('where the rule about kinds of numbers is off or only watched, a landline gets its text', async (t) => {
  for (const mode of ['off', 'shadow']) {
    const gateway = await startTestGateway(t, { settings: { GUARD_MODES: `number-types=${mode}` } })
    t.match((await send(gateway, LANDLINE)).body, { channel: 'sms' }, mode)
    t.same(guarded(gateway), [])
  }
})

t.test('a number gets as many messages as it may, and then a moment from which it may again', async (t) => {
  const gateway = await startTestGateway(t, { settings: { BUDGET_NUMBER: '3/10m,5/1d' } })
  for (let time = 0; time < 3; time += 1) t.equal((await send(gateway, MOBILE)).status, 200)
  const { status, headers, body } = await send(gateway, MOBILE)
  t.match([status, body], [429, { code: 'too_many_messages', detail: 'too_many_messages' }])
  const wait = Number(headers.get('retry-after'))
  t.ok(wait >= 600 && wait <= 700, `${wait} s`)
  t.match(await gateway.delivery(body.id), { status: 'refused', reason: 'too_many_messages', decisions: [{ rule: 'number-budget', mode: 'enforce' }] })
  t.equal((await send(gateway, '+4917112345678')).status, 200, 'another number is not concerned')
  gateway.clock.advance(wait * 1000)
  t.equal((await send(gateway, MOBILE)).status, 200)
  t.equal((await send(gateway, MOBILE)).status, 200)
  t.equal((await send(gateway, MOBILE)).status, 429, 'the day is full')
  t.equal(gateway.sandbox.messages.filter(({ to }) => to === MOBILE).length, 5)
})

t.test('a message that comes again is no further one', async (t) => {
  const gateway = await startTestGateway(t, { settings: { BUDGET_NUMBER: '2/10m' } })
  const message = messageTo(MOBILE)
  for (let time = 0; time < 5; time += 1) t.equal((await gateway.post('/send-text-code', message, { 'idempotency-key': 'one' })).status, 200)
  t.equal((await send(gateway, MOBILE)).status, 200)
  t.equal((await send(gateway, MOBILE)).status, 429)
})

t.test('what was refused may be asked for again, and is sent once there is a place', async (t) => {
  const gateway = await startTestGateway(t, { settings: { BUDGET_NUMBER: '1/10m' } })
  await send(gateway, MOBILE)
  const message = messageTo(MOBILE)
  const first = await gateway.post('/send-text-code', message)
  t.equal(first.status, 429)
  gateway.clock.advance(Number(first.headers.get('retry-after')) * 1000)
  const again = await gateway.post('/send-text-code', message)
  t.match([again.status, again.body], [200, { status: 'accepted' }])
})

t.test('of many messages at a time exactly as many are sent as may be', async (t) => {
  const gateway = await startTestGateway(t, { settings: { BUDGET_TOTAL: '20/10m', BUDGET_COUNTRY: '10/10m', BUDGET_COUNTRY_US: '5/10m' } })
  const numbers = Array.from({ length: 30 }, (_, index) => index % 2 === 0 ? `+49151123456${10 + index}` : `+141555501${10 + index}`)
  const replies = await Promise.all(numbers.map((number) => send(gateway, number)))
  const sentTo = (prefix: string): number => gateway.sandbox.messages.filter(({ to }) => to.startsWith(prefix)).length
  t.same([sentTo('+49'), sentTo('+1')], [10, 5])
  t.equal(replies.filter(({ status }) => status === 200).length, 15)
  t.ok(replies.every(({ status, headers }) => status === 200 || (status === 429 && Number(headers.get('retry-after')) > 0)))
})

t.test('who asks is counted where it is told, by address and by account', async (t) => {
  const gateway = await startTestGateway(t, { settings: { BUDGET_IP: '2/1h', BUDGET_USER: '2/1h', GUARD_MODES: 'ip-budget=enforce,user-budget=enforce' } })
  const ask = async (index: number, requester: object): Promise<number> => (await send(gateway, `+49151123400${index}`, requester)).status
  t.same(await Promise.all([10, 11].map((index) => ask(index, { ip: '2001:db8::1' }))), [200, 200])
  t.equal(await ask(12, { ip: '2001:db8::ffff:9' }), 429, 'the same network')
  t.equal(await ask(13, { ip: '2001:db8:0:1::1', user: 'anna' }), 200)
  t.equal(await ask(14, { user: 'anna' }), 200)
  t.equal(await ask(15, { user: 'anna' }), 429)
  t.equal(await ask(16, {}), 200, 'of whom nothing is known nothing is counted')
  t.same(guarded(gateway), ['ip-budget enforce too_many_messages', 'user-budget enforce too_many_messages'])
})

t.test('a rule that is only watched says what it would have refused, and refuses nothing', async (t) => {
  const gateway = await startTestGateway(t, { settings: { BUDGET_NUMBER: '1/10m', DENIED_PREFIXES: '+4915', GUARD_MODES: 'all=shadow' } })
  t.equal((await send(gateway, MOBILE)).status, 200)
  const { status, body } = await send(gateway, MOBILE)
  t.equal(status, 200)
  t.match(await gateway.reaches(body.id, 'delivered'), { decisions: [{ rule: 'denied-prefixes', mode: 'shadow' }, { rule: 'number-budget', mode: 'shadow' }] })
  t.same(guarded(gateway), ['denied-prefixes shadow prefix_denied', 'denied-prefixes shadow prefix_denied', 'number-budget shadow too_many_messages'])
})

t.test('a rule that is off is not asked', async (t) => {
  const gateway = await startTestGateway(t, { settings: { BUDGET_NUMBER: '1/10m', DENIED_PREFIXES: '+4915', GUARD_MODES: 'all=off' } })
  for (let time = 0; time < 3; time += 1) t.equal((await send(gateway, MOBILE)).status, 200)
  t.same(guarded(gateway), [])
})

t.test('what no provider could send counts for nothing; what one may have sent, or refused, counts', async (t) => {
  const gateway = await startTestGateway(t, { settings: { BUDGET_NUMBER: '2/10m', DIRECT_BUDGET_MS: '1000' } })
  gateway.sandbox.script(MOBILE, { sms: { httpError: { status: 401 } } })
  for (let time = 0; time < 3; time += 1) t.match(await send(gateway, MOBILE), { status: 502 })
  gateway.sandbox.script(MOBILE, { sms: { drop: 'after-accept' } })
  await send(gateway, MOBILE)
  gateway.sandbox.script(MOBILE, { })
  t.equal((await send(gateway, MOBILE)).status, 200)
  t.equal((await send(gateway, MOBILE)).status, 429)
})

t.test('a test number is told that all is well, and nothing is sent, counted or refused', async (t) => {
  let store: Sql | undefined
  const gateway = await startTestGateway(t, {
    settings: { TEST_NUMBERS: '+15005550006:123456', BUDGET_NUMBER: '1/10m', BUDGET_TOTAL: '1/10m', ALLOWED_COUNTRIES: 'DE', DENIED_PREFIXES: '+1500' },
    wrapSql: (sql) => { store = sql; return sql }
  })
  for (const path of ['/send-text-code', '/send-voice-code', '/send-text-code']) {
    const { status, body } = await gateway.post(path, messageTo('+15005550006'))
    t.match([status, body], [200, { status: 'accepted', provider: 'test-number' }])
    t.match(await gateway.delivery(body.id), { status: 'accepted', plan: ['test-number'], decisions: [], attempts: [{ provider: 'test-number', status: 'accepted' }] })
  }
  t.same(await budgetsIn(store), [])
  t.same([gateway.sandbox.requests, gateway.sandbox.messages, gateway.sandbox.calls], [[], [], []])
  t.equal((await send(gateway, MOBILE)).status, 200, 'the one place of all is still there')
})

t.test('while what is counted cannot be asked, nothing is sent, and afterwards the same message is', async (t) => {
  let isDown = false
  const gateway = await startTestGateway(t, {
    wrapSql: (sql) => ({
      ...bound(sql),
      write: (steps) => isDown && steps.some(({ text }) => text.includes('budgets')) ? Promise.reject(new StoreUnavailable()) : sql.write(steps)
    })
  })
  isDown = true
  const message = messageTo(MOBILE)
  t.match(await gateway.post('/send-text-code', message), { status: 503, body: { code: 'store_unavailable' } })
  t.same(gateway.sandbox.requests, [])
  isDown = false
  t.match(await gateway.post('/send-text-code', message), { status: 200, body: { status: 'accepted' } })
})

const bound = (sql: Sql): Sql => ({
  read: (step) => sql.read(step), write: (steps) => sql.write(steps), follow: (topic, wake) => sql.follow(topic, wake), check: () => sql.check(), close: () => sql.close()
})

t.test('neither the number nor a digest of it stands in what is told of a refusal', async (t) => {
  let store: Sql | undefined
  const gateway = await startTestGateway(t, {
    settings: { BUDGET_NUMBER: '1/10m', BUDGET_TOTAL: '500/1h', BUDGET_COUNTRY: '500/1h' }, wrapSql: (sql) => { store = sql; return sql }
  })
  await send(gateway, MOBILE, { ip: '203.0.113.7', user: 'anna' })
  await send(gateway, MOBILE, { ip: '203.0.113.7', user: 'anna' })
  const lines = gateway.log.filter((line) => line.includes('delivery.guarded'))
  t.equal(lines.length, 1)
  t.same(Object.keys(JSON.parse(lines[0] as string)).filter((name) => !['time', 'level', 'msg'].includes(name)).sort(), ['delivery', 'mode', 'reason', 'rule'])
  const keys = JSON.stringify(await budgetsIn(store))
  for (const secret of [MOBILE.slice(1), MOBILE.slice(-8), '203.0.113.7', 'anna']) t.notMatch(keys, secret)
})

t.test('budgets in which nothing counts any more are removed', async (t) => {
  let store: Sql | undefined
  const gateway = await startTestGateway(t, { settings: { BUDGET_NUMBER: '5/10m', BUDGET_PREFIX: '5/1h' }, wrapSql: (sql) => { store = sql; return sql } })
  await send(gateway, MOBILE)
  t.equal((await budgetsIn(store)).length, 2)
  gateway.clock.advance(15 * 60_000)
  await gateway.gateway.housekeeping.purge()
  t.match(await budgetsIn(store), [{ budget_key: /^prefix/ }])
})
