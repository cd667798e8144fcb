import t from 'tap'
import { MOST_ON_TRIAL, SHUT_FOR } from '../../src/guard/pumping.ts'
import { createRemembered } from '../../src/guard/remembered.ts'
import { StoreUnavailable } from '../../src/store/sql.ts'
import { hourOf } from '../../src/store/traffic.ts'
import { createClock } from '../support/gateway.ts'
import { tablesOf } from '../support/store.ts'
import { at, HOUR, MINUTE, openPumping, SECOND } from './pumping-stand.ts'

t.test('what two processes send counts together, both refuse it, and one tells of it', async (t) => {
  const { clock, pumping, send, isShut, start, told } = await openPumping(t)
  const other = start()
  let sent = 0
  for (let second = 0; second < 30; second += 1) {
    sent += send('UZ 90 1', 2) + other.send('UZ 90 1', 2)
    await Promise.all([pumping.turn(), other.pumping.turn()])
    clock.advance(SECOND)
  }
  t.ok(sent >= 20 && sent <= 24, 'who did not find it out learns of it a second later')
  t.equal(told.length, 1)
  t.same([isShut('UZ 90 1'), other.isShut('UZ 90 1')], [true, true])
  t.same([isShut('UZ 90 2'), other.isShut('UZ 90 2')], [false, false])
})

t.test('of two processes that find it out at the same moment one tells of it', async (t) => {
  const { pumping, send, isShut, start, told } = await openPumping(t)
  const other = start()
  send('UZ 90 1', 20)
  other.send('UZ 90 1', 20)
  await Promise.all([pumping.turn(), other.pumping.turn()])
  t.equal(told.length, 1)
  t.same([isShut('UZ 90 1'), other.isShut('UZ 90 1')], [true, true])
})

t.test('a process to which nothing of an attack came refuses it too', async (t) => {
  const { pumping, send, start } = await openPumping(t)
  const other = start()
  send('UZ 90 1', 20)
  await pumping.turn()
  t.notOk(other.isShut('UZ 90 1'))
  await other.pumping.turn()
  t.ok(other.isShut('UZ 90 1'))
})

t.test('codes of which another process heard that they were used count, whatever was read before', async (t) => {
  const { clock, meter, pumping, send, start, told } = await openPumping(t)
  const other = start()
  clock.advance(HOUR / 2 - MINUTE / 2)
  send('DE 15 1', 19)
  await pumping.turn()
  clock.advance(MINUTE / 2 + SECOND)
  for (let index = 0; index < 15; index += 1) other.meter.used({ ...at('DE 15 1'), sentAt: clock() - MINUTE / 2 - SECOND })
  await other.pumping.turn()
  meter.used({ ...at('DE 15 1'), sentAt: clock() })
  send('DE 15 1', 4)
  await pumping.turn()
  t.same(told, [])
})

t.test('messages of which another process knows count, although what was read before is remembered', async (t) => {
  const { clock, pumping, send, start, told } = await openPumping(t)
  const other = start()
  send('UZ 90 1', 1)
  await pumping.turn()
  clock.advance(SECOND)
  other.send('UZ 90 1', 18)
  await other.pumping.turn()
  clock.advance(SECOND)
  t.same(told, [])
  send('UZ 90 1', 1)
  await pumping.turn()
  t.match(told, [{ range: 'block', unexplained: 20 }])
})

t.test('what is shut, and what was counted, survives a restart', async (t) => {
  const { clock, pumping, reopen, send, start, told } = await openPumping(t)
  send('UZ 90 1', 20)
  send('UZ 91 1', 19)
  await pumping.turn()
  const after = start(tablesOf(await reopen()))
  await after.pumping.turn()
  t.same([after.isShut('UZ 90 1'), after.isShut('UZ 91 1')], [true, false])
  after.send('UZ 91 1', 1)
  await after.pumping.turn()
  t.same([after.isShut('UZ 90 1'), after.isShut('UZ 91 1')], [true, true])
  t.equal(told.length, 2)
  clock.advance(SHUT_FOR.first)
  t.same([after.isShut('UZ 90 1'), after.isShut('UZ 91 1')], [false, false])
})

t.test('to a range on trial each process lets go as many, and no more while the store is down', async (t) => {
  const { clock, pumping, send, start, trips, isShut } = await openPumping(t)
  let isDown = false
  const other = start({
    trips: { ...trips, async active () { return isDown ? await Promise.reject(new StoreUnavailable()) : await trips.active() } }
  })
  send('UZ 90 1', 20)
  await pumping.turn()
  await other.pumping.turn()
  clock.advance(SHUT_FOR.first)
  const letGo = (asked: () => boolean): number => Array.from({ length: 20 }, asked).filter((shut) => !shut).length
  t.same([letGo(() => isShut('UZ 90 1')), letGo(() => other.isShut('UZ 90 1'))], [MOST_ON_TRIAL, MOST_ON_TRIAL])
  isDown = true
  await t.rejects(other.pumping.turn(), StoreUnavailable)
  t.equal(letGo(() => other.isShut('UZ 90 1')), 0)
  isDown = false
  await other.pumping.turn()
  t.equal(letGo(() => other.isShut('UZ 90 1')), MOST_ON_TRIAL)
})

t.test('for how long a range is shut that another process has shut again, is known a turn later', async (t) => {
  const { clock, pumping, send, start, told } = await openPumping(t)
  const other = start()
  send('UZ 90 1', 20)
  await pumping.turn()
  clock.advance(SHUT_FOR.first)
  send('UZ 90 1', 1)
  other.send('UZ 90 1', 1)
  await Promise.all([pumping.turn(), other.pumping.turn()])
  t.equal(told.length, 2)
  await Promise.all([pumping.turn(), other.pumping.turn()])
  const left = { retryAfter: 2 * SHUT_FOR.first }
  t.same([pumping.examine(at('UZ 90 1')), other.pumping.examine(at('UZ 90 1'))], [left, left])
})

