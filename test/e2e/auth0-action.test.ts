import { readFileSync } from 'node:fs'
import { createContext, Script } from 'node:vm'
import t from 'tap'
import { SECRET, startTestGateway } from '../support/gateway.ts'

const file = new URL('../../src/auth0-action/custom-phone-provider.js', import.meta.url)
const NUMBER = '+1 415 555 0123'

type Handler = (event: object, api: object) => Promise<void>

/** Runs the Action as Auth0 does, and gives what it said. */
const run = async (secrets: object, notification: object): Promise<Array<[string, string]>> => {
  const context = createContext({ exports: {}, fetch, URL, TextDecoder, AbortSignal })
  new Script(readFileSync(file, 'utf8'), { filename: file.href }).runInContext(context)
  const said: Array<[string, string]> = []
  const say = (word: string) => (reason: string): void => { said.push([word, reason]) }
  const { onExecuteCustomPhoneProvider } = context.exports as { onExecuteCustomPhoneProvider: Handler }
  await onExecuteCustomPhoneProvider(
    { notification: { message_type: 'otp_verify', recipient: NUMBER, locale: 'en_US', as_text: 'Your code is 482913', as_voice: 'Your code is 4 8 2 9 1 3', code: '482913', ...notification }, tenant: { id: 'fabrikam' }, secrets },
    { notification: { drop: say('drop'), retry: say('retry') } })
  return said
}

t.test('the Action delivers by this gateway, as a text and as a call', async (t) => {
  const { url, sandbox } = await startTestGateway(t)
  const secrets = { GATEWAY_URL: url, GATEWAY_SECRET: SECRET }
  t.same(await run(secrets, { delivery_method: 'text' }), [])
  t.same(await run({ VOICE_API_URL: `${url}/send-voice-code`, GATEWAY_SECRET: SECRET }, { delivery_method: 'voice' }), [])
  t.same(await run(secrets, { delivery_method: 'text', message_type: 'blocked_account', code: undefined, as_text: 'Your account was blocked.' }), [])
  t.same(sandbox.messages.map(({ text, to }) => [to, text]), [['+14155550123', 'Your code is 482913'], ['+14155550123', 'Your account was blocked.']])
  t.equal(sandbox.calls.length, 1)
})

t.test('Auth0\'s retry of a message that was taken sends nothing', async (t) => {
  const { url, sandbox, clock } = await startTestGateway(t, { settings: { DIRECT_BUDGET_MS: '200' } })
  sandbox.script('+14155550123', { sms: { hang: true, times: 1 } })
  const secrets = { GATEWAY_URL: url, GATEWAY_SECRET: SECRET }
  t.same(await run(secrets, { delivery_method: 'text' }), [], 'unknown is a 202: asking again could send twice')
  clock.advance(90_000)
  t.same(await run(secrets, { delivery_method: 'text' }), [])
  t.equal(sandbox.requests.length, 1)
})

t.test('the Action tells Auth0 what to do about each failure', async (t) => {
  const { url, sandbox, gateway } = await startTestGateway(t)
  const secrets = { GATEWAY_URL: url, GATEWAY_SECRET: SECRET }
  sandbox.script('+14155550123', { sms: { httpError: { status: 503 }, times: 1 } })
  t.match(await run(secrets, { delivery_method: 'text' }), [['retry', /502 \(provider_failed\)/]])
  t.same(await run(secrets, { delivery_method: 'text' }), [], 'a retry is let through')
  t.match(await run({ ...secrets, GATEWAY_SECRET: 'wrong' }, { delivery_method: 'text' }), [['drop', /401 \(unauthorized\)/]])
  t.match(await run(secrets, { delivery_method: 'text', recipient: '+1415' }), [['drop', /400 \(number_impossible\)/]])
  gateway.drain()
  t.match(await run(secrets, { delivery_method: 'text', code: '111111' }), [['retry', /503 \(draining\)/]])
  await gateway.close()
  t.match(await run(secrets, { delivery_method: 'text' }), [['retry', /could not be reached/]])
})
