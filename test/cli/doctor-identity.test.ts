import { createHmac } from 'node:crypto'
import { request as ask, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import t, { type Test } from 'tap'
import { examineAddresses } from '../../src/cli/doctor/addresses.ts'
import { meet, type Challenge } from '../../src/cli/doctor/challenges.ts'
import { createProbe, type Probe } from '../../src/cli/doctor/probe.ts'
import { readConfig } from '../../src/config/config.ts'
import type { Environment } from '../../src/config/read-settings.ts'
import { ADMIN, SECRET } from '../support/gateway.ts'
import { HOOKS, REFUSAL, startDoctorStand, startStranger } from './doctor-stand.ts'

const stand = await startDoctorStand(t)

/** Settings of the stand with others, as somebody else has them who looks at it. */
const examine = async (t: Test, settings: Environment = {}): Promise<string[]> => {
  const { probe, close } = createProbe(5000)
  t.teardown(close)
  const config = readConfig({ ...stand.environment, ...settings }, '/srv')
  return (await examineAddresses({ config, leftOut: new Set(), probe, now: stand.clock })).map(({ level, about, says }) => `${level} ${about}: ${says}`)
}

const WITHOUT_SIGNATURES: Environment = { SUPABASE_HOOK_SECRET: '', ZITADEL_SIGNING_KEY: '', TWILIO_ACCOUNT_SID: '', TWILIO_AUTH_TOKEN: '', TWILIO_PHONE_NUMBER: '', TWILIO_WHATSAPP_NUMBER: '', TWILIO_WHATSAPP_CONTENT_SID: '', TWILIO_VERIFY_SID: '' }

t.test('a gateway shows by its answers that it knows what these settings sign with', async (t) => {
  const before = { messages: stand.sandbox.messages.length, calls: stand.sandbox.calls.length, events: stand.events.filter(({ type }) => type.startsWith('delivery')).length }
  t.match((await examine(t))[1], 'ok PUBLIC_URL: it leads to the gateway with these settings: its answers show that it knows TWILIO_AUTH_TOKEN, SUPABASE_HOOK_SECRET, ZITADEL_SIGNING_KEY.')
  for (const [name, others] of [
    ['SUPABASE_HOOK_SECRET', { ZITADEL_SIGNING_KEY: '' }], ['ZITADEL_SIGNING_KEY', { SUPABASE_HOOK_SECRET: '' }]
  ] as const) {
    t.match((await examine(t, { ...WITHOUT_SIGNATURES, [name]: HOOKS[name], ...others }))[1], `ok PUBLIC_URL: it leads to the gateway with these settings: its answers show that it knows ${name}.`)
  }
  t.same({ messages: stand.sandbox.messages.length, calls: stand.sandbox.calls.length, events: stand.events.filter(({ type }) => type.startsWith('delivery')).length }, before, 'nothing was sent')
})

t.test('a gateway with other settings shows by each that it does not know', async (t) => {
  for (const [name, other] of [
    ['TWILIO_AUTH_TOKEN', 'f'.repeat(32)], ['SUPABASE_HOOK_SECRET', `v1,whsec_${Buffer.alloc(32, 9).toString('base64')}`], ['ZITADEL_SIGNING_KEY', 'the-key-of-another-gateway']
  ] as const) {
    t.match((await examine(t, { [name]: other }))[1], `fail PUBLIC_URL: a gateway answers, and does not know ${name}: it is another instance, or was started with other settings. Restart it, or see where the address leads.`)
  }
  const bare = await startDoctorStand(t, { settings: { SUPABASE_HOOK_SECRET: '', ZITADEL_SIGNING_KEY: '' }, twilio: 'too' })
  t.match((await examine(t, { PUBLIC_URL: bare.url, ...WITHOUT_SIGNATURES, ...HOOKS }))[1], /^fail PUBLIC_URL: a gateway answers, and does not know SUPABASE_HOOK_SECRET, ZITADEL_SIGNING_KEY:/, 'nor does one for which none is set')
})

t.test('where nothing signs nobody is asked, and that is said', async (t) => {
  const lines = await examine(t, WITHOUT_SIGNATURES)
  t.match(lines.slice(1, 3), ['ok PUBLIC_URL: a gateway answers, and refuses requests without a secret.', /^skip PUBLIC_URL: whether it is the one with these settings was not asked: a secret would have to be sent there\./])
  const [id] = /[0-9a-f-]{36}/.exec(lines[2] ?? '') ?? ['none']
  t.equal(stand.log.filter((line) => line.includes(id)).length > 0, true, 'the log of the gateway has that request')
})

/** Whether a text holds a secret of the stand, or one that it is opened by. */
const SECRETS = [SECRET, ADMIN, ...Object.entries(stand.environment).filter(([name]) => /SECRET|TOKEN|KEY/.test(name)).map(([, value]) => value ?? '')]
  .flatMap((value) => [value, value.replace('v1,whsec_', ''), Buffer.from(`:${value}`).toString('base64')]).filter((value) => value.length > 5)

interface Heard { readonly path: string, readonly headers: IncomingHttpHeaders, readonly body: string }

/** A stranger that hears everything; `answer` says what it gives back. */
const startListening = async (t: Test, answer: (heard: Heard) => readonly [status: number, body?: object]): Promise<{ readonly url: string, readonly heard: Heard[] }> => {
  const heard: Heard[] = []
  const listener: RequestListener = (request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => { body += text }).on('end', () => {
      const one = { path: request.url as string, headers: request.headers, body }
      heard.push(one)
      const [status, told] = answer(one)
      response.writeHead(status, { 'content-type': 'application/json' }).end(told && JSON.stringify(told))
    })
  }
  return { url: await startStranger(t, listener), heard }
}

