import { findings, inBrowser, PHONE } from '../verify-page/browser-stand.ts'
import { until } from '../verification/api-stand.ts'
import { BUSY_STATE, factsOf, statisticsUntil } from './believable.ts'
import { openInspector } from './page-stand.ts'

inBrowser('what has become worse is said first, and the numbers stand under it', async (t, browser) => {
  let worse = true
  const statistics = (span: string): object => ({ ...statisticsUntil(Date.now(), span), ...worse ? {} : { worse: [] } })
  const { page, reads, stand, texts } = await openInspector(t, browser, { answers: { statistics, state: BUSY_STATE } })
  await page.click('#to-plots')
  await reads('.worse-answer', '2 ways go worse than usual.')
  t.match(await texts('.worse-one'), [/^India · Azure text 52% are delivered, usually 97% 86 messages since/, /^Twilio WhatsApp 71% arrive within 8 s, usually 95% 257 messages since/])
  t.match(await texts('.card'), [/^Sent [\d,]+ messages$/, /^Delivered 9\d\.\d% /, /^Used \d\d\.\d% /, /^Not delivered [\d.]+% [\d,]+ of them$/, /^Failed [\d.]+% [\d,]+ of [\d,]+ attempts$/, /^Time to delivery \S+ s 95th: \S+ s$/, /^Money €/])
  t.equal(await page.locator('.chart canvas').count(), 2)
  t.match(await page.getAttribute('.chart >> nth=0', 'aria-label'), /^Messages over time\. Sent: [\d,]+, Delivered: [\d,]+/)
  t.match(await texts('.place-provider tbody th'), ['Azure text', 'Twilio text'])
  t.ok((await texts('.place-country tbody th')).includes('Germany'))
  t.match(await texts('.circuit'), [/^Azure text Text Works$/, /Works$/, /failed 5 × in a row: the provider did not answer in time Tried next$/, /again in \d+ (s|min.*) Set aside$/])

  t.ok(stand.asked.some(({ what }) => what === 'GET /statistics?span=hour'), 'the last hour comes first')
  await page.click('[data-span=week]')
  await until(() => stand.asked.some(({ what }) => what === 'GET /statistics?span=week'))
  t.match(page.url(), /#\/plots\?span=week$/)
  worse = false
  await page.click('[data-span=hour]')
  await reads('.worse-answer', 'Nothing stands out.')
  await page.hover('.chart >> nth=0', { position: { x: 200, y: 100 } })
  await reads('.legend-when', /^\w{3},? \d\d:\d\d$/)
  t.same(await findings(page), [])
})

inBrowser('it goes on as things happen, and nothing jumps', async (t, browser) => {
  let more = 0
  const statistics = (span: string): object => {
    const told = statisticsUntil(Date.now(), span)
    return { ...told, totals: { ...told.totals, sent: 1_000 + more } }
  }
  const { page, reads, run, stand } = await openInspector(t, browser, { answers: { statistics }, at: '#/plots' })
  await reads('.card strong', '1,000')
  await run('window.shifts = 0; new PerformanceObserver(list => { for (const entry of list.getEntries()) window.shifts += entry.value }).observe({ type: "layout-shift" })')
  more = 234
  await until(async () => {
    stand.tell(...factsOf(1))
    return await page.locator('.card strong').first().innerText() === '1,234'
  })
  t.ok(await run<number>('window.shifts') < 0.01)
})

inBrowser('attempts that failed are not taken for messages that did not arrive', async (t, browser) => {
  const sum = { sent: 17, delivered: 15, undelivered: 2, failed: 8, used: 12 }
  const statistics = (span: string): object => ({ ...statisticsUntil(Date.now(), span), totals: sum, byProvider: [{ name: 'acs-sms', ...sum }] })
  const { page, texts } = await openInspector(t, browser, { answers: { statistics }, at: '#/plots' })
  await page.waitForSelector('.card')
  t.match(await texts('.card'), [/^Sent 17/, /^Delivered 88%/, /^Used/, 'Not delivered 12% 2 of them', 'Failed 32% 8 of 25 attempts'])
  t.same((await texts('.place-provider thead th')).slice(3, 6), ['Used', 'Not delivered', 'Failed attempts'])
  t.same((await texts('.place-provider tbody td')).slice(3, 5), ['12%', '32%'])
  t.match(await page.getAttribute('.chart >> nth=0', 'aria-label'), /Not delivered: 2, Failed: 8\.$/)
})

inBrowser('a time that stands alone is seen, and a plot fills its place', async (t, browser) => {
  const statistics = (span: string): any => {
    const told = statisticsUntil(Date.now(), span)
    return { ...told, rows: told.rows.filter(({ bucket }: { bucket: number }) => bucket === told.rows[800].bucket) }
  }
  const { page, run } = await openInspector(t, browser, { answers: { statistics }, at: '#/plots', viewport: { width: 2560, height: 1440 } })
  await page.waitForSelector('.chart canvas')
  // The colour of the median, of which a point has more than a pixel or two.
  await until(async () => await run<number>(`(() => {
    const canvas = document.querySelectorAll('.chart canvas')[1]
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    let amount = 0
    for (let index = 0; index < data.length; index += 4) if (data[index] === 15 && data[index + 1] === 118 && data[index + 2] === 110) amount += 1
    return amount
  })()`) > 10)
  t.equal(await run('Math.round(document.querySelector(".chart").clientHeight - document.querySelector(".chart .uplot").offsetHeight)'), 0, 'nothing is left below the axis')
})

inBrowser('who comes back from the plots finds the list as it was', async (t, browser) => {
  const { page, stand } = await openInspector(t, browser, { at: '#/?status=failed' })
  await page.click('#to-plots')
  await page.waitForSelector('.card')
  await page.click('#to-list')
  await page.waitForSelector('#deliveries')
  t.equal(await page.inputValue('#status'), 'failed')
  t.equal(stand.asked.filter(({ what, body }) => what === 'POST /search' && body.status === undefined).length, 0)
})

inBrowser('a gateway that cannot tell says so, and what was shown stays', async (t, browser) => {
  const { page, reads, stand } = await openInspector(t, browser, { at: '#/plots', viewport: PHONE })
  await reads('.worse-answer', 'Nothing stands out.')
  stand.answers.statistics = () => { throw new Error('away') }
  await page.click('[data-span=week]')
  await reads('#plots-problem', /Something went wrong/)
  t.ok(await page.isVisible('.worse-answer'))
})
