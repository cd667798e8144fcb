import t from 'tap'
import { formatStep, parseStep } from '../../src/delivery/call-step.ts'

t.test('a step is read back as it was written', async (t) => {
  for (const phase of ['confirm', 'code'] as const) {
    for (const round of [1, 2, 9]) {
      for (const plain of [true, false]) t.same(parseStep(formatStep({ phase, round, plain })), { phase, round, plain })
    }
  }
})

t.test('steps have the form in which they are kept', async (t) => {
  t.equal(formatStep({ phase: 'code', round: 2, plain: true }), 'code:2:plain')
  t.equal(formatStep({ phase: 'confirm', round: 1, plain: false }), 'confirm:1')
})

t.test('no two steps look the same', async (t) => {
  const all = ['confirm', 'code'].flatMap((phase) => [1, 2].flatMap((round) => [true, false].map((plain) =>
    formatStep({ phase: phase as 'code', round, plain }))))
  t.equal(new Set(all).size, 8)
})

t.test('what is not a step is not read as one', async (t) => {
  const wrong = [
    '', 'ended', 'announcement', 'announcement:plain', 'code', 'code:', 'code:0', 'code:10', 'code:-1', 'code:1:', 'code:1:Plain',
    'code:1:plain:plain', ' code:1', 'code:1 ', 'code:1\n', 'Code:1', 'constructor:1', 'confirm:1,code:1'
  ]
  for (const text of wrong) t.equal(parseStep(text), undefined, JSON.stringify(text))
})
