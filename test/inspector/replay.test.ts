import t from 'tap'
import { sentBy } from '../../src/inspector/replay.ts'

t.test('of every outcome it is told which delivery it is about, and why nothing was sent', async (t) => {
  t.same(sentBy({ kind: 'accepted', id: 'a', channel: 'sms', provider: 'acs-sms', reference: 'r' }), { id: 'a', outcome: 'accepted', reason: undefined })
  t.same(sentBy({ kind: 'unknown', id: 'a' }), { id: 'a', outcome: 'unknown', reason: undefined })
  t.same(sentBy({ kind: 'duplicate', id: 'a', original: 'accepted' }), { id: 'a', outcome: 'duplicate', reason: undefined })
  t.same(sentBy({ kind: 'under-way', id: 'a' }), { id: 'a', outcome: 'under-way', reason: undefined })
  t.same(sentBy({ kind: 'refused', id: 'a', reason: 'opted_out' }), { id: 'a', outcome: 'refused', reason: 'opted_out' })
  t.same(sentBy({ kind: 'failed', id: 'a', reason: 'timeout' }), { id: 'a', outcome: 'failed', reason: 'timeout' })
  t.same(sentBy({ kind: 'key-reused' }), { id: undefined, outcome: 'key-reused', reason: undefined })
})
