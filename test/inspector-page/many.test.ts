import { DESKTOP, inBrowser, PHONE } from '../verify-page/browser-stand.ts'
import { until } from '../verification/api-stand.ts'
import { factsOf } from './believable.ts'
import { openInspector } from './page-stand.ts'

const WATCH = `
  window.frames = []
  window.shifts = 0
  window.most = 0
  new PerformanceObserver(list => { for (const entry of list.getEntries()) window.shifts += entry.value }).observe({ type: 'layout-shift' })
  let before = performance.now()
  const note = now => {
    window.frames.push(now - before)
    before = now
    window.most = Math.max(window.most, document.querySelectorAll('.layer .row').length)
    requestAnimationFrame(note)
  }
  requestAnimationFrame(note)
`

for (const [name, viewport] of [['a desktop', DESKTOP], ['a phone', PHONE]] as const) {
  inBrowser(`10,000 events stay smooth on ${name}`, async (t, browser) => {
    const { page, reads, run, stand } = await openInspector(t, browser, { viewport })
    stand.tell(...Array.from({ length: 40 }, (_, index) => factsOf(index)[1] as any))
    await page.waitForSelector('.layer .row')
    await page.evaluate(WATCH)
    // As the journal writes them: what happens in about 150 ms is one page. No more than a viewer may be behind at once.
    const session = await page.context().newCDPSession(page)
    await session.send('Performance.enable')
    const spent = async (): Promise<Record<string, number>> => Object.fromEntries((await session.send('Performance.getMetrics')).metrics.map(({ name, value }) => [name, value]))
    const before = await spent()
    const from = Date.now()
    for (let index = 40; index < 3_374; index += 30) {
      stand.tell(...Array.from({ length: 30 }, (_, next) => factsOf(index + next)).flat())
      await until(async () => await run<string>('document.querySelector(".layer .open").textContent').then((text) => text.endsWith(String(index + 29).padStart(4, '0'))))
    }
    const took = Date.now() - from
    await reads('.layer .row:first-child .chip', 'Delivered')
    const after = await spent()
    const seconds = (name: string): string => `${((after[name] ?? 0) - (before[name] ?? 0)).toFixed(1)} s`
    t.comment(`of the time, script: ${seconds('ScriptDuration')}, style: ${seconds('RecalcStyleDuration')}, layout: ${seconds('LayoutDuration')}, all tasks: ${seconds('TaskDuration')}`)
    const frames = (await run<number[]>('window.frames')).sort((one, other) => one - other)
    const at = (part: number): string => `${(frames[Math.floor(frames.length * part)] ?? 0).toFixed(0)} ms`
    t.comment(`10,080 events in ${took} ms; ${frames.length} frames: median ${at(0.5)}, 95th ${at(0.95)}, 99th ${at(0.99)}, longest ${at(0.9999)}`)
    t.ok(await run<number>('window.most') <= 200, 'older rows are folded away')
    t.ok(await run<number>('window.shifts') < 0.01, `nothing jumps: ${await run('window.shifts')}`)
    await reads('#older', /^3,\d\d\d older rows — load more$/)
  })
}
