import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import type { Test } from 'tap'
import { until } from '../verification/api-stand.ts'
import { DESKTOP, newPage } from '../verify-page/browser-stand.ts'
import { PASSWORD, startStand, type Answers, type Stand } from './stand.ts'

export interface InspectorStand {
  readonly stand: Stand
  readonly page: Page
  /** What elements read like, one after the other. */
  texts (selector: string): Promise<string[]>
  /** Waits until the first of the elements reads like this. */
  reads (selector: string, text: string | RegExp): Promise<void>
  /** Runs in the page. */
  run<Result = unknown> (script: string): Promise<Result>
}

export interface InspectorOptions extends BrowserContextOptions {
  readonly answers?: Partial<Answers>
  /** The fragment with which it is opened. */
  readonly at?: string
}

/** Signs in to a page of the inspector whose feed and answers a test makes. */
export const openInspector = async (t: Test, browser: Browser, { answers = {}, at = '', ...options }: InspectorOptions = {}): Promise<InspectorStand> => {
  const stand = await startStand(t, { answers })
  const page = await newPage(t, browser, { viewport: DESKTOP, ...options })
  await page.goto(`${stand.url}/inspector${at}`)
  await page.fill('#secret', PASSWORD)
  await page.keyboard.press('Enter')
  await page.waitForSelector('#connection[data-state=live]')
  const texts = async (selector: string): Promise<string[]> => (await page.locator(selector).allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim())
  return {
    stand,
    page,
    texts,
    async reads (selector, text) {
      await until(async () => {
        const [shown = ''] = await texts(selector)
        return typeof text === 'string' ? shown === text : text.test(shown)
      }).catch(async (error: Error) => { throw new Error(`${selector} reads ${JSON.stringify(await texts(selector))} and not ${text}`, { cause: error }) })
    },
    run: async (script) => await page.evaluate(script)
  }
}
