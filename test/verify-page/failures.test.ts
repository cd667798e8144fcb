import type { Page } from 'playwright-core'
import { SECRET } from '../support/gateway.ts'
import { wrong } from '../verification/api-stand.ts'
import { DESKTOP, findings, inBrowser, openPage, PHONE, SMALL_PHONE } from './browser-stand.ts'

/** Lets the next request of that kind be answered otherwise than the gateway would; `undefined`: not at all. */
const answerOnce = async (page: Page, path: string, answer: { readonly status: number, readonly body?: unknown, readonly headers?: Record<string, string> } | undefined): Promise<void> => {
  await page.route(`**${path}`, async (route) => {
    if (answer === undefined) await route.abort('connectionfailed')
    else await route.fulfill({ status: answer.status, headers: answer.headers ?? {}, contentType: 'application/problem+json', body: typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {}) })
  }, { times: 1 })
}

inBrowser('what is wrong with the number is said at the number', async (t, browser) => {
  const { page, open, focused, reads, step } = await openPage(t, browser, { gateway: { settings: { ALLOWED_COUNTRIES: 'DE' } } })
  await open()
  await step('number')
  await page.click('#send')
  await reads('#number-problem', 'Enter your phone number.')
  t.equal(await focused(), 'number')
  t.same(await findings(page), [])
  await page.keyboard.type('0151 1234 5678 9012 3456')
  await reads('#number-problem', '')
  await page.keyboard.press('Enter')
  await reads('#number-problem', 'This number cannot be right. Check the country and the digits.')
  t.equal(await page.getAttribute('#number', 'aria-invalid'), 'true')
  t.equal(await focused(), 'number')
  await page.fill('#number', '+33 6 12 34 56 78')
  await page.click('#send')
  await reads('#number-problem', 'We cannot send codes to this number. Use another one.')
})

inBrowser('a number with its prefix turns the country', async (t, browser) => {
  const { api, page, open, reads, step, text } = await openPage(t, browser)
  await open()
  await step('number')
  const paste = async (number: string): Promise<void> => {
    await page.fill('#number', '')
    await page.evaluate(`void document.execCommand('insertText', false, '${number}')`)
  }
  await paste('+1 (415) 555-0123')
  t.same([await text('#country-letters'), await text('#country-prefix'), await page.inputValue('#number')], ['US', '+1', '4155550123'])
  t.equal(await page.inputValue('#country'), 'US')
  await page.selectOption('#country', 'CA')
  await paste('+14155550123')
  t.equal(await text('#country-letters'), 'CA', 'of those that share a prefix the chosen one stays')
  await paste('00447400123456')
  t.same([await text('#country-letters'), await page.inputValue('#number')], ['GB', '7400123456'])
  await paste('＋４９１５１１２３４５６７８')
  t.same([await text('#country-letters'), await page.inputValue('#number')], ['DE', '15112345678'])
  await page.selectOption('#country', 'AE')
  await page.fill('#number', '')
  await page.keyboard.type('٠٥٠١٢٣٤٥٦٧')
  await page.keyboard.press('Enter')
  await step('code')
  await reads('#sent', /\+971/)
  await api.code()
  t.equal(api.sandbox.messages[0]?.to, '+971501234567')
})

inBrowser('the country is that of the person where the app names none', async (t, browser) => {
  const { page, open, step, text } = await openPage(t, browser, { locale: 'pt-BR' })
  await open({ country: undefined })
  await step('number')
  t.equal(await text('#country-letters'), 'BR')
  t.equal(await page.getAttribute('html', 'lang'), 'pt')
  t.match(await page.locator('#country option[value=DE]').innerText(), 'Alemanha (+49)')
})

inBrowser('without a connection nothing is lost', async (t, browser) => {
  const { api, page, open, pass, reads, send, step, type } = await openPage(t, browser)
  await open()
  await step('number')
  await answerOnce(page, '/verifications', undefined)
  await page.fill('#number', '015112345678')
  await page.click('#send')
  await reads('#number-problem', 'There is no connection. Check your internet and try again.')
  await send('015112345678')
  const code = await api.code()
  await answerOnce(page, '/check', undefined)
  await type(code)
  await reads('#code-problem', 'There is no connection. Check your internet and try again.')
  t.equal(await page.inputValue('#code'), code, 'nobody has to enter it again')
  await page.route('**/verifications/*', (route) => route.abort())
  await pass(0)
  t.ok(await page.isVisible('#code'), 'a question that fails is asked again')
  await page.click('#check')
  await step('end')
  await reads('#end-heading', 'Number confirmed')
})

