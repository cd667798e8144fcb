import t from 'tap'
import { firstIdAt, ID_PATTERN, timeOrderedId } from '../../src/domain/identifier.ts'

const MOMENT = Date.UTC(2026, 0, 2, 3, 4, 5, 678)

t.test('an id is a UUID of version 7 that holds its moment', async (t) => {
  for (const moment of [0, 1, MOMENT, 2 ** 48 - 1]) {
    const id = timeOrderedId(moment)
    t.match(id, ID_PATTERN)
    t.equal(Number.parseInt(id.replace('-', '').slice(0, 12), 16), moment)
  }
})

t.test('ids are ordered by time', async (t) => {
  const moments = [0, 1, 255, 256, 65_535, 65_536, MOMENT - 1, MOMENT, MOMENT + 1, 2 ** 48 - 1]
  const ids = moments.map((moment) => timeOrderedId(moment))
  t.same([...ids].sort(), ids)
})

t.test('ids of one moment differ', async (t) => {
  t.equal(new Set(Array.from({ length: 1000 }, () => timeOrderedId(MOMENT))).size, 1000)
})

t.test('the first id of a moment lies after all that were made before, and not after any made then', async (t) => {
  const first = firstIdAt(MOMENT)
  t.match(first, ID_PATTERN)
  for (let round = 0; round < 100; round += 1) {
    if (timeOrderedId(MOMENT - 1) >= first) t.fail('an earlier one sorts after it')
    if (timeOrderedId(MOMENT) < first) t.fail('one of that moment sorts before it')
  }
  t.equal(firstIdAt(0), '00000000-0000-7000-8000-000000000000')
})

t.test('what comes from outside is an id only in exactly this shape', async (t) => {
  const id = timeOrderedId(MOMENT)
  for (const text of ['', id.toUpperCase(), `${id} `, `${id}\n`, id.replaceAll('-', ''), id.replace(/^.{14}7/, (head) => `${head.slice(0, -1)}4`), `x${id.slice(1)}`, '../secrets']) {
    t.notMatch(text, ID_PATTERN, JSON.stringify(text))
  }
})
