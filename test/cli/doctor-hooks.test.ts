import { writeFileSync } from 'node:fs'
import { request as ask } from 'node:http'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createProbe } from '../../src/cli/doctor/probe.ts'
import { genericRehearsals } from '../../src/cli/doctor/requests/generic.ts'
import { rehearse } from '../../src/cli/doctor/rehearse.ts'
import { openStage, type Stage } from '../../src/cli/doctor/stage.ts'
import type { Environment } from '../../src/config/read-settings.ts'
import type { Channel } from '../../src/domain/message.ts'
import { temporaryFolder } from '../support/folder.ts'
import { SECRET } from '../support/gateway.ts'
import { HOOKS, startStranger } from './doctor-stand.ts'

const EVERY: Environment = { SECRET_HEADER: SECRET, ...HOOKS }

interface Given {
  readonly environment?: Environment
  /** The hooks file. */
  readonly hooks?: object
}

const setStage = async (t: Test, { environment = EVERY, hooks }: Given = {}): Promise<Stage> => {
  const folder = temporaryFolder(t)
  if (hooks !== undefined) writeFileSync(join(folder, 'hooks.json'), JSON.stringify(hooks))
  const stage = await openStage({ environment: { ...environment, ...hooks && { HOOKS_FILE: 'hooks.json' } }, folder, now: Date.now })
  t.teardown(stage.close)
  return stage
}

/** What is found of the hooks of a stage; a code that does not come is waited for that long. */
const play = async (t: Test, stage: Stage, timeoutMs = 5000): Promise<string[]> => {
  const { probe, close } = createProbe(5000)
  t.teardown(close)
  return (await rehearse({ stage, leftOut: new Set<string>(), unsent: new Set<Channel>(), probe, timeoutMs, now: Date.now })).map(({ level, about, says }) => `${level} ${about}: ${says}`)
}

const of = (lines: readonly string[], hook: string): string[] => lines.filter((line) => line.split(' ')[1] === `${hook}:`)

t.test('every hook is played, by whichever way it authenticates', async (t) => {
  const lines = await play(t, await setStage(t))
  t.same(lines.filter((line) => !line.startsWith('ok ')), ['skip generic: not set up: HOOKS_FILE is not set.'])
  t.same(lines.map((line) => line.split(' ')[1]), ['direct:', 'direct:', 'auth0:', 'auth0:', 'kratos:', 'auth0-sms-gateway:', 'okta:', 'okta:', 'supabase:', 'zitadel:', 'generic:'])
})

t.test('Okta: a header of another name, its other way to tell of failures, tokens with a scope and without', async (t) => {
  for (const environment of [
    { OKTA_HEADER: 'X-Okta-Secret', OKTA_FAILURE: 'failed' },
    { OKTA_ISSUER: 'https://example.okta.com/oauth2/default', OKTA_SCOPE: 'codes', OKTA_AUDIENCE: 'one,two' },
    { OKTA_ISSUER: 'https://example.okta.com/oauth2/default', OKTA_CLIENT_ID: '0oa1,0oa2', OKTA_JWKS_URL: 'http://127.0.0.1:1/' },
    { OKTA_ISSUER: 'https://example.okta.com/oauth2/default', OKTA_CLIENT_ID: '0oa1', OKTA_SCOPE: 'codes' }
  ]) t.match(of(await play(t, await setStage(t, { environment: { ...EVERY, ...environment } })), 'okta'), [/^ok .*by SMS/, /^ok .*as a call/])
})

t.test('the SMS gateway of Auth0 without an audience', async (t) => {
  t.match(of(await play(t, await setStage(t, { environment: { ...EVERY, AUTH0_SMS_GATEWAY_AUDIENCE: '' } })), 'auth0-sms-gateway'), [/^ok /])
})

t.test('settings of vendors do not reach the stage, and those that the hooks file names do', async (t) => {
  const environment = {
    ...EVERY,
    NODE_ENV: 'production',
    ACS_SENDER_ID: 'Example',
    ACS_SENDER_ID_US: '+15559990000',
    SMS_ROUTE: 'twilio-verify',
    SMS_ROUTE_US: 'twilio-verify',
    TWILIO_API_KEY_SID: `SK${'0'.repeat(32)}`,
    VERIFY_SID: `VA${'1'.repeat(32)}`,
    TWILIO_API_SECRET: 'a-secret-of-a-key',
    VOICE_CONFIRM: 'keypress',
    TWILIO_OF_OURS: 'a-secret-that-the-file-names'
  }
  const lines = await play(t, await setStage(t, { environment, hooks: { mine: { fields: { number: 'to', code: 'code' }, authentication: { type: 'secret', secrets: ['$TWILIO_OF_OURS'] } } } }))
  t.same(lines.filter((line) => !line.startsWith('ok ')), [])
  t.equal(of(lines, 'generic/mine').length, 1)
})

