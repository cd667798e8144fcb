import { findings, inBrowser, PHONE } from '../verify-page/browser-stand.ts'
import { until } from '../verification/api-stand.ts'
import { BUSY_STATE, deliveriesUntil, detailsOf, idOf } from './believable.ts'
import { openInspector } from './page-stand.ts'

const NOW = Date.now()
const LIST = { search: () => ({ deliveries: deliveriesUntil(NOW, 5) }) }

inBrowser('a delivery opens as a timeline, and goes on while one looks', async (t, browser) => {
  const whole = detailsOf(idOf(3), NOW - 60_000)
  let known = 6
  const delivery = (id: string): object => ({ ...whole, delivery: { ...whole.delivery, id, ...known < 12 ? { status: 'undelivered', reason: 'carrier_blocked', usedAt: undefined } : {} }, timeline: whole.timeline.slice(0, known) })
  const { page, reads, stand, texts } = await openInspector(t, browser, { answers: { ...LIST, delivery } })
  await page.click('.layer .row >> nth=2')
  await reads('#detail-title', '+49•••••••5678')
  t.match(page.url(), new RegExp(`#/deliveries/${idOf(3)}$`))
  t.same(await texts('.step-title > span:first-child'), ['Okta asked for it', 'The plan', 'The rule prefix budget would refuse it', 'Twilio text is asked', 'Twilio text answered', 'The carrier reports: not delivered'])
  t.match(await texts('.step-note'), ['caller production · answered in 412 ms', 'Twilio text, then Azure call', 'only watched: it was let go', 'Text', 'SM9a6127c04be1d5f2a8', 'the carrier blocked it · code 30007 · Register the sender with the carrier, or use another one.'])
  t.match(await texts('.step-since'), ['start', '+3 ms', '+4 ms', '+9 ms', '+398 ms', '+6.2 s'])
  t.same(await texts('.gap'), ['5.8 s later'])
  t.match(await texts('.facts .wide'), [`Delivery ${idOf(3)}`, 'Request 5e0c1f7a-9d52-4b0e-8f6d-0c7d2f1a9b34'], 'the whole id, as every error names it')
  await reads('.headline', 'Not delivered The carrier blocked it · Okta · Azure call · Germany')
  await page.locator('.json-group summary').nth(1).click()
  const folded = await texts('.json')

  known = 12
  const before = stand.asked.filter(({ what }) => what.startsWith('GET /deliveries')).length
  for (let index = 0; index < 50; index++) stand.tell({ at: Date.now(), type: 'call.event', delivery: idOf(3), attempt: 'a', event: 'spoken' })
  stand.tell({ at: Date.now(), type: 'call.event', delivery: idOf(4), attempt: 'a', event: 'spoken' })
  await reads('.headline', 'Used Okta · Azure call · Germany')
  t.equal(await page.locator('.step').count(), 12)
  t.same(await texts('.json'), folded, 'what was folded stays folded')
  const asked = stand.asked.filter(({ what }) => what.startsWith('GET /deliveries')).length - before
  t.ok(asked <= 5, `asked ${asked} times for 50 facts`)
  t.same(await findings(page), [])
})

