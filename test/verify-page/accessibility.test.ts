import type { Page } from 'playwright-core'
import { wrong } from '../verification/api-stand.ts'
import { DESKTOP, findings, inBrowser, openPage, PHONE, SMALL_PHONE } from './browser-stand.ts'

/** What is not right about targets and widths, which the check does not look at closely. */
const sizes = async (page: Page): Promise<string[]> => await page.evaluate(`[
  ...[...document.querySelectorAll('button, input, select')]
    .map(element => element.closest('.choice, .country') ?? element)
    .filter(element => element.checkVisibility() && (element.getBoundingClientRect().height < 43.99 || element.getBoundingClientRect().width < 43.99))
    .map(element => 'small: ' + (element.id || element.className)),
  ...(document.documentElement.scrollWidth > innerWidth ? ['wide: ' + document.documentElement.scrollWidth] : []),
  ...[...document.querySelectorAll('button, .choice, h1, p')]
    .filter(element => element.checkVisibility() && !element.classList.contains('for-ears') && element.scrollWidth > element.clientWidth + 1)
    .map(element => 'cut off: ' + (element.id || element.className))
]`)

for (const { name, locale, ...look } of [
  { name: 'light, on a phone', locale: 'en-GB', colorScheme: 'light', viewport: PHONE },
  { name: 'dark, on a small phone, in German', locale: 'de-DE', colorScheme: 'dark', viewport: SMALL_PHONE },
  { name: 'light, on a small phone, in Arabic', locale: 'ar-EG', colorScheme: 'light', viewport: SMALL_PHONE },
  { name: 'dark, on a desktop, in Hebrew', locale: 'he-IL', colorScheme: 'dark', viewport: DESKTOP }
] as const) {
  inBrowser(`every step is open to everybody: ${name}`, async (t, browser) => {
    const { api, page, open, pass, reads, send, step, type } = await openPage(t, browser, { locale, ...look })
    const examine = async (what: string): Promise<void> => {
      t.same([...await findings(page), ...await sizes(page)], [], what)
    }
    await open()
    await step('number')
    t.equal(await page.getAttribute('html', 'dir'), /^(ar|he)/.test(locale) ? 'rtl' : 'ltr')
    await examine('number')
    await page.click('#send')
    await examine('no number')
    await send('015112345678')
    const code = await api.code()
    await examine('code')
    await type(wrong(code))
    await reads('#code-problem', /4/)
    await examine('wrong code')
    await pass(30_000)
    await page.waitForSelector('.way:not([aria-disabled])')
    await examine('once more')
    await pass(270_000)
    await step('end')
    await examine('expired')
    await page.click('#start-again')
    await page.click('#send')
    await step('code')
    await type(await api.code(2))
    await page.waitForSelector('[data-kind=approved]')
    await examine('approved')
  })
}

inBrowser('it can be done by the keyboard alone, and one sees where one is', async (t, browser) => {
  const { api, page, focused, open, reads, step } = await openPage(t, browser)
  await open()
  await step('number')
  const tab = async (key = 'Tab'): Promise<string> => {
    await page.keyboard.press(key)
    return await focused()
  }
  t.equal(await tab('Shift+Tab'), 'country')
  await page.keyboard.type('Austria')
  await reads('#country-prefix', '+43')
  t.not(await page.evaluate('getComputedStyle(document.querySelector(".country")).boxShadow'), 'none', 'the country shows the focus')
  await page.keyboard.press('Tab')
  await page.keyboard.type('0664 1234567')
  await page.keyboard.press('Tab')
  await page.keyboard.press('ArrowRight')
  t.equal(await page.inputValue('input[name=channel]:checked'), 'voice')
  t.not(await page.evaluate('getComputedStyle(document.querySelector(".choice:has(:focus)")).outlineStyle'), 'none', 'so does the way')
  t.equal(await tab(), 'send')
  t.not(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle'), 'none', 'so does the button')
  await page.keyboard.press('Enter')
  await step('code')
  t.equal(await focused(), 'code')
  t.equal(await page.locator('.slot.next').count(), 1, 'the place of the next digit shows it')
  t.match(api.told('verification.started'), [{ channel: 'voice' }])
})
