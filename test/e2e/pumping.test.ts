import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { GatewayEvent } from '../../src/domain/gateway-event.ts'
import type { Sql } from '../../src/store/sql.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { openPostgresStore, startPostgres } from '../support/postgres.ts'
import { startTestGateway, type Reply, type TestGateway, type TestGatewayOptions } from '../support/gateway.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND

/** How many messages an attack sends in a second, and from how many unused codes of an hour on a block is shut. */
const RATE = 5
const TOO_MANY = 20

/** Numbers of one block, which are the last four digits of the same number. */
const BLOCK = '+99890123'
const NEIGHBOURS = ['+99890555', '+99891123', '+491511234', '+44740012']

const factsOf = <Type extends GatewayEvent['type']>({ events }: TestGateway, type: Type): Array<Extract<GatewayEvent, { type: Type }>> =>
  events.filter((event): event is Extract<GatewayEvent, { type: Type }> => event.type === type)

let last = 1000

/** Asks for a code for another number of the block. */
const ask = async ({ post }: TestGateway, block: string): Promise<Reply> => {
  last += 1
  return await post('/send-text-code', { phoneNumber: `${block}${last}`, code: `${700_000 + last}` })
}

const sentTo = ({ sandbox }: TestGateway, block: string): number => sandbox.messages.filter(({ to }) => to.startsWith(block)).length

/** Attacks the block for some seconds, each of which ends with the turn that a second brings. */
const attack = async (gateways: readonly TestGateway[], seconds: number): Promise<Reply[]> => {
  const replies: Reply[] = []
  for (let second = 0; second < seconds; second += 1) {
    replies.push(...await Promise.all(Array.from({ length: RATE }, (_, index) => ask(gateways[index % gateways.length] as TestGateway, BLOCK))))
    gateways[0]?.clock.advance(SECOND)
    for (const { gateway } of gateways) await gateway.housekeeping.count()
  }
  return replies
}

const open = async (t: Test, mode: string, options: TestGatewayOptions = {}): Promise<TestGateway> => {
  const gateway = await startTestGateway(t, { ...options, settings: { GUARD_MODES: `pumping=${mode}`, ...options.settings } })
  // In the middle of an hour, so that no test goes over its end.
  gateway.clock.advance(90 * MINUTE - gateway.clock() % (60 * MINUTE))
  return gateway
}

/** Whatever of it one looks at was reported to be delivered: carriers do deliver what is pumped. */
const allDelivered = async (gateway: TestGateway, replies: readonly Reply[]): Promise<void> => {
  for (const { body } of replies.filter((_, index) => index % 10 === 9)) await gateway.reaches(body.id, 'delivered')
}

t.test('an attack on a prefix is over within a minute, and nobody else notices', async (t) => {
  const gateway = await open(t, 'enforce')
  const replies: Reply[] = []
  for (let part = 0; part < 6; part += 1) {
    replies.push(...await attack([gateway], 10))
    for (const block of NEIGHBOURS) t.equal((await ask(gateway, block)).status, 200, block)
  }
  t.equal(replies.length, 60 * RATE)
  t.equal(sentTo(gateway, BLOCK), TOO_MANY, 'it got through for four seconds')
  const [through, refused] = [replies.filter(({ status }) => status === 200), replies.filter(({ status }) => status !== 200)]
  t.equal(through.length, TOO_MANY)
  t.ok(refused.every(({ status, body }) => status === 429 && body.code === 'too_many_messages'))
  const waits = refused.map(({ headers }) => Number(headers.get('retry-after')))
  t.equal(waits[0], 15 * 60)
  t.equal(waits.at(-1), 15 * 60 - 55)
  await allDelivered(gateway, through)
  t.same(factsOf(gateway, 'range.shut'), [{
    type: 'range.shut', range: 'block', country: 'UZ', shown: '+998 9…', mode: 'enforce', cause: 'hour', unexplained: TOO_MANY, threshold: TOO_MANY, milliseconds: 15 * MINUTE
  }])
  const decisions = factsOf(gateway, 'delivery.guarded').filter(({ rule }) => rule === 'pumping')
  t.equal(decisions.length, 60 * RATE - TOO_MANY)
  t.ok(decisions.every(({ mode, reason }) => mode === 'enforce' && reason === 'range_suspected'))
  t.match(await gateway.delivery(refused[0]?.body.id), { status: 'refused', reason: 'range_suspected', attempts: [] })
  const [line, ...others] = gateway.log.filter((line) => line.includes('range.shut'))
  t.match(JSON.parse(line as string), { level: 40, shown: '+998 9…', mode: 'enforce' })
  t.same(others, [])
  t.notMatch(gateway.log.filter((line) => /guarded|range/.test(line)).join(''), BLOCK.slice(1))
})

