import t from 'tap'
import type { GatewayEvent } from '../../src/domain/gateway-event.ts'
import { createBus } from '../../src/observability/bus.ts'

const event = (deliveries: number): GatewayEvent => ({ type: 'rows.purged', deliveries })

t.test('everyone who listens hears every fact, in order', async (t) => {
  const bus = createBus()
  const heard: unknown[] = []
  bus.listen((event) => { heard.push(['one', event]) })
  bus.listen((event) => { heard.push(['other', event]) })
  bus.emit(event(1))
  bus.emit(event(2))
  t.same(heard, [['one', event(1)], ['other', event(1)], ['one', event(2)], ['other', event(2)]])
})

t.test('a listener that throws harms nobody: not the others, not the teller, and it hears the next fact', async (t) => {
  const bus = createBus()
  const heard: GatewayEvent[] = []
  let thrown = 0
  bus.listen(() => { thrown += 1; throw new Error('a bug') })
  bus.listen((event) => { heard.push(event) })
  t.doesNotThrow(() => { bus.emit(event(1)); bus.emit(event(2)) })
  t.same(heard, [event(1), event(2)])
  t.equal(thrown, 2)
})

t.test('who stops listening hears nothing any more, and may stop twice', async (t) => {
  const bus = createBus()
  const heard: string[] = []
  const stop = bus.listen(() => { heard.push('one') })
  bus.listen(() => { heard.push('other') })
  stop()
  stop()
  bus.emit(event(1))
  t.same(heard, ['other'])
})

t.test('a listener may stop, or bring another, while it hears', async (t) => {
  const bus = createBus()
  const heard: string[] = []
  const stop = bus.listen(() => { heard.push('once'); stop() })
  bus.listen(() => { heard.push('always') })
  bus.emit(event(1))
  bus.emit(event(2))
  t.same(heard, ['once', 'always', 'always'])
})

t.test('a fact that nobody hears is told to nobody', async (t) => {
  t.doesNotThrow(() => createBus().emit(event(1)))
})