inBrowser('a gateway that has trouble says so, and can be asked again', async (t, browser) => {
  const { api, page, open, pass, reads, send, step } = await openPage(t, browser)
  await open()
  await step('number')
  await page.fill('#number', '015112345678')
  for (const answer of [
    { status: 503, body: { code: 'store_unavailable' } },
    { status: 500, body: 'no JSON' },
    { status: 502, body: { code: 'no_provider' } },
    { status: 400, body: { code: 'something_new' } }
  ]) {
    await answerOnce(page, '/verifications', answer)
    await page.click('#send')
    await reads('#number-problem', 'Something went wrong on our side. Please try again.')
  }
  await answerOnce(page, '/verifications', { status: 400, body: { code: 'channel_not_offered' } })
  await page.click('#send')
  await reads('#number-problem', 'This way is not available. Choose another one.')
  await answerOnce(page, '/verifications', { status: 429, body: { code: 'too_many_starts' } })
  await page.click('#send')
  await reads('#number-problem', 'Too many tries. Try again later.')
  await answerOnce(page, '/verifications', { status: 429, body: { code: 'too_many_messages' }, headers: { 'retry-after': '2' } })
  await page.click('#send')
  await reads('#number-problem', 'Too many tries. Try again in 2 seconds.')
  await reads('#number-problem', '')
  await send('015112345678')
  await api.code()
  await pass(30_000)
  await reads('#again-note', 'You can get it again now.')
  await answerOnce(page, '/resend', { status: 429, body: { code: 'resend_too_early', retryAfter: 7 } })
  await page.click('.way[data-channel=sms]')
  await reads('#code-problem', 'You can get it again in 7 seconds.')
  t.equal(await page.getAttribute('#check', 'aria-disabled'), null, 'the code can still be entered')
  await answerOnce(page, '/resend', { status: 429, body: { code: 'too_many_resends' } })
  await page.click('.way[data-channel=sms]')
  await reads('#code-problem', 'No more messages can be sent. Start again with a new code.')
})

for (const [name, viewport, locale] of [['phone', PHONE, 'de-DE'], ['small phone', SMALL_PHONE, 'en-GB'], ['desktop', DESKTOP, 'ru-RU']] as const) {
  inBrowser(`no button moves where something is wrong: ${name}`, async (t, browser) => {
    const { api, page, open, pass, reads, send, step, type } = await openPage(t, browser, { viewport, locale })
    const places = async (...selectors: string[]): Promise<number[]> => await Promise.all(selectors.map(async (selector) => (await page.locator(selector).boundingBox())?.y ?? NaN))
    await open()
    await step('number')
    await page.fill('#number', '015112345678')
    const before = await places('#send', '#number')
    for (const answer of [{ status: 400, body: { code: 'number_impossible' } }, { status: 403, body: { code: 'recipient_not_allowed' } }, undefined]) {
      await answerOnce(page, '/verifications', answer)
      await page.click('#send')
      await reads('#number-problem', /./)
      t.same(await places('#send', '#number'), before)
      await page.press('#number', 'End')
      await page.keyboard.type('8')
      await page.keyboard.press('Backspace')
      await reads('#number-problem', '')
      t.same(await places('#send', '#number'), before)
    }
    await send('015112345678')
    const code = await api.code()
    await pass(1500)
    await reads('#sent', /[^…]$/)
    const buttons = ['#check', '.way[data-channel=voice]', '#cancel']
    const settled = await places(...buttons)
    await page.click('#check')
    await reads('#code-problem', /./)
    t.same(await places(...buttons), settled)
    t.notOk(await page.isVisible('#validity'), 'what is wrong takes the place of the time')
    await type('0')
    await reads('#code-problem', '')
    t.ok(await page.isVisible('#validity'))
    t.same(await places(...buttons), settled)
    await page.fill('#code', wrong(code))
    await reads('#code-problem', /4/)
    t.same(await places(...buttons), settled)
  })
}

