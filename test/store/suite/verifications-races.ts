import type { Test } from 'tap'
import type { Verifications } from '../../../src/store/verifications.ts'
import { openWorld, tablesOf, type OpenStore, type World } from '../../support/store.ts'
import { begunBy, COOLDOWN, count, find, guessWrong, HOUR, LIFETIME, range, requestOf, RIGHT, start, WRONG } from './verifications-stand.ts'

const ROUNDS = 50

/** The verifications as three processes see them. */
const openThree = async (t: Test, open: OpenStore): Promise<{ readonly world: World, readonly all: readonly Verifications[], readonly by: (index: number) => Verifications }> => {
  const world = await openWorld(t, open)
  const all = [world.verifications, tablesOf(await world.beside()).verifications, tablesOf(await world.beside()).verifications]
  return { world, all, by: (index) => all[index % all.length] as Verifications }
}

/** What several processes do at the same time with one number must come out as if one had come after the other. */
export const testVerificationRaces = (t: Test, open: OpenStore): void => {
  t.test('of right codes that are entered at the same time exactly one is approved, round after round', async (t) => {
    const { world, by } = await openThree(t, open)
    const approved: number[] = []
    for (const round of range(ROUNDS)) {
      const { id } = await start(world, { numberDigest: `number ${round}` })
      const checked = await Promise.all(range(9).map((index) => by(index).check(id, RIGHT)))
      approved.push(checked.filter(({ valid }) => valid).length)
      t.ok(checked.every(({ status }) => status === 'approved'))
    }
    t.same(approved, range(ROUNDS).map(() => 1))
    t.equal(await count(world, 'guesses'), 0)
  })

  t.test('wrong codes that are entered at the same time use as many attempts', async (t) => {
    const { world, by } = await openThree(t, open)
    for (const round of range(10)) {
      const { id } = await start(world, { numberDigest: `number ${round}`, maxAttempts: 10 })
      const checked = await Promise.all(range(9).map((index) => by(index).check(id, WRONG)))
      t.same(checked.map(({ attemptsLeft }) => attemptsLeft).sort(), [1, 2, 3, 4, 5, 6, 7, 8, 9])
      t.match(await find(world, { id }), { status: 'pending', attemptsLeft: 1 })
      t.equal(await count(world, `guesses WHERE verification_id = '${id}'`), 9)
    }
  })

  t.test('no more wrong codes count than there are attempts, and the right one among them is approved or too late', async (t) => {
    const { world, by } = await openThree(t, open)
    const ends = new Set<string>()
    for (const round of range(20)) {
      const { id } = await start(world, { numberDigest: `number ${round}`, maxAttempts: 4 })
      const checked = await Promise.all(range(9).map((index) => by(index).check(id, index === round % 9 ? RIGHT : WRONG)))
      const { status } = await find(world, { id })
      t.equal(checked.filter(({ valid }) => valid).length, status === 'approved' ? 1 : 0)
      t.equal(await count(world, `guesses WHERE verification_id = '${id}'`), status === 'approved' ? 0 : 4)
      ends.add(status)
    }
    t.ok(['approved', 'failed'].every((status) => ends.has(status)), 'both happened')
  })

  t.test('of strangers that start for a number at the same time exactly one has a real one', async (t) => {
    const { world, by } = await openThree(t, open)
    for (const round of range(20)) {
      const started = await Promise.all(range(6).map((index) => by(index).start(requestOf(world, { numberDigest: `number ${round}`, starter: `starter ${index}` }))))
      t.equal(started.map(begunBy).filter(({ isDecoy }) => !isDecoy).length, 1)
    }
  })

  t.test('of one starter\'s that start at the same time one is left, and they have one code', async (t) => {
    const { world, by } = await openThree(t, open)
    for (const round of range(20)) {
      const started = await Promise.all(range(6).map((index) => by(index).start(requestOf(world, { numberDigest: `number ${round}` }))))
      const begun = started.map(begunBy)
      t.equal(new Set(begun.map(({ codeId }) => codeId)).size, 1)
      t.equal(started.filter((one) => one.kind === 'started' && one.isNew).length, 1)
      const now = await Promise.all(begun.map((one) => find(world, one)))
      t.equal(now.filter(({ status }) => status === 'pending').length, 1)
      t.equal(now.filter(({ status }) => status === 'canceled').length, 5)
    }
  })

  t.test('a starter does not start more in all by starting for many numbers at the same time', async (t) => {
    const { world, by } = await openThree(t, open)
    for (const round of range(10)) {
      const limited = { starter: `session ${round}`, maxStarts: 3 }
      const started = await Promise.all(range(9).map((index) => by(index).start(requestOf(world, { ...limited, numberDigest: `number ${round} ${index}` }))))
      t.equal(started.filter(({ kind }) => kind === 'started').length, 3)
      t.equal(started.filter(({ kind }) => kind === 'too-many-starts').length, 6)
    }
  })

  t.test('attempts of several profiles at the same time are no more than the number has', async (t) => {
    const { world, by } = await openThree(t, open)
    for (const round of range(10)) {
      const number = { numberDigest: `number ${round}`, maxAttempts: 4 }
      const both = [await start(world, number), await start(world, { ...number, profile: 'signup' })] as const
      await Promise.all(range(12).map((index) => by(index).check((both[index % 2] as { id: string }).id, WRONG)))
      t.equal(await count(world, `guesses WHERE number_digest = '${number.numberDigest}'`), 4)
      for (const one of both) t.match(await find(world, one), { status: 'failed' })
    }
  })

  t.test('a right code and a restart at the same time: one of the two is the end', async (t) => {
    const { world, by } = await openThree(t, open)
    for (const round of range(20)) {
      const options = { numberDigest: `number ${round}` }
      const first = await start(world, options)
      const [checked, started, canceled] = await Promise.all([
        by(round).check(first.id, RIGHT), by(round + 1).start(requestOf(world, options)), by(round + 2).cancel(first.id)
      ])
      const { status } = await find(world, first)
      t.equal(checked.valid, status === 'approved')
      t.equal(canceled, status)
      if (started.kind === 'too-soon') t.equal(status, 'canceled', 'by who canceled it')
      else t.match(begunBy(started), { isDecoy: false, status: 'pending' })
    }
  })

  t.test('everything at the same time holds nobody up', async (t) => {
    const { world, by } = await openThree(t, open)
    const upkeep = [world.upkeep, tablesOf(await world.beside()).upkeep]
    for (const round of range(6)) {
      const begun = await Promise.all(range(4).map((index) => start(world, { numberDigest: `number ${index % 2}`, starter: `starter ${index}`, profile: `profile ${round}`, maxAttempts: 50 })))
      await guessWrong(world, begun[0] as { id: string }, 1)
      world.clock.advance(round % 2 === 0 ? COOLDOWN : LIFETIME + HOUR)
      const ids = begun.map(({ id }) => id)
      await Promise.all([
        ...ids.flatMap((id, index) => [
          by(index).check(id, index % 2 === 0 ? WRONG : RIGHT), by(index + 1).resend(id, 'sms', { cooldown: COOLDOWN, sendWithin: 1, leastLife: 1 }), by(index + 2).end(id),
          by(index).noteSent(id, 1, { state: 'sent', reason: undefined, delivery: 'one' }), by(index + 1).reserve(id), by(index + 2).cancel(id)
        ]),
        ...ids.map((_, index) => by(index).start(requestOf(world, { numberDigest: `number ${index % 2}`, starter: `starter ${index}`, maxStarts: 100 }))),
        ...upkeep.map((one) => one.forgetVerifications(world.clock(), 100)),
        ...range(4).map(() => world.due.take('verification-end', 10, 1)),
        ...ids.map((id) => world.due.done({ id, kind: 'verification-end' }))
      ])
    }
    t.pass()
  })
}