t.test('with the store down what is shut stays shut, and nothing that was sent is forgotten', async (t) => {
  const { clock, start, told, traffic, trips } = await openPumping(t)
  for (const failing of ['add', 'read', 'active', 'trip'] as const) {
    let isDown = false
    const orDown = <Args extends unknown[], Result>(name: string, work: (...args: Args) => Promise<Result>) =>
      async (...args: Args): Promise<Result> => {
        if (isDown && name === failing) throw new StoreUnavailable()
        return await work(...args)
      }
    const { isShut, pumping, send } = start({
      traffic: { ...traffic, add: orDown('add', traffic.add), read: orDown('read', traffic.read) },
      trips: { ...trips, active: orDown('active', trips.active), trip: orDown('trip', trips.trip) }
    })
    const [shut, attacked] = [`UZ ${failing} 1`, `UZ ${failing} 2`]
    send(shut, 20)
    await pumping.turn()
    t.ok(isShut(shut))
    isDown = true
    send(attacked, 20)
    for (let time = 0; time < 3; time += 1) {
      await t.rejects(pumping.turn(), StoreUnavailable, failing)
      t.ok(isShut(shut))
      clock.advance(SECOND)
    }
    isDown = false
    told.length = 0
    await pumping.turn()
    t.match(told, [{ range: 'block', shown: `UZ ${failing}…`, unexplained: 20 }], failing)
    t.ok(isShut(attacked))
  }
})

t.test('what was written down before the store failed counts, although nobody is told what it stands at', async (t) => {
  const { start, told, traffic } = await openPumping(t)
  let left = Infinity
  const { pumping, send } = start({
    traffic: {
      ...traffic,
      async add (rows) {
        left -= 1
        if (left < 0) throw new StoreUnavailable()
        return await traffic.add(rows)
      }
    }
  })
  send('UZ 90 1', 1)
  await pumping.turn()
  send('UZ 90 1', 19)
  for (let block = 0; block < 600; block += 1) send(`UZ 91 ${block}`, 1)
  left = 1
  await t.rejects(pumping.turn(), StoreUnavailable)
  t.same(told, [])
  left = Infinity
  await pumping.turn()
  t.match(told, [{ range: 'block', shown: 'UZ 90…', unexplained: 20 }, { range: 'area', shown: 'UZ 91…' }])
})

t.test('who does not judge shuts nothing, and counts no ranges', async (t) => {
  const { clock, start, told, traffic, send, pumping } = await openPumping(t)
  const idle = start({ mode: 'off' })
  idle.send('UZ 90 1', 100)
  idle.meter.accepted({ provider: 'acs-sms', channel: 'sms', country: 'UZ' }, clock())
  await idle.pumping.turn()
  t.same(told, [])
  t.match(await traffic.read(['block UZ 90 1', 'country UZ', 'route acs-sms sms UZ'], 0), [{ key: 'route acs-sms sms UZ', hour: hourOf(clock()), sent: 1 }])
  send('UZ 90 1', 20)
  await pumping.turn()
  await idle.pumping.turn()
  t.notOk(idle.isShut('UZ 90 1'))
})

t.test('in shadow it is found out and told as in earnest', async (t) => {
  const { start, told } = await openPumping(t)
  const { pumping, send, isShut } = start({ mode: 'shadow' })
  send('UZ 90 1', 20)
  await pumping.turn()
  t.ok(isShut('UZ 90 1'), 'to refuse it or not is the guard\'s')
  t.equal(told.length, 1)
})

t.test('more ranges than can be judged at a time are judged when they come again', async (t) => {
  const { clock, pumping, send, told } = await openPumping(t)
  for (let block = 0; block < 10_100; block += 1) send(`C${block % 300} ${block % 3000} ${block}`, 1)
  send('UZ 90 1', 20)
  await pumping.turn()
  t.same(told, [])
  clock.advance(SECOND)
  send('UZ 90 1', 1)
  await pumping.turn()
  t.match(told, [{ range: 'block', unexplained: 21 }])
})

t.test('what is read is remembered for its time, for so many keys, until it is forgotten', async (t) => {
  const clock = createClock()
  const asked: string[][] = []
  let value = 0
  const remembered = createRemembered({
    async read (keys) {
      asked.push([...keys])
      value += 1
      return new Map(keys.map((key) => [key, value]))
    },
    lasts: 1000,
    most: 3,
    now: clock
  })
  const of = async (...keys: string[]): Promise<unknown> => Object.fromEntries(await remembered.of(keys))
  t.same(await of('a', 'b', 'a'), { a: 1, b: 1 })
  clock.advance(999)
  t.same(await of('a', 'c'), { a: 1, c: 2 })
  t.same([remembered.peek('a'), remembered.peek('c'), remembered.peek('d')], [1, 2, undefined])
  clock.advance(1)
  t.same(await of('a', 'c'), { a: 3, c: 2 })
  t.same(await of('d'), { d: 4 })
  t.same([remembered.peek('a'), remembered.peek('b'), remembered.peek('c')], [3, undefined, 2], 'what was read first goes first')
  remembered.forget(['a'])
  t.same(await of('a', 'c'), { a: 5, c: 2 })
  remembered.clear()
  t.same(await of('c'), { c: 6 })
  t.same(asked, [['a', 'b'], ['c'], ['a'], ['d'], ['a'], ['c']])
  t.same(await of('1', '2', '3', '4', '5'), { 1: 7, 2: 7, 3: 7, 4: 7, 5: 7 }, 'and all that is asked for is given')
})
