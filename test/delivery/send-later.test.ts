import t from 'tap'
import { judgeLater, sendLater } from '../../src/delivery/send-later.ts'
import { createUnfinished } from '../../src/delivery/unfinished.ts'
import type { Guard } from '../../src/guard/guard.ts'
import { StoreUnavailable } from '../../src/store/sql.ts'
import { OPEN_GUARD } from '../support/guard.ts'
import { codeOf, messageOf, numberOf } from '../support/message.ts'
import { recordBus } from '../support/recorded-bus.ts'

const JUDGEMENT = OPEN_GUARD.judge(messageOf())

/** A guard that lets everything go, and notes what it was asked and how that was settled. */
const noting = (settle: (wasSent: boolean) => Promise<void> = async () => {}) => {
  const noted: unknown[] = []
  const guard: Guard = {
    ...OPEN_GUARD,
    async admit (delivery) {
      noted.push(delivery)
      return { kind: 'admitted', settle: async (wasSent) => { noted.push(wasSent); await settle(wasSent) } }
    }
  }
  const recorded = recordBus()
  return { ...recorded, guard, noted, unfinished: createUnfinished(recorded.bus) }
}

t.test('what is sent later is judged by its number, and counted for the one who asked then', async (t) => {
  const judged: unknown[] = []
  const guard: Guard = { ...OPEN_GUARD, judge: (message) => { judged.push(message.requester); return OPEN_GUARD.judge(message) } }
  const judgement = judgeLater(guard, { to: numberOf('+4915112345678'), code: codeOf('123456'), channel: 'voice' }, { ip: 'address', user: undefined })
  t.match(judgement, { channel: 'voice', counted: { number: 'number', ip: 'address', user: undefined } })
  t.same(judged, [{ ip: undefined, user: undefined }])
})

t.test('what the guard lets go is sent, and settled as it went', async (t) => {
  for (const wasSent of [true, false]) {
    const { noted, ...deps } = noting()
    t.equal(await sendLater(deps, 'delivery', JUDGEMENT, async () => { noted.push('work'); return wasSent }), wasSent)
    t.same(noted, ['delivery', 'work', wasSent])
  }
})

t.test('what the guard refuses is not sent, nor what it cannot tell, nor anything to a test number', async (t) => {
  const { noted, ...deps } = noting()
  const work = async (): Promise<boolean> => { noted.push('work'); return true }
  t.equal(await sendLater(deps, 'delivery', { ...JUDGEMENT, isTest: true }, work), false)
  t.equal(await sendLater({ ...deps, guard: { ...OPEN_GUARD, admit: async () => ({ kind: 'refused', reason: 'too_many_messages', retryAfter: 1 }) } }, 'delivery', JUDGEMENT, work), false)
  await t.rejects(sendLater({ ...deps, guard: { ...OPEN_GUARD, admit: async () => { throw new StoreUnavailable() } } }, 'delivery', JUDGEMENT, work), StoreUnavailable)
  t.same(noted, [])
})

t.test('what failed before it was sent counts for nothing; what cannot be settled is settled later', async (t) => {
  const { noted, ...deps } = noting()
  await t.rejects(sendLater(deps, 'delivery', JUDGEMENT, async () => { throw new StoreUnavailable() }), StoreUnavailable)
  t.same(noted, ['delivery', false])

  let isDown = true
  const late = noting(async () => { if (isDown) throw new StoreUnavailable() })
  t.equal(await sendLater(late, 'delivery', JUDGEMENT, async () => true), true)
  t.match(late.events, [{ type: 'work.failed', what: 'settling a budget' }])
  isDown = false
  await late.unfinished.run()
  t.same(late.noted, ['delivery', true, true])
})
