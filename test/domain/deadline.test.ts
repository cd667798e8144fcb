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