inBrowser('what is gone at the gateway is begun again', async (t, browser) => {
  const { api, page, open, pass, reads, send } = await openPage(t, browser)
  await open()
  await send('015112345678')
  await api.code()
  await answerOnce(page, '/verifications/*', { status: 404, body: { code: 'not_found' } })
  await pass(0)
  await reads('#number-problem', 'This code is no longer valid. Get a new one.')
})

inBrowser('a check that comes after the end shows the end', async (t, browser) => {
  const { api, page, open, reads, send, step, type } = await openPage(t, browser)
  await open()
  await send('015112345678')
  const code = await api.code()
  const [started] = api.told('verification.started')
  await page.route('**/verifications/*', (route) => route.request().method() === 'GET' && route.abort())
  await api.cancel(started?.verification as string)
  await page.unrouteAll()
  await type(code)
  await step('end')
  await reads('#end-heading', 'Canceled')
})

inBrowser('a start that fails can be tried again', async (t, browser) => {
  const { api, page, reads, step, token } = await openPage(t, browser)
  await answerOnce(page, '/verify/session', { status: 503, body: { code: 'store_unavailable' } })
  await page.goto(`${api.url}/verify#session=${await token()}`)
  await reads('#end-text', 'Something went wrong on our side. Please try again.')
  await page.click('#start-again')
  await step('number')
})

inBrowser('a message that does not arrive says what to do', async (t, browser) => {
  const { page, open, reads, send } = await openPage(t, browser, { gateway: { twilio: 'alone' } })
  for (const [reason, words] of [
    ['number_unreachable', 'The code did not reach +49•••••••5678. Check the number, or use another one.'],
    ['provider_error', 'The code did not reach +49•••••••5678. Try again, or another way.'],
    ['opted_out', 'No codes can be sent to +49•••••••5678. Use another number.'],
    ['too_many_messages', 'Too many tries. Try again later.'],
    ['too_many_codes', 'Too many tries. Try again later.']
  ]) {
    await page.route('**/verifications/*', async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, json: { ...await response.json(), message: { state: 'failed', reason } } })
    })
    await page.goto('about:blank')
    await open()
    await send('015112345678')
    await reads('#sent', words as string)
    await page.unrouteAll()
  }
  t.same(await findings(page), [])
})

inBrowser('too many wrong codes for one number let nobody enter another for a while', async (t, browser) => {
  const { api, page, open, pass, reads, send, type } = await openPage(t, browser)
  await open()
  await send('015112345678')
  await api.code()
  await answerOnce(page, '/check', { status: 429, body: { code: 'too_many_attempts', retryAfter: 2 } })
  await type('123456')
  await reads('#code-problem', 'Too many tries. Try again in 2 seconds.')
  t.equal(await page.getAttribute('#check', 'aria-disabled'), 'true')
  await pass(2000)
  await reads('#code-problem', '')
  t.equal(await page.getAttribute('#check', 'aria-disabled'), null)
})

inBrowser('a code that the browser reads out of the message enters itself', async (t, browser) => {
  const { api, page, open, reads, send, step } = await openPage(t, browser)
  await page.addInitScript('window.OTPCredential = class {}; navigator.credentials.get = options => new Promise(resolve => { window.deliver = code => { resolve({ code, options }) } })')
  await open()
  await send('015112345678')
  await page.evaluate(`void deliver('${await api.code()}')`)
  await step('end')
  await reads('#end-heading', 'Number confirmed')
  t.equal(await page.getAttribute('#code', 'autocomplete'), 'one-time-code')
})

inBrowser('the page never holds the secret of the gateway', async (t, browser) => {
  const { api, page, open, send, step, type } = await openPage(t, browser)
  const seen: string[] = []
  page.on('request', (request) => { seen.push(request.url(), JSON.stringify(request.headers()), request.postData() ?? '') })
  await open()
  await send('015112345678')
  await type(await api.code())
  await step('end')
  t.notMatch(seen.join('\n'), SECRET)
  t.notOk(seen.some((text) => /^http.*session=/.test(text) && !text.includes('#')), 'nor is the session in an address that is asked for')
  t.notOk(api.log.some((line) => line.includes('15112345678')), 'the log has no number')
})
