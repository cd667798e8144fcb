import t from 'tap'
import { Deadline, DeadlinePassed } from '../../src/domain/deadline.ts'

const never = (): Promise<never> => new Promise(() => {})

const isGivenUp = (work: Promise<unknown>): Promise<boolean> => work.then(() => false, (error: unknown) => error instanceof DeadlinePassed)

t.test('work that is done in time settles as it does', async (t) => {
  const deadline = Deadline.in(60_000)
  t.equal(await deadline.bound(Promise.resolve('done')), 'done')
  await t.rejects(deadline.bound(Promise.reject(new Error('broken'))), { message: 'broken' })
})

t.test('work that is not done in time is given up', async (t) => {
  for (const milliseconds of [-5, 0, 5]) t.ok(await isGivenUp(Deadline.in(milliseconds).bound(never())), `${milliseconds} ms`)
  t.ok(await isGivenUp(Deadline.in(60_000).earlier(60_000).bound(never())))
})

t.test('work that is already done is taken even when the time is up', async (t) => {
  t.equal(await Deadline.in(0).bound(Promise.resolve('done')), 'done')
})

t.test('work that fails after it was given up disturbs nobody', async (t) => {
  const unhandled: unknown[] = []
  const hear = (error: unknown): void => { unhandled.push(error) }
  process.on('unhandledRejection', hear)
  t.teardown(() => process.off('unhandledRejection', hear))
  let fail = (_error: Error): void => {}
  const work = new Promise<never>((_resolve, reject) => { fail = reject })
  t.ok(await isGivenUp(Deadline.in(0).bound(work)))
  fail(new Error('too late'))
  await new Promise((resolve) => { setImmediate(resolve) })
  t.same(unhandled, [])
})

t.test('a deadline leaves no timer behind', async (t) => {
  const timers = (): number => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length
  const before = timers()
  await Deadline.in(60_000).bound(Promise.resolve())
  await t.rejects(Deadline.in(60_000).bound(Promise.reject(new Error('broken'))))
  t.equal(timers(), before)
})

t.test('what remains grows less and never falls below nothing', async (t) => {
  const deadline = Deadline.in(60_000)
  t.ok(deadline.remaining > 50_000 && deadline.remaining <= 60_000)
  const earlier = deadline.earlier(20_000).remaining
  t.ok(earlier > 30_000 && earlier <= 40_000)
  t.equal(Deadline.in(-1).remaining, 0)
  t.equal(deadline.earlier(60_001).remaining, 0)
})

t.test('a share of what is left begins now and ends by the deadline', async (t) => {
  const deadline = Deadline.in(1_000_000)
  for (const part of [0, 0.1, 0.6, 0.99, 1]) {
    const left = deadline.share(part).remaining
    t.ok(left <= part * 1_000_000 && left >= Math.max(0, part * 1_000_000 - 50_000), `${part}: ${left}`)
  }
  const left = deadline.remaining
  t.ok(deadline.share(1).remaining <= left, 'all of it is no more than it')
})

t.test('a share of a share is a share of what that leaves', async (t) => {
  const left = Deadline.in(1_000_000).share(0.6).share(0.6).remaining
  t.ok(left <= 360_000 && left > 310_000, `${left}`)
})

t.test('a share is taken of what is left now, not of what there was', async (t) => {
  const deadline = Deadline.in(1_000_000).earlier(900_000)
  const left = deadline.share(0.5).remaining
  t.ok(left <= 50_000 && left > 0, `${left}`)
})

t.test('of a deadline that has passed there is nothing to share', async (t) => {
  for (const part of [0, 0.6, 1]) t.equal(Deadline.in(-1).share(part).remaining, 0)
  t.ok(await isGivenUp(Deadline.in(0).share(1).bound(never())))
  t.ok(await isGivenUp(Deadline.in(60_000).share(0).bound(never())))
})