inBrowser('a link to a delivery shows it, and one to none says so', async (t, browser) => {
  const { page, reads, stand } = await openInspector(t, browser, { at: `#/deliveries/${idOf(77)}?status=failed`, answers: { ...LIST, delivery: (id) => id === idOf(77) ? detailsOf(id, NOW) : undefined } })
  await reads('#detail-title', '+49•••••••5678')
  t.equal(await page.inputValue('#status'), 'failed')
  await page.goto(`${stand.url}/inspector#/deliveries/nobody`)
  await reads('#detail .loading', 'There is no such delivery, or it is kept no longer.')
  await page.goBack()
  await reads('#detail-title', '+49•••••••5678')
  await page.click('#detail button[aria-label=Close]')
  t.match(page.url(), /#\/\?status=failed$/)
})

inBrowser('what was asked is sent again: to nobody, unless one is sure', async (t, browser) => {
  const { page, reads, stand } = await openInspector(t, browser, { answers: { ...LIST, state: BUSY_STATE, delivery: (id) => detailsOf(id, Date.now()) } })
  await page.click('.layer .row >> nth=0')
  await page.click('.exchange .secondary')
  await reads('#dialog h2', 'Send it again?')
  t.equal(await page.locator('#dialog input:checked').getAttribute('value'), 'sandbox')
  await page.click('#dialog .primary')
  await until(() => stand.asked.some(({ what }) => what.endsWith('/replay')))
  t.same(stand.asked.findLast(({ what }) => what.endsWith('/replay')), { what: `POST /deliveries/${idOf(5)}/replay`, body: { exchange: '5e0c1f7a-9d52-4b0e-8f6d-0c7d2f1a9b34', to: 'sandbox' } })
  await reads('#notice', 'Rehearsed: nothing was sent. Open it')
  stand.answers.sent = { status: 202, body: { id: idOf(5), outcome: 'refused', reason: 'country_not_allowed' } }
  await page.click('.exchange .secondary')
  await page.click('#dialog .primary')
  await reads('#notice', 'Rehearsed: it would be refused. Open it')

  await page.click('.exchange .secondary')
  await page.check('#dialog [value=providers]')
  await page.click('#dialog .primary')
  await reads('#dialog .problem', 'Say that you are sure.')
  t.equal(stand.asked.filter(({ what }) => what.endsWith('/replay')).length, 2, 'nothing was sent')
  t.match(await page.locator('#dialog').innerText(), /reaches a real person and costs money/)
  t.same(await findings(page), [])
  stand.answers.sent = { status: 409, body: { code: 'replay_gone', title: 'The message is not kept any more, and cannot be sent again.' } }
  await page.check('#dialog [name=sure]')
  await page.click('#dialog .primary')
  await reads('#dialog .problem', 'The message is not kept any more, and cannot be sent again.')
  t.match(stand.asked.findLast(({ what }) => what.endsWith('/replay'))?.body, { to: 'providers', confirmed: true })
  await page.keyboard.press('Escape')
  t.notOk(await page.isVisible('#dialog'))
  t.ok(await page.isVisible('#detail'), 'only the question is gone')
})

inBrowser('with the sandbox there is nothing to choose, and what is kept says until when', async (t, browser) => {
  const { page, reads, run, stand } = await openInspector(t, browser, { answers: { ...LIST, delivery: (id) => detailsOf(id, Date.now()) } })
  await page.click('.layer .row >> nth=0')
  await reads('.exchange-why', /^Can be sent again until \d\d:\d\d$/)
  const [note, again] = await run<number[][]>('[".exchange-why", ".exchange .secondary"].map(place => document.querySelector(place).getBoundingClientRect()).map(({ top, bottom }) => [top, bottom])')
  t.ok(note && again && (note[0] ?? 0) >= (again[0] ?? 0) && (note[1] ?? 0) <= (again[1] ?? 0), 'beside the button')
  await page.click('.exchange .secondary')
  await reads('#dialog p', /It arrives at the handset, and nothing leaves this machine\.$/)
  t.equal(await page.locator('#dialog input').count(), 0)
  await page.click('#dialog .primary')
  await reads('#notice', 'It is on its way. Open it')
  t.match(stand.asked.findLast(({ what }) => what.endsWith('/replay'))?.body, { to: 'sandbox' })
})

inBrowser('what this page asked for says so, and a caller without a name is left out', async (t, browser) => {
  const delivery = (id: string): object => {
    const whole = detailsOf(id, NOW)
    return { ...whole, delivery: { ...whole.delivery, hook: 'inspector', caller: 'inspector' }, timeline: [{ at: NOW, what: 'hook', hook: 'inspector', caller: 'inspector' }], exchanges: [] }
  }
  const { page, reads, texts } = await openInspector(t, browser, { answers: { ...LIST, delivery } })
  await page.click('.layer .row >> nth=0')
  await reads('.detail-part .soft', 'Nothing was recorded: it was asked for on this page.')
  t.same(await texts('.step-note'), [])
  t.notOk((await texts('.facts dt')).some((name) => ['Caller', 'Request'].includes(name)))
})

inBrowser('what was asked is shown, though it is written down after everything else', async (t, browser) => {
  let asked = 0
  const delivery = (id: string): object => {
    asked += 1
    const whole = detailsOf(id, Date.now())
    return asked < 3 ? { ...whole, exchanges: [] } : whole
  }
  const { page } = await openInspector(t, browser, { answers: { ...LIST, delivery } })
  await page.click('.layer .row >> nth=0')
  await page.waitForSelector('.exchange')
})

inBrowser('what leads on from a fact stands apart, and looks like a button', async (t, browser) => {
  const { page, run, stand } = await openInspector(t, browser)
  stand.tell({ at: NOW, type: 'verification.started', verification: idOf(7), delivery: idOf(8), profile: 'login', channel: 'sms', kind: 'real' })
  await page.click('.layer .fact')
  const [one, other] = await run<number[]>('[...document.querySelectorAll("#detail .buttons .secondary")].map(link => link.getBoundingClientRect()).flatMap(({ left, right }, index) => index === 0 ? [right] : [left])')
  t.ok((other ?? 0) - (one ?? 0) >= 4)
  t.equal(await run('getComputedStyle(document.querySelector("#detail .buttons a")).textDecorationLine'), 'none')
})

inBrowser('what is not kept cannot be sent again, and says why', async (t, browser) => {
  const { replayableUntil, ...exchange } = detailsOf(idOf(1), NOW).exchanges[0]
  const { page, texts } = await openInspector(t, browser, { answers: { ...LIST, delivery: (id) => ({ ...detailsOf(id, NOW), verification: idOf(9), exchanges: [{ ...exchange, id: 'one' }, { ...exchange, id: 'two', replayableUntil: Date.now() - 1_000, status: 502, reply: null }] }) } })
  await page.click('.layer .row >> nth=0')
  await page.waitForSelector('.exchange')
  t.same(await texts('.exchange-why'), ['The message is not kept, so it cannot be sent again: REPLAY_MINUTES says for how long it is.', 'The message is not kept any more.'])
  await page.click('.exchange .secondary >> nth=0', { force: true })
  t.notOk(await page.isVisible('#dialog'))
  await page.click(`#detail a:text("${idOf(9)}")`)
  t.equal(await page.inputValue('#text'), idOf(9))
})

inBrowser('a test code is sent from the page', async (t, browser) => {
  const { page, reads, stand, texts } = await openInspector(t, browser, { answers: { delivery: (id) => detailsOf(id, NOW) } })
  await page.click('#test')
  await reads('#dialog h2', 'Send a test code')
  t.same(await texts('#dialog .option'), ['Text Azure text, then Twilio text', 'Call Azure call'], 'only what can be sent')
  await page.keyboard.press('Enter')
  await reads('#dialog .problem', 'Write the number as +491511…')
  await page.keyboard.type('+49 1511 2345678')
  await page.check('#dialog [value=voice]')
  await page.click('#dialog .primary')
  await reads('#notice', 'It is on its way. Open it')
  t.same(stand.asked.at(-1), { what: 'POST /test', body: { to: '+49 1511 2345678', channel: 'voice' } })
  await page.click('#notice a')
  await reads('#detail-title', '+49•••••••5678')

  stand.answers.state = BUSY_STATE
  await page.reload()
  await page.waitForSelector('#connection[data-state=live]')
  await until(async () => !await page.isVisible('#sandbox'))
  await page.click('#test')
  await page.fill('#test-to', '+4915112345678')
  await page.click('#dialog .primary')
  await reads('#dialog .problem', 'Say that you are sure.')
  await page.check('#dialog [name=sure]')
  await page.click('#dialog .primary')
  await until(() => stand.asked.at(-1)?.what === 'POST /test')
  t.match(stand.asked.at(-1)?.body, { channel: 'sms', confirmed: true })
})

inBrowser('on a phone a delivery takes the whole page', async (t, browser) => {
  const { page, run } = await openInspector(t, browser, { viewport: PHONE, answers: { ...LIST, delivery: (id) => detailsOf(id, NOW) } })
  await page.click('.layer .row >> nth=0')
  await page.waitForSelector('.timeline li')
  t.notOk(await page.isVisible('#deliveries'))
  t.notOk(await run('document.documentElement.scrollWidth > innerWidth'))
  await page.goBack()
  await page.waitForSelector('#deliveries')
  t.notOk(await page.isVisible('#detail'))
})
