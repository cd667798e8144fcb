import { inBrowser, newPage } from '../verify-page/browser-stand.ts'
import { until } from '../verification/api-stand.ts'
import { factsOf, idOf } from './believable.ts'
import { openInspector } from './page-stand.ts'
import { LINK, PASSWORD, startStand } from './stand.ts'

inBrowser('after a restart it shows what was missed', async (t, browser) => {
  const { page, reads, stand, texts } = await openInspector(t, browser)
  stand.tell(...factsOf(1))
  await page.waitForSelector('.layer .row')
  await stand.restart(() => {
    stand.tell(...factsOf(2))
    stand.tell(...factsOf(3), { at: Date.now(), type: 'delivery.used', delivery: idOf(1) })
  })
  await until(async () => await page.locator('.layer .row').count() === 3)
  t.match(await texts('.layer .to'), [/0003$/, /0002$/, /0001$/])
  await reads('.layer .row:last-child .chip', 'Used')
  await reads('#connection', 'Live')
})

inBrowser('while nobody answers it says so quietly', async (t, browser) => {
  const { page, stand } = await openInspector(t, browser)
  const states: string[] = []
  await page.exposeFunction('noteState', (state: string) => { states.push(state) })
  await page.evaluate('new MutationObserver(() => noteState(connection.dataset.state)).observe(document.getElementById("connection"), { attributes: true, attributeFilter: ["data-state"] })')
  await stand.restart()
  await until(() => states.at(-1) === 'live')
  t.same(states, ['reconnecting', 'live'])
})

inBrowser('what cannot be followed is loaded anew, and that is said', async (t, browser) => {
  const { page, reads, stand } = await openInspector(t, browser)
  stand.tell(...factsOf(1))
  await page.waitForSelector('.layer .row')
  stand.answers.search = () => ({ deliveries: [{ id: idOf(8), caller: 'c', hook: 'okta', channel: 'voice', number: '+44••••••0008', country: 'GB', status: 'accepted', createdAt: Date.now(), updatedAt: Date.now() }] })
  await stand.restart(() => { stand.forget() })
  await reads('.layer .to', 'GB +44••••••0008')
  await reads('#notice', 'More happened than could be followed. The list was loaded anew.')
  stand.tell(...factsOf(9))
  await reads('.layer .to', 'DE +49•••••••0009')
})

inBrowser('one signs in, and is where one wanted to be', async (t, browser) => {
  const stand = await startStand(t)
  const page = await newPage(t, browser)
  await page.goto(`${stand.url}/inspector#/?status=failed`)
  await page.waitForSelector('#secret')
  t.equal(await page.getAttribute('#secret', 'autocomplete'), 'current-password')
  t.equal(await page.evaluate('document.activeElement.id'), 'secret')
  await page.keyboard.press('Enter')
  await page.waitForSelector('#problem:has-text("Enter the admin secret")')
  await page.fill('#secret', 'wrong')
  await page.keyboard.press('Enter')
  await page.waitForSelector('#problem:has-text("That is not the admin secret.")')
  await page.keyboard.type(PASSWORD)
  await page.click('#go')
  await page.waitForSelector('#connection[data-state=live]')
  t.match(page.url(), /#\/\?status=failed$/)
  t.equal(await page.inputValue('#status'), 'failed')
  await page.click('#sign-out')
  await page.waitForSelector('#secret')
  t.match(page.url(), /#\/\?status=failed$/)
})

inBrowser('a link opens once, and is gone from the address', async (t, browser) => {
  const stand = await startStand(t)
  const page = await newPage(t, browser)
  await page.goto(`${stand.url}/inspector#enter=${LINK}`)
  await page.waitForSelector('#connection[data-state=live]')
  t.notMatch(page.url(), /enter/)
  await page.goBack()
  t.notMatch(page.url(), /enter/, 'nor does one come back to it')
  const other = await newPage(t, browser)
  await other.goto(`${stand.url}/inspector#enter=${LINK}`)
  await other.waitForSelector('#problem:has-text("The link opens once")')
  t.notMatch(other.url(), /enter/)
})

inBrowser('who signs out is signed out in every window', async (t, browser) => {
  const { page, stand } = await openInspector(t, browser)
  const other = await page.context().newPage()
  await other.goto(`${stand.url}/inspector#/plots`)
  await other.waitForSelector('#connection[data-state=live]')
  // As where another process is told: the one that this window follows knows nothing of it.
  await page.route('**/inspector/session', async (route) => { await route.fulfill({ status: 204 }) })
  await Promise.all([other.waitForSelector('#connection[data-state=signed-out]'), page.click('#sign-out')])
})

inBrowser('a session that ended elsewhere ends here, too, though nothing happens', async (t, browser) => {
  const stand = await startStand(t)
  const page = await newPage(t, browser)
  await page.clock.install()
  await page.goto(`${stand.url}/inspector`)
  await page.fill('#secret', PASSWORD)
  await page.keyboard.press('Enter')
  await page.waitForSelector('#connection[data-state=live]')
  stand.isOpen = false
  await page.clock.runFor(16_000)
  await page.waitForSelector('#connection[data-state=signed-out]')
})

inBrowser('a session that is over leads back to signing in', async (t, browser) => {
  const { page, stand } = await openInspector(t, browser, { at: '#/plots' })
  stand.isOpen = false
  await stand.restart()
  await page.waitForSelector('#secret')
  t.match(page.url(), /#\/plots$/)
})
