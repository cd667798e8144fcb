import type { Browser, FrameLocator, Page } from 'playwright-core'
import type { Test } from 'tap'
import { until } from '../verification/api-stand.ts'
import { claimsOf, findings, inBrowser, openPage, serve, type PageOptions, type PageStand } from './browser-stand.ts'

interface EmbedStand extends PageStand {
  readonly frame: FrameLocator
  readonly app: string
  /** Opens the app's page and lets it ask for a verification. */
  ask (session?: object, options?: string): Promise<void>
  /** What the script has resolved with, once it has. */
  outcome (): Promise<any>
}

const APP = `<!doctype html><html lang="en"><title>App</title><style>dialog, button, iframe { display: none !important }</style>
<main><h1>App</h1><button id="opener">Verify</button></main><script src="GATEWAY/verify.js"></script><script src="/app.js"></script></html>`

/** An app of its own origin, whose policy allows no more than it has to. */
const openApp = async (t: Test, browser: Browser, options: PageOptions = {}): Promise<EmbedStand> => {
  const stand = await openPage(t, browser, options)
  const { api, page } = stand
  const policy = `default-src 'none'; script-src 'self' ${api.url}; style-src 'self'; frame-src ${api.url}`
  const app = await serve(t, (path) => path === '/app.js'
    ? { body: 'window.ask = options => { PhoneCode.verify(options).then(outcome => { window.outcome = outcome }, error => { window.refusal = String(error) }) }', headers: { 'content-type': 'text/javascript' } }
    : { body: APP.replace(/<style>.*<\/style>/, '').replace('GATEWAY', api.url), headers: { 'content-security-policy': policy } })
  return {
    ...stand,
    app,
    frame: page.frameLocator('iframe'),
    async ask (session = {}) {
      await page.goto(app)
      await page.evaluate(`void ask({ session: '${await stand.token({ origin: app, ...session })}' })`)
    },
    // The policy of the app lets nobody wait inside of its page.
    outcome: () => eventually(page, 'window.outcome')
  }
}

const eventually = async (page: Page, expression: string): Promise<any> => {
  let value: unknown
  await until(async () => {
    value = await page.evaluate(expression)
    return value !== undefined
  })
  return value
}

inBrowser('a page of another origin opens the dialog, and is told of the end', async (t, browser) => {
  const { api, app, ask, frame, outcome, page, statuses } = await openApp(t, browser)
  await page.goto(app)
  await page.focus('#opener')
  await ask({ to: '+4915112345678', reference: 'order 4711' })
  await frame.locator('#send').click()
  await frame.locator('#code').fill(await api.code())
  const { status, id, result } = await outcome()
  t.equal(status, 'approved')
  t.same(await statuses(), ['approved'])
  t.match(id, /^[0-9a-f-]{36}$/)
  const claims = claimsOf(result)
  t.match(claims, { sub: id, status: 'approved', ref: 'order 4711' })
  t.notMatch(JSON.stringify(claims), '15112345678')
  t.equal(await page.locator('iframe').count(), 0, 'nothing is left behind')
  t.equal(new URL(page.url()).hash, '', 'nothing of it is in the address of the app')
})

inBrowser('the dialog has words in the language of the page, and the height that it needs', async (t, browser) => {
  const { ask, frame, page } = await openApp(t, browser)
  await ask({ locale: 'de' })
  await page.waitForSelector('dialog[aria-label="Bestätigen Sie Ihre Telefonnummer"]')
  t.equal(await page.getAttribute('iframe', 'title'), 'Bestätigen Sie Ihre Telefonnummer')
  t.equal(await page.locator('dialog > button').getAttribute('aria-label'), 'Schließen')
  const needed = async (): Promise<number> => Math.ceil((await frame.locator('#card').boundingBox())?.height ?? 0)
  await until(async () => Math.abs(((await page.locator('dialog').boundingBox())?.height ?? 0) - await needed()) <= 1)
  t.same(await findings(page), [])
})

inBrowser('who closes the dialog has canceled, at the gateway too', async (t, browser) => {
  const { api, ask, frame, outcome, page, statuses } = await openApp(t, browser)
  await ask({ to: '+4915112345678' })
  await frame.locator('#send').click()
  await api.code()
  await frame.locator('#code-step:not([hidden])').waitFor()
  await page.click('dialog > button')
  const { status, result } = await outcome()
  t.equal(status, 'canceled')
  t.match(result, /^[\w-]+\.[\w-]+\.[\w-]+$/)
  t.same(await statuses(), ['canceled'])
  t.equal(await page.locator('dialog').count(), 0)
})

