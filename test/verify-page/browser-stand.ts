import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import type { TestGatewayOptions } from '../support/gateway.ts'
import { openSqliteApi, until, type Api } from '../verification/api-stand.ts'

const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'

const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync']

/** Milliseconds after which a page does not do any more what is waited for. */
const PATIENCE = 10_000

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

export const PHONE = { width: 390, height: 844 }
export const SMALL_PHONE = { width: 320, height: 640 }
export const DESKTOP = { width: 1280, height: 800 }

let opened: Promise<Browser> | undefined

/** One browser for all tests of a file. Only where it is used: it takes a while to load. */
const openBrowser = (): Promise<Browser> => {
  opened ??= import('playwright-core').then(({ chromium }) => chromium.launch({ executablePath: CHROMIUM, args: FLAGS }))
  return opened
}
t.teardown(async () => { await (await opened)?.close() })

/** What broke in the pages of the test that runs. */
const broken: string[] = []

let isLeftOut = false

/** Once for all tests of a file. */
const leaveOut = (): void => {
  if (!isLeftOut) t.test('the page in a browser', { skip: `left out: there is no Chromium at ${CHROMIUM}; install one, or name it by CHROMIUM_PATH, and run the test again` }, async () => {})
  isLeftOut = true
}

/** Runs a test in a real browser; where there is none, says so in one line. What breaks in a page, or offends its own policy, fails it. */
export const inBrowser = (name: string, test: (t: Test, browser: Browser) => Promise<void>): void => {
  if (!existsSync(CHROMIUM)) return leaveOut()
  t.test(name, async (t) => {
    broken.length = 0
    await test(t, await openBrowser())
    t.same(broken, [], 'nothing is broken in the page')
  })
}

/** A gateway with a page of it in a browser. */
export interface PageStand {
  readonly api: Api
  readonly page: Page
  /** Lets an app make a session, and opens the page with it. */
  open (session?: object): Promise<void>
  /** The token of a session. */
  token (session?: object): Promise<string>
  /** Waits until a step is shown. */
  step (name: 'number' | 'code' | 'end'): Promise<void>
  /** Waits until an element reads like this. */
  reads (selector: string, text: string | RegExp): Promise<void>
  /** Enters a number and asks for the code. */
  send (number: string): Promise<void>
  /** Enters a code as the keyboard does. */
  type (code: string): Promise<void>
  /** Lets time pass at the gateway, and the page ask how it stands. */
  pass (milliseconds: number): Promise<void>
  /** What an element reads like. */
  text (selector: string): Promise<string>
  /** The id of the element that has the focus. */
  focused (): Promise<string>
  /** How the verifications stand that were started so far. */
  statuses (): Promise<string[]>
}

export interface PageOptions extends BrowserContextOptions {
  readonly gateway?: TestGatewayOptions
}

/** Opens a page in a context of its own, and a gateway for it. */
export const openPage = async (t: Test, browser: Browser, { gateway, ...options }: PageOptions = {}): Promise<PageStand> => {
  const api = await openSqliteApi(t, { twilio: 'too', ...gateway })
  const page = await newPage(t, browser, options)
  const token = async (session: object = {}): Promise<string> => {
    const reply = await api.post('/verify/sessions', { profile: 'login', country: 'DE', ...session })
    if (reply.status !== 201) throw new Error(`no session: ${JSON.stringify(reply.body)}`)
    return reply.body.token
  }
  const stand: PageStand = {
    api,
    page,
    token,
    async open (session) {
      await page.goto(`${api.url}/verify#session=${await token(session)}`)
    },
    async step (name) {
      await page.waitForSelector(`#${name}-step:not([hidden])`)
    },
    async reads (selector, text) {
      await until(async () => {
        const shown = await stand.text(selector)
        return typeof text === 'string' ? shown === text : text.test(shown)
      }).catch(async (error: Error) => { throw new Error(`${selector} reads ${JSON.stringify(await stand.text(selector))} and not ${text}`, { cause: error }) })
    },
    async send (number) {
      await stand.step('number')
      await page.fill('#number', number)
      await page.click('#send')
      await stand.step('code')
    },
    async type (code) {
      await page.focus('#code')
      await page.keyboard.type(code)
    },
    async pass (milliseconds) {
      api.clock.advance(milliseconds)
      await page.evaluate('void document.dispatchEvent(new Event("visibilitychange"))')
    },
    focused: () => page.evaluate('document.activeElement?.id'),
    statuses: () => Promise.all(api.told('verification.started').map(async ({ verification }) => (await api.look(verification)).status)),
    // Without the marks that set numbers apart from the direction of the words.
    text: async (selector) => (await page.locator(selector).innerText()).replace(/[\u2066\u2069]/g, '').replace(/\s+/g, ' ')
  }
  return stand
}

export const newPage = async (t: Test, browser: Browser, options: BrowserContextOptions = {}): Promise<Page> => {
  const context = await browser.newContext({ viewport: PHONE, locale: 'en-GB', reducedMotion: 'reduce', ...options })
  context.setDefaultTimeout(PATIENCE)
  t.teardown(async () => { await context.close() })
  const page = await context.newPage()
  page.on('pageerror', (error) => { broken.push(String(error.stack)) })
  page.on('console', (message) => { if (message.type() === 'error' && !/^(Failed to load resource|Framing |WebSocket connection to )/.test(message.text())) broken.push(message.text()) })
  return page
}

/** What a signed result says. */
export const claimsOf = (result: string | null): object => JSON.parse(Buffer.from(result?.split('.')[1] ?? '', 'base64url').toString())

/** What a check of accessibility finds wrong with the page as it is shown now. */
export const findings = async (page: Page): Promise<string[]> => {
  if (!await page.evaluate('"axe" in window')) await page.evaluate(AXE)
  const { violations } = await page.evaluate('axe.run()') as { violations: Array<{ id: string, nodes: Array<{ target: string[], failureSummary: string }> }> }
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`))
}

/** A web server of an app, on another origin than the gateway. Gives its address. */
export const serve = async (t: Test, respond: (path: string) => { readonly body: string, readonly headers?: Record<string, string> }): Promise<string> => {
  const server = createServer((request, response) => {
    const { body, headers } = respond(request.url ?? '')
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...headers }).end(body)
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => { server.close(); server.closeAllConnections() })
  return `http://localhost:${(server.address() as AddressInfo).port}`
}
