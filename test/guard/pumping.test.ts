import t from 'tap'
import { MOST_ON_TRIAL, SHUT_FOR } from '../../src/guard/pumping.ts'
import { FLOORS } from '../../src/guard/thresholds.ts'
import { at, DAY, HOUR, MINUTE, openPumping, SECOND, type PumpingWorld } from './pumping-stand.ts'

const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index))

t.test('a block to which far too much is sent is shut for a quarter of an hour, and nothing else is', async (t) => {
  const { clock, isShut, pumping, send, told } = await openPumping(t)
  let sent = 0
  for (let second = 0; second < 60; second += 1) {
    sent += send('UZ 90 1', 5)
    await pumping.turn()
    clock.advance(SECOND)
  }
  t.equal(sent, FLOORS.block.hour, 'it is over within four seconds')
  t.same(told, [{
    type: 'range.shut', range: 'block', country: 'UZ', shown: 'UZ 90…', mode: 'enforce', cause: 'hour', unexplained: 20, threshold: 20, milliseconds: SHUT_FOR.first
  }])
  t.same([isShut('UZ 90 1'), isShut('UZ 90 2'), isShut('UZ 91 1'), isShut('DE 15 1')], [true, false, false, false])
  clock.advance(SHUT_FOR.first - 57 * SECOND - 1)
  t.same(pumping.examine({ country: 'UZ', area: 'UZ 90', block: 'UZ 90 1', shownArea: '' }), { retryAfter: 1 })
  clock.advance(1)
  t.notOk(isShut('UZ 90 1'))
})

t.test('one message less is not too much', async (t) => {
  const { isShut, pumping, send, told } = await openPumping(t)
  send('UZ 90 1', FLOORS.block.hour - 1)
  await pumping.turn()
  t.notOk(isShut('UZ 90 1'))
  t.same(told, [])
})

t.test('an attack that goes on, because nobody stops it, is still that of its block', async (t) => {
  const { clock, isShut, pumping, meter, told } = await openPumping(t)
  const ranges = { country: 'UZ', area: 'UZ 90', block: 'UZ 90 1', shownArea: '+998 90…' }
  for (let time = 0; time < 60; time += 1) {
    for (let index = 0; index < 500; index += 1) {
      pumping.noteSent(ranges, clock())
      meter.delivered({ ...ranges, sentAt: clock() })
    }
    await pumping.turn()
    clock.advance(5 * MINUTE)
  }
  t.same(told.map(({ milliseconds }) => milliseconds / MINUTE), [15, 30, 60, 120, 240], 'told less and less often')
  t.ok(told.every(({ range }) => range === 'block'))
  t.notOk(isShut('UZ 90 2'))
})

t.test('of a burst that is over before anybody judges, the block is shut alone', async (t) => {
  const { isShut, pumping, send, told } = await openPumping(t)
  send('UZ 90 1', 3000)
  await pumping.turn()
  t.match(told, [{ range: 'block', unexplained: 3000 }])
  t.notOk(isShut('UZ 90 2'))
})

t.test('an attack on many blocks shuts their area, and no other', async (t) => {
  const { isShut, pumping, send, told } = await openPumping(t)
  for (let block = 0; block < 10; block += 1) send(`UZ 90 ${block}`, 10)
  await pumping.turn()
  t.match(told, [{ range: 'area', country: 'UZ', shown: 'UZ 90…', cause: 'hour', unexplained: 100, threshold: FLOORS.area.hour }])
  t.same([isShut('UZ 90 1'), isShut('UZ 90 77'), isShut('UZ 91 1')], [true, true, false])
})

t.test('an attack that goes from block to block as they are shut loses the area in the end', async (t) => {
  const { clock, isShut, pumping, send, told } = await openPumping(t)
  let sent = 0
  for (let block = 0; block < 80; block += 1) {
    for (let second = 0; second < 10; second += 1) {
      sent += send(`UZ 90 ${block}`, 7)
      await pumping.turn()
      clock.advance(SECOND)
    }
  }
  t.same(told.map(({ range }) => range), ['block', 'block', 'block', 'block', 'block', 'area'])
  t.equal(sent, 5 * 21)
  t.notOk(isShut('UZ 91 1'))
})

