import t from 'tap'
import { inspect } from 'node:util'
import { readConfig, type Config } from '../../src/config/config.ts'
import type { Environment } from '../../src/config/read-settings.ts'
import { ACS, hex, problemsOf, productionProblems, TWILIO, TWILIO_ALONE, VOICE } from './environments.ts'

const alone = (changes: Environment = {}): Config => readConfig({ ...TWILIO_ALONE, ...changes }, '/srv')
const aloneProblems = (changes: Environment): string[] => problemsOf({ ...TWILIO_ALONE, ...changes })

const PUBLIC = { PUBLIC_URL: 'https://codes.example.com' }
const KEY_PAIR = { TWILIO_API_KEY: `SK${hex('c')}`, TWILIO_API_SECRET: 'the-secret-of-the-key' }
const WHATSAPP = { TWILIO_WHATSAPP_NUMBER: 'whatsapp:+15550200009', TWILIO_WHATSAPP_CONTENT_SID: `HX${hex('e')}` }

t.test('every setting of Twilio reaches the configuration', async (t) => {
  const { twilio, retrySms } = alone({
    ...WHATSAPP,
    TWILIO_AUTH_TOKEN: 'the-new-token, the-old-token',
    TWILIO_MESSAGING_SERVICE_SID: `MG${hex('d')}`,
    TWILIO_VERIFY_SID: `VA${hex('b')}`,
    TWILIO_REGION: 'ie1',
    TWILIO_EDGE: 'dublin',
    TWILIO_BASE_URL: 'https://proxy.example.com:8443/',
    TWILIO_MESSAGE_FEEDBACK: '1',
    TWILIO_VOICE_NAMES: 'de-DE=Polly.Vicki-Neural, en=Google.en-GB-Neural2-A',
    PUBLIC_URL: 'https://codes.example.com/',
    RETRY_SMS: '1'
  })
  t.match(twilio, {
    accountSid: TWILIO.TWILIO_ACCOUNT_SID,
    credential: { username: TWILIO.TWILIO_ACCOUNT_SID },
    phoneNumber: '+15550200001',
    messagingServiceSid: `MG${hex('d')}`,
    whatsapp: { number: '+15550200009', contentSid: `HX${hex('e')}` },
    verifySid: `VA${hex('b')}`,
    messageFeedback: true,
    region: 'ie1',
    edge: 'dublin'
  })
  t.equal(twilio?.credential.password.reveal(), 'the-new-token', 'the newest is the one that is sent')
  t.same(twilio?.authTokens.map((token) => token.reveal()), ['the-new-token', 'the-old-token'])
  t.equal(twilio?.baseUrl?.href, 'https://proxy.example.com:8443/')
  t.equal(twilio?.callbackUrl?.href, 'https://codes.example.com/events/twilio')
  t.same([...twilio?.voiceNames ?? []], [['de-DE', 'Polly.Vicki-Neural'], ['en', 'Google.en-GB-Neural2-A']])
  t.equal(retrySms, true)
})

t.test('what is not set is not there', async (t) => {
  const { acs, twilio, retrySms } = alone()
  t.equal(acs, undefined)
  t.match(twilio, { messagingServiceSid: undefined, whatsapp: undefined, verifySid: undefined, region: undefined, edge: undefined, baseUrl: undefined, callbackUrl: undefined })
  t.same([...twilio?.voiceNames ?? ['none']], [])
  t.equal(retrySms, false)
  t.equal(readConfig({ TWILIO_REGION: 'ie1', TWILIO_BASE_URL: 'http://127.0.0.1:1' }, '/srv').twilio, undefined, 'Twilio is not wanted by what only refines it')
})

t.test('an API key does the sending, and the token checks', async (t) => {
  const { twilio } = alone({ ...KEY_PAIR, ...PUBLIC })
  t.equal(twilio?.credential.username, KEY_PAIR.TWILIO_API_KEY)
  t.equal(twilio?.credential.password.reveal(), 'the-secret-of-the-key')
  t.same(twilio?.authTokens.map((token) => token.reveal()), [TWILIO.TWILIO_AUTH_TOKEN])
  t.ok(twilio?.callbackUrl)
  const keyOnly = alone({ ...KEY_PAIR, ...PUBLIC, TWILIO_AUTH_TOKEN: undefined })
  t.same(keyOnly.twilio?.authTokens, [])
  t.equal(keyOnly.twilio?.callbackUrl, undefined, 'nothing that comes back could be believed')
})

