import t from 'tap'
import { openHousekeeping } from './housekeeping-stand.ts'

t.test('where another process has other keys that is told each time', async (t) => {
  const { events, make } = await openHousekeeping(t)
  for (const agree of [true, false, false]) await make({ keysAgree: async () => agree }).compareKeys()
  t.same(events, [{ type: 'keys.disagree' }, { type: 'keys.disagree' }])
})

t.test('a machine whose clock is off is told of, one that is a little off is not', async (t) => {
  const { events, make } = await openHousekeeping(t)
  for (const milliseconds of [0, 2000, -2000, 2001, -600_000]) {
    await make({ clock: { now: () => 0, sync: async () => milliseconds } }).compareClocks()
  }
  t.same(events.filter(({ type }) => type === 'clock.skewed'), [{ type: 'clock.skewed', milliseconds: 2001 }, { type: 'clock.skewed', milliseconds: -600_000 }])
})