t.test('hooks of the file: every preset, with what it needs', async (t) => {
  const secrets = ['a-secret-of-this-hook']
  const hooks = {
    logto: { preset: 'logto' },
    fusionauth: { preset: 'fusionauth' },
    authentik: { preset: 'authentik' },
    authgear: { preset: 'authgear', authentication: { secrets } },
    keycloak: { preset: 'keycloak' },
    casdoor: { preset: 'casdoor', format: 'form' },
    descope: { preset: 'descope', authentication: { type: 'basic', username: 'descope', secrets } },
    pingone: { preset: 'pingone', format: 'form' },
    authsignal: { preset: 'authsignal', authentication: { secrets } }
  }
  const lines = (await play(t, await setStage(t, { hooks }))).filter((line) => line.includes(' generic'))
  t.same(lines.filter((line) => !line.startsWith('ok ')), [])
  t.same(of(lines, 'generic/pingone').length, 3, 'each channel that PingOne can name')
})

t.test('hooks of the file: every way to authenticate, fields in lists, words of its own', async (t) => {
  const secrets = ['a-secret-of-this-hook']
  const fields = { number: 'messages.0.to.1', code: 'messages.0.code', text: 'messages.0.text', key: 'id' }
  const hooks = {
    header: { fields, authentication: { type: 'secret', header: 'X-Secret', secrets } },
    basic: { fields, authentication: { type: 'basic' } },
    hmac: { fields, authentication: { type: 'hmac', header: 'X-Signature', algorithm: 'sha512', encoding: 'base64', prefix: 'sha512=', secrets } },
    timestamped: { fields, authentication: { type: 'timestamped', header: 'X-Signature', version: 'v2', secrets } },
    'text-only': { fields: { number: 'to', text: 'text', locale: 'locale' }, numbers: 'international' },
    worded: { fields: { number: 'to', text: 'text' }, codePattern: 'code is ([0-9]+)' },
    numbered: { fields: { number: '0', code: 'a.1', text: 'a.b' } },
    plain: { fields, replies: { accepted: { status: 201, body: 'yes' }, unauthorized: { status: 201, body: 'no' } } },
    named: { fields, replies: { accepted: { status: 200, body: { sent: true } }, unauthorized: { status: 200, body: { sent: false } } } }
  }
  const lines = (await play(t, await setStage(t, { hooks }))).filter((line) => line.includes(' generic'))
  t.same(lines.filter((line) => !line.startsWith('ok ')), [])
  t.equal(lines.length, Object.keys(hooks).length)
})

t.test('a hook of the file that says the same of what it sends and of what it refuses', async (t) => {
  const hooks = { silent: { fields: { number: 'to', code: 'code' }, replies: { accepted: { status: 204, body: '' }, unauthorized: { status: 204, body: 'no' } } } }
  t.match(of(await play(t, await setStage(t, { hooks })), 'generic/silent'), [/^fail generic\/silent: a text is not refused where its credential is wrong: see the hook silent in HOOKS_FILE/])
})

t.test('hooks of the file whose fields are not where the hook looks', async (t) => {
  const hooks = { swapped: { fields: { number: 'code', code: 'code' } }, shadowed: { fields: { number: 'to', code: 'id', key: 'id' } } }
  const lines = await play(t, await setStage(t, { environment: { SECRET_HEADER: SECRET }, hooks }))
  t.same(of(lines, 'generic/swapped'), ['fail generic/swapped: a text is not taken: number_needs_country. The gateway does not find it by fields.number: see fields.number of the hook swapped in HOOKS_FILE.'])
  t.same(of(lines, 'generic/shadowed'), ['fail generic/shadowed: a text is not taken: code_invalid. The gateway does not find it by fields.code: see fields.code of the hook shadowed in HOOKS_FILE.'])
})

t.test('on the stage nothing is too slow for a short budget', async (t) => {
  const stage = await setStage(t, { environment: { ...EVERY, DIRECT_BUDGET_MS: '50' } })
  t.equal(stage.config.budgetMs, 8000)
})

