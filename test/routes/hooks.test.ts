import t from 'tap'
import { SECRET, startTestGateway } from '../support/gateway.ts'

const NUMBER = '+14155550123'

t.test('a hook that is not set up says so, and the log names the setting', async (t) => {
  const { post, log, sandbox } = await startTestGateway(t)
  for (const [route, setting] of [
    ['/hooks/supabase', 'SUPABASE_HOOK_SECRET'], ['/hooks/zitadel', 'ZITADEL_SIGNING_KEY'], ['/hooks/auth0-sms-gateway', 'AUTH0_SMS_GATEWAY_SECRET'], ['/hooks/generic/logto', 'HOOKS_FILE']
  ] as const) {
    for (const body of [{}, '{"broken', '']) t.match(await post(route, body), { status: 404, body: { code: 'hook_not_configured' } }, route)
    t.ok(log.some((line) => line.includes('hook.not-configured') && line.includes(setting)), setting)
  }
  t.match(await post('/hooks/nobody', {}), { status: 404, body: { code: 'not_found' } })
  t.equal(sandbox.requests.length, 0)
})

t.test('a hook that is not set up is logged at most once a minute', async (t) => {
  const { post, log, clock } = await startTestGateway(t)
  const logged = (): number => log.filter((line) => line.includes('hook.not-configured')).length
  for (let n = 0; n < 3; n++) await post('/hooks/supabase', {})
  t.equal(logged(), 1)
  clock.advance(59_999)
  await post('/hooks/supabase', {})
  t.equal(logged(), 1)
  await post('/hooks/zitadel', {})
  t.equal(logged(), 2, 'each has its own minute')
  clock.advance(1)
  await post('/hooks/supabase', {})
  t.equal(logged(), 3)
})

t.test('the name of a type is read in any case', async (t) => {
  const { url, sandbox } = await startTestGateway(t)
  const post = (type: string, body: string): Promise<Response> =>
    fetch(`${url}/hooks/kratos`, { method: 'POST', headers: { authorization: `Bearer ${SECRET}`, 'content-type': type }, body })
  t.equal((await post('Application/X-WWW-Form-Urlencoded; Charset=UTF-8', `to=${encodeURIComponent(NUMBER)}&text=Your+code+is+482913`)).status, 200)
  t.equal((await post('APPLICATION/JSON', JSON.stringify({ to: NUMBER, text: 'Your code is 482914' }))).status, 200)
  t.equal(sandbox.messages.length, 2)
})

t.test('a proxy may leave the path of PUBLIC_URL in front of a route, or take it away', async (t) => {
  const { post, sandbox } = await startTestGateway(t, { settings: { PUBLIC_URL: 'https://example.com/codes/' } })
  t.match(await post('/codes/send-text-code', { phoneNumber: NUMBER, code: '482913' }), { status: 200 })
  t.match(await post('/send-text-code', { phoneNumber: NUMBER, code: '482914' }), { status: 200 })
  t.match(await post('/codes/hooks/supabase', {}), { status: 404, body: { code: 'hook_not_configured' } })
  t.equal(sandbox.messages.length, 2)
})

t.test('the secret may come as the password of Basic, whoever is named there', async (t) => {
  const { post } = await startTestGateway(t)
  const basic = (text: string): Record<string, string> => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })
  let n = 1000
  const status = async (headers: Record<string, string>): Promise<number> => (await post('/send-text-code', { phoneNumber: NUMBER, code: String(n++) }, headers)).status
  for (const text of [`gateway:${SECRET}`, `:${SECRET}`, `${SECRET}`]) t.equal(await status(basic(text)), 200, text)
  for (const text of [`${SECRET}:`, `${SECRET}:x`, 'a:b', '', `x:y:${SECRET}`]) t.equal(await status(basic(text)), 401, text)
  t.equal(await status({ authorization: `Basic ${SECRET}` }), 401, 'what is no base64')
})

t.test('a message without a language is worded in the default one', async (t) => {
  const { post, sandbox } = await startTestGateway(t, { settings: { DEFAULT_LOCALE: 'de-AT' } })
  await post('/send-text-code', { phoneNumber: NUMBER, code: '482913' })
  await post('/send-text-code', { phoneNumber: NUMBER, code: '482914', locale: 'en' })
  const [german, english] = sandbox.messages.map(({ text }) => text.replace(/[0-9]+/, ''))
  t.match(german, /Bestätigungscode/)
  t.not(german, english)
})

t.test('what a request came to stands in its log line, whatever the provider is told', async (t) => {
  const { post, log } = await startTestGateway(t)
  await post('/send-text-code', { phoneNumber: '+1', code: '482913' })
  t.ok(log.some((line) => /"problem":"number_impossible"/.test(line) && /"route":"\/send-text-code"/.test(line)))
})

t.test('a request without a body, and without a word on its type, is refused like one that is no JSON', async (t) => {
  const { url } = await startTestGateway(t)
  for (const route of ['/send-text-code', '/hooks/okta']) {
    const reply = await fetch(`${url}${route}`, { method: 'POST', headers: { authorization: `Bearer ${SECRET}` } })
    t.match(JSON.stringify(await reply.json()), 'invalid_json', route)
  }
})