const alive = ({ path }: Heard): boolean => path === '/livez'
const WELL = [200, { status: 'ok' }] as const

const noSecretIn = (t: Test, heard: readonly Heard[]): void => {
  t.ok(heard.length > 1)
  for (const { path, headers, body } of heard) {
    const text = JSON.stringify([path, headers, body])
    t.notOk(SECRETS.some((secret) => text.includes(secret)), `${path} holds no secret`)
    t.equal(headers.authorization, undefined, `${path} has no credential`)
  }
}

t.test('a stranger that says that it is well is told no secret, whatever else it says', async (t) => {
  for (const [name, told, expected] of [
    ['nothing else', () => [404], /^fail PUBLIC_URL: \/livez answers as a gateway's does, and the hooks do not \(404\)/],
    ['yes to everything', () => WELL, /^fail PUBLIC_URL: \/livez answers .* \(200\)/],
    ['401 in other words', () => [401, { error: 'unauthorized' }], /^fail PUBLIC_URL: \/livez answers .* \(401\)/],
    ['the words with another status', () => [403, REFUSAL], /^fail PUBLIC_URL: \/livez answers .* \(403\)/],
    ['the words without an id', () => [401, { ...REFUSAL, requestId: undefined }], /^fail PUBLIC_URL: \/livez answers .* \(401\)/],
    ['the words with an id that writes to the terminal', () => [401, { ...REFUSAL, requestId: '\u001b[2J' }], /^fail PUBLIC_URL: \/livez answers .* \(401\)/],
    ['the very words', () => [401, REFUSAL], /^fail PUBLIC_URL: a gateway answers, and does not know TWILIO_AUTH_TOKEN, SUPABASE_HOOK_SECRET, ZITADEL_SIGNING_KEY/],
    ['ready, as a gateway', ({ path }: Heard) => path === '/readyz' ? [200, { status: 'ready', providers: [] }] : [401, REFUSAL], /^fail PUBLIC_URL: a gateway answers, and does not know/],
    ['that it is shutting down', () => [503, { code: 'draining' }], /^warn PUBLIC_URL: the gateway there is shutting down/],
    ['yes to what is signed', ({ headers }: Heard) => headers['webhook-signature'] === undefined ? [401, REFUSAL] : [200, {}], /^fail PUBLIC_URL: what answers there takes requests that are not signed by SUPABASE_HOOK_SECRET: it is no gateway/]
  ] as ReadonlyArray<[string, (heard: Heard) => [number, object?], RegExp]>) {
    const { url, heard } = await startListening(t, (one) => alive(one) ? WELL : told(one))
    t.match((await examine(t, { PUBLIC_URL: url }))[1], expected, name)
    noSecretIn(t, heard)
  }
})

t.test('a stranger to whom nothing can be proven is told no secret either', async (t) => {
  for (const status of [404, 200]) {
    const { url, heard } = await startListening(t, (one) => alive(one) ? WELL : status === 404 && one.path === '/livez' ? [404] : [401, REFUSAL])
    t.match((await examine(t, { PUBLIC_URL: url, ...WITHOUT_SIGNATURES }))[2], /^skip PUBLIC_URL: whether it is the one/)
    noSecretIn(t, heard)
  }
})

t.test('signed requests differ each time, so that equal ones tell nothing', async (t) => {
  const { url, heard } = await startListening(t, (one) => alive(one) ? WELL : [401, REFUSAL])
  await examine(t, { PUBLIC_URL: url })
  for (const name of ['x-twilio-signature', 'webhook-signature', 'zitadel-signature']) {
    const signatures = heard.map(({ headers }) => headers[name]).filter((value) => value !== undefined)
    t.same([signatures.length, new Set(signatures).size], [8, 8], name)
  }
  const signed = ({ headers, body }: Heard): boolean =>
    headers['x-twilio-signature'] === createHmac('sha1', stand.environment.TWILIO_AUTH_TOKEN as string).update(`${url}/events/twilio/message${body.replace('=', '')}`).digest('base64')
  t.equal(heard.filter((one) => one.headers['x-twilio-signature'] !== undefined && signed(one)).length, 4, 'half of them hold')
})

t.test('which of them are signed cannot be told by their order', async (t) => {
  const challenge: Challenge = {
    setting: 'A_SECRET',
    request: (credential) => ({ url: new URL(`http://127.0.0.1/${credential}`) }),
    isTaken: ({ status }) => status === 200
  }
  const orders = new Set<string>()
  for (let time = 0; time < 40; time += 1) {
    const paths: string[] = []
    const knowing: Probe = async ({ url: { pathname } }) => {
      paths.push(pathname)
      return { kind: 'answer', status: pathname === '/right' ? 200 : 401, headers: {}, body: '{"code":"unauthorized"}' }
    }
    t.equal(await meet(challenge, knowing), 'knows')
    t.same([...paths].sort(), [...Array(4).fill('/right'), ...Array(4).fill('/wrong')])
    orders.add(paths.join())
  }
  t.ok(orders.size > 5, 'each time another one')
})

t.test('where signed requests do not come through, nothing is said of them', async (t) => {
  const settings = { ...WITHOUT_SIGNATURES, SUPABASE_HOOK_SECRET: HOOKS.SUPABASE_HOOK_SECRET, ZITADEL_SIGNING_KEY: HOOKS.ZITADEL_SIGNING_KEY }
  const behind = (dropped: string): Promise<string> => startStranger(t, (request, response) => {
    if (request.url === '/hooks/supabase') {
      if (dropped === 'page') response.writeHead(404).end('<h1>Not found</h1>')
      else request.socket.destroy()
      return
    }
    request.pipe(ask(new URL(request.url as string, stand.url), { method: request.method, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode as number, answer.headers)
      answer.pipe(response)
    }))
  })
  for (const how of ['page', 'silence']) t.match((await examine(t, { ...settings, PUBLIC_URL: await behind(how) }))[1], /^ok PUBLIC_URL: .* it knows ZITADEL_SIGNING_KEY\.$/, how)
})

