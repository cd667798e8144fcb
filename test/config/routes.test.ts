import t from 'tap'
import { readConfig, type Config } from '../../src/config/config.ts'
import type { Environment } from '../../src/config/read-settings.ts'
import { ACS, hex, PRODUCTION, problemsOf, TWILIO, TWILIO_ALONE, VOICE } from './environments.ts'

const PUBLIC_URL = 'https://codes.example.com'

/** Both vendors, with everything that they can do. */
const ALL: Environment = {
  ...PRODUCTION,
  ...VOICE,
  ...TWILIO,
  ACS_RESOURCE_ID: 'a-resource',
  DEFAULT_COUNTRY: 'US',
  TWILIO_WHATSAPP_NUMBER: '+15550200009',
  TWILIO_WHATSAPP_CONTENT_SID: `HX${hex('e')}`,
  TWILIO_VERIFY_SID: `VA${hex('b')}`
}

const all = (changes: Environment = {}): Config => readConfig({ ...ALL, ...changes }, '/srv')
const namesOf = ({ routes: { sms, voice, whatsapp } }: Config): ReadonlyArray<readonly string[]> => [sms.names, voice.names, whatsapp.names]

t.test('where no route is set, every provider that is configured is tried, Azure first', async (t) => {
  const cases: Array<[string, Environment, string[][]]> = [
    ['both vendors', ALL, [['acs-sms', 'twilio-sms', 'twilio-verify'], ['acs-voice', 'twilio-voice', 'twilio-verify'], ['twilio-whatsapp', 'twilio-verify']]],
    ['nothing', {}, [[], [], []]],
    ['Azure, texts only', PRODUCTION, [['acs-sms'], [], []]],
    ['Azure, texts and calls', { ...PRODUCTION, ...VOICE }, [['acs-sms'], ['acs-voice'], []]],
    ['Azure, calls called back elsewhere', { ...PRODUCTION, ...VOICE, PUBLIC_URL: '', ACS_CALLBACK_URL: 'https://y.example.com/azure' }, [['acs-sms'], ['acs-voice'], []]],
    ['Azure with a number and no sender', { ...PRODUCTION, ACS_SENDER_ID: '', ACS_SOURCE_PHONE_NUMBER: '+15550100001' }, [['acs-sms'], [], []]],
    ['Twilio with a number', TWILIO, [['twilio-sms'], ['twilio-voice'], []]],
    ['Twilio with a service', { ...TWILIO, TWILIO_PHONE_NUMBER: '', MESSAGING_SERVICE_SID: `MG${hex('d')}` }, [['twilio-sms'], [], []]],
    ['Twilio Verify', { ...TWILIO, TWILIO_PHONE_NUMBER: '', TWILIO_VERIFY_SID: `VA${hex('b')}` }, [['twilio-verify'], ['twilio-verify'], ['twilio-verify']]],
    ['Twilio with a key press and callbacks', { ...TWILIO, PUBLIC_URL, VOICE_CONFIRM: 'keypress' }, [['twilio-sms'], ['twilio-voice'], []]],
    ['Twilio with a key press and no callbacks', { ...TWILIO, VOICE_CONFIRM: 'keypress' }, [['twilio-sms'], [], []]]
  ]
  for (const [name, environment, names] of cases) t.same(namesOf(readConfig(environment, '/srv')), names, name)
})

t.test('a provider is on a route only where the configuration has what it needs', async (t) => {
  for (const missing of Object.keys(ALL).filter((name) => /^(ACS|TWILIO)_|^PUBLIC_URL$/.test(name))) {
    let config: Config
    try {
      config = all({ NODE_ENV: 'development', [missing]: undefined })
    } catch {
      continue
    }
    const { acs, twilio, routes: { sms, voice, whatsapp } } = config
    t.equal(sms.names.includes('acs-sms'), acs?.sms !== undefined, `acs-sms without ${missing}`)
    t.equal(voice.names.includes('acs-voice'), acs?.voice !== undefined, `acs-voice without ${missing}`)
    t.equal(voice.names.includes('twilio-voice'), twilio?.phoneNumber !== undefined, `twilio-voice without ${missing}`)
    t.equal(whatsapp.names.includes('twilio-whatsapp'), twilio?.whatsapp !== undefined, `twilio-whatsapp without ${missing}`)
    t.equal(sms.names.includes('twilio-verify'), twilio?.verifySid !== undefined, `twilio-verify without ${missing}`)
  }
})

