import t from 'tap'
import { lineOfMistake } from '../../../src/dialects/generic/json-mistake.ts'

t.test('a mistake is told by its line', async (t) => {
  const cases: ReadonlyArray<[text: string, line: number]> = [
    ['{\n  "a": 1,\n}', 3],
    ['{\n  "a": [\n    1,\n  ]\n}', 4],
    ['{\n  "a": 1\n  "b": 2\n}', 3],
    ['{\n  "a" 1\n}', 2],
    ['{\n  "a":\n}', 3],
    ['{\n  "a": [1 2],\n  "b": 1\n}', 2],
    ['{\r\n  "a": 1,\r\n}', 3],
    ['{\n  // of ours\n  "a": 1\n}', 2],
    ["{\n\n  'a': 1\n}", 3],
    ['{\n  a: 1\n}', 2],
    ['{\n  1: 1\n}', 2],
    ['{\n  "a": 01\n}', 2],
    ['{\n  "a": .5\n}', 2],
    ['{\n  "a": True\n}', 2],
    ['{\n  "a": "it is open,\n  "b": 1\n}', 2],
    ['{\n  "a": "\\x"\n}', 2],
    ['{\n  "a": "a\ttab"\n}', 2],
    ['{\n  "a": ]\n}', 2],
    ['{\n  "a": [1}\n}', 2],
    ['{\n  "a": {"b": 1]\n}', 2],
    ['[\n:]', 2],
    ['{"a": 1}\n\n{"b": 2}', 3],
    ['7\n8', 2],
    ['{"a": {}, "b": [], "c": [{"d": null}, -1.5e+3, true, false, "\\u00e9\\n"]}\n}', 2],
    ['\u00a0{}', 1]
  ]
  for (const [text, line] of cases) {
    t.throws(() => { JSON.parse(text) }, text)
    t.equal(lineOfMistake(text), line, text)
  }
})

t.test('where only the end is lacking it is the last line that has something', async (t) => {
  for (const [text, line] of [['', 1], ['\n\n', 1], ['{', 1], ['{\n  "a": [\n    1\n  ]\n', 4], ['{\n  "a": 1,\n\n\n', 2], ['[\n"a"', 2]] as const) {
    t.throws(() => { JSON.parse(text) }, text)
    t.equal(lineOfMistake(text), line, text)
  }
})

t.test('a text of the largest size is read, however it is nested', async (t) => {
  t.equal(lineOfMistake('['.repeat(64 * 1024)), 1)
  t.equal(lineOfMistake(`"${'a'.repeat(64 * 1024)}"\nx`), 2)
  t.equal(lineOfMistake(`[\n"${'\\'.repeat(64 * 1024 - 1)}`), 2)
})