t.test('an attack that goes from area to area as they are shut loses the country in the end', async (t) => {
  const { clock, isShut, pumping, send, told } = await openPumping(t)
  for (let area = 10; area < 50; area += 1) {
    for (let block = 0; block < 20; block += 1) {
      send(`UZ ${area} ${block}`, 13)
      await pumping.turn()
      clock.advance(SECOND)
    }
  }
  t.same(told.map(({ range }) => range), ['area', 'area', 'area', 'area', 'area', 'country'])
  t.match(told.at(-1), { country: 'UZ', shown: 'UZ', threshold: FLOORS.country.hour })
  t.ok(isShut('UZ 99 1'))
  t.notOk(isShut('DE 15 1'))
})

t.test('blocks of an area that is shut are not taken off its country a second time', async (t) => {
  const { pumping, send, spread, told } = await openPumping(t)
  for (let block = 0; block < 5; block += 1) send(`UZ 90 ${block}`, 100)
  await pumping.turn()
  t.same(told.map(({ range }) => range), ['block', 'block', 'block', 'block', 'block', 'area'])
  for (let area = 1; area <= 4; area += 1) spread(`UZ ${area}`, 90)
  await pumping.turn()
  t.equal(told.length, 6)
  spread('UZ 5', 40)
  await pumping.turn()
  t.match(told.slice(6), [{ range: 'country', unexplained: 500 }])
})

t.test('what is inside of a range that is shut is not judged by itself', async (t) => {
  const { pumping, send, start, told } = await openPumping(t)
  for (let block = 0; block < 10; block += 1) send(`UZ 90 ${block}`, 10)
  await pumping.turn()
  const other = start()
  other.send('UZ 90 1', 1000)
  await other.pumping.turn()
  t.same(told.map(({ range }) => range), ['area'])
})

t.test('blocks and areas of numbers that are of no country are judged alike', async (t) => {
  const { isShut, pumping, send, told } = await openPumping(t)
  send('- 16 1', 20)
  await pumping.turn()
  t.match(told, [{ range: 'block', country: undefined }])
  for (let block = 2; block < 12; block += 1) send(`- 16 ${block}`, 10)
  await pumping.turn()
  t.match(told, [{ range: 'block' }, { range: 'area', country: undefined }])
  t.notOk(isShut('- 17 1'))
})

t.test('a range that is open again is shut by the next message, as long as the hour says so', async (t) => {
  const { clock, isShut, pumping, send, told } = await openPumping(t)
  send('UZ 90 1', 30)
  await pumping.turn()
  clock.advance(SHUT_FOR.first)
  await pumping.turn()
  t.notOk(isShut('UZ 90 1'), 'nothing is judged to which nothing is sent')
  t.equal(send('UZ 90 1', 1), 1)
  await pumping.turn()
  t.ok(isShut('UZ 90 1'))
  t.equal(told.length, 2)
  clock.advance(2 * HOUR)
  t.equal(send('UZ 90 1', 1), 1)
  await pumping.turn()
  t.notOk(isShut('UZ 90 1'))
})

t.test('of a range that has opened a few messages may go until it is judged again', async (t) => {
  const { clock, isShut, pumping, send, told } = await openPumping(t)
  send('UZ 90 1', 20)
  await pumping.turn()
  clock.advance(SHUT_FOR.first + HOUR)
  t.same(times(20, () => isShut('UZ 90 1')), times(20, () => false), 'after as long as it was shut it is like any other')
  send('UZ 90 1', 20)
  await pumping.turn()
  clock.advance(told[1]?.milliseconds as number)
  t.same(told.map(({ milliseconds }) => milliseconds), [SHUT_FOR.first, 2 * SHUT_FOR.first])
  await pumping.turn()
  for (let turn = 0; turn < 3; turn += 1) {
    t.same(times(8, () => isShut('UZ 90 1')), [...times(MOST_ON_TRIAL, () => false), true, true, true])
    t.same(pumping.examine(at('UZ 90 1')), { retryAfter: SECOND })
    t.notOk(isShut('UZ 90 2'), 'its neighbours are not on trial')
    await pumping.turn()
  }
  clock.advance(2 * SHUT_FOR.first - 1)
  t.ok(times(8, () => isShut('UZ 90 1')).includes(true))
  clock.advance(1)
  t.notOk(times(8, () => isShut('UZ 90 1')).includes(true))
})

