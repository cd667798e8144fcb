import { findings, inBrowser, newPage, openPage, serve } from './browser-stand.ts'

inBrowser('the browser is led back with the signed result', async (t, browser) => {
  const { api, page, open, send, type } = await openPage(t, browser)
  const app = await serve(t, () => ({ body: 'back' }))
  await open({ returnUrl: `${app}/done?order=4711` })
  await send('015112345678')
  await type(await api.code())
  await page.waitForURL(`${app}/done?**`)
  const { searchParams } = new URL(page.url())
  t.equal(searchParams.get('order'), '4711')
  t.equal(searchParams.get('status'), 'approved')
  const keys = await (await fetch(`${api.url}/verify/keys`)).json() as { keys: object[] }
  const { createLocalJWKSet, jwtVerify } = await import('jose')
  const { payload } = await jwtVerify(searchParams.get('result') as string, createLocalJWKSet(keys as never), { currentDate: new Date(api.clock()) })
  t.match(payload, { status: 'approved', sub: String })
})

inBrowser('who leaves before there is a code is led back as well', async (t, browser) => {
  const { page, open, step } = await openPage(t, browser)
  const app = await serve(t, () => ({ body: 'back' }))
  await open({ returnUrl: `${app}/done` })
  await step('number')
  await page.click('#leave')
  await page.waitForURL(`${app}/done?**`)
  t.equal(new URL(page.url()).search, '?status=canceled')
})

inBrowser('who may begin again is led back only on demand', async (t, browser) => {
  const { api, page, open, pass, reads, send } = await openPage(t, browser)
  const app = await serve(t, () => ({ body: 'back' }))
  await open({ returnUrl: `${app}/done` })
  await send('015112345678')
  await api.code()
  await pass(300_000)
  await reads('#end-heading', 'The code has expired')
  await page.click('#go-back')
  await page.waitForURL(`${app}/done?**`)
  t.equal(new URL(page.url()).searchParams.get('status'), 'expired')
})

inBrowser('a window that an app has opened tells it, and closes', async (t, browser) => {
  const { api, page, token } = await openPage(t, browser)
  const app = await serve(t, () => ({ body: '<!doctype html><title>App</title>' }))
  await page.goto(app)
  const session = await token({ to: '+4915112345678', origin: app })
  await page.evaluate('window.heard = []; addEventListener("message", ({ data, origin }) => { heard.push({ ...data, origin }) })')
  const [popup] = await Promise.all([
    page.waitForEvent('popup'),
    page.evaluate(`void open('${api.url}/verify#session=${session}')`)
  ])
  await popup.click('#send')
  const closed = popup.waitForEvent('close')
  await popup.fill('#code', await api.code())
  await closed
  t.match((await page.evaluate('heard') as object[]).at(-1), { type: 'phone-code-gateway', status: 'approved', result: String, id: String, origin: api.url })
})

inBrowser('a window that somebody else has opened tells nobody', async (t, browser) => {
  const { api, page, token } = await openPage(t, browser)
  const stranger = await serve(t, () => ({ body: '<!doctype html><title>Stranger</title>' }))
  await page.goto(stranger)
  const session = await token({ to: '+4915112345678', origin: 'http://localhost:1' })
  await page.evaluate('window.heard = []; addEventListener("message", ({ data }) => { heard.push(data) })')
  const [popup] = await Promise.all([
    page.waitForEvent('popup'),
    page.evaluate(`void open('${api.url}/verify#session=${session}')`)
  ])
  await popup.click('#send')
  const closed = popup.waitForEvent('close')
  await popup.fill('#code', await api.code())
  await closed
  t.same(await page.evaluate('heard'), [])
})

inBrowser('without a session, and with one that is over, the page says so', async (t, browser) => {
  const { api, page, open, pass, reads, send, step } = await openPage(t, browser)
  await page.goto(`${api.url}/verify`)
  await reads('#end-heading', 'This page has expired')
  await page.goto('about:blank')
  await page.goto(`${api.url}/verify#session=no-such-token`)
  await reads('#end-heading', 'This page has expired')
  t.same(await findings(page), [])
  await page.goto('about:blank')
  await open({ ttlSeconds: 60 })
  await send('015112345678')
  await pass(61_000)
  await reads('#end-heading', 'This page has expired')
  await page.reload()
  await step('end')
  await reads('#end-text', 'Go back to where you came from and start there again.')
})

inBrowser('two people on two machines have nothing to do with each other', async (t, browser) => {
  const { api, open, send } = await openPage(t, browser)
  await open()
  await send('015112345678')
  await api.code()
  const other = await newPage(t, browser)
  await other.goto(`${api.url}/verify`)
  await other.waitForSelector('#end-step:not([hidden])')
  t.equal(await other.innerText('#end-heading'), 'This page has expired', 'a session is not kept in the browser at large')
})

inBrowser('the page works below the path of PUBLIC_URL', async (t, browser) => {
  const { api, page, reads, send, step, token, type } = await openPage(t, browser, { gateway: { settings: { PUBLIC_URL: 'https://id.example.com/codes' } } })
  const asked: string[] = []
  page.on('request', (request) => { asked.push(new URL(request.url()).pathname) })
  await page.goto(`${api.url}/codes/verify/#session=${await token()}`)
  await send('015112345678')
  await type(await api.code())
  await step('end')
  await reads('#end-heading', 'Number confirmed')
  t.same(asked.filter((path) => !path.startsWith('/codes/')), [])
})