inBrowser('so has who presses Escape, in the frame or before it', async (t, browser) => {
  const { api, ask, frame, outcome, page, statuses } = await openApp(t, browser)
  await ask({ to: '+4915112345678' })
  await frame.locator('#send').click()
  await api.code()
  await frame.locator('#code').press('Escape')
  t.match(await outcome(), { status: 'canceled', id: String })
  t.same(await statuses(), ['canceled'])
  await ask()
  await frame.locator('#number').waitFor()
  await page.locator('dialog > button').focus()
  await page.keyboard.press('Escape')
  t.strictSame(await outcome(), { status: 'canceled', id: undefined, result: undefined })
})

inBrowser('an end that may be begun again is told when the dialog is closed', async (t, browser) => {
  const { api, ask, frame, outcome } = await openApp(t, browser)
  await ask({ to: '+4915112345678' })
  await frame.locator('#send').click()
  await api.code()
  await frame.locator('#code-step:not([hidden])').waitFor()
  api.clock.advance(300_000)
  await frame.locator('#end-step:not([hidden])').waitFor()
  await frame.locator('#start-again').click()
  await frame.locator('#send').click()
  await frame.locator('#code-step:not([hidden])').waitFor()
  api.clock.advance(300_000)
  await frame.locator('#go-back').click()
  const { status, id } = await outcome()
  t.equal(status, 'expired')
  t.equal(id, api.told('verification.started')[1]?.verification, 'it is the second one')
})

inBrowser('there is one dialog at a time', async (t, browser) => {
  const { api, app, ask, frame, outcome, page, token } = await openApp(t, browser)
  await ask({ to: '+4915112345678' })
  await frame.locator('#send').click()
  await frame.locator('#code-step:not([hidden])').waitFor()
  const other = await token({ origin: app })
  await page.evaluate(`void PhoneCode.verify({ session: '${other}' }).then(outcome => { window.second = outcome })`)
  t.equal(await page.locator('dialog').count(), 1)
  await frame.locator('#code').fill(await api.code())
  t.match(await outcome(), { status: 'approved' })
  t.same(await eventually(page, 'window.second'), await outcome(), 'who asked meanwhile gets the same')
  await page.evaluate(`void ask({ session: '${other}' })`)
  await frame.locator('#number').waitFor()
  await page.evaluate('void PhoneCode.verify({}).then(outcome => { window.third = outcome })')
  await page.click('dialog > button')
  await page.evaluate(`void ask({ session: '${other}' })`)
  await frame.last().locator('#number').waitFor()
  t.match(await eventually(page, 'window.third'), { status: 'canceled' }, 'whose dialog was closed does not wait for the next')
})

inBrowser('what is no session is said so at once', async (t, browser) => {
  const { app, ask, frame, page } = await openApp(t, browser)
  await page.goto(app)
  await page.evaluate('void ask({})')
  t.match(await eventually(page, 'window.refusal'), /session/)
  t.equal(await page.locator('dialog').count(), 0)
  await ask()
  await frame.locator('#number').waitFor()
})

inBrowser('the script is a module too', async (t, browser) => {
  const { api, app, page, token } = await openApp(t, browser)
  await page.goto(app)
  const session = await token({ origin: app })
  await page.evaluate(`import('${api.url}/verify.mjs').then(({ verify }) => { verify({ session: '${session}' }).then(outcome => { window.outcome = outcome }) })`)
  await page.frameLocator('iframe').locator('#leave').click()
  t.match(await eventually(page, 'window.outcome'), { status: 'canceled' })
})

inBrowser('messages of strangers count for nothing', async (t, browser) => {
  const { api, ask, frame, page } = await openApp(t, browser)
  await ask({ to: '+4915112345678' })
  await frame.locator('#send').click()
  await api.code()
  await frame.locator('#code-step:not([hidden])').waitFor()
  await page.evaluate('window.addEventListener("message", ({ data }) => { window.heard = data.result })')
  await page.evaluate('void window.postMessage({ type: "phone-code-gateway", status: "approved", id: "x", result: "forged", isLast: true }, "*")')
  t.equal(await eventually(page, 'window.heard'), 'forged')
  t.equal(await page.evaluate('window.outcome'), undefined)
  t.equal(await page.locator('dialog').count(), 1)
})

inBrowser('a page that is not allowed to frame ours shows nothing of it', async (t, browser) => {
  const { app, page, token } = await openApp(t, browser, { gateway: { settings: { VERIFY_ORIGINS: 'https://app.example.com' } } })
  await page.goto(app)
  const refused = page.waitForEvent('console', { predicate: (message) => /frame-ancestors|refused to connect|Framing/i.test(message.text()) })
  await page.evaluate(`void ask({ session: '${await token()}' })`)
  t.match((await refused).text(), /frame-ancestors/)
  t.equal(await page.frameLocator('iframe').locator('main').count(), 0)
  await page.click('dialog > button')
  t.match(await eventually(page, 'window.outcome'), { status: 'canceled' })
})
