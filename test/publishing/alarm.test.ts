import t from 'tap'
import { createAlarm, later } from '../../src/publishing/alarm.ts'
import { createTimers } from './stand.ts'

t.test('one sleeps for as long as is said, by the clock of the process', async (t) => {
  const alarm = createAlarm(later)
  const begun = performance.now()
  // The process would not live for it.
  const living = setInterval(() => {}, 1000)
  await alarm.sleep(20).finally(() => { clearInterval(living) })
  t.ok(performance.now() - begun >= 19)
})

t.test('a sleep ends when it rings, and nothing is left of it', async (t) => {
  const alarm = createAlarm(later)
  const slept = alarm.sleep(60_000)
  alarm.ring()
  await slept
  const timers = createTimers()
  const other = createAlarm(timers.later)
  const first = other.sleep(7)
  other.ring()
  await first
  t.equal(timers.count, 0, 'its timer is gone')
  const second = other.sleep(8)
  await timers.sleeps(8)
  timers.fire()
  await second
})

t.test('what rang while nobody slept ends the next sleep, once', async (t) => {
  const timers = createTimers()
  const alarm = createAlarm(timers.later)
  alarm.ring()
  alarm.ring()
  await alarm.sleep(1)
  t.equal(timers.count, 0)
  const slept = alarm.sleep(2)
  await timers.sleeps(2)
  timers.fire()
  await slept
})

t.test('what is hushed has not rung', async (t) => {
  const timers = createTimers()
  const alarm = createAlarm(timers.later)
  alarm.ring()
  alarm.hush()
  const slept = alarm.sleep(3)
  t.equal(timers.count, 1)
  await timers.sleeps(3)
  timers.fire()
  await slept
})
