import type { Test } from 'tap'
import type { Statistic } from '../../../src/store/statistics.ts'
import { openWorld, tablesOf, type OpenStore } from '../../support/store.ts'

const MINUTE = 60_000

const statisticOf = (options: Partial<Statistic> = {}): Statistic => ({
  bucket: 0, provider: 'acs-sms', channel: 'sms', country: 'DE', sent: 1, delivered: 0, undelivered: 0, failed: 0, used: 0, times: Array(12).fill(0) as number[], ...options
})

export const testStatistics = (t: Test, open: OpenStore): void => {
  t.test('counts are added to what is there, each way and each stretch of time by itself', async (t) => {
    const { statistics } = await openWorld(t, open)
    const times = Array.from({ length: 12 }, (_, index) => index)
    const full = statisticOf({ sent: 10, delivered: 7, undelivered: 1, failed: 2, used: 5, times })
    await statistics.add('minute', [full, statisticOf({ country: '' }), statisticOf({ provider: 'acs-voice', channel: 'voice' }), statisticOf({ bucket: MINUTE })])
    await statistics.add('minute', [full])
    await statistics.add('hour', [full])
    await statistics.add('minute', [])
    t.same(await statistics.read('minute', 0, 2 * MINUTE), [
      statisticOf({ country: '' }),
      statisticOf({ sent: 20, delivered: 14, undelivered: 2, failed: 4, used: 10, times: times.map((count) => 2 * count) }),
      statisticOf({ provider: 'acs-voice', channel: 'voice' }),
      statisticOf({ bucket: MINUTE })
    ])
    t.same(await statistics.read('hour', 0, 2 * MINUTE), [full])
  })

  t.test('what is tried again by the same key is added once, whoever tries it', async (t) => {
    const { beside, statistics } = await openWorld(t, open)
    const other = tablesOf(await beside()).statistics
    const all = ['DE', 'FR'].map((country) => statisticOf({ country }))
    await statistics.add('minute', all, 'key')
    await statistics.add('minute', all, 'key')
    await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? statistics : other).add('minute', all, `key ${index % 4}`)))
    t.same((await statistics.read('minute', 0, 1)).map(({ country, sent }) => [country, sent]), [['DE', 5], ['FR', 5]])
  })

  t.test('times that are not told are none', async (t) => {
    const { statistics } = await openWorld(t, open)
    await statistics.add('minute', [statisticOf({ times: [1, 2] })])
    t.same((await statistics.read('minute', 0, 1))[0]?.times, [1, 2, ...Array(10).fill(0) as number[]])
  })

  t.test('the beginning belongs to what is read, the end does not', async (t) => {
    const { statistics } = await openWorld(t, open)
    await statistics.add('minute', [0, 1, 2, 3].map((minute) => statisticOf({ bucket: minute * MINUTE })))
    t.same((await statistics.read('minute', MINUTE, 3 * MINUTE)).map(({ bucket }) => bucket), [MINUTE, 2 * MINUTE])
    t.same(await statistics.read('minute', 4 * MINUTE, 9 * MINUTE), [])
  })

  t.test('of many that add at a time, in one process or several, nothing is lost, in whatever order they name the ways', async (t) => {
    const { beside, statistics } = await openWorld(t, open)
    const other = tablesOf(await beside()).statistics
    const all = ['DE', 'FR', 'US', 'GB'].map((country) => statisticOf({ country, times: [1] }))
    await Promise.all(Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? statistics : other).add('minute', index % 3 === 0 ? all : [...all].reverse())))
    t.same((await statistics.read('minute', 0, 1)).map(({ country, sent, times }) => [country, sent, times[0]]), ['DE', 'FR', 'GB', 'US'].map((country) => [country, 40, 40]))
  })

  t.test('of very many rows the newest are read, each once', async (t) => {
    const { sql, statistics } = await openWorld(t, open)
    const rows = Array.from({ length: 20_300 }, (_, index) => statisticOf({ bucket: Math.floor(index / 100) * MINUTE, country: String(index % 100).padStart(2, '0') }))
    // Twelve times, after five counts.
    const values = rows.map(({ bucket, country }) => `('minute', ${bucket}, 'acs-sms', 'sms', '${country}'${', 1'.repeat(17)})`)
    await sql.write([{ text: `INSERT INTO statistics VALUES ${values.join(', ')}`, parameters: {} }])
    t.same((await statistics.read('minute', 0, 1e15)).map(({ bucket, country }) => `${bucket} ${country}`), rows.slice(300).map(({ bucket, country }) => `${bucket} ${country}`))
  })

  t.test('what is old is removed by its grain, a batch at a time, the oldest first', async (t) => {
    const { statistics } = await openWorld(t, open)
    const all = [0, 1, 2, 3].map((minute) => statisticOf({ bucket: minute * MINUTE }))
    for (const grain of ['minute', 'hour'] as const) await statistics.add(grain, all)
    t.equal(await statistics.purge('minute', 3 * MINUTE, 2), 2)
    t.same((await statistics.read('minute', 0, 1e15)).map(({ bucket }) => bucket), [2 * MINUTE, 3 * MINUTE])
    t.equal(await statistics.purge('minute', 3 * MINUTE, 2), 1)
    t.equal(await statistics.purge('minute', 3 * MINUTE, 2), 0)
    t.equal((await statistics.read('hour', 0, 1e15)).length, 4)
  })

  t.test('a delivery went the way that was taken last, whatever was tried beside it', async (t) => {
    const { attempts, attemptOf, clock, delivery, resultOf, statistics } = await openWorld(t, open)
    const { id } = await delivery()
    t.equal(await statistics.wayOf(id), undefined)
    const make = async (provider: string, channel: 'sms' | 'voice', status: 'failed' | 'accepted' | 'unknown' | 'undelivered' | 'delivered'): Promise<number> => {
      clock.advance(1000)
      const attempt = attemptOf(id, { provider, channel })
      await attempts.begin(attempt)
      await attempts.finish(resultOf(attempt.id, { status, reason: undefined }))
      return clock()
    }
    await make('acs-sms', 'sms', 'failed')
    t.equal(await statistics.wayOf(id), undefined, 'nobody took it')
    const lost = await make('twilio-sms', 'sms', 'unknown')
    t.same(await statistics.wayOf(id), { provider: 'twilio-sms', channel: 'sms', country: 'DE', sentAt: lost })
    const first = await make('acs-sms', 'sms', 'accepted')
    await make('twilio-sms', 'sms', 'undelivered')
    await make('twilio-sms', 'sms', 'failed')
    t.same(await statistics.wayOf(id), { provider: 'acs-sms', channel: 'sms', country: 'DE', sentAt: first })
    const second = await make('acs-voice', 'voice', 'delivered')
    t.same(await statistics.wayOf(id), { provider: 'acs-voice', channel: 'voice', country: 'DE', sentAt: second })
  })

  t.test('a number that tells no country has an empty one, and an unknown delivery no way', async (t) => {
    const { attempts, attemptOf, delivery, resultOf, statistics } = await openWorld(t, open)
    const { id } = await delivery({ country: undefined })
    const attempt = attemptOf(id)
    await attempts.begin(attempt)
    await attempts.finish(resultOf(attempt.id))
    t.match(await statistics.wayOf(id), { country: '' })
    t.equal(await statistics.wayOf('nobody'), undefined)
  })
}
