import { readFileSync } from 'node:fs'
import { createContext, Script } from 'node:vm'
import t from 'tap'
import { SECRET, startTestGateway } from '../support/gateway.ts'

const NUMBER = '+1 415 555 0123'
const CODE = '482913'

type Handler = (event: object, api: object) => Promise<void>

/** Loads an Action as Auth0 does. */
const load = (name: string): Record<string, Handler> => {
  const file = new URL(`../../src/auth0-action/${name}.js`, import.meta.url)
  const context = createContext({ exports: {}, fetch, URL, TextDecoder, AbortSignal })
  new Script(readFileSync(file, 'utf8'), { filename: file.href }).runInContext(context)
  return context['exports'] as Record<string, Handler>
}

/** Runs the Action of a custom phone provider, and gives what it said. */
const run = async (secrets: object, notification: object, tenant = 'fabrikam'): Promise<Array<[string, string]>> => {
  const said: Array<[string, string]> = []
  const say = (word: string) => (reason: string): void => { said.push([word, reason]) }
  await load('custom-phone-provider')['onExecuteCustomPhoneProvider']!(
    { notification: { message_type: 'otp_verify', recipient: NUMBER, locale: 'en_US', as_text: `Your code is ${CODE}`, as_voice: 'Your code is 4 8 2 9 1 3', code: CODE, ...notification }, tenant: { id: tenant }, secrets },
    { notification: { drop: say('drop'), retry: say('retry') } })
  return said
}

/** Runs the Action of the older trigger, and gives what it threw. */
const runOlder = async (secrets: object, options: object, request: object = { language: 'de-DE,de;q=0.9' }): Promise<string | undefined> =>
  await load('send-phone-message')['onExecuteSendPhoneMessage']!(
    { message_options: { action: 'second-factor-authentication', message_type: 'sms', recipient: NUMBER, text: `${CODE} is your code`, code: CODE, ...options }, tenant: { id: 'fabrikam' }, request, secrets },
    { cache: {} }).then(() => undefined, (error: unknown) => (error as Error).message)

t.test('the Action delivers by this gateway, as a text and as a call', async (t) => {
  const { url, sandbox } = await startTestGateway(t)
  const secrets = { GATEWAY_URL: url, GATEWAY_SECRET: SECRET }
  t.same(await run(secrets, { delivery_method: 'text' }), [])
  t.same(await run({ VOICE_API_URL: `${url}/send-voice-code`, GATEWAY_SECRET: SECRET }, { delivery_method: 'voice' }), [])
  t.same(sandbox.messages.map(({ text, to }) => [to, text]), [['+14155550123', `Your code is ${CODE}`]])
  t.equal(sandbox.calls.length, 1)
})

t.test('where nobody knows what became of a message, Auth0 is told that it is sent, and its retry sends nothing', async (t) => {
  const { url, sandbox, clock } = await startTestGateway(t, { settings: { DIRECT_BUDGET_MS: '200' } })
  sandbox.script('+14155550123', { sms: { hang: true, times: 1 } })
  const secrets = { GATEWAY_URL: url, GATEWAY_SECRET: SECRET }
  for (const time of ['first', 'again']) {
    t.same(await run(secrets, { delivery_method: 'text' }), [], time)
    clock.advance(90_000)
  }
  t.equal(sandbox.requests.length, 1)
})

