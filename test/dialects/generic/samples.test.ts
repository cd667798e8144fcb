import { createHmac } from 'node:crypto'
import t, { type Test } from 'tap'
import { PRESET_NAMES } from '../../../src/dialects/generic/presets.ts'
import { SECRET } from '../../support/gateway.ts'
import { startDialect, type DialectStand, type Told } from '../suite.ts'

const KEY = 'the-key-of-signatures'

const FORM = 'application/x-www-form-urlencoded'

const bearer = { authorization: `Bearer ${SECRET}` }
const basic = { authorization: `Basic ${Buffer.from(`user-login:${SECRET}`).toString('base64')}` }
const plain = { authorization: SECRET }

const start = async (t: Test): Promise<DialectStand> => await startDialect(t, {
  hooksFile: Object.fromEntries(PRESET_NAMES.map((preset) =>
    [preset, { preset, ...['authgear', 'authsignal'].includes(preset) && { authentication: { secrets: [KEY] } } }]))
} as any, { settings: { DEFAULT_COUNTRY: 'US' } })

const send = async ({ url }: DialectStand, hook: string, body: string, headers: Record<string, string>): Promise<Told> => {
  const response = await fetch(`${url}/hooks/generic/${hook}`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body })
  return { status: response.status, type: response.headers.get('content-type') ?? '', body: await response.text() }
}

const signed = (body: string): Record<string, string> => ({ 'x-authgear-body-signature': createHmac('sha256', KEY).update(body).digest('hex') })

/** As Authsignal writes it: base64 without its padding. */
const stamped = (body: string, moment: number): Record<string, string> => {
  const seconds = Math.floor(moment / 1000)
  return { 'x-signature-v2': `t=${seconds},v2=${createHmac('sha256', KEY).update(`${seconds}.${body}`).digest('base64').replace('=', '')}` }
}

interface Sample {
  readonly hook: typeof PRESET_NAMES[number]
  readonly what: string
  readonly body: string
  readonly headers: Record<string, string> | ((body: string, moment: number) => Record<string, string>)
  readonly to: string
  /** What is sent: these words, or such. */
  readonly text?: string | RegExp
  /** Or what is spoken. */
  readonly spoken?: RegExp
}

/** As the providers' documents and sources have them, with numbers that can be sent to. */
const SAMPLES: readonly Sample[] = [
  { hook: 'logto', what: 'a login', headers: plain, to: '+12065550100', text: /123456/, body: '{"to":"12065550100","type":"SignIn","payload":{"code":"123456"},"ip":"192.168.1.1"}' },
  { hook: 'logto', what: 'a login in German', headers: bearer, to: '+491715550100', text: 'Ihr Bestätigungscode lautet 123456.', body: '{"to":"491715550100","type":"SignIn","payload":{"code":"123456","locale":"de"}}' },
  { hook: 'logto', what: 'an invitation', headers: plain, to: '+12065550100', text: 'https://example.com/invite?id=12345678', body: '{"to":"12065550100","type":"OrganizationInvitation","payload":{"link":"https://example.com/invite?id=12345678"}}' },
  { hook: 'fusionauth', what: 'a second factor', headers: basic, to: '+12065550100', text: 'Your verification code is: 123456', body: '{"code":"123456","phoneNumber":"2065550100","textMessage":"Your verification code is: 123456"}' },
  { hook: 'fusionauth', what: 'a message without a code', headers: bearer, to: '+12065550100', text: 'Your password was changed', body: '{"phoneNumber":"+12065550100","message":"Your password was changed"}' },
  { hook: 'authentik', what: 'a code', headers: basic, to: '+12065550100', text: 'Use this code to authenticate in authentik: 012345', body: '{"From":"1234","To":"+12065550100","Body":"012345","Message":"Use this code to authenticate in authentik: 012345"}' },
  { hook: 'authgear', what: 'a message of today', headers: signed, to: '+85298765432', text: 'Your OTP is 123456', body: '{"app_id":"app","to":"+85298765432","body":"Your OTP is 123456","template_name":"x","language_tag":"zh-Hant","template_variables":{"code":"123456"}}' },
  { hook: 'authgear', what: 'a message of older versions', headers: signed, to: '+85298765432', text: 'You otp is 123456', body: '{\n  "to": "+85298765432",\n  "body": "You otp is 123456"\n}' },
  { hook: 'keycloak', what: 'JSON', headers: plain, to: '+491715550100', text: 'Your SMS code is 123456 and is valid for 5 minutes.', body: '{"uuid":"5e0c9c1a-2b0f-4d2e-9a57-0d2c38f2b9c7","text":"Your SMS code is 123456 and is valid for 5 minutes.","to":"+491715550100","from":"Keycloak"}' },
  { hook: 'keycloak', what: 'a form', headers: { ...basic, 'content-type': FORM }, to: '+491715550100', text: 'Your "code" is 123456\nbye', body: 'text=Your+%22code%22+is+123456%0Abye&to=%2B491715550100&from=Keycloak' },
  { hook: 'casdoor', what: 'a form with the code alone', headers: { ...plain, 'content-type': FORM }, to: '+12065550100', text: /123456/, body: 'code=123456&phoneNumber=%2B12065550100' },
  { hook: 'casdoor', what: 'JSON with words', headers: bearer, to: '+12065550100', text: 'Your code is 123456', body: '{"content":"Your code is 123456","phoneNumber":"+12065550100"}' },
  { hook: 'descope', what: 'a text', headers: bearer, to: '+13999995550', text: 'Your code is 123456', body: '{"recipient":"+1 399 999 5550","body":"Your code is 123456","sender":"+1 234 567","token":"123456"}' },
  { hook: 'pingone', what: 'a form', headers: { ...basic, 'content-type': FORM }, to: '+12065550100', text: 'Your code is 123456', body: 'messageType=ARN&message=Your+code+is+123456&phoneNumber=%2B12065550100&sender=12345' },
  { hook: 'pingone', what: 'JSON', headers: bearer, to: '+12065550100', text: /123456/, body: '{"to":"12065550100","otp":"123456","locale":"en","deliveryMethod":"SMS"}' },
  { hook: 'pingone', what: 'a call', headers: bearer, to: '+12065550100', spoken: /1[^0-9]+2[^0-9]+3[^0-9]+4[^0-9]+5[^0-9]+6/, body: '{"to":"+12065550100","message":"Your code is 123456","deliveryMethod":"VOICE"}' },
  {
    hook: 'authsignal',
    what: 'a code',
    headers: stamped,
    to: '+12065550100',
    text: /987654/,
    body: '{"version":1,"id":"ffffffff-ffff-ffff-ffff-ffffffffffff","source":"https://authsignal.com","time":"2024-01-01T01:23:45.678Z","tenantId":"dddddddd-dddd-dddd-dddd-dddddddddddd","type":"sms.created","data":{"to":"+12065550100","code":"987654","userId":"11111111-1111-1111-1111-111111111111","idempotencyKey":"aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa","actionCode":"sign-in","locale":"en"}}'
  }
]

