import type { Test } from 'tap'
import type { Resent, ToldMessage, VerificationRecord } from '../../../src/store/verifications.ts'
import { openWorld, type OpenStore, type World } from '../../support/store.ts'
import { COOLDOWN, dueOf, find, guessWrong, LEAST_LIFE, LIFETIME, range, RIGHT, SEND_WITHIN, start } from './verifications-stand.ts'

const OPTIONS = { cooldown: COOLDOWN, sendWithin: SEND_WITHIN, leastLife: LEAST_LIFE }

const resend = async ({ verifications }: World, { id }: VerificationRecord): Promise<Resent> => await verifications.resend(id, 'voice', OPTIONS)

const told = (options: Partial<ToldMessage> = {}): ToldMessage => ({ state: 'sent', reason: undefined, delivery: undefined, ...options })

export const testVerificationMessages = (t: Test, open: OpenStore): void => {
  t.test('the same code is sent once more when its time has come, and not before', async (t) => {
    const world = await openWorld(t, open)
    const begun = await start(world)
    await world.verifications.noteSent(begun.id, 1, told({ delivery: 'one' }))
    t.same(await resend(world, begun), { kind: 'too-soon', retryAfter: COOLDOWN })
    world.clock.advance(COOLDOWN - 1)
    t.same(await resend(world, begun), { kind: 'too-soon', retryAfter: 1 })
    t.match(await find(world, begun), { sends: 1, channel: 'sms', message: 'sent' })
    world.clock.advance(1)
    const sent = { sends: 2, channel: 'voice', message: 'sending', sentAt: world.clock(), resendAt: world.clock() + COOLDOWN, expiresAt: begun.expiresAt, sealed: begun.sealed, deliveries: ['one'] }
    t.match(await resend(world, begun), { kind: 'resent', verification: sent })
    t.match(await find(world, begun), sent)
    t.same(await dueOf(world, begun), { 'verification-send': SEND_WITHIN, 'verification-end': LIFETIME - COOLDOWN })
    t.match(await world.verifications.check(begun.id, RIGHT), { valid: true })
  })

  t.test('no more messages are sent than there may be', async (t) => {
    const world = await openWorld(t, open)
    const begun = await start(world, { maxSends: 2 })
    world.clock.advance(COOLDOWN)
    t.match(await resend(world, begun), { kind: 'resent' })
    t.same(await resend(world, begun), { kind: 'too-many' }, 'and it is no use to wait')
    world.clock.advance(COOLDOWN)
    t.same(await resend(world, begun), { kind: 'too-many' })
    t.match(await find(world, begun), { sends: 2 })
  })

  t.test('of many that ask at a time one gets it', async (t) => {
    const world = await openWorld(t, open)
    const begun = await start(world)
    world.clock.advance(COOLDOWN)
    const resent = await Promise.all(range(10).map(() => resend(world, begun)))
    t.equal(resent.filter(({ kind }) => kind === 'resent').length, 1)
    t.equal(resent.filter(({ kind }) => kind === 'too-soon').length, 9)
    t.match(await find(world, begun), { sends: 2 })
  })

  t.test('nothing is sent that would come too late, or for what has ended', async (t) => {
    const world = await openWorld(t, open)
    const begun = await start(world)
    const [approved, failed, canceled] = [await start(world, { profile: 'a' }), await start(world, { profile: 'b', maxAttempts: 1 }), await start(world, { profile: 'c' })]
    await world.verifications.check(approved.id, RIGHT)
    await guessWrong(world, failed, 1)
    await world.verifications.cancel(canceled.id)
    for (const [one, status] of [[approved, 'approved'], [failed, 'failed'], [canceled, 'canceled']] as const) t.same(await resend(world, one), { kind: 'over', status })
    world.clock.advance(LIFETIME - LEAST_LIFE + 1)
    t.same(await resend(world, begun), { kind: 'over', status: 'pending' })
    world.clock.advance(LEAST_LIFE)
    t.same(await resend(world, begun), { kind: 'over', status: 'expired' })
    t.same(await world.verifications.resend(world.newId(), 'sms', OPTIONS), { kind: 'over', status: 'expired' })
    t.same(await dueOf(world, approved), { 'verification-end': -LIFETIME - 1 })
  })

  t.test('a message is sent once more while it has just long enough to live', async (t) => {
    const world = await openWorld(t, open)
    const begun = await start(world)
    world.clock.advance(LIFETIME - LEAST_LIFE)
    t.match(await resend(world, begun), { kind: 'resent' })
  })

  t.test('the resend of a decoy looks the same, and sends nothing', async (t) => {
    const world = await openWorld(t, open)
    const real = await start(world)
    const decoy = await start(world, { starter: 'second' })
    t.same(await resend(world, decoy), { kind: 'too-soon', retryAfter: COOLDOWN })
    world.clock.advance(COOLDOWN)
    const seen = { sends: 2, channel: 'voice', message: 'sending', resendAt: world.clock() + COOLDOWN }
    t.match(await resend(world, decoy), { kind: 'resent', verification: seen })
    t.match(await resend(world, real), { kind: 'resent', verification: seen })
    t.same(Object.keys(await dueOf(world, decoy)), ['verification-end'])
    world.clock.advance(1000)
    t.match(await find(world, decoy), { message: 'sent' })
  })

  t.test('a sending that was taken by somebody falls due anew with the next message, as never tried', async (t) => {
    const world = await openWorld(t, open)
    const begun = await start(world)
    world.clock.advance(COOLDOWN)
    await world.due.take('verification-send', 10, 10 * COOLDOWN)
    await world.due.later({ id: begun.id, kind: 'verification-send' }, 10 * COOLDOWN)
    await resend(world, begun)
    world.clock.advance(SEND_WITHIN - 1)
    t.same(await world.due.take('verification-send', 10, 1000), [])
    world.clock.advance(1)
    t.match(await world.due.take('verification-send', 10, 1000), [{ id: begun.id, tries: 0 }])
  })

  t.test('what became of a message is noted, with its delivery, and it is not due any more', async (t) => {
    const world = await openWorld(t, open)
    const begun = await start(world)
    await world.verifications.noteSent(begun.id, 1, told({ delivery: 'one' }))
    t.match(await find(world, begun), { message: 'sent', messageReason: undefined, deliveries: ['one'], resendAt: begun.resendAt })
    t.same(Object.keys(await dueOf(world, begun)), ['verification-end'])
    await world.verifications.noteSent(begun.id, 1, told({ delivery: 'one' }))
    t.same((await find(world, begun)).deliveries, ['one'], 'noted again, it is there once')
    await world.verifications.noteSent(begun.id, 1, told({ delivery: 'on' }))
    t.match(await find(world, begun), { deliveries: ['one', 'on'] }, 'and is not taken for another')
    await t.resolves(world.verifications.noteSent(world.newId(), 1, told({ delivery: 'one' })))
  })

  t.test('a message that failed may be asked for anew at once', async (t) => {
    const world = await openWorld(t, open)
    const begun = await start(world)
    world.clock.advance(10)
    await world.verifications.noteSent(begun.id, 1, told({ state: 'failed', reason: 'number_unreachable' }))
    t.match(await find(world, begun), { message: 'failed', messageReason: 'number_unreachable', resendAt: world.clock() })
    t.match(await resend(world, begun), { kind: 'resent', verification: { message: 'sending', messageReason: undefined, sends: 2 } })
  })

  t.test('after a message that failed, a restart has a new code and a message', async (t) => {
    const world = await openWorld(t, open)
    const begun = await start(world)
    await world.verifications.noteSent(begun.id, 1, told({ state: 'failed', reason: 'connection' }))
    const next = await start(world)
    t.match(next, { codeId: next.id, message: 'sending', messageReason: undefined })
  })

  t.test('what became of an earlier message says nothing of the newest, but its delivery is known', async (t) => {
    const world = await openWorld(t, open)
    const begun = await start(world)
    world.clock.advance(COOLDOWN)
    await resend(world, begun)
    await world.verifications.noteSent(begun.id, 2, told({ delivery: 'two' }))
    await world.verifications.noteSent(begun.id, 1, told({ state: 'failed', reason: 'connection', delivery: 'one' }))
    t.match(await find(world, begun), { message: 'sent', messageReason: undefined, deliveries: ['one', 'two'], resendAt: world.clock() + COOLDOWN })
  })

  t.test('a newer message that is due stays so, when the one before is noted', async (t) => {
    const world = await openWorld(t, open)
    const begun = await start(world)
    world.clock.advance(COOLDOWN)
    await resend(world, begun)
    await world.verifications.noteSent(begun.id, 1, told({ delivery: 'one' }))
    t.match(await find(world, begun), { message: 'sending', deliveries: ['one'] })
    t.match(await dueOf(world, begun), { 'verification-send': SEND_WITHIN })
  })

  t.test('what became of a message is noted with who has taken over its code meanwhile, however that one ended', async (t) => {
    for (const end of [async () => {}, async ({ verifications }: World, id: string) => { await verifications.check(id, RIGHT) }]) {
      const world = await openWorld(t, open)
      const first = await start(world)
      const second = await start(world)
      const third = await start(world)
      await start(world, { profile: 'signup' })
      await end(world, third.id)
      await world.verifications.noteSent(first.id, 1, told({ delivery: 'one' }))
      t.match(await find(world, third), { message: 'sent', deliveries: ['one'] })
      t.same(Object.keys(await dueOf(world, third)), ['verification-end'])
      for (const before of [first, second]) t.same((await find(world, before)).deliveries, [])
      t.match(await find(world, first), { message: 'sent' })
      await world.verifications.noteSent(third.id, 1, told({ delivery: 'one' }))
      t.same((await find(world, third)).deliveries, ['one'])
    }
  })

  t.test('what becomes of a message is known although its verification has ended', async (t) => {
    const world = await openWorld(t, open)
    const begun = await start(world)
    await world.verifications.cancel(begun.id)
    await world.verifications.noteSent(begun.id, 1, told({ delivery: 'one' }))
    t.match(await find(world, begun), { status: 'canceled', message: 'sent', deliveries: ['one'] })
  })
}