t.test('a route that is set is the order, by country too', async (t) => {
  const { routes, warnings } = all({
    SMS_ROUTE: 'twilio-verify, acs-sms',
    VOICE_ROUTE: 'twilio-voice',
    SMS_ROUTE_ES: 'twilio-sms',
    SMS_ROUTE_FR: 'twilio-sms,acs-sms',
    VOICE_ROUTE_DE: 'twilio-verify',
    WHATSAPP_ROUTE_BR: 'twilio-verify,twilio-whatsapp',
    SMS_ROUTE_IT: ' '
  })
  t.same(routes.sms, { names: ['twilio-verify', 'acs-sms'], byCountry: new Map([['ES', ['twilio-sms']], ['FR', ['twilio-sms', 'acs-sms']]]) })
  t.same(routes.voice, { names: ['twilio-voice'], byCountry: new Map([['DE', ['twilio-verify']]]) })
  t.same(routes.whatsapp, { names: ['twilio-whatsapp', 'twilio-verify'], byCountry: new Map([['BR', ['twilio-verify', 'twilio-whatsapp']]]) })
  t.same(warnings, [])
})

t.test('a route that is wrong is told of, and nothing that follows from it', async (t) => {
  const NAMES = 'one or more of acs-sms, twilio-sms, twilio-verify, separated by commas, none twice.'
  for (const route of ['acs-voice', 'acs-sms,acs-sms', 'Twilio', ';']) {
    t.same(problemsOf({ ...ALL, SMS_ROUTE: route }), [`SMS_ROUTE must be ${NAMES}`], route)
    t.same(problemsOf({ ...ALL, SMS_ROUTE_ES: route }), [`SMS_ROUTE_ES must be ${NAMES}`], route)
  }
  for (const country of ['UK', 'es', 'ESP', '']) {
    t.same(problemsOf({ ...ALL, [`VOICE_ROUTE_${country}`]: 'acs-voice' }), [`VOICE_ROUTE_${country} must end with the two-letter code of a country, as in ISO 3166 (GB, not UK).`], country)
  }
})

t.test('a provider of a route that is set and that lacks its settings is left out, and the log is told what they are', async (t) => {
  const { routes, warnings } = readConfig({
    ...TWILIO_ALONE, PUBLIC_URL, SMS_ROUTE: 'acs-sms,twilio-sms', SMS_ROUTE_ES: 'twilio-verify,twilio-sms', VOICE_ROUTE: 'acs-voice,twilio-voice', ACS_COGNITIVE_SERVICES_ENDPOINT: 'https://unit.example.com'
  }, '/srv')
  t.same(routes.sms, { names: ['twilio-sms'], byCountry: new Map([['ES', ['twilio-sms']]]) })
  t.same(routes.voice.names, ['twilio-voice'])
  t.same(warnings, [
    'A provider is left out of SMS_ROUTE: acs-sms needs ACS_CONNECTION_STRING and ACS_SENDER_ID or ACS_SOURCE_PHONE_NUMBER.',
    'A provider is left out of VOICE_ROUTE: acs-voice needs ACS_CONNECTION_STRING and ACS_SOURCE_PHONE_NUMBER.',
    'A provider is left out of SMS_ROUTE_ES: twilio-verify needs TWILIO_VERIFY_SID.'
  ])
})

t.test('a route of which nothing is left is a problem in production, and a warning in development', async (t) => {
  const sentences = [
    'SMS_ROUTE is left without a provider: acs-sms needs ACS_CONNECTION_STRING and ACS_SENDER_ID or ACS_SOURCE_PHONE_NUMBER; twilio-verify needs TWILIO_VERIFY_SID.',
    'VOICE_ROUTE_ES is left without a provider: acs-voice needs ACS_CONNECTION_STRING, ACS_SOURCE_PHONE_NUMBER, ACS_COGNITIVE_SERVICES_ENDPOINT and ACS_CALLBACK_URL or PUBLIC_URL.',
    'WHATSAPP_ROUTE_BR is left without a provider: twilio-whatsapp needs TWILIO_WHATSAPP_NUMBER and TWILIO_WHATSAPP_CONTENT_SID.'
  ]
  const routes = { SMS_ROUTE: 'acs-sms,twilio-verify', VOICE_ROUTE_ES: 'acs-voice', WHATSAPP_ROUTE_BR: 'twilio-whatsapp' }
  t.same(problemsOf({ ...TWILIO_ALONE, ...routes }), sentences)
  const development = readConfig({ ...TWILIO_ALONE, ...routes, NODE_ENV: 'development' }, '/srv')
  t.same(development.warnings, [...sentences, 'Twilio cannot call back without PUBLIC_URL: Twilio is asked for the status instead.'])
  t.same(development.routes.sms.names, [])
  t.same(development.routes.voice, { names: ['twilio-voice'], byCountry: new Map([['ES', []]]) }, 'what is not to go by another provider does not')
  t.same(problemsOf({ NODE_ENV: 'production', SECRET_HEADER: 'a-long-enough-secret', GATEWAY_KEYS: PRODUCTION.GATEWAY_KEYS, SMS_ROUTE: 'acs-sms' }),
    ['A provider is needed in production: set ACS_CONNECTION_STRING or TWILIO_ACCOUNT_SID.'], 'without any provider that alone is said')
})

