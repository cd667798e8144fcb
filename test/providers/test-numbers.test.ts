import t from 'tap'
import { Deadline } from '../../src/domain/deadline.ts'
import { CHANNELS } from '../../src/domain/message.ts'
import { TEST_PROVIDERS } from '../../src/providers/test-numbers.ts'
import type { Order } from '../../src/providers/provider.ts'
import { codeOf, numberOf } from '../support/message.ts'

const ORDER: Order = {
  delivery: 'delivery', attempt: 'attempt', startedAt: 0, to: numberOf('+15005550006'), text: undefined, code: codeOf('123456'), locale: '', expiresAt: 1
}

t.test('a test number is served by every channel: all is taken, nothing is sent, and nobody is to be asked', async (t) => {
  t.same(TEST_PROVIDERS.map(({ channel }) => channel), CHANNELS)
  for (const provider of TEST_PROVIDERS) {
    t.same(await provider.send(ORDER, Deadline.in(1000)), { kind: 'accepted', reference: undefined })
    t.match(provider, { name: 'test-number', needsCode: false, isConducted: false, inquiry: undefined, feedback: undefined })
    t.equal(provider.hint('any', 'US'), undefined)
  }
})
