import t from 'tap'
import { createPacer } from '../../src/sandbox/pacer.ts'

t.test('what closing calls off', async t => {
  const pacer = createPacer(1)
  const delayed = t.rejects(pacer.delay(60_000), { message: 'The sandbox was closed.' })
  pacer.after(60_000, () => t.fail('ran'))
  const deadline = pacer.deadline(60_000, () => t.fail('ran'))
  const settled = pacer.settled()
  pacer.close()
  await delayed
  await settled
  deadline.cancel()
  pacer.after(0, () => t.fail('ran')).cancel()
  await t.rejects(pacer.delay(0), { message: 'The sandbox was closed.' })
})

t.test('settled waits for delays and for what they start, not for persons', async t => {
  const pacer = createPacer(0)
  const done: string[] = []
  pacer.deadline(60_000, () => t.fail('ran'))
  pacer.after(60_000, () => {
    done.push('first')
    pacer.after(60_000, () => done.push('second'))
  })
  await t.rejects(pacer.track(Promise.reject(new Error('lost'))), { message: 'lost' })
  await pacer.settled()
  t.same(done, ['first', 'second'])
  pacer.close()
})