t.test('where Twilio calls back', async (t) => {
  const LOCAL = 'http://127.0.0.1:8001'
  const cases: Array<[string, Environment, string | undefined, RegExp | undefined]> = [
    ['a host', PUBLIC, 'https://codes.example.com/events/twilio', undefined],
    ['below a path', { PUBLIC_URL: 'https://x.example.com/codes/' }, 'https://x.example.com/codes/events/twilio', undefined],
    ['without a query', { PUBLIC_URL: 'https://x.example.com:8443/codes?a=b' }, 'https://x.example.com:8443/codes/events/twilio', undefined],
    ['an underscore in the path', { PUBLIC_URL: 'https://x.example.com/a_b' }, 'https://x.example.com/a_b/events/twilio', undefined],
    ['both on this machine', { PUBLIC_URL: 'http://127.0.0.1:8000', TWILIO_BASE_URL: LOCAL }, 'http://127.0.0.1:8000/events/twilio', undefined],
    ['no token', { ...PUBLIC, ...KEY_PAIR, TWILIO_AUTH_TOKEN: '' }, undefined, /^Twilio's callbacks cannot be checked without TWILIO_AUTH_TOKEN: Twilio is asked for the status instead\.$/],
    ['no PUBLIC_URL', {}, undefined, /^Twilio cannot call back without PUBLIC_URL: /],
    ['this machine, as seen from Twilio', { PUBLIC_URL: 'http://localhost:8000' }, undefined, /^Twilio cannot reach PUBLIC_URL, which leads to this machine only: /],
    ['this machine, by https', { PUBLIC_URL: 'https://localhost:8000' }, undefined, /^Twilio cannot reach PUBLIC_URL/],
    ['this machine, as seen from a proxy', { PUBLIC_URL: 'http://localhost:8000', TWILIO_BASE_URL: 'https://proxy.example.com' }, undefined, /^Twilio cannot reach PUBLIC_URL/],
    ['an underscore in the host', { PUBLIC_URL: 'https://my_codes.example.com' }, undefined, /^Twilio does not call a host with an underscore in its name, as PUBLIC_URL has it: /]
  ]
  for (const [name, changes, href, warning] of cases) {
    const { twilio, warnings } = alone(changes)
    t.equal(twilio?.callbackUrl?.href, href, name)
    t.match(warnings, warning === undefined ? [] : [warning], name)
    t.equal(warnings.length, warning === undefined ? 0 : 1, name)
  }
})

t.test('Verify never calls back, so nobody is told that it cannot', async (t) => {
  const { warnings } = alone({ TWILIO_PHONE_NUMBER: '', TWILIO_VERIFY_SID: `VA${hex('b')}` })
  t.same(warnings, [])
  for (const other of [{ TWILIO_MESSAGING_SERVICE_SID: `MG${hex('d')}` }, WHATSAPP]) {
    t.match(alone({ TWILIO_PHONE_NUMBER: '', TWILIO_VERIFY_SID: `VA${hex('b')}`, ...other }).warnings, [/^Twilio cannot call back/])
  }
})

t.test('what is half configured is a problem in every mode', async (t) => {
  const account = { TWILIO_ACCOUNT_SID: `AC${hex('a')}` }
  const together = (pair: string): string => `${pair} must be set together.`
  const CREDENTIAL = 'TWILIO_AUTH_TOKEN, or TWILIO_API_KEY with TWILIO_API_SECRET, must be set: Twilio asks for a credential.'
  const number = { TWILIO_PHONE_NUMBER: '+15550200001' }
  const cases: Array<[string, Environment, string[]]> = [
    ['no credential', { ...account, ...number }, [CREDENTIAL]],
    ['a key without its secret', { ...account, ...number, TWILIO_API_KEY: KEY_PAIR.TWILIO_API_KEY }, [together('TWILIO_API_KEY and TWILIO_API_SECRET')]],
    ['a secret without its key', { ...account, ...number, TWILIO_API_SECRET: 'x' }, [together('TWILIO_API_KEY and TWILIO_API_SECRET')]],
    ['a key without its secret beside a token', { ...TWILIO, TWILIO_API_KEY: KEY_PAIR.TWILIO_API_KEY }, [together('TWILIO_API_KEY and TWILIO_API_SECRET')]],
    ['a WhatsApp number without a template', { ...TWILIO, TWILIO_WHATSAPP_NUMBER: '+15550200009' }, [together('TWILIO_WHATSAPP_NUMBER and TWILIO_WHATSAPP_CONTENT_SID')]],
    ['a template without a number', { ...TWILIO, TWILIO_WHATSAPP_CONTENT_SID: `HX${hex('e')}` }, [together('TWILIO_WHATSAPP_NUMBER and TWILIO_WHATSAPP_CONTENT_SID')]],
    ['an account that is wrong, which is not called missing as well', { ...TWILIO, TWILIO_ACCOUNT_SID: 'nonsense' }, ['TWILIO_ACCOUNT_SID must be AC and 32 hexadecimal digits.']],
    ['a number that is wrong', { ...TWILIO, TWILIO_PHONE_NUMBER: '5550200001' }, ['TWILIO_PHONE_NUMBER must be a number in E.164 form.']],
    ['a local origin over plain http that is not local', { ...TWILIO, TWILIO_BASE_URL: 'http://twilio.example.com' },
      ['TWILIO_BASE_URL must be an https:// URL without a path and a query (http:// for a loopback address only).']],
    ['everything but the account', { ...TWILIO, ...KEY_PAIR, ...WHATSAPP, TWILIO_ACCOUNT_SID: '' },
      ['TWILIO_ACCOUNT_SID must be set: there is TWILIO_AUTH_TOKEN, TWILIO_API_KEY, TWILIO_API_SECRET, TWILIO_PHONE_NUMBER, TWILIO_WHATSAPP_NUMBER, TWILIO_WHATSAPP_CONTENT_SID.']]
  ]
  for (const [name, environment, problems] of cases) {
    t.same(problemsOf(environment), problems, name)
    t.same(productionProblems(environment), problems, `${name}, in production, beside Azure`)
  }
  for (const name of ['TWILIO_AUTH_TOKEN', 'TWILIO_PHONE_NUMBER', 'TWILIO_MESSAGING_SERVICE_SID', 'TWILIO_VERIFY_SID']) {
    const value = { TWILIO_MESSAGING_SERVICE_SID: `MG${hex('d')}`, TWILIO_VERIFY_SID: `VA${hex('b')}` }[name] ?? TWILIO[name]
    t.same(problemsOf({ [name]: value }), [`TWILIO_ACCOUNT_SID must be set: there is ${name}.`])
  }
})

t.test('production starts with Twilio alone, and asks nothing of Azure then', async (t) => {
  t.same(aloneProblems({}), [])
  t.same(aloneProblems({ EVENT_GRID_SECRET: 'short', EVENT_GRID_TENANT_ID: 'tenant' }), [], 'what is of Azure does not count')
  for (const sender of [{ TWILIO_MESSAGING_SERVICE_SID: `MG${hex('d')}` }, { TWILIO_VERIFY_SID: `VA${hex('b')}` }, WHATSAPP]) {
    t.same(aloneProblems({ TWILIO_PHONE_NUMBER: undefined, ...sender }), [], Object.keys(sender).join())
  }
  t.same(aloneProblems({ TWILIO_PHONE_NUMBER: undefined }),
    ['TWILIO_PHONE_NUMBER, TWILIO_MESSAGING_SERVICE_SID, TWILIO_WHATSAPP_NUMBER or TWILIO_VERIFY_SID must be set: Twilio has nothing to send by.'])
  t.same(problemsOf({ ...TWILIO, TWILIO_PHONE_NUMBER: undefined }), [], 'development may be half done')
  t.same(aloneProblems({ ACS_CONNECTION_STRING: ACS }).length, 2, 'beside Azure both are asked')
  t.same(productionProblems({ ...VOICE, ...TWILIO }), [])
})

t.test('a configuration can be printed without giving a secret of Twilio away', async (t) => {
  const config = alone({ ...KEY_PAIR, TWILIO_AUTH_TOKEN: 'the-new-token,the-old-token' })
  const printed = inspect(config, { depth: 9 }) + JSON.stringify(config)
  for (const secret of ['the-new-token', 'the-old-token', 'the-secret-of-the-key']) t.notOk(printed.includes(secret), secret)
})