t.test('every type of message goes out, by text and by voice, with a code or without', async (t) => {
  const { url, sandbox } = await startTestGateway(t)
  const secrets = { GATEWAY_URL: `${url}/hooks/auth0`, GATEWAY_SECRET: SECRET }
  for (const [index, type] of ['otp_verify', 'otp_enroll', 'change_password', 'blocked_account', 'password_breach'].entries()) {
    const isWithoutCode = index > 2
    const words = isWithoutCode ? { as_text: `${type} by text`, as_voice: `${type} by voice`, code: null } : { code: `48291${index}`, as_text: `48291${index}` }
    for (const method of ['text', 'voice']) {
      t.same(await run(secrets, { message_type: type, delivery_method: method, recipient: `+1415555013${index}`, ...words }), [], `${type} by ${method}`)
    }
  }
  t.same(sandbox.messages.map(({ text }) => text), ['482910', '482911', '482912', 'blocked_account by text', 'password_breach by text'])
  t.same(sandbox.calls.map(({ to }) => to), ['+14155550130', '+14155550131', '+14155550132', '+14155550133', '+14155550134'], 'what has no code is spoken')
})

t.test('Auth0\'s retry of a message that was taken sends nothing', async (t) => {
  const { url, sandbox, clock } = await startTestGateway(t)
  const secrets = { GATEWAY_URL: url, GATEWAY_SECRET: SECRET }
  t.same(await run(secrets, { delivery_method: 'text' }), [])
  t.same(await run(secrets, { delivery_method: 'text' }), [])
  t.equal(sandbox.requests.length, 1)
  t.same(await run(secrets, { delivery_method: 'text' }, 'contoso'), [], 'the same of another tenant is another message')
  t.equal(sandbox.requests.length, 2)
  clock.advance(31_000)
  t.same(await run(secrets, { delivery_method: 'text' }), [], 'and so is one that is asked for again, later')
  t.equal(sandbox.requests.length, 3)
})

t.test('the Action tells Auth0 what to do about each failure', async (t) => {
  const { url, sandbox, gateway } = await startTestGateway(t)
  const secrets = { GATEWAY_URL: url, GATEWAY_SECRET: SECRET }
  sandbox.script('+14155550123', { sms: { httpError: { status: 503 }, times: 1 } })
  t.match(await run(secrets, { delivery_method: 'text' }), [['retry', /502 \(provider_failed\)/]])
  t.same(await run(secrets, { delivery_method: 'text' }), [], 'a retry is let through')
  t.match(await run({ ...secrets, GATEWAY_SECRET: 'wrong' }, { delivery_method: 'text' }), [['drop', /401 \(unauthorized\)/]])
  t.match(await run(secrets, { delivery_method: 'text', recipient: '+1415' }), [['drop', /400 \(number_impossible\)/]])
  t.match(await run(secrets, { delivery_method: 'text', recipient: undefined }), [['drop', /400 \(number_missing\)/]])
  t.match(await run(secrets, { delivery_method: 'text', code: undefined, as_text: undefined, as_voice: undefined }), [['drop', /400 \(content_missing\)/]])
  t.match(await run(secrets, { delivery_method: 'pigeon' }), [['drop', /400 \(invalid_body\)/]])
  gateway.drain()
  t.match(await run(secrets, { delivery_method: 'text', code: '111111' }), [['retry', /503 \(draining\)/]])
  await gateway.close()
  t.match(await run(secrets, { delivery_method: 'text' }), [['retry', /could not be reached/]])
})

t.test('the Action of the older trigger delivers, and throws what was not taken', async (t) => {
  const { url, sandbox } = await startTestGateway(t)
  const secrets = { GATEWAY_URL: url, GATEWAY_SECRET: SECRET }
  t.equal(await runOlder(secrets, {}), undefined)
  t.equal(await runOlder(secrets, {}), undefined, 'again: the gateway knows it')
  t.equal(await runOlder(secrets, { message_type: 'voice', action: 'enrollment' }, {}), undefined)
  t.same(sandbox.messages.map(({ text, to }) => [to, text]), [['+14155550123', `${CODE} is your code`]])
  t.equal(sandbox.calls.length, 1)
  t.equal(await runOlder({ ...secrets, GATEWAY_SECRET: 'wrong' }, {}), 'The gateway answered 401 (unauthorized).')
  t.equal(await runOlder(secrets, { recipient: '+1415' }), 'The gateway answered 400 (number_impossible).')
})