t.test('every preset sends what its provider asks for', async (t) => {
  t.same([...new Set(SAMPLES.map(({ hook }) => hook))].sort(), [...PRESET_NAMES].sort(), 'none is left out')
  const stand = await start(t)
  const { sandbox } = stand
  for (const { hook, what, body, headers, to, text, spoken } of SAMPLES) {
    const [texts, calls] = [sandbox.messages.length, sandbox.calls.length]
    const told = await send(stand, hook, body, typeof headers === 'function' ? headers(body, stand.clock()) : headers)
    t.equal(told.status, 200, `${hook}, ${what}: ${told.body}`)
    await sandbox.settled()
    t.match(sandbox.messages.slice(texts), text === undefined ? [] : [{ to, text }], `${hook}, ${what}: texts`)
    t.match(sandbox.calls.slice(calls).map((call) => ({ to: call.to, heard: call.transcript.join(' ') })), spoken === undefined ? [] : [{ to, heard: spoken }], `${hook}, ${what}: calls`)
    t.equal(sandbox.messages.length + sandbox.calls.length, texts + calls + 1, `${hook}, ${what}: one message`)
  }
})

t.test('no preset sends anything for a stranger', async (t) => {
  const stand = await start(t)
  for (const { hook, what, body, headers } of SAMPLES) {
    const { 'content-type': type = 'application/json' } = typeof headers === 'function' ? {} as Record<string, string> : headers
    for (const forged of [{}, { authorization: 'Bearer another-secret-altogether' }, { authorization: '' }, { 'x-signature-v2': 't=1,v2=x' }, { 'x-authgear-body-signature': '00' }]) {
      t.equal((await send(stand, hook, body, { 'content-type': type, ...forged })).status, 401, `${hook}, ${what}`)
    }
  }
  t.equal(stand.sandbox.requests.length, 0)
})

t.test('keycloak: words with quotes make JSON that nobody can read, and that is told', async (t) => {
  const stand = await start(t)
  for (const words of ['Your "code" is 123456', 'Your code is\n123456']) {
    const told = await send(stand, 'keycloak', `{"text":"${words}","to":"+491715550100","from":"Keycloak"}`, plain)
    t.equal(told.status, 400)
    t.match(told.body, /"invalid_json"/)
  }
  t.equal(stand.sandbox.requests.length, 0)
})