t.test('in shadow all of it goes out, and is on record', async (t) => {
  const gateway = await open(t, 'shadow')
  const replies = await attack([gateway], 60)
  t.ok(replies.every(({ status }) => status === 200))
  t.equal(sentTo(gateway, BLOCK), 60 * RATE)
  await allDelivered(gateway, replies)
  await gateway.gateway.housekeeping.count()
  t.match(factsOf(gateway, 'range.shut'), [{ range: 'block', shown: '+998 9…', mode: 'shadow' }])
  t.equal(factsOf(gateway, 'range.shut').length, 1, 'neither its area nor its country, however much it is')
  const decisions = factsOf(gateway, 'delivery.guarded').filter(({ rule }) => rule === 'pumping')
  t.equal(decisions.length, 60 * RATE - TOO_MANY)
  t.ok(decisions.every(({ mode }) => mode === 'shadow'))
  for (const block of NEIGHBOURS) await ask(gateway, block)
  t.equal(factsOf(gateway, 'delivery.guarded').filter(({ rule }) => rule === 'pumping').length, decisions.length)
})

t.test('off, nobody looks, and only the ways are counted by which messages go', async (t) => {
  const gateway = await open(t, 'off')
  const replies = await attack([gateway], 10)
  t.ok(replies.every(({ status }) => status === 200))
  t.same([factsOf(gateway, 'range.shut'), factsOf(gateway, 'delivery.guarded').filter(({ rule }) => rule === 'pumping')], [[], []])
  for (const { body } of replies) await gateway.reaches(body.id, 'delivered')
  await gateway.gateway.close()
  const sql = openSqlite({ file: join(gateway.folder, 'gateway.db'), now: gateway.clock })
  t.teardown(() => sql.close())
  t.same(await sql.read({ text: 'SELECT traffic_key, sent, reported, delivered FROM traffic', parameters: {} }),
    [{ traffic_key: 'route acs-sms sms UZ', sent: 50, reported: 50, delivered: 0 }], 'what came last is written down at the end')
})

t.test('a launch whose codes are used goes on, in whatever blocks', async (t) => {
  const gateway = await open(t, 'enforce')
  const blocks = ['+491511234', '+491511234', '+491511235', ...NEIGHBOURS, BLOCK]
  const waiting: string[][] = []
  for (let second = 0; second < 50; second += 1) {
    const replies = await Promise.all(blocks.map((block) => ask(gateway, block)))
    t.ok(replies.every(({ status }) => status === 200))
    // Two of three people use their code, some seconds later.
    waiting.push(replies.filter((_, index) => (second + index) % 3 !== 0).map(({ body }) => body.id))
    const used = second < 3 ? [] : waiting.shift() as string[]
    await Promise.all(used.map((id) => gateway.post(`/deliveries/${id}/used`, '')))
    gateway.clock.advance(SECOND)
    await gateway.gateway.housekeeping.count()
  }
  t.equal(sentTo(gateway, '+491511234'), 3 * 50)
  t.same([factsOf(gateway, 'range.shut'), factsOf(gateway, 'delivery.guarded').filter(({ rule }) => rule === 'pumping')], [[], []])
})

t.test('what is shut stays shut over a restart, and what was counted counts', async (t) => {
  const first = await open(t, 'enforce')
  await attack([first], 4)
  for (let index = 0; index < TOO_MANY - 1; index += 1) await ask(first, '+99893123')
  const { clock, environment, folder, sandbox, url } = first
  await first.gateway.close()
  const after = await startTestGateway(t, { clock, after: { folder, environment, sandbox, port: Number(new URL(url).port) } })
  await after.gateway.housekeeping.count()
  t.equal((await ask(after, BLOCK)).status, 429)
  t.equal((await ask(after, '+99893123')).status, 200)
  clock.advance(SECOND)
  await after.gateway.housekeeping.count()
  t.equal((await ask(after, '+99893123')).status, 429)
  t.equal((await ask(after, '+99894123')).status, 200)
  clock.advance(16 * MINUTE)
  t.equal((await ask(after, BLOCK)).status, 200, 'after a quarter of an hour it is tried again')
  await after.gateway.housekeeping.count()
  t.equal((await ask(after, BLOCK)).status, 429)
})

/** The file is closed by the gateway; the other store by who has opened it. */
const inPlaceOf = (sql: Sql) => (file: Sql): Sql => ({
  read: (step) => sql.read(step), write: (steps) => sql.write(steps), follow: (topic, wake) => sql.follow(topic, wake), check: () => sql.check(), close: () => file.close()
})

t.test('of two gateways on one store each refuses what was sent by both', async (t) => {
  const server = await startPostgres(t)
  if ('absent' in server) {
    t.pass(server.absent)
    return
  }
  const { sql, clock, beside } = await openPostgresStore(server)(t)
  const one = await open(t, 'enforce', { clock, wrapSql: inPlaceOf(sql) })
  const two = await open(t, 'enforce', { clock, wrapSql: inPlaceOf(await beside()) })
  const replies = await attack([one, two], 20)
  const through = sentTo(one, BLOCK) + sentTo(two, BLOCK)
  t.equal(replies.filter(({ status }) => status === 200).length, through)
  t.ok(through >= TOO_MANY && through <= TOO_MANY + RATE, `${through} got through`)
  t.equal([...factsOf(one, 'range.shut'), ...factsOf(two, 'range.shut')].length, 1, 'one of them tells of it')
  for (const gateway of [one, two]) {
    t.equal((await ask(gateway, BLOCK)).status, 429)
    for (const block of NEIGHBOURS) t.equal((await ask(gateway, block)).status, 200, block)
  }
})