t.test('what no provider sends is not said to come', async (t) => {
  const { probe, close } = createProbe(5000)
  t.teardown(close)
  const stage = await setStage(t, { environment: { SECRET_HEADER: SECRET, HOOK_CHANNELS: 'kratos=whatsapp' } })
  const lines = (await rehearse({ stage, leftOut: new Set(), unsent: new Set<Channel>(['voice', 'whatsapp']), probe, timeoutMs: 5000, now: Date.now })).map(({ level, about, says }) => `${level} ${about}: ${says}`)
  t.same(of(lines, 'okta'), [
    'ok okta: a text comes by SMS; with a wrong credential it is refused.',
    'ok okta: a spoken code is understood; with a wrong credential it is refused. It is to come as a call, for which no provider is configured.'
  ])
  t.match(of(lines, 'kratos'), [/^ok kratos: a text is understood; .* by WhatsApp, for which no provider is configured\.$/])
})

t.test('hooks of the file that cannot be played are named', async (t) => {
  const hooks = { strange: { fields: { number: 'to', text: 'text' }, codePattern: 'PIN:([0-9]+)' } }
  t.same(of(await play(t, await setStage(t, { hooks })), 'generic/strange'), ['skip generic/strange: not played: its codePattern finds codes in words of its own only.'])
})

t.test('without a secret of a caller, what it opens is named', async (t) => {
  const lines = await play(t, await setStage(t, { environment: { SUPABASE_HOOK_SECRET: HOOKS.SUPABASE_HOOK_SECRET }, hooks: { mine: { preset: 'fusionauth' } } }))
  t.same(lines.filter((line) => line.endsWith(': not set up: SECRET_HEADER is not set.')).map((line) => line.split(' ')[1]), ['direct:', 'auth0:', 'kratos:', 'okta:'])
  t.match(of(lines, 'supabase'), [/^ok /])
  t.match(of(lines, 'generic/mine'), ['skip generic/mine: not played: it is opened by SECRET_HEADER, which is not set.'])
  const byToken = await setStage(t, { environment: { OKTA_ISSUER: 'https://example.okta.com/oauth2/default', OKTA_CLIENT_ID: '0oa1' } })
  t.match(of(await play(t, byToken), 'okta'), [/^ok /, /^ok /])
  t.match(of(await play(t, await setStage(t, { environment: { CALLERS: 'shop:a-secret-of-the-shop' } })), 'direct'), [/^ok /, /^ok /], 'that of any caller will do')
})

t.test('what does not work on the stage is told with the settings to look at', async (t) => {
  const stage = await setStage(t)
  const behind = async (status: number, body: string, type = 'application/json'): Promise<string[]> => await play(t, {
    ...stage, url: await startStranger(t, (_request, response) => { response.writeHead(status, { 'content-type': type }).end(body) })
  }, 20)
  t.match(await behind(400, '{"code":"number_needs_country"}'), [/^fail direct: a text is not taken: number_needs_country\. The phone number has no country code: .* DEFAULT_COUNTRY at the gateway\.$/])
  t.match(await behind(500, 'no idea'), [/^fail direct: a text is not taken: it is answered with 500\. See SECRET_HEADER\.$/])
  t.match((await behind(503, '{"code":"store_unavailable"}'))[0], /^fail direct: a text is not taken: store_unavailable\. The record cannot be kept right now; nothing was sent\.$/, 'no secret mends that')
  t.match((await behind(401, '{"code":"unauthorized"}'))[0], /^fail direct: a text is not taken: unauthorized\. The secret is missing or wrong\. See SECRET_HEADER\.$/)
  t.match(of(await behind(200, '{"error":{"errorSummary":"The secret is missing or wrong."}}'), 'okta')[0], /^fail okta: a text is not taken: unauthorized\. .* See SECRET_HEADER and OKTA_HEADER\.$/, 'words are known without their code')
  const accepted = await behind(200, '{"status":"accepted"}')
  t.match(accepted, [/^fail direct: a text is taken, and no code comes by SMS\.$/, /^fail direct: a spoken code is taken, and no code comes as a call\.$/])
  t.match(of(accepted, 'okta'), [/^fail okta: a text is not taken: .* See SECRET_HEADER and OKTA_HEADER\.$/, /^fail okta: a spoken code/])
  t.match(of(await behind(200, '{"commands":[{"type":"com.okta.telephony.action","value":{"status":"SUCCESS"}}]}'), 'okta'), [/^fail okta: a text is not taken/])
  t.match(of(await behind(200, '{"error":{"message":"no"}}'), 'supabase'), [/^fail supabase: a text is not taken/])
  t.match(of(await behind(200, '', 'text/plain'), 'supabase'), [/^fail supabase: a text is not taken/], 'a 200 must say that it is JSON')
  for (const status of [202, 204]) t.match(of(await behind(status, status === 202 ? '{}' : ''), 'supabase'), [/^fail supabase: a text is taken, and no code comes/])
  t.match(of(await behind(201, '{}'), 'auth0-sms-gateway'), [/^fail auth0-sms-gateway: a text is not taken/])
  t.match(await play(t, { ...stage, url: 'http://127.0.0.1:1' }), [/^fail direct: a text gets no answer\.$/])
})

