import { randomBytes } from 'node:crypto'
import t from 'tap'
import { createKeys } from '../../src/domain/keys.ts'
import { createFeedRoom } from '../../src/feed/compose.ts'
import { recordBus } from '../support/recorded-bus.ts'
import { openSqliteStore, openWorld } from '../support/store.ts'

const keys = createKeys([randomBytes(32)])

for (const [name, isOn, isSeen] of [
  ['what happens can be read', true, true],
  ['where nobody may look on, but somebody is told, what hooks were asked is not kept', true, false],
  ['where nobody may look on, nothing is written down', false, false]
] as const) {
  t.test(name, async (t) => {
    const world = await openWorld(t, openSqliteStore)
    const { bus } = recordBus()
    const room = createFeedRoom({ tables: world, follow: (wake) => world.sql.follow('feed', wake), keys, bus, now: world.clock, replayMs: 0, isOn, isSeen })
    bus.emit({ type: 'delivery.used', delivery: 'd' })
    room.journal.note({ at: 1, type: 'capture' })
    const delivery = world.newId()
    room.recorder.note({ id: world.newId(), delivery, hook: 'direct', status: 200, milliseconds: 1, body: {}, reply: {}, message: undefined })
    await room.stop()
    const pages = await room.tail.read(0)
    t.same(pages.map(({ entries }) => entries.map(({ type }) => type)), isOn ? [['delivery.used', 'capture']] : [])
    t.equal((await world.exchanges.of(delivery)).length, isSeen ? 1 : 0)
  })
}
