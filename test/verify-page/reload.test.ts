import { inBrowser, newPage, openPage } from './browser-stand.ts'

inBrowser('the same link in the same window finds it where it was, and in another one begins anew', async (t, browser) => {
  const { api, page, reads, send, step, token, type } = await openPage(t, browser)
  const link = `${api.url}/verify#session=${await token()}`
  await page.goto(link)
  await send('015112345678')
  await page.goto('about:blank')
  await page.goto(link)
  await step('code')
  await reads('#sent', /5678/)
  const other = await newPage(t, browser)
  await other.goto(link)
  await other.waitForSelector('#number-step:not([hidden])')
  t.equal(await other.inputValue('#number'), '', 'who has no more than the link learns nothing of it')
  await type(await api.code())
  await step('end')
  await other.reload()
  await other.waitForSelector('#number-step:not([hidden])')
  t.notMatch(await other.content(), /5678/)
})

inBrowser('another session in the same window has nothing of the one before', async (t, browser) => {
  const { open, page, reads, send, step } = await openPage(t, browser)
  await open()
  await send('015112345678')
  await page.goto('about:blank')
  await open()
  await step('number')
  await page.reload()
  await step('number')
  await reads('#number-problem', '')
})

inBrowser('after a reload, what is gone is begun anew, and what cannot be asked for is asked for again', async (t, browser) => {
  const { open, page, reads, send, step } = await openPage(t, browser)
  await open()
  await send('015112345678')
  const answers = [{ status: 503, code: 'store_unavailable' }, { status: 404, code: 'not_found' }]
  await page.route('**/verifications/*', async (route) => {
    const { status, code } = answers.shift() ?? { status: 500, code: 'too often' }
    await route.fulfill({ status, contentType: 'application/problem+json', body: JSON.stringify({ code }) })
  })
  await page.reload()
  await reads('#end-text', 'Something went wrong on our side. Please try again.')
  await page.click('#start-again')
  await step('number')
})
