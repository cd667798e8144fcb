import { findings, inBrowser, PHONE, SMALL_PHONE } from '../verify-page/browser-stand.ts'
import { until } from '../verification/api-stand.ts'
import { deliveriesUntil, detailsOf, factsOf, idOf } from './believable.ts'
import { openInspector } from './page-stand.ts'

inBrowser('a delivery appears within a second, and its row goes on', async (t, browser) => {
  const { page, reads, stand, texts } = await openInspector(t, browser)
  await reads('#empty:not([hidden]) h2', 'Quiet so far')
  const [attempt, finished, delivered] = factsOf(1)
  const from = Date.now()
  stand.tell(attempt as never, finished as never)
  await page.waitForSelector('.layer .row')
  const took = Date.now() - from
  t.ok(took < 1_000, `${took} ms`)
  t.match(await texts('.layer .row > div'), [/^\d\d:\d\d:\d\d$/, 'Sent', 'DE +49•••••••0001', 'Text', 'Azure text', 'Auth0', '', ''])
  stand.tell(delivered as never)
  await reads('.layer .chip', 'Delivered')
  await reads('.layer .took', '1.8 s')
  stand.tell({ at: Date.now(), type: 'delivery.used', delivery: idOf(1) })
  await reads('.layer .chip', 'Used')
  t.equal(await page.locator('.layer .row').count(), 1)
  t.notOk(await page.isVisible('#empty'))
})

inBrowser('other things that happen have rows of their own, which open', async (t, browser) => {
  const { page, reads, stand, texts } = await openInspector(t, browser)
  stand.tell(
    { at: Date.now(), type: 'hook.answered', hook: 'okta', status: 401, problem: 'unauthorized', milliseconds: 3, request: 'r' },
    { at: Date.now(), type: 'call.event', delivery: idOf(9), attempt: 'a', event: 'connected' },
    { at: Date.now(), type: 'capture', source: 'twilio.function', status: 200, request: { to: '+49•••••••5678' }, response: 'ok', metadata: { run: 7 } }
  )
  await page.waitForSelector('.layer .fact')
  t.same(await texts('.layer .fact .said'), ['Twilio function captured from outside, answered 200', 'Okta was answered 401 the secret is missing or wrong'])
  await page.click('.layer .fact >> nth=0')
  await reads('#detail-title', 'Twilio function')
  t.match((await texts('#detail .json')).join(' '), /to: "\+49•••••••5678".*ok.*run: 7/)
  await page.keyboard.press('Escape')
  t.notOk(await page.isVisible('#detail'))
})

inBrowser('whoever reads is not moved; what is new is counted', async (t, browser) => {
  const { page, reads, run, stand, texts } = await openInspector(t, browser, { answers: { search: () => ({ deliveries: deliveriesUntil(Date.now(), 50) }) } })
  await page.waitForSelector('.layer .row')
  const top = (): Promise<string[]> => texts('.layer .row:first-child .to')
  const before = await top()
  await run('void (document.getElementById("scroller").scrollTop = 300)')
  const place = await run('document.querySelectorAll(".layer .row")[10].getBoundingClientRect().top')
  stand.tell(...factsOf(1_001), ...factsOf(1_002))
  await reads('#news', '2 new')
  t.same(await top(), before)
  t.equal(await run('document.querySelectorAll(".layer .row")[10].getBoundingClientRect().top'), place)
  stand.tell({ at: Date.now(), type: 'delivery.used', delivery: idOf(50) })
  await reads('.layer .row:first-child .chip', 'Used')
  await page.click('#news')
  await reads('.layer .row:first-child .to', 'DE +49•••••••1002')
  t.notOk(await page.isVisible('#news'))

  await page.keyboard.press('ArrowDown')
  stand.tell(...factsOf(1_003))
  await reads('#news', '1 new')
  t.ok(await run('document.activeElement.matches(".open")'), 'the row still has the focus')
  await page.click('#news')
  await reads('.layer .row:first-child .to', 'DE +49•••••••1003')

  await page.keyboard.press('Space')
  await reads('#pause', 'Go on')
  stand.tell(...factsOf(1_004), { at: Date.now(), type: 'delivery.used', delivery: idOf(1_003) })
  await reads('#news', 'Paused · 1 new · go on')
  t.same(await texts('.layer .row:first-child .chip'), ['Delivered'], 'nothing moves at all')
  await page.keyboard.press('Space')
  await reads('.layer .row:first-child .to', 'DE +49•••••••1004')
  t.same(await texts('.layer .row:nth-child(2) .chip'), ['Used'])
})