t.test('the hooks themselves may be all that a proxy lets through', async (t) => {
  for (const only of ['/hooks/supabase', '/hooks/zitadel']) {
    const url = await startStranger(t, (request, response) => {
      if (request.url !== only) {
        response.writeHead(404).end()
        return
      }
      request.pipe(ask(new URL(request.url, stand.url), { method: request.method, headers: request.headers }, (answer) => {
        response.writeHead(answer.statusCode as number, answer.headers)
        answer.pipe(response)
      }))
    })
    t.match((await examine(t, { PUBLIC_URL: url, ...WITHOUT_SIGNATURES, SUPABASE_HOOK_SECRET: HOOKS.SUPABASE_HOOK_SECRET, ZITADEL_SIGNING_KEY: HOOKS.ZITADEL_SIGNING_KEY })).join('\n'), /ok PUBLIC_URL: it leads to the gateway with these settings/, only)
  }
})

t.test('what breaks off behind the hooks says nothing of whose gateway it is', async (t) => {
  const url = await startStranger(t, (request, response) => {
    if (request.url === '/livez') response.end(JSON.stringify({ status: 'ok' }))
    else if (request.url === '/send-text-code') response.writeHead(401).end(JSON.stringify(REFUSAL))
    else request.socket.destroy()
  })
  t.match((await examine(t, { PUBLIC_URL: url })).slice(1), [
    /^ok PUBLIC_URL: a gateway answers/, /^skip PUBLIC_URL: whether it is the one/,
    /^fail PUBLIC_URL: POST \/events does not/, /^fail PUBLIC_URL: OPTIONS/, /^fail PUBLIC_URL: POST \/events\/twilio\/message does not/
  ])
})
