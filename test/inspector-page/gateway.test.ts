import { ADMIN, startTestGateway } from '../support/gateway.ts'
import { DESKTOP, findings, inBrowser, newPage } from '../verify-page/browser-stand.ts'
import { until } from '../verification/api-stand.ts'

inBrowser('a hook is seen to become a text that arrives', async (t, browser) => {
  const gateway = await startTestGateway(t)
  const page = await newPage(t, browser, { viewport: DESKTOP })
  await page.goto(`${gateway.url}/inspector`)
  await page.fill('#secret', ADMIN)
  await page.keyboard.press('Enter')
  await page.waitForSelector('#connection[data-state=live]')
  const from = Date.now()
  const reply = await gateway.post('/send-text-code', { phoneNumber: '+4915112345678', code: '482913' })
  await page.waitForSelector('.layer .row')
  t.comment(`shown after ${Date.now() - from} ms; answered ${reply.status}`)
  await page.waitForSelector('.layer .chip:has-text("Delivered")')
  t.match(await page.locator('.layer .to').innerText(), /DE\s+\+49•+5678/)
  await page.click('.layer .row')
  await page.waitForSelector('.step:has-text("The carrier reports: delivered")')
  await page.waitForSelector('.exchange')
  t.notMatch(await page.content(), /482913|15112345678/, 'neither the code nor the number is in the page')
  t.same(await findings(page), [])

  await page.click('.exchange .secondary')
  await page.check('#dialog [value=providers]')
  await page.check('#dialog [name=sure]')
  await page.click('#dialog .primary')
  await page.waitForSelector('#notice:has-text("It is on its way")')
  await until(() => gateway.sandbox.messages.length === 2)

  await page.keyboard.press('Escape')
  await page.fill('#text', '5678')
  await until(async () => await page.locator('.layer .row').count() === 2)
  await page.click('#to-plots')
  await page.waitForSelector('.worse-answer:has-text("Nothing stands out.")')
  await until(async () => (await page.locator('.card strong').first().innerText()) !== '0')

  await page.click('#to-list')
  await page.click('#test')
  await page.fill('#test-to', '+447400123456')
  await page.check('#dialog [name=sure]')
  await page.click('#dialog .primary')
  await until(() => gateway.sandbox.messages.length === 3)
})