inBrowser('what is pressed stays under the finger', async (t, browser) => {
  const { page, reads, stand } = await openInspector(t, browser, { answers: { search: () => ({ deliveries: deliveriesUntil(Date.now(), 50) }) } })
  await page.hover('.layer .row >> nth=3')
  await page.mouse.down()
  stand.tell(...factsOf(1_001))
  await reads('#news', '1 new')
  await page.mouse.up()
  await page.waitForSelector('#detail:not([hidden])')
  t.match(page.url(), new RegExp(`${idOf(47)}$`))
  await reads('.layer .row:first-child .to', 'DE +49•••••••1001')
})

inBrowser('the list is searched, live rows too, and a link shows the same', async (t, browser) => {
  const all = deliveriesUntil(Date.now(), 50)
  const search = ({ status, country }: any): object => ({ deliveries: all.filter((row) => (status ?? row.status) === row.status && (country ?? row.country) === row.country) })
  const { page, reads, stand, texts, run } = await openInspector(t, browser, { answers: { search } })
  await page.selectOption('#status', 'undelivered')
  await until(async () => (await texts('.layer .chip')).every((text) => text === 'Not delivered'))
  t.match(page.url(), /#\/\?status=undelivered$/)
  stand.tell(...factsOf(1_001), { at: Date.now(), type: 'feed.lost', facts: 1 })
  stand.tell({ ...factsOf(1_002)[1] as any, outcome: 'accepted' }, { ...factsOf(1_002)[2] as any, status: 'undelivered', reason: 'carrier_blocked' })
  await reads('.layer .row .to', 'DE +49•••••••1002')
  t.notMatch(await texts('.layer .to'), ['DE +49•••••••1001'])
  t.equal(await page.locator('.layer .fact').count(), 0)

  await page.fill('#country', 'zz')
  await reads('#empty:not([hidden]) h2', 'Nothing fits')
  t.match(page.url(), /status=undelivered&country=ZZ$/)
  await page.click('#clear')
  await until(async () => await page.locator('.layer .row').count() > 40)
  t.match(page.url(), /#\/$/)

  await page.fill('#text', '+4915112345678')
  await until(() => stand.asked.some(({ body }) => body?.text === '+4915112345678'))
  t.notMatch(page.url(), /15112345678/, 'a number stays out of the address')
  t.notMatch(await run('JSON.stringify(history.state) + document.title'), /15112345678/)
  await page.goto(`${stand.url}/inspector#/?status=failed&country=DE`)
  await page.reload()
  await page.waitForSelector('#connection[data-state=live]')
  t.same([await page.inputValue('#status'), await page.inputValue('#country')], ['failed', 'DE'])
  t.match(stand.asked.at(-1)?.body ?? stand.asked.findLast(({ what }) => what === 'POST /search')?.body, { status: 'failed', country: 'DE' })
})

inBrowser('a whole number shows whom it belongs to, and nobody whose number ends alike', async (t, browser) => {
  const all = deliveriesUntil(Date.now(), 2).map((row, index) => ({ ...row, country: 'US', number: '+1••••••0123', id: idOf(index + 1) }))
  const [mine] = all
  let found = [mine]
  const { page, stand } = await openInspector(t, browser, { answers: { search: ({ text }: any) => ({ deliveries: text === undefined ? all : found }) } })
  await until(async () => await page.locator('.layer .row').count() === 2)
  await page.fill('#text', '+12125550123')
  await until(async () => await page.locator('.layer .row').count() === 1)
  t.equal(await page.getAttribute('.layer .row', 'data-id'), mine.id)

  const asked = (): number => stand.asked.filter(({ body }) => body?.text === '+12125550123').length
  const before = asked()
  const live = (index: number): any => ({ ...factsOf(index)[1], country: 'US', number: '+1••••••0123' })
  found = [{ ...mine, id: idOf(1_002), createdAt: Date.now() }, mine]
  stand.tell(live(1_001), live(1_002))
  stand.tell(live(1_003))
  await until(async () => await page.locator('.layer .row').count() === 2)
  t.same(await page.locator('.layer .row').evaluateAll((rows: any[]) => rows.map(({ dataset }) => dataset.id)), [idOf(1_002), mine.id])
  t.ok(asked() - before <= 2, 'however much comes, it is asked little')
})

inBrowser('what was refused before anybody looked is there after a reload, in its place', async (t, browser) => {
  const now = Date.now()
  const { page, run, stand, texts } = await openInspector(t, browser)
  const rows = (): Promise<string[]> => texts('.layer .row .open')
  for (let index = 0; index < 20; index++) stand.tell({ at: now - 100_000 + index, type: 'provider.restored', provider: `provider-${index}` })
  stand.tell(...factsOf(700, now - 50_000), { at: now - 20_000, type: 'hook.answered', hook: 'okta', status: 401, problem: 'unauthorized' })
  const [newest, oldest] = deliveriesUntil(now, 2).map((row, index) => ({ ...row, createdAt: now - 10_000 - index * 20_000 }))
  stand.answers.search = ({ before }: any) => before === undefined ? { deliveries: [newest, oldest], until: oldest.id } : { deliveries: [] }
  await page.addInitScript('window.shifts = 0; new PerformanceObserver(list => { for (const entry of list.getEntries()) if (entry.sources.some(({ node }) => node?.closest?.(".layer"))) window.shifts += entry.value }).observe({ type: "layout-shift" })')
  await page.reload()
  await until(async () => (await rows()).length === 3)
  t.same(await rows(), [newest.number, 'Okta was answered 401', oldest.number], 'what is older than the deliveries comes with those')
  t.notOk(await page.isVisible('#news'), 'what is old is not new')
  t.equal(await run('window.shifts'), 0, 'nothing jumps')
  await page.click('#older')
  await until(async () => (await rows()).length === 23)
  t.equal((await rows()).at(-1), 'provider-0 works again')
  stand.tell(...factsOf(701))
  await until(async () => (await rows()).length === 24)
  t.equal((await rows())[0], '+49•••••••0701')
})

inBrowser('history that is not kept any more is no news', async (t, browser) => {
  const { page, stand, reads } = await openInspector(t, browser)
  stand.forget()
  stand.tell({ at: Date.now(), type: 'feed.lost', facts: 1 })
  await page.reload()
  await reads('.layer .fact .open', '1 fact could not be kept')
  t.notOk(await page.isVisible('#notice'))
})

inBrowser('each way to choose is there once, by a name that says what it is', async (t, browser) => {
  const provider = { channel: 'sms', state: 'closed', failures: 0 }
  const deliveries = deliveriesUntil(Date.now(), 50)
  const { page, stand, texts } = await openInspector(t, browser, {
    answers: {
      state: { sandbox: false, production: false, channels: {}, hooks: ['direct', 'verifications', 'direct'], providers: [{ ...provider, provider: 'twilio-verify' }, { ...provider, provider: 'twilio-verify', channel: 'voice' }, { ...provider, provider: 'acs-sms' }] },
      search: ({ status }: any) => ({ deliveries: status === 'used' ? deliveries.filter(({ usedAt }) => usedAt !== undefined).slice(0, 3) : deliveries })
    }
  })
  await until(async () => await page.locator('#provider option').count() > 1)
  t.same(await texts('#provider option'), ['Any provider', 'Twilio Verify', 'Azure text'])
  t.same(await texts('#hook option'), ['Any hook', 'Your app', 'Codes of our own'])
  await page.selectOption('#status', 'used')
  await until(() => stand.asked.some(({ body }) => body?.status === 'used'))
  await until(async () => new Set(await texts('.layer .chip')).size === 1)
  t.equal((await texts('.layer .chip'))[0], 'Used')
  t.match(page.url(), /status=used$/)
})

for (const [name, viewport, isOpen] of [['a tablet', { width: 820, height: 1180 }, false], ['a tablet, beside a delivery', { width: 820, height: 1180 }, true], ['a phone', PHONE, false], ['a small phone', SMALL_PHONE, false]] as const) {
  inBrowser(`numbers are shown whole, and what else there is to know, on ${name}`, async (t, browser) => {
    const now = Date.now()
    const rows = deliveriesUntil(now, 6).map((row, index) => ({ ...row, number: '+86•••••••••5678', country: ['BM', 'MW', 'IL', 'DE', 'US', 'GB'][index], status: 'undelivered', usedAt: undefined, reason: 'carrier_blocked' }))
    const { page, run, stand, texts } = await openInspector(t, browser, { viewport, answers: { search: () => ({ deliveries: rows }), state: { sandbox: true, handset: 'http://localhost:1/', production: false, channels: {}, hooks: [], providers: [] }, delivery: (id) => detailsOf(id, now) } })
    stand.tell({ at: now, type: 'hook.answered', hook: 'okta', status: 401, problem: 'unauthorized' })
    await page.waitForSelector('.layer .fact')
    if (isOpen) await page.click('.layer .row:not(.fact)')
    if (isOpen) await page.waitForSelector('.timeline li')
    const cut = await run<number[]>('[...document.querySelectorAll(".layer .row:not(.fact) .open, .layer .row:not(.fact) .to")].filter(element => element.checkVisibility() && (element.scrollWidth > element.clientWidth || element.getBoundingClientRect().right > element.closest(".row").querySelector(".chip").getBoundingClientRect().left && element.getBoundingClientRect().left < element.closest(".row").querySelector(".chip").getBoundingClientRect().left)).map(element => element.scrollWidth - element.clientWidth)')
    t.same(cut, [], 'no number is cut')
    t.same(await run('[...document.querySelectorAll(".layer .chip, .layer .took")].filter(element => element.checkVisibility() && element.getBoundingClientRect().right > element.closest(".row").getBoundingClientRect().right).length'), 0)
    t.equal(await run('new Set([...document.querySelectorAll(".layer .row:not(.fact) .open")].map(element => element.getBoundingClientRect().left)).size'), 1, 'numbers begin at one place, whatever the country')
    t.ok(await run('[...document.querySelectorAll(".layer .fact-note")].every(element => element.checkVisibility() && element.getBoundingClientRect().right <= element.closest(".row").getBoundingClientRect().right)'))
    if (viewport.width < 800 || isOpen) t.equal((await texts('.layer .note'))[0], 'the carrier blocked it')
    if (viewport.width > 800 && !isOpen) {
      const top = await run<number>('document.getElementById("deliveries").getBoundingClientRect().top')
      t.ok(top < 190, `the list begins at ${top}`)
      t.equal(await run('document.getElementById("copy").getBoundingClientRect().top'), await run('document.getElementById("text").getBoundingClientRect().top'))
      t.notOk(await page.isVisible('#handset'))
    }
    t.same(await findings(page), [])
    if (process.env.SHOTS) await page.screenshot({ path: `/tmp/f1-${name.replaceAll(/\W+/g, '-')}.png` })
  })
}

inBrowser('older ones are folded away, and come when asked for', async (t, browser) => {
  const all = deliveriesUntil(Date.now(), 120)
  const search = ({ before }: any): object => {
    const from = before === undefined ? 0 : all.findIndex(({ id }) => id === before) + 1
    return { deliveries: all.slice(from, from + 50), ...from + 50 < all.length ? { until: all[from + 49].id } : {} }
  }
  const { page, reads, stand } = await openInspector(t, browser, { answers: { search } })
  await until(async () => await page.locator('.layer .row').count() === 50)
  for (const amount of [100, 120]) {
    await page.locator('#older').scrollIntoViewIfNeeded()
    await page.click('#older')
    await until(async () => await page.locator('.layer .row').count() === amount)
  }
  await reads('#end', 'Nothing is older than this.')
  await page.evaluate('void (document.getElementById("scroller").scrollTop = 0)')
  stand.tell(...Array.from({ length: 300 }, (_, index) => factsOf(2_000 + index)[1] as any))
  await reads('.layer .row:first-child .to', 'DE +49•••••••2299')
  t.ok(await page.locator('.layer .row').count() <= 300)
})

inBrowser('what data says stays words', async (t, browser) => {
  const evil = '<img src=x onerror="window.broken=1"><script>window.broken=1</script>'
  const delivery = { id: idOf(1), caller: evil, hook: evil, channel: evil, number: evil, country: 'DE', status: evil, reason: evil, provider: evil, createdAt: Date.now(), updatedAt: Date.now() }
  const { page, run, stand } = await openInspector(t, browser, {
    answers: {
      search: () => ({ deliveries: [delivery] }),
      state: { sandbox: true, handset: 'javascript:window.broken=1', production: false, channels: { sms: [evil] }, hooks: [evil], providers: [{ provider: evil, channel: evil, state: evil, failures: 1, reason: evil }] },
      delivery: () => ({ delivery: { ...delivery, route: evil }, verification: evil, timeline: [{ at: 1, what: evil, hint: evil, vendorCode: evil }, { at: 2, what: 'answer', provider: evil, status: evil, reference: evil }], exchanges: [{ id: evil, hook: evil, status: 200, milliseconds: 1, at: 1, request: { [evil]: evil }, reply: evil }] }),
      statistics: (span) => ({ span, grain: 'hour', from: 0, until: 1, rows: [], totals: {}, byProvider: [{ name: evil, sent: 1, delivered: 1, undelivered: 0, failed: 0, used: 0 }], byChannel: [], byCountry: [{ name: evil, sent: 1, delivered: 1, undelivered: 0, failed: 0, used: 0 }], worse: [{ country: evil, provider: evil, measure: evil, now: 0.1, usual: 0.9, count: 1 }] })
    }
  })
  stand.tell({ at: Date.now(), type: 'capture', source: evil, request: evil, response: evil, metadata: { [evil]: evil } }, { at: Date.now(), type: 'work.failed', what: evil }, { at: Date.now(), type: evil })
  await page.waitForSelector('.layer .fact')
  await page.click('.layer .row:not(.fact)')
  await page.waitForSelector('.timeline li')
  t.equal(await page.locator('#detail-title').innerText(), evil)
  await page.click('.layer .fact >> nth=0')
  await page.click('#to-plots')
  await page.waitForSelector('.worse-one')
  t.equal(await page.locator('main img, main script').count(), 0)
  t.equal(await run('window.broken'), undefined)
  t.notOk(await page.isVisible('#handset'), 'a link that is none is not one')
})

inBrowser('the keyboard is enough', async (t, browser) => {
  const all = deliveriesUntil(Date.now(), 20)
  const { page, reads, run } = await openInspector(t, browser, { answers: { search: () => ({ deliveries: all }), delivery: (id) => ({ delivery: { ...all.find((row) => row.id === id), plan: [] }, timeline: [], exchanges: [] }) } })
  await page.waitForSelector('.layer .row')
  const focused = (): Promise<string> => run('document.activeElement.closest(".row")?.dataset.id')
  await page.keyboard.press('j')
  t.equal(await focused(), all[0].id)
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('j')
  t.equal(await focused(), all[2].id)
  await page.keyboard.press('k')
  t.equal(await focused(), all[1].id)
  await page.keyboard.press('End')
  t.equal(await focused(), all.at(-1).id)
  await page.keyboard.press('Home')
  await page.keyboard.press('Enter')
  await reads('#detail-title', all[0].number)
  t.equal(await run('document.activeElement.id'), 'detail-title')
  await page.keyboard.press('j')
  await reads('#detail-title', all[1].number)
  t.match(page.url(), new RegExp(`#/deliveries/${all[1].id}$`))
  t.same(await findings(page), [])
  await page.keyboard.press('Escape')
  t.notOk(await page.isVisible('#detail'))
  t.equal(await focused(), all[1].id, 'one is back in the row that was open')
  await page.keyboard.press('/')
  t.equal(await run('document.activeElement.id'), 'text')
  await page.keyboard.type('j5')
  t.equal(await page.inputValue('#text'), 'j5', 'who types is left alone')
})
