import { inBrowser, newPage } from '../verify-page/browser-stand.ts'
import { startTestGateway } from '../support/gateway.ts'
import { startApp } from './verify-phone-app.ts'

inBrowser('the sample app: a visitor presses the button, enters number and code, and the app knows the number', async (t, browser) => {
  const { url, sandbox } = await startTestGateway(t)
  const page = await newPage(t, browser)
  await page.goto(await startApp(t, url))
  await page.click('button')
  const frame = page.frameLocator('iframe')
  await frame.locator('#number').fill('+14155550123')
  await frame.locator('#send').click()
  const { text } = await sandbox.waitFor('message')
  await frame.locator('#code').fill(/\b\d{6}\b/.exec(text)?.[0] as string)
  await page.getByText('+14155550123 is yours.').waitFor()
  t.equal(sandbox.messages.length, 1)
})

inBrowser('the sample app: whoever closes the dialog is not verified', async (t, browser) => {
  const { url } = await startTestGateway(t)
  const page = await newPage(t, browser)
  await page.goto(await startApp(t, url))
  await page.click('button')
  await page.frameLocator('iframe').locator('#number').waitFor()
  t.ok(await page.locator('button').first().isDisabled(), 'there is one dialog at a time')
  await page.keyboard.press('Escape')
  await page.getByText('Not verified.').waitFor()
  t.ok(await page.locator('button').isEnabled())
})

inBrowser('the sample app: a visitor of an app that the gateway refuses is told that it does not work', async (t, browser) => {
  const { url } = await startTestGateway(t)
  const page = await newPage(t, browser)
  await page.goto(await startApp(t, url, { secret: 'a-wrong-one' }))
  await page.click('button')
  await page.getByText('Not available.').waitFor()
  t.ok(await page.locator('button').isEnabled())
})
