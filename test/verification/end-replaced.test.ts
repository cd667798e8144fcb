import t, { type Test } from 'tap'
import type { CodeMaker } from '../../src/domain/code-maker.ts'
import { statement } from '../../src/store/sql.ts'
import type { VerificationRecord } from '../../src/store/verifications.ts'
import { createCancelAtVendor } from '../../src/verification/cancel-at-vendor.ts'
import { createEnd } from '../../src/verification/end.ts'
import { begunBy, COOLDOWN, LIFETIME, requestOf, RIGHT } from '../store/suite/verifications-stand.ts'
import { recordBus } from '../support/recorded-bus.ts'
import { openSqliteStore, openWorld, type World } from '../support/store.ts'

/* One verification comes in place of another: what is done at the end of the first must leave the second alone. */

const readKept = statement('SELECT escalation FROM deliveries WHERE id = :id')

interface Stand extends World {
  /** Verifications that have ended, with how. */
  readonly ended: string[]
  /** What was canceled at the vendor. */
  readonly canceled: string[]
  /** Starts one, always of the same starter and number, and a message that may go on by another channel. */
  begin (codeMaker?: CodeMaker): Promise<VerificationRecord>
  /** Notes that its message was sent, as that delivery. */
  sent (verification: VerificationRecord, transaction?: string): Promise<string>
  isKept (delivery: string): Promise<boolean>
  /** Sees to all ends that are due. */
  run (): Promise<void>
}

const openStand = async (t: Test): Promise<Stand> => {
  const world = await openWorld(t, openSqliteStore)
  const { verifications, deliveries, due, attempts } = world
  const { bus, events } = recordBus()
  const [ended, canceled]: [string[], string[]] = [[], []]
  bus.listen((event) => { if (event.type === 'verification.ended') ended.push(`${event.verification} ${event.status}`) })
  const vendor = {
    name: 'twilio-verify' as const,
    providers: [],
    check: async () => 'right' as const,
    isApproved: async () => false,
    cancel: async (transaction: string) => { canceled.push(transaction); return 'taken' as const }
  }
  const end = createEnd({
    verifications, deliveries, due, cancelAtVendor: createCancelAtVendor({ verifications, deliveries, codeOwners: [vendor] }), hasWebhook: false, bus
  })
  return {
    ...world,
    ended,
    canceled,
    begin: async (codeMaker = 'gateway') =>
      begunBy(await verifications.start(requestOf(world, codeMaker === 'gateway' ? {} : { codeMaker, codeHash: undefined }))),
    async sent ({ id, sends }, transaction) {
      const { id: delivery } = await world.delivery({ escalation: { sealed: 'sealed', channels: ['voice'], after: 60_000 } })
      const attempt = world.attemptOf(delivery)
      await attempts.begin(attempt)
      await attempts.finish(world.resultOf(attempt.id, { transaction }))
      await verifications.noteSent(id, sends, { state: 'sent', reason: undefined, delivery })
      return delivery
    },
    async isKept (id) {
      const [row] = await world.sql.read(readKept({ id }))
      return row?.escalation !== null
    },
    async run () {
      for (const { id, kind, tries } of await due.take('verification-end', 50, 30_000)) {
        if (await end(id, tries) !== 'kept') await due.done({ id, kind })
      }
      t.same(events.filter(({ type }) => type === 'work.failed'), [])
    }
  }
}

t.test('a code that was taken over lives on: its message still goes on by another channel, and counts when it was used', async (t) => {
  const { begin, sent, isKept, run, ended, verifications, deliveries } = await openStand(t)
  const first = await begin()
  const delivery = await sent(first)
  const second = await begin()
  t.equal(second.codeId, first.id)
  await run()
  t.same(ended, [`${first.id} canceled`])
  t.ok(await isKept(delivery))
  t.match(await verifications.check(second.id, RIGHT), { valid: true })
  await run()
  t.same(ended, [`${first.id} canceled`, `${second.id} approved`])
  t.notOk(await isKept(delivery))
  t.type((await deliveries.find(delivery))?.usedAt, 'number')
})

t.test('a message that was on its way when its code was taken over is not forgotten with the first', async (t) => {
  const { begin, sent, isKept, run, clock, ended, verifications } = await openStand(t)
  const first = await begin()
  const second = await begin()
  await run()
  const delivery = await sent(first)
  clock.advance(1000)
  await run()
  t.same(ended, [`${first.id} canceled`])
  t.ok(await isKept(delivery))
  await verifications.cancel(second.id)
  await run()
  t.same(ended, [`${first.id} canceled`, `${second.id} canceled`])
  t.notOk(await isKept(delivery), 'but with the second')
})

t.test('a code that was replaced is good for nothing any more: nothing of it is sent', async (t) => {
  const { begin, sent, isKept, run, clock, verifications } = await openStand(t)
  const first = await begin()
  const old = await sent(first)
  clock.advance(COOLDOWN)
  const second = await begin()
  t.equal(second.codeId, second.id)
  const young = await sent(second)
  await run()
  t.notOk(await isKept(old))
  t.ok(await isKept(young))
  t.match(await verifications.find(second.id), { status: 'pending' })
})

t.test('a code of a vendor that was taken over is not canceled there, until whoever has it has ended', async (t) => {
  const { begin, sent, run, clock, canceled, ended } = await openStand(t)
  const first = await begin('twilio-verify')
  await sent(first, 'VE1')
  const second = await begin('twilio-verify')
  await run()
  t.same(ended, [`${first.id} canceled`])
  t.same(canceled, [])
  clock.advance(LIFETIME)
  await run()
  t.same(ended, [`${first.id} canceled`, `${second.id} expired`])
  t.same(canceled, ['VE1'])
})

t.test('a vendor gives the next verification of a number the code that it has: that is not canceled either', async (t) => {
  const { begin, sent, run, clock, canceled } = await openStand(t)
  const first = await begin('twilio-verify')
  await sent(first, 'VE1')
  clock.advance(COOLDOWN)
  const second = await begin('twilio-verify')
  await sent(second, 'VE1')
  await run()
  t.same(canceled, [])
})
