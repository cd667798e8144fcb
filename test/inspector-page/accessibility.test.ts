import type { Page } from 'playwright-core'
import { DESKTOP, findings, inBrowser, PHONE, SMALL_PHONE } from '../verify-page/browser-stand.ts'
import { BUSY_STATE, deliveriesUntil, detailsOf, factsOf, statisticsUntil } from './believable.ts'
import { openInspector } from './page-stand.ts'

/** What is not right about sizes: of targets, of letters, and of the page. */
const sizes = async (page: Page): Promise<string[]> => await page.evaluate(`[
  ...[...document.querySelectorAll('button, input, select, .tabs a, .brand')]
    .map(element => element.closest('.row, .option, label') ?? element)
    .filter(element => element.checkVisibility() && (element.getBoundingClientRect().height < 27.9 || element.getBoundingClientRect().width < 27.9))
    .map(element => 'small: ' + (element.id || element.className)),
  ...(document.documentElement.scrollWidth > innerWidth || document.body.scrollWidth > innerWidth ? ['wide: ' + document.documentElement.scrollWidth] : []),
  ...[...document.querySelectorAll('body *:not(script, svg *)')]
    .filter(element => element.checkVisibility() && [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim() !== '') && parseFloat(getComputedStyle(element).fontSize) < 14)
    .map(element => 'small letters: ' + element.className)
]`)

for (const { name, ...look } of [
  { name: 'light, on a desktop', colorScheme: 'light', viewport: DESKTOP },
  { name: 'dark, on a projector', colorScheme: 'dark', viewport: { width: 2560, height: 1440 } },
  { name: 'light, on a phone', colorScheme: 'light', viewport: PHONE },
  { name: 'dark, on a small phone', colorScheme: 'dark', viewport: SMALL_PHONE }
] as const) {
  inBrowser(`everything is open to everybody: ${name}`, async (t, browser) => {
    const now = Date.now()
    const { page, stand } = await openInspector(t, browser, { ...look, answers: { delivery: (id) => detailsOf(id, now), statistics: (span) => statisticsUntil(now, span) } })
    const examine = async (what: string): Promise<void> => {
      t.same([...await findings(page), ...await sizes(page)], [], what)
    }
    await page.waitForSelector('#empty:not([hidden])')
    await examine('nothing yet')
    stand.answers.search = () => ({ deliveries: deliveriesUntil(now, 50) })
    stand.answers.state = { ...BUSY_STATE, sandbox: true, handset: 'http://localhost:1/' }
    await page.reload()
    await page.waitForSelector('.layer .row')
    stand.tell({ at: now, type: 'feed.lost', facts: 3 }, { at: now, type: 'work.failed', what: 'purging' }, { at: now, type: 'capture', source: 'x' }, { at: now, type: 'provider.restored', provider: 'acs-sms' })
    await page.waitForSelector('.layer .fact')
    await page.keyboard.press('j')
    stand.tell(...factsOf(999))
    await page.waitForSelector('#news:not([hidden])')
    await examine('the list')
    await page.click('.layer .row:not(.fact)')
    await page.waitForSelector('.timeline li')
    await examine('a delivery')
    await page.click('#test')
    await examine('a question')
    await page.keyboard.press('Escape')
    await page.click('#to-plots')
    await page.waitForSelector('.worse-one')
    await examine('the plots')
    await page.click('#sign-out')
    await page.waitForSelector('#secret')
    await page.keyboard.press('Enter')
    await examine('signing in')
  })
}
