import t, { type Test } from 'tap'
import { StoreUnavailable } from '../../src/store/sql.ts'
import { createCancelAtVendor, type CancelAtVendorDeps } from '../../src/verification/cancel-at-vendor.ts'
import type { VerificationRecord } from '../../src/store/verifications.ts'
import { MINUTE, NUMBER, startVendorStand, type VendorStand } from './vendor-stand.ts'

interface Stand extends VendorStand {
  cancel (verification: VerificationRecord): ReturnType<ReturnType<typeof createCancelAtVendor>>
  cancelWith (options: Partial<CancelAtVendorDeps>): ReturnType<typeof createCancelAtVendor>
  /** Ends it as its owner would, and gives it as it stands then. */
  end (verification: VerificationRecord): Promise<VerificationRecord>
}

const stand = async (t: Test): Promise<Stand> => {
  const vendor = await startVendorStand(t)
  const { world: { verifications, deliveries }, owner, now } = vendor
  const cancelWith: Stand['cancelWith'] = (options) => createCancelAtVendor({ verifications, deliveries, codeOwners: [owner], ...options })
  return {
    ...vendor,
    cancelWith,
    cancel: cancelWith({}),
    async end (verification) {
      await verifications.cancel(verification.id)
      return await now(verification)
    }
  }
}

t.test('what ended is canceled at the vendor, and the next one begins anew', async (t) => {
  const { sandbox, world, begin, end, cancel } = await stand(t)
  t.equal(await cancel(await end(await begin())), 'taken')
  world.clock.advance(MINUTE)
  const next = await begin()
  const [one, other] = sandbox.messages.map(({ verification }) => verification?.verificationSid)
  t.not(one, other)
  t.equal(await cancel(await end(next)), 'taken')
  t.equal(await cancel(next), 'refused', 'a second time there is nothing to cancel')
})

t.test('every transaction of it is canceled, each once', async (t) => {
  const { world, owner, begin, send, now, end, cancelWith } = await stand(t)
  const canceled: string[] = []
  const cancel = cancelWith({ codeOwners: [{ ...owner, async cancel (transaction) { canceled.push(transaction); return canceled.length === 1 ? 'taken' : 'refused' } }] })
  let verification = await begin()
  for (const pause of [2000, 10 * MINUTE - 3000]) {
    world.clock.advance(pause)
    await world.verifications.resend(verification.id, 'sms', { cooldown: 1000, sendWithin: 10_000, leastLife: 500 })
    await send(await now(verification))
    verification = await now(verification)
  }
  t.equal(verification.deliveries.length, 3)
  t.equal(await cancel(await end(verification)), 'taken')
  t.equal(canceled.length, 1, 'the three messages had the same code')
})

t.test('while another one of the number is under way, its code is left alone', async (t) => {
  const { world, begin, now, end, cancel, requests } = await stand(t)
  const verification = await begin()
  world.clock.advance(2000)
  const next = await begin()
  const ended = await now(verification)
  t.equal(ended.status, 'canceled')
  const before = requests()
  t.equal(await cancel(ended), 'refused')
  t.equal(requests(), before)
  await end(next)
  t.equal(await cancel(ended), 'taken')
})

t.test('where the answer was lost it must be tried again, which does no harm', async (t) => {
  const { sandbox, begin, end, cancel, cancelWith } = await stand(t)
  const ended = await end(await begin())
  for (const fault of [{ httpError: { status: 503 } }, { drop: 'before-read' }, { drop: 'after-accept' }] as const) {
    sandbox.script(NUMBER, { twilio: { later: { ...fault, times: 1 } } })
    t.equal(await cancel(ended), 'unknown', JSON.stringify(fault))
  }
  sandbox.script(NUMBER, { twilio: { later: { hang: true, times: 1 } } })
  t.equal(await cancelWith({ budgetMs: 50 })(ended), 'unknown')
  t.equal(await cancel(ended), 'refused')
})

t.test('one that is not known to be canceled is more than one that is', async (t) => {
  const { owner, world, begin, end, cancelWith } = await stand(t)
  const ended = await end(await begin())
  const deliveries = {
    async find (id: string) {
      const found = await world.deliveries.find(id)
      return found && { ...found, attempts: ['one', 'other', undefined].flatMap((transaction) => found.attempts.map((attempt) => ({ ...attempt, transaction }))) }
    }
  }
  const canceled: string[] = []
  const cancel = cancelWith({ deliveries, codeOwners: [{ ...owner, cancel: async (transaction) => { canceled.push(transaction); return transaction === 'one' ? 'unknown' : 'taken' } }] })
  t.equal(await cancel(ended), 'unknown')
  t.same(canceled, ['other', 'one'], 'the newest first')
})

t.test('without messages, without their records, and without the vendor there is nothing to cancel', async (t) => {
  const { start, world, begin, end, cancel, cancelWith } = await stand(t)
  t.equal(await cancel(await end(await start())), 'refused')
  world.clock.advance(MINUTE)
  const ended = await end(await begin())
  t.equal(await cancelWith({ codeOwners: [] })(ended), 'refused')
  t.equal(await cancelWith({ deliveries: { find: async () => undefined } })(ended), 'refused')
  await t.rejects(cancelWith({ verifications: { hasAnother: () => Promise.reject(new StoreUnavailable()) } })(ended), StoreUnavailable)
})
