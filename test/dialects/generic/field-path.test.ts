import t from 'tap'
import { valueAt } from '../../../src/dialects/generic/field-path.ts'

const BODY = JSON.parse('{"to":"+1","data":{"to":["a","b"],"deep":{"x":7},"none":null,"empty":"","list":[{"code":"c"}]},"a.b":"dotted","a":{"b":"nested"}}')

t.test('a path leads into what the body has', async (t) => {
  for (const [path, expected] of [
    ['to', '+1'], ['data.deep.x', 7], ['data.to.1', 'b'], ['data.list.0.code', 'c'], ['a.b', 'dotted'], ['data.none', null]
  ] as const) t.equal(valueAt(BODY, [path]), expected, path)
})

t.test('and nowhere else', async (t) => {
  for (const path of [
    'nothing', 'to.length', 'to.0', 'data.to.2', 'data.to.length', 'data.to.-1', 'data.to.x', 'data.none.x', 'data.empty', 'constructor', '__proto__', 'data.__proto__.x',
    'data.to.map', 'toString', 'data.deep.x.y', 'data.to.00001'
  ]) t.equal(valueAt(BODY, [path]), undefined, path)
  for (const body of [undefined, null, 7, 'text', []]) t.equal(valueAt(body, ['to', 'length.x']), undefined)
  t.equal(valueAt(BODY, []), undefined)
})

t.test('of several paths the first counts that has something', async (t) => {
  t.equal(valueAt(BODY, ['nothing', 'data.empty', 'data.none', 'data.deep.x', 'to']), 7)
  t.equal(valueAt({ a: ' ', b: '\n\t\u00a0', c: ' c ' }, ['a', 'b', 'c']), ' c ', 'blank is nothing')
  t.equal(valueAt({ a: ' ' }, ['a']), undefined)
  t.equal(valueAt(BODY, ['nothing', 'data.none', 'data.empty']), null, 'null was said, where nothing else was')
})
