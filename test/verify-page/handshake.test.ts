import type { Browser, Page } from 'playwright-core'
import type { Test } from 'tap'
import { findings, inBrowser, openPage, serve, type PageOptions, type PageStand } from './browser-stand.ts'

const NUMBER = '+4915112345678'

/** What a page of an app does that opens ours in a window without our script. */
const GREETING = `addEventListener("message", ({ data, origin, source }) => {
  if (source !== popup || data?.type !== "phone-code-gateway") return
  heard.push({ ...data, origin })
  if (data.ask === "hello") popup.postMessage({ type: "phone-code-gateway", action: "hello" }, origin)
})`

interface PopupStand extends PageStand {
  readonly app: string
  /** Opens a window with that session from the page that is shown. */
  openPopup (session: string): Promise<Page>
}

const openApp = async (t: Test, browser: Browser, options?: PageOptions): Promise<PopupStand> => {
  const stand = await openPage(t, browser, options)
  const { api, page } = stand
  const app = await serve(t, () => ({ body: '<!doctype html><html lang="en"><title>App</title>' }))
  await page.goto(app)
  return {
    ...stand,
    app,
    async openPopup (session) {
      const [popup] = await Promise.all([page.waitForEvent('popup'), page.evaluate(`void (window.popup = open('${api.url}/verify#session=${session}'))`)])
      return popup
    }
  }
}

const heading = async (page: Page): Promise<string> => {
  await page.waitForSelector('#end-step:not([hidden])')
  return await page.innerText('#end-heading')
}

const FORBIDDEN = 'This page cannot be used here'

inBrowser('a window that an app has opened, and greets, tells it the end, and closes', async (t, browser) => {
  const { api, app, openPopup, page, token } = await openApp(t, browser)
  await page.evaluate(`window.heard = []; ${GREETING}`)
  const popup = await openPopup(await token({ to: NUMBER, origin: app }))
  await popup.click('#send')
  const closed = popup.waitForEvent('close')
  await popup.fill('#code', await api.code())
  await closed
  const heard = await page.evaluate('heard') as object[]
  t.match(heard[0], { ask: 'hello', origin: api.url })
  t.match(heard.at(-1), { type: 'phone-code-gateway', status: 'approved', result: String, id: String, origin: api.url })
})

inBrowser('a link with a session for a page of an app is of no use without that page', async (t, browser) => {
  const { api, page, open, reads, step, text } = await openPage(t, browser)
  await open({ origin: 'http://localhost:1' })
  await step('end')
  t.equal(await text('#end-heading'), FORBIDDEN)
  t.equal(await text('#end-text'), 'Open it from the website or app that sent you here.')
  t.notOk(await page.isVisible('#start-again') || await page.isVisible('#go-back'))
  t.same(await findings(page), [])
  await page.reload()
  await reads('#end-heading', FORBIDDEN)
  t.same(api.told('verification.started'), [])
})

inBrowser('a page of somebody else that opens it greets in vain, and is told nothing', async (t, browser) => {
  const { api, app, openPopup, page, token } = await openApp(t, browser)
  const stranger = await serve(t, () => ({ body: '<!doctype html><title>Stranger</title>' }))
  await page.goto(stranger)
  await page.evaluate('window.heard = []; addEventListener("message", ({ data }) => { heard.push(data) })')
  const popup = await openPopup(await token({ to: NUMBER, origin: app }))
  await popup.waitForSelector('#loading:not([hidden])')
  await page.evaluate('void setInterval(() => popup.postMessage({ type: "phone-code-gateway", action: "hello" }, "*"), 100)')
  t.equal(await heading(popup), FORBIDDEN)
  t.same(await page.evaluate('heard'), [])
  t.same(api.told('verification.started'), [])
})

inBrowser('a page of the app that greets nobody, beside one that is not asked, opens nothing', async (t, browser) => {
  const { app, openPopup, page, token } = await openApp(t, browser)
  await page.evaluate('void document.body.append(Object.assign(document.createElement("iframe"), { src: "/" }))')
  await page.frameLocator('iframe').locator('title').waitFor({ state: 'attached' })
  const popup = await openPopup(await token({ origin: app }))
  await popup.waitForSelector('#loading:not([hidden])')
  await page.frames()[1]?.evaluate('void setInterval(() => parent.popup.postMessage({ type: "phone-code-gateway", action: "hello" }, "*"), 100)')
  await page.evaluate(`void setInterval(() => {
    for (const message of [null, "hello", { type: "phone-code-gateway" }, { type: "phone-code-gateway", action: "cancel" }, { type: "another", action: "hello" }]) popup.postMessage(message, "*")
  }, 100)`)
  t.equal(await heading(popup), FORBIDDEN)
})

inBrowser('a browser that is led back in the end needs nobody to wait, but in a frame it does', async (t, browser) => {
  const { api, app, page, open, token, step } = await openApp(t, browser)
  const session = { to: NUMBER, origin: app, returnUrl: `${app}/done` }
  await open(session)
  await step('number')
  await page.goto(app)
  await page.evaluate(`void document.body.append(Object.assign(document.createElement("iframe"), { src: "${api.url}/verify#session=${await token(session)}" }))`)
  const frame = page.frameLocator('iframe')
  await frame.locator('#end-step:not([hidden])').waitFor()
  t.equal(await frame.locator('#end-heading').innerText(), FORBIDDEN)
})

inBrowser('a link that is for no page of an app works by itself', async (t, browser) => {
  const { api, openPopup, page, token } = await openApp(t, browser)
  await page.evaluate('window.heard = []; addEventListener("message", ({ data }) => { heard.push(data) })')
  const popup = await openPopup(await token({ to: NUMBER }))
  await popup.click('#send')
  await popup.fill('#code', await api.code())
  t.equal(await heading(popup), 'Number confirmed')
  t.same(await page.evaluate('heard'), [])
})