t.test('the messages that may go to a range on trial are all that may go to what lies in it', async (t) => {
  const { clock, isShut, pumping, spread, told } = await openPumping(t)
  spread('UZ 90', 100)
  await pumping.turn()
  t.match(told, [{ range: 'area' }])
  clock.advance(SHUT_FOR.first)
  t.same(times(8, (index) => isShut(`UZ 90 ${index}`)), [...times(MOST_ON_TRIAL, () => false), true, true, true])
})

/** Asks for so many messages at a time, each to another block; gives how many were sent. */
const burst = ({ clock, isShut, pumping }: PumpingWorld, count: number, areas: number): number => {
  let sent = 0
  for (let index = 0; index < count; index += 1) {
    const place = `UZ ${10 + index % areas} ${Math.floor(clock() / SECOND)}${index}`
    if (isShut(place)) continue
    pumping.noteSent(at(place), clock())
    sent += 1
  }
  return sent
}

t.test('of an attack that tries each minute with all at once, a day lets out little more than is never too much', async (t) => {
  const world = await openPumping(t)
  let sent = 0
  for (let minute = 0; minute < 24 * 60; minute += 1) {
    sent += burst(world, 300, 3)
    await world.pumping.turn()
    world.clock.advance(MINUTE)
  }
  t.ok(sent <= FLOORS.country.day + 300, `${sent} of ${24 * 60 * 300}`)
})

t.test('of an attack that waits until a range is like any other, what goes at a time goes seven times on the first day, then three', async (t) => {
  const world = await openPumping(t)
  await world.past('DE 15 1', 14, { sent: 100, used: 60 })
  const bursts = [0, 0, 0]
  for (let quarter = 0; quarter < 3 * 96; quarter += 1) {
    const isOnTrial = (await world.trips.active()).length > 0
    // So many at a time that each time the country itself is shut for it.
    if (!isOnTrial) {
      t.equal(burst(world, 1000, 5), 1000)
      bursts[Math.floor(quarter / 96)] = bursts[Math.floor(quarter / 96)] as number + 1
    }
    await world.pumping.turn()
    world.clock.advance(15 * MINUTE)
  }
  t.same(bursts, [7, 3, 3])
})

t.test('a patient attack is found out by the day', async (t) => {
  const { clock, pumping, send, told } = await openPumping(t)
  let sent = 0
  for (let minute = 0; minute < 24 * 60; minute += 5) {
    sent += send('UZ 90 1', 1)
    await pumping.turn()
    clock.advance(5 * MINUTE)
  }
  t.match(told[0], { range: 'block', cause: 'day', threshold: FLOORS.block.day, unexplained: 60 })
  t.ok(sent < 60 + 4 * 20, 'what goes through in the moments in which it is open')
})

t.test('a launch whose codes are used shuts nothing, however fast it grows', async (t) => {
  const { clock, pumping, send, told } = await openPumping(t)
  for (let minute = 0; minute < 120; minute += 1) {
    const count = 4 * minute
    for (let area = 0; area < 3; area += 1) send(`DE ${area} ${minute % 40}`, count, Math.floor(count * 0.55))
    await pumping.turn()
    clock.advance(MINUTE)
  }
  t.same(told, [])
})