t.test('a channel is off where no provider of it is left, and only then', async (t) => {
  const off = (environment: Environment): string[] => readConfig(environment, '/srv').warnings.filter((warning) => warning.includes('are off'))
  const CALLS = 'Calls are off: acs-voice needs ACS_SOURCE_PHONE_NUMBER, ACS_COGNITIVE_SERVICES_ENDPOINT and ACS_CALLBACK_URL or PUBLIC_URL'
  t.same(off({ ACS_CONNECTION_STRING: ACS }), ['Text messages are off: acs-sms needs ACS_SENDER_ID or ACS_SOURCE_PHONE_NUMBER.', `${CALLS}.`])
  t.same(off({ ACS_CONNECTION_STRING: ACS, ...TWILIO }), [], 'Twilio stands in')
  t.same(off({ ACS_CONNECTION_STRING: ACS, ...TWILIO, TWILIO_PHONE_NUMBER: '', TWILIO_VERIFY_SID: `VA${hex('b')}` }), [])
  t.same(off({ ACS_CONNECTION_STRING: ACS, ...TWILIO, TWILIO_PHONE_NUMBER: '', TWILIO_MESSAGING_SERVICE_SID: `MG${hex('d')}` }),
    [`${CALLS}; twilio-voice needs TWILIO_PHONE_NUMBER; twilio-verify needs TWILIO_VERIFY_SID.`])
  t.same(off({ ...TWILIO, TWILIO_PHONE_NUMBER: '' }), [
    'Text messages are off: twilio-sms needs TWILIO_PHONE_NUMBER or TWILIO_MESSAGING_SERVICE_SID; twilio-verify needs TWILIO_VERIFY_SID.',
    'Calls are off: twilio-voice needs TWILIO_PHONE_NUMBER; twilio-verify needs TWILIO_VERIFY_SID.'
  ])
  t.same(off({}), [], 'the sandbox stands in')
})

t.test('calls that ask for a key need callbacks: without them Twilio places none, and the log is told in any case', async (t) => {
  const NEEDS = 'twilio-voice needs TWILIO_AUTH_TOKEN and a PUBLIC_URL that Twilio can reach, because of VOICE_CONFIRM=keypress.'
  const KEY_PAIR = { TWILIO_API_KEY: `SK${hex('c')}`, TWILIO_API_SECRET: 'x' }
  const beside = all({ ...KEY_PAIR, TWILIO_AUTH_TOKEN: '', VOICE_CONFIRM: 'keypress' })
  t.same(beside.routes.voice.names, ['acs-voice', 'twilio-verify'])
  t.same(beside.warnings, [`A provider is left out of VOICE_ROUTE: ${NEEDS}`, 'Twilio\'s callbacks cannot be checked without TWILIO_AUTH_TOKEN: Twilio is asked for the status instead.'])
  const alone = readConfig({ ...TWILIO_ALONE, VOICE_CONFIRM: 'keypress' }, '/srv')
  t.same(alone.routes.voice.names, [])
  t.same(alone.warnings, [`Calls are off: ${NEEDS.replace('.', '; twilio-verify needs TWILIO_VERIFY_SID.')}`, 'Twilio cannot call back without PUBLIC_URL: Twilio is asked for the status instead.'])
  t.same(problemsOf({ ...TWILIO_ALONE, VOICE_CONFIRM: 'keypress', VOICE_ROUTE: 'twilio-voice' }), [`VOICE_ROUTE is left without a provider: ${NEEDS}`])
  t.same(problemsOf({ ...TWILIO_ALONE, VOICE_CONFIRM: 'keypress', VOICE_ROUTE: 'twilio-voice', PUBLIC_URL: 'codes.example.com' }),
    ['PUBLIC_URL must be an https:// URL of at most 400 characters (http:// for a loopback address only), whose path has letters, digits and . _ ~ - only.'], 'a URL that is wrong is not called missing as well')
  t.same(all({ VOICE_CONFIRM: 'keypress' }).warnings, [], 'and nothing is said where all is well')
})
