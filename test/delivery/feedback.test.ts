import t, { type Test } from 'tap'
import { createGiveFeedback } from '../../src/delivery/feedback.ts'
import type { Feedback, Provider, Taken } from '../../src/providers/provider.ts'
import { StoreUnavailable } from '../../src/store/sql.ts'
import { ACCEPTED, providerOf } from '../support/provider.ts'
import { openSqliteStore, openWorld, type World } from '../support/store.ts'

const HOUR = 60 * 60_000

interface FeedbackWorld extends World {
  /** What was told to the vendor. */
  readonly told: string[]
  give (attempt: string, options?: { readonly answer?: Taken, readonly providers?: readonly Provider[] }): Promise<void>
  /** An attempt that the provider took as part of that transaction. */
  taken (transaction: string | undefined, provider?: string, channel?: 'sms' | 'voice'): Promise<string>
}

const openFeedback = async (t: Test): Promise<FeedbackWorld> => {
  const world = await openWorld(t, openSqliteStore)
  const { attempts, resultOf } = world
  const told: string[] = []
  return {
    ...world,
    told,
    async give (attempt, { answer = 'taken', providers } = {}) {
      const feedbackOf = (channel: string): Feedback => ({
        ofUndelivered: channel !== 'sms',
        async used (transaction, deadline) {
          t.ok(deadline.remaining > 0 && deadline.remaining <= 5000, 'the vendor has a few seconds')
          told.push(`${channel} ${transaction}`)
          return answer
        }
      })
      await createGiveFeedback({
        attempts,
        providers: providers ?? [
          providerOf('verify', ACCEPTED, { feedback: feedbackOf('sms') }),
          providerOf('verify', ACCEPTED, { channel: 'voice', feedback: feedbackOf('voice') }),
          providerOf('plain')
        ]
      })(attempt)
    },
    async taken (transaction, provider = 'verify', channel = 'sms') {
      const { attempt } = await world.begun({ provider, channel })
      await attempts.finish(resultOf(attempt, { reference: 'VL1', transaction }))
      return attempt
    }
  }
}

t.test('the provider that took the message is told that its code was used', async (t) => {
  const { give, taken, told } = await openFeedback(t)
  await give(await taken('VE1'))
  await give(await taken('VE2', 'verify', 'voice'))
  t.same(told, ['sms VE1', 'voice VE2'])
})

t.test('a vendor is not told that somebody used a message that did not arrive, unless it wants to know', async (t) => {
  const { give, taken, newsOf, attempts, told } = await openFeedback(t)
  for (const channel of ['sms', 'voice'] as const) {
    const attempt = await taken(`VE-${channel}`, 'verify', channel)
    await attempts.apply(newsOf(attempt, { vendor: undefined, channel, reference: 'VL1', status: 'undelivered', reason: 'number_unreachable' }))
    await give(attempt)
  }
  t.same(told, ['voice VE-voice'])
})

t.test('a vendor for which there is nothing to tell any more is not told again', async (t) => {
  const { give, taken, told } = await openFeedback(t)
  await t.resolves(give(await taken('VE1'), { answer: 'refused' }))
  t.same(told, ['sms VE1'])
})

t.test('a vendor whose answer was lost must be told again', async (t) => {
  const { give, taken, told } = await openFeedback(t)
  const attempt = await taken('VE1')
  await t.rejects(give(attempt, { answer: 'unknown' }), { message: /may not know/ })
  await give(attempt)
  t.same(told, ['sms VE1', 'sms VE1'])
})

t.test('a vendor that does not want to know is told nothing, nor is one without a transaction', async (t) => {
  const { give, taken, told } = await openFeedback(t)
  await give(await taken('VE1', 'plain'))
  await give(await taken(undefined))
  t.same(told, [])
})

t.test('of a code that is older than an hour nobody is told: the vendor has forgotten it', async (t) => {
  const { clock, give, taken, told } = await openFeedback(t)
  const attempt = await taken('VE1')
  clock.advance(HOUR)
  await give(attempt)
  t.same(told, ['sms VE1'])
  clock.advance(1)
  await give(attempt, { answer: 'unknown' })
  t.same(told, ['sms VE1'], 'and it is not told for ever')
})

t.test('where the attempt or its provider is gone, there is nobody to tell', async (t) => {
  const { give, newId, taken, told } = await openFeedback(t)
  await give(newId())
  await give(await taken('VE1', 'gone'))
  await give(await taken('VE1'), { providers: [] })
  await give(await taken('VE1'), { providers: [providerOf('verify', ACCEPTED, { channel: 'whatsapp' })] })
  t.same(told, [])
})

t.test('where the store is down, it is heard of', async (t) => {
  const { give, sql, taken, told } = await openFeedback(t)
  const attempt = await taken('VE1')
  await sql.close()
  await t.rejects(give(attempt), StoreUnavailable)
  t.same(told, [])
})

t.test('a provider with a bug is heard of as well', async (t) => {
  const { give, taken } = await openFeedback(t)
  const bug = new TypeError('a bug')
  await t.rejects(give(await taken('VE1'), { providers: [providerOf('verify', ACCEPTED, { feedback: { ofUndelivered: true, used: () => Promise.reject(bug) } })] }), bug)
})
