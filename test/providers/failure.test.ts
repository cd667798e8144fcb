import t from 'tap'
import { pauseOf, resultOfHttpFailure } from '../../src/providers/failure.ts'
import { HttpFailure } from '../../src/providers/http-client.ts'

const DATE = 'Sat, 21 Nov 2026 08:00:00 GMT'

t.test('a request that was not written was not sent; of any other nobody knows', async (t) => {
  t.same(resultOfHttpFailure(new HttpFailure(false, 'connection')), { kind: 'failed', reason: 'connection' })
  t.same(resultOfHttpFailure(new HttpFailure(false, 'timeout')), { kind: 'failed', reason: 'timeout' })
  t.same(resultOfHttpFailure(new HttpFailure(true, 'timeout')), { kind: 'unknown', reason: 'timeout' })
  t.same(resultOfHttpFailure(new HttpFailure(true, 'too-large')), { kind: 'unknown', reason: 'connection' })
  for (const error of [new Error('no answer'), 'no answer', undefined, null]) t.equal(resultOfHttpFailure(error), undefined)
})

t.test('a pause is told in seconds', async (t) => {
  t.equal(pauseOf('0', undefined), 0)
  t.equal(pauseOf('30', DATE), 30_000)
})

t.test('a pause is told by a moment, on the vendor\'s own clock', async (t) => {
  t.equal(pauseOf('Sat, 21 Nov 2026 08:01:30 GMT', DATE), 90_000)
  t.equal(pauseOf('Sat, 21 Nov 2026 07:00:00 GMT', DATE), 0, 'a moment that has passed')
  for (const date of [undefined, '', 'now']) t.equal(pauseOf('Sat, 21 Nov 2026 08:01:30 GMT', date), undefined, String(date))
})

t.test('no pause is longer than an hour', async (t) => {
  t.equal(pauseOf('999999999', DATE), 3_600_000)
  t.equal(pauseOf('Mon, 21 Nov 2050 08:00:00 GMT', DATE), 3_600_000)
})

t.test('what is no pause is none', async (t) => {
  for (const text of [undefined, '', ' ', 'soon', '1e9999', '99999999999', '0x10', '30, 60', 'NaN', 'Infinity']) {
    t.equal(pauseOf(text, DATE), undefined, String(text))
  }
})