t.test('a code that comes by another channel than the one that is set', async (t) => {
  const stage = await setStage(t)
  const textChannels = { byCountry: new Map([['US', 'whatsapp' as const]]), byHook: new Map() }
  const lines = await play(t, { ...stage, config: { ...stage.config, hooks: { ...stage.config.hooks, textChannels } } }, 50)
  t.match(of(lines, 'kratos'), ['fail kratos: a text is taken, and no code comes by WhatsApp.'])
  t.match(of(lines, 'direct')[0], /^ok .*by SMS/, 'what was asked for by name comes so')
})

t.test('numbers come as the hook says that they come', async (t) => {
  const { config } = await setStage(t, { hooks: { digits: { preset: 'logto' }, whole: { preset: 'keycloak' } } })
  const bodies = await Promise.all(genericRehearsals(config, SECRET).map(async (one) => 'why' in one ? one.why : (await one.request({ to: '+14155550123', code: '482913', now: 0 }, 'right')).body))
  t.match(bodies, [/"to":"14155550123"/, /"to":"\+14155550123"/])
})

t.test('a hook that a wrong credential opens', async (t) => {
  const stage = await setStage(t)
  /** A proxy that knows better than whoever asks. */
  const url = await startStranger(t, (request, response) => {
    const passed = ask(new URL(request.url as string, stage.url), { method: 'POST', headers: { ...request.headers, authorization: `Bearer ${SECRET}` } }, (answer) => {
      response.writeHead(answer.statusCode as number, answer.headers)
      answer.pipe(response)
    })
    request.pipe(passed)
  })
  t.match(of(await play(t, { ...stage, url }), 'direct'), [/^fail direct: a text is not refused where its credential is wrong: see SECRET_HEADER/, /^fail direct: a spoken code is not refused/])
})

t.test('a hook that sends what it refuses, and one that leaves a wrong credential without an answer', async (t) => {
  const stage = await setStage(t, { environment: { SUPABASE_HOOK_SECRET: HOOKS.SUPABASE_HOOK_SECRET, SECRET_HEADER: SECRET } })
  let wrong: 'sends' | 'drops' = 'sends'
  const url = await startStranger(t, (request, response) => {
    const isRight = request.headers.authorization === `Bearer ${SECRET}`
    if (!isRight && wrong === 'drops') {
      request.socket.destroy()
      return
    }
    const passed = ask(new URL(request.url as string, stage.url), { method: 'POST', headers: { ...request.headers, authorization: `Bearer ${SECRET}` } }, (answer) => {
      answer.resume().on('end', () => { response.writeHead(isRight ? 200 : 401).end() })
    })
    request.pipe(passed)
  })
  t.match(of(await play(t, { ...stage, url }), 'direct')[0], /^fail direct: a text is not refused/)
  wrong = 'drops'
  t.match(of(await play(t, { ...stage, url }), 'direct')[0], /^fail direct: a text is not refused/)
})

t.test('nothing is left of a stage, be it closed or not set at all', async (t) => {
  const folder = temporaryFolder(t)
  const given = process.env.TMPDIR
  process.env.TMPDIR = folder
  t.teardown(() => {
    if (given === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = given
  })
  const { readdirSync } = await import('node:fs')
  const stage = await openStage({ environment: EVERY, folder, now: Date.now })
  t.equal(readdirSync(folder).length, 1)
  await stage.close()
  await stage.close()
  t.same(readdirSync(folder), [])
  await t.rejects(fetch(stage.url))
  await t.rejects(fetch(stage.sandbox.url))
  await t.rejects(openStage({ environment: { ...EVERY, SUPABASE_HOOK_SECRET: 'wrong' }, folder, now: Date.now }), { name: 'SettingsWrong' })
  t.same(readdirSync(folder), [])
})