t.test('a launch that is attacked loses the block that is attacked', async (t) => {
  const { clock, isShut, pumping, send, told } = await openPumping(t)
  for (let minute = 0; minute < 30; minute += 1) {
    for (let block = 0; block < 20; block += 1) send(`DE 15 ${block}`, 10, 7)
    send('DE 15 666', 5)
    await pumping.turn()
    clock.advance(MINUTE)
  }
  t.match(told, [{ range: 'block' }, { range: 'block' }])
  t.same([isShut('DE 15 666'), isShut('DE 15 1')], [true, false])
})

t.test('where codes cease to be told as used, an ordinary day shuts nothing', async (t) => {
  const { clock, past, pumping, send, told } = await openPumping(t)
  await past('DE 15 1', 14, { sent: 20_000, delivered: 19_000, used: 9000 })
  for (let hour = 0; hour < 24; hour += 1) {
    for (let minute = 0; minute < 60; minute += 10) {
      send('DE 15 1', 20_000 / 24 / 6)
      await pumping.turn()
      clock.advance(10 * MINUTE)
    }
  }
  t.same(told, [])
})

t.test('what is usual in a busy country is not too much, and many times as much is', async (t) => {
  for (const [past, most] of [
    [{ sent: 20_000, delivered: 18_000, used: 10_000 }, 5000],
    [{ sent: 20_000, delivered: 18_000 }, 9000],
    [{ sent: 20_000 }, 10_000]
  ] as const) {
    const world = await openPumping(t)
    await world.past('DE 15 1', 14, past)
    world.spread('DE 15', most - 1)
    await world.pumping.turn()
    t.same(world.told, [], JSON.stringify(past))
    world.send('DE 15 another', 1)
    await world.pumping.turn()
    t.match(world.told, [{ range: 'area', cause: 'hour', threshold: most, unexplained: most }])
    t.equal(world.told.length, 1)
  }
})

t.test('where conversions are unknown, deliveries of now excuse nothing', async (t) => {
  const { clock, meter, past, pumping, send, told } = await openPumping(t)
  await past('DE 15 1', 14, { sent: 100, delivered: 90 })
  send('DE 15 1', 50)
  for (let index = 0; index < 50; index += 1) meter.delivered({ country: 'DE', area: 'DE 15', block: 'DE 15 1', sentAt: clock() })
  await pumping.turn()
  t.match(told, [{ range: 'block', cause: 'hour', threshold: 45, unexplained: 50 }])
})

t.test('an attack of three days is not usual on the fourth', async (t) => {
  const { past, pumping, send, told } = await openPumping(t)
  await past('DE 15 1', 14, { sent: 100, delivered: 90 })
  await past('UZ 90 1', 3, { sent: 5000, delivered: 5000 })
  send('UZ 90 1', 20)
  await pumping.turn()
  t.match(told, [{ range: 'block', threshold: 20 }])
})

t.test('what was delivered to a block for weeks is not usual in a country whose codes are used', async (t) => {
  const { past, pumping, send, told } = await openPumping(t)
  await past('UZ 91 1', 14, { sent: 10_000, delivered: 9000, used: 6000 })
  await past('UZ 90 1', 14, { sent: 200, delivered: 200 })
  send('UZ 90 1', 20)
  await pumping.turn()
  t.match(told, [{ range: 'block', threshold: 20 }])
})

t.test('what was delivered to numbers of no country is usual by itself', async (t) => {
  const { past, pumping, send, told } = await openPumping(t)
  await past('- 16 1', 14, { sent: 200, delivered: 200 })
  send('- 16 1', 99)
  await pumping.turn()
  t.same(told, [])
  send('- 16 1', 1)
  await pumping.turn()
  t.match(told, [{ range: 'block', threshold: 100 }])
})

t.test('a range that is as busy as a year ago is judged by its last fortnight', async (t) => {
  const { clock, past, pumping, send, told } = await openPumping(t)
  await past('DE 15 1', 5, { sent: 20_000, delivered: 20_000 })
  clock.advance(15 * DAY)
  send('DE 15 1', 20)
  await pumping.turn()
  t.match(told, [{ range: 'block', threshold: 20 }])
})
