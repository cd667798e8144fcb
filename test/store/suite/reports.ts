import type { Test } from 'tap'
import type { AttemptResult } from '../../../src/store/attempts.ts'
import { openWorld, type OpenStore, type World } from '../../support/store.ts'

const attempted = async (world: World, result: Partial<AttemptResult>, { country = 'US', provider = 'acs-sms' } = {}): Promise<string> => {
  const { id } = await world.delivery({ country: country === '' ? undefined : country })
  const attempt = world.attemptOf(id, { provider })
  await world.attempts.begin(attempt)
  await world.attempts.finish(world.resultOf(attempt.id, result))
  world.clock.advance(1)
  return attempt.id
}

const way = (id: string): { readonly id: string, readonly provider: string, readonly channel: 'sms' } => ({ id, provider: 'acs-sms', channel: 'sms' })

export const testReports = (t: Test, open: OpenStore): void => {
  t.test('of those that were taken before, each that has come to its end is reported', async (t) => {
    const world = await openWorld(t, open)
    const start = world.clock()
    for (const status of ['accepted', 'delivered', 'undelivered', 'refused', 'failed', 'unknown'] as const) await attempted(world, { status })
    await world.begun()
    const id = await attempted(world, { status: 'accepted' })
    await attempted(world, { status: 'delivered' })
    t.same(await world.reports.before(way(id), 'US', start), { sent: 3, reported: 2 })
  })

  t.test('other ways, other countries and other times do not count', async (t) => {
    const world = await openWorld(t, open)
    await attempted(world, { status: 'delivered' })
    const start = world.clock()
    await attempted(world, { status: 'delivered' }, { provider: 'twilio-sms' })
    await attempted(world, { status: 'delivered' }, { country: 'DE' })
    await attempted(world, { status: 'delivered' }, { country: '' })
    const id = world.newId()
    t.same(await world.reports.before(way(id), 'US', start), { sent: 0, reported: 0 })
    t.same(await world.reports.before(way(id), undefined, start), { sent: 1, reported: 1 })
    t.same(await world.reports.before(way(id), 'US', start - 1), { sent: 1, reported: 1 })
  })

  t.test('the newest count, and no more of them', async (t) => {
    const world = await openWorld(t, open)
    const start = world.clock()
    for (let index = 0; index < 205; index += 1) await attempted(world, { status: index < 50 ? 'delivered' : 'accepted' })
    t.same(await world.reports.before(way(world.newId()), 'US', start), { sent: 200, reported: 45 })
  })
}
