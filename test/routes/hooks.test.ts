import { createHmac } from 'node:crypto'
import t from 'tap'
import { SECRET, startTestGateway } from '../support/gateway.ts'

const NUMBER = '+14155550123'
const KEY = Buffer.alloc(32, 7)

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

t.test('the line of a request that was refused says where to look, and nothing that came with it', async (t) => {
  const { post, log, clock } = await startTestGateway(t, { settings: { SUPABASE_HOOK_SECRET: `v1,whsec_${KEY.toString('base64')}`, ZITADEL_SIGNING_KEY: 'a-signing-key-of-zitadel' } })
  const seconds = (ahead = 0): number => Math.floor(clock() / 1000) + ahead
  const webhook = (time: number, key = KEY, body = '{}') =>
    ({ 'webhook-id': 'one', 'webhook-timestamp': String(time), 'webhook-signature': `v1,${createHmac('sha256', key).update(`one.${time}.${body}`).digest('base64')}` })
  const zitadel = (time: number, key = 'a-signing-key-of-zitadel') => ({ 'zitadel-signature': `t=${time},v1=${createHmac('sha256', key).update(`${time}.{}`).digest('hex')}` })
  const body = { phoneNumber: NUMBER, code: '482913' }
  const said = async (route: string, headers: Record<string, string>, given: unknown = {}) => {
    await post(route, given, headers)
    const { hint, detail } = JSON.parse(log.findLast((line) => line.includes('"msg":"request"')) as string)
    return hint ?? detail
  }
  t.equal(await said('/send-text-code', { authorization: '' }, body), 'there is no header Authorization')
  t.equal(await said('/send-text-code', { authorization: 'Bearer hunter2-hunter2' }, body), 'the secret in Authorization is none of SECRET_HEADER and CALLERS')
  t.equal(await said('/hooks/kratos', { authorization: 'hunter2-hunter2' }), 'no secret of SECRET_HEADER and CALLERS is in Authorization, X-Api-Key or a cookie')
  t.match(await said('/hooks/supabase', {}), /^it is not signed: webhook-id/)
  t.match(await said('/hooks/supabase', webhook(seconds(-301))), /^its time is more than five minutes off/)
  t.match(await said('/hooks/supabase', webhook(seconds(301))), /^its time is more than five minutes off/)
  t.match(await said('/hooks/supabase', webhook(seconds(), Buffer.alloc(32, 9))), /^it is not signed with SUPABASE_HOOK_SECRET/)
  t.match(await said('/hooks/supabase', webhook(seconds(), KEY, '{"another":1}')), /^it is not signed with SUPABASE_HOOK_SECRET, or not as it came/)
  t.equal(await said('/hooks/supabase', webhook(seconds())), "The body must have required property 'sms'", 'and once it is believed, what it lacks')
  t.match(await said('/hooks/zitadel', {}), /^it is not signed: ZITADEL-Signature/)
  t.match(await said('/hooks/zitadel', zitadel(seconds(-301))), /^its time is more than five minutes off/)
  t.match(await said('/hooks/zitadel', zitadel(seconds(), 'another')), /^it is not signed with ZITADEL_SIGNING_KEY/)
  t.equal(await said('/hooks/okta', {}, { data: { messageProfile: { deliveryChannel: 'pigeon', phoneNumber: NUMBER, otpCode: '482913' } } }), '/data/messageProfile/deliveryChannel must be SMS or voice call')
  t.equal(await said('/hooks/auth0-sms-gateway', {}), 'set AUTH0_SMS_GATEWAY_SECRET')
  t.notMatch(log.join(''), /hunter2|482913|4155550123/)
})

t.test('of a path that leads nowhere the log has the words, and nothing else that it may hold', async (t) => {
  const { url, log } = await startTestGateway(t)
  const path = async (given: string): Promise<unknown> => {
    t.equal((await fetch(`${url}${given}`)).status, 404, given)
    return JSON.parse(log.at(-1) as string).path
  }
  for (const given of ['/hooks/auth0-sms', '/hooks', '/send-text', '/']) t.equal(await path(given), given)
  t.equal(await path('/hooks/generic/logto/?code=482913'), '/hooks/generic/logto', 'without a query')
  for (const given of ['/verify/482913', '/K7D2Q9', `/${NUMBER}`, '/a%20b', `/${'a'.repeat(120)}`, '/hooks/auth1', '/a/b/c/d/e/f/g/h/i']) t.equal(await path(given), undefined, given)
})

t.test('who asks a route in a browser hears that it is there', async (t) => {
  const { url } = await startTestGateway(t)
  for (const [route, allowed] of [['/hooks/okta', 'POST'], ['/hooks/okta/', 'POST'], ['/send-text-code?code=482913', 'POST'], ['/events', 'POST, OPTIONS'],
    ['/deliveries/01a1fcbf-a15a-764d-8bfd-6ca45f16d75c/used', 'POST'], ['/verifications/01a1fcbf-a15a-764d-8bfd-6ca45f16d75c/check/', 'POST']] as const) {
    const reply = await fetch(`${url}${route}`)
    t.same([reply.status, reply.headers.get('allow'), (await reply.json() as { code: string }).code], [405, allowed, 'method_not_allowed'], route)
  }
  t.equal((await fetch(`${url}/livez`, { method: 'PUT' })).headers.get('allow'), 'GET, HEAD')
})

t.test('a slash at the end of a path does no harm', async (t) => {
  const { post, sandbox } = await startTestGateway(t)
  t.equal((await post('/send-text-code/', { phoneNumber: NUMBER, code: '482913' })).status, 200)
  t.match((await post('/send-text-code', { phoneNumber: NUMBER, code: '482913' })).body, { status: 'duplicate' }, 'it is the same route')
  t.equal(sandbox.messages.length, 1)
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
