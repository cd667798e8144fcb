import t from 'tap'
import { inspect } from 'node:util'
import { readConfig, type Config } from '../../src/config/config.ts'
import type { Environment } from '../../src/config/read-settings.ts'
import { SETTINGS } from '../../src/config/settings.ts'
import { ACS, KEY, PRODUCTION, problemsOf, production, productionProblems, TWILIO, VOICE } from './environments.ts'

t.test('an empty environment is a development with a sandbox and the documented defaults', async (t) => {
  const config = readConfig({}, '/srv')
  t.match(config, {
    production: false,
    listen: { host: '127.0.0.1', port: 8000, portIsFixed: false },
    publicUrl: undefined,
    logLevel: 'info',
    adminSecret: undefined,
    keys: { keys: [], waiting: 0 },
    store: { engine: 'sqlite', file: '/srv/data/gateway.db' },
    retentionDays: 30,
    defaultCountry: undefined,
    codeLifetimeMs: 300_000,
    budgetMs: 8000,
    acs: undefined,
    twilio: undefined,
    retrySms: false,
    voice: { repeats: 3, confirm: 'none', maxMs: 90_000 },
    incomingCalls: 'reject',
    sandbox: { host: '127.0.0.1', port: 8001, portIsFixed: false },
    warnings: []
  })
  t.same([...config.callers], [['default', []]])
  t.same([...config.voice.names], [])
})

t.test('every setting reaches the configuration', async (t) => {
  const config = production({
    ...VOICE,
    PORT: '9000',
    HOST: '192.0.2.1',
    LOG_LEVEL: 'warn',
    SECRET_HEADER: 'the-first-long-secret, the-second-long-secret',
    CALLERS: 'shop:the-shop-long-secret,desk:the-desk-long-secret,shop:the-other-shop-secret',
    ADMIN_SECRET: 'the-admin-long-secret',
    GATEWAY_KEYS: `${Buffer.alloc(32, 2).toString('base64')},${KEY}`,
    STORE_URL: 'sqlite:/var/lib/gateway.db',
    RETENTION_DAYS: '7',
    DEFAULT_COUNTRY: 'DE',
    CODE_TTL_SECONDS: '60',
    DIRECT_BUDGET_MS: '2500',
    ACS_SENDER_ID: 'Example',
    ACS_SENDER_ID_US: '+15550100009',
    ACS_SENDER_ID_FR: 'Exemple',
    ACS_RESOURCE_ID: 'a-resource',
    ACS_CALLBACK_ISSUER: 'https://issuer.example.com/',
    ACS_CALLBACK_JWKS_URL: 'https://issuer.example.com/keys',
    ACS_TRUST_REPEATABILITY: 'on',
    EVENT_GRID_TENANT_ID: 'a-tenant',
    EVENT_GRID_AUDIENCE: 'api://one, two',
    VOICE_REPEATS: '2',
    VOICE_CONFIRM: 'keypress',
    VOICE_NAMES: 'de-DE=de-DE-KatjaNeural, en=en-GB-RyanNeural',
    VOICE_MAX_SECONDS: '45',
    INCOMING_CALLS: 'call-back'
  })
  t.match(config, {
    production: true,
    listen: { host: '192.0.2.1', port: 9000, portIsFixed: true },
    logLevel: 'warn',
    store: { engine: 'sqlite', file: '/var/lib/gateway.db' },
    retentionDays: 7,
    defaultCountry: 'DE',
    codeLifetimeMs: 60_000,
    budgetMs: 2500,
    voice: { repeats: 2, confirm: 'keypress', maxMs: 45_000 },
    incomingCalls: 'call-back',
    sandbox: undefined,
    warnings: []
  })
  t.equal(config.publicUrl?.href, 'https://codes.example.com/')
  t.equal(config.adminSecret?.reveal(), 'the-admin-long-secret')
  t.same(config.keys, { keys: [Buffer.alloc(32, 2), Buffer.alloc(32, 1)], waiting: 0 }, 'newest first')
  t.same([...config.voice.names], [['de-DE', 'de-DE-KatjaNeural'], ['en', 'en-GB-RyanNeural']])
  const callers = [...config.callers].map(([name, secrets]) => [name, ...secrets.map((secret) => secret.reveal())])
  t.same(callers, [
    ['default', 'the-first-long-secret', 'the-second-long-secret'],
    ['shop', 'the-shop-long-secret', 'the-other-shop-secret'],
    ['desk', 'the-desk-long-secret']
  ])
  const acs = config.acs
  t.equal(acs?.account.endpoint.href, 'https://unit.communication.azure.com/')
  t.equal(acs?.account.accessKey.reveal(), 'c2VjcmV0')
  t.equal(acs?.sms?.sender, 'Example')
  t.same([...acs?.sms?.countrySenders ?? []], [['US', '+15550100009'], ['FR', 'Exemple']])
  t.same(acs?.voice?.sources, ['+15550100001', '+15550100002'])
  t.equal(acs?.voice?.callbackUrl.href, 'https://codes.example.com/events')
  t.same(acs?.ownNumbers, ['+15550100001', '+15550100002', '+15550100009'], 'names are no numbers')
  t.same(acs?.callbackToken, { resourceId: 'a-resource', issuer: 'https://issuer.example.com', jwksUrl: new URL('https://issuer.example.com/keys') })
  t.same(acs?.eventGrid.secrets.map((secret) => secret.reveal()), ['another-long-secret'])
  t.same(acs?.eventGrid.entra, { tenantId: 'a-tenant', audiences: ['api://one', 'two'], authority: new URL('https://login.microsoftonline.com') })
  t.equal(acs?.trustRepeatability, true)
})

t.test('production listens on all addresses, at the port that is set', async (t) => {
  t.same(production().listen, { host: '0.0.0.0', port: 8000, portIsFixed: true })
})

t.test('a port that is set is taken as it is in development too', async (t) => {
  t.same(readConfig({ PORT: '9001' }, '/srv').listen, { host: '127.0.0.1', port: 9001, portIsFixed: true })
  t.same(readConfig({ SANDBOX_PORT: '9002' }, '/srv').sandbox, { host: '127.0.0.1', port: 9002, portIsFixed: true })
})

t.test('an empty setting counts as not set, and spaces around a value do not count', async (t) => {
  const config = readConfig({ PORT: ' ', LOG_LEVEL: '', DEFAULT_COUNTRY: '  DE ', ACS_SENDER_ID_US: ' ' }, '/srv')
  t.match(config, { listen: { port: 8000, portIsFixed: false }, logLevel: 'info', defaultCountry: 'DE' })
})

t.test('all problems are told at once, by name, and no value is ever echoed', async (t) => {
  const problems = problemsOf({ ...Object.fromEntries(Object.keys(SETTINGS).map((name) => [name, `;\u0007échoed-${name.toLowerCase()}\n`])), ACS_SENDER_ID_US: '!echoed', ACS_SENDER_ID_UK: 'Echoed', SMS_ROUTE_US: 'echoed-sms' })
  const takesAnything = ['SECRET_HEADER', 'ADMIN_SECRET', 'EVENT_GRID_SECRET', 'TWILIO_AUTH_TOKEN', 'TWILIO_API_SECRET', 'HOST', 'SANDBOX_HOST', 'ACS_RESOURCE_ID', 'EVENT_GRID_AUDIENCE', 'OKTA_AUDIENCE', 'ZITADEL_SIGNING_KEY', 'AUTH0_SMS_GATEWAY_SECRET', 'AUTH0_SMS_GATEWAY_AUDIENCE', 'HOOKS_FILE', 'STORE_CA_FILE', 'WORDING_DIR', 'VERIFICATION_PROFILES_FILE', 'DEMO_SECRET', 'METRICS_TOKEN', 'EVENT_GRID_TOPIC_KEY', 'OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_TRACES_HEADERS']
  for (const name of Object.keys(SETTINGS)) {
    if (!takesAnything.includes(name)) t.ok(problems.some((problem) => problem.startsWith(`${name} must be `)), name)
  }
  t.ok(problems.some((problem) => problem.startsWith('ACS_SENDER_ID_US must be ')))
  t.ok(problems.some((problem) => problem.startsWith('SMS_ROUTE_US must be ')))
  t.ok(problems.some((problem) => problem.startsWith('ACS_SENDER_ID_UK must end with ')))
  t.notMatch(problems.join('\n'), /choed/i)
})

t.test('the message of SettingsWrong says what it is, a problem a line', async (t) => {
  t.throws(() => readConfig({ PORT: 'x', LOG_LEVEL: 'y' }, '/srv'), {
    name: 'SettingsWrong',
    message: 'The settings are wrong:\n  - PORT must be a whole number from 0 to 65535.\n  - LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent.'
  })
})

t.test('a secret that is swapped with its name is not echoed by the complaint that two share it', async (t) => {
  const problems = problemsOf({ CALLERS: 'hunter2hunter2:shop,desk:shop' })
  t.same(problems, ['CALLERS (caller 2) must not share a secret with CALLERS (caller 1).'])
})

t.test('one secret tells who calls: it may not be shared', async (t) => {
  t.same(problemsOf({ SECRET_HEADER: 'one,two', ADMIN_SECRET: 'two' }), ['ADMIN_SECRET must not share a secret with SECRET_HEADER.'])
  t.same(problemsOf({ ADMIN_SECRET: 'two', CALLERS: 'a:one,b:two' }), ['CALLERS (caller 2) must not share a secret with ADMIN_SECRET.'])
  t.same(problemsOf({ SECRET_HEADER: 'one,one' }), [], 'the same twice under one name harms nobody')
})

t.test('a secret never looks like a header with its scheme', async (t) => {
  const says = (setting: string): string[] => [`${setting} must be written without Basic or Bearer in front: that is the header's, and no part of the secret.`]
  for (const secret of ['Bearer hunter2hunter2', 'bearer x', 'Basic aHVudGVyMg==', 'BASIC']) {
    t.same(problemsOf({ SECRET_HEADER: `one,${secret}` }), says('SECRET_HEADER'), secret)
    t.same(problemsOf({ ADMIN_SECRET: secret }), says('ADMIN_SECRET'), secret)
    t.same(problemsOf({ CALLERS: `a:one,b:${secret}` }), says('CALLERS (caller 2)'), secret)
  }
  for (const secret of ['Bearers', 'basic-hunter2', 'my Bearer x']) t.same(problemsOf({ SECRET_HEADER: secret }), [], secret)
})

t.test('production refuses to start', async (t) => {
  const refused: Array<[string, Environment, string[]]> = [
    ['without a provider', { ACS_CONNECTION_STRING: undefined }, ['A provider is needed in production: set ACS_CONNECTION_STRING or TWILIO_ACCOUNT_SID.']],
    ['without SECRET_HEADER', { SECRET_HEADER: '' }, ['SECRET_HEADER must be set in production.']],
    ['with a short SECRET_HEADER', { SECRET_HEADER: 'fifteen-letters' }, ['SECRET_HEADER must have at least 16 characters in production.']],
    ['with one short secret among long ones', { SECRET_HEADER: 'a-long-enough-secret,short' }, ['SECRET_HEADER must have at least 16 characters in production.']],
    ['with a short ADMIN_SECRET', { ADMIN_SECRET: 'short' }, ['ADMIN_SECRET must have at least 16 characters in production.']],
    ['with a short secret of a caller', { CALLERS: 'shop:short' }, ['Every secret of CALLERS must have at least 16 characters in production.']],
    ['with a short EVENT_GRID_SECRET', { EVENT_GRID_SECRET: 'short' }, ['EVENT_GRID_SECRET must have at least 16 characters in production.']],
    ['without GATEWAY_KEYS', { GATEWAY_KEYS: undefined }, ['GATEWAY_KEYS must be set in production.']],
    ['with a wrong key, which is not called missing as well', { GATEWAY_KEYS: 'c2hvcnQ=' }, ['GATEWAY_KEYS must be one or more keys of 32 bytes in base64, newest first, separated by commas; ~ may stand in front of the newest, but not of all.']],
    ['with a wrong connection string, which is not called missing as well', { ACS_CONNECTION_STRING: 'nonsense' },
      ['ACS_CONNECTION_STRING must be endpoint=https://…;accesskey=… as the Azure portal shows it (http:// for a loopback address only).']],
    ['without a sender', { ACS_SENDER_ID: undefined }, ['ACS_SENDER_ID or ACS_SOURCE_PHONE_NUMBER must be set: messages need a sender.']],
    ['without a credential of Event Grid', { EVENT_GRID_SECRET: undefined },
      ['EVENT_GRID_SECRET, or EVENT_GRID_TENANT_ID with EVENT_GRID_AUDIENCE, must be set: delivery reports need a credential.']],
    ['with a tenant and no audience', { EVENT_GRID_TENANT_ID: 'tenant' }, ['EVENT_GRID_TENANT_ID and EVENT_GRID_AUDIENCE must be set together.']],
    ['with an audience and no tenant', { EVENT_GRID_AUDIENCE: 'api://x' }, ['EVENT_GRID_TENANT_ID and EVENT_GRID_AUDIENCE must be set together.']],
    ['with voice and no number to call from', { ...VOICE, ACS_SOURCE_PHONE_NUMBER: '' }, ['ACS_SOURCE_PHONE_NUMBER must be set: calls need a number to come from.']],
    ['with settings that are wrong, of which none is told of a second time as missing', { ...VOICE, ACS_SOURCE_PHONE_NUMBER: '18335550100', PUBLIC_URL: 'http://x' }, ['PUBLIC_URL must be an https:// URL of at most 400 characters (http:// for a loopback address only), whose path has letters, digits and . _ ~ - only.', 'ACS_SOURCE_PHONE_NUMBER must be one or more numbers in E.164 form, separated by commas.']],
    ['with voice and no callback URL', { ...VOICE, PUBLIC_URL: '' }, ['PUBLIC_URL or ACS_CALLBACK_URL must be set: calls need callbacks.']],
    ['with voice and a PUBLIC_URL that is not https', { ...VOICE, PUBLIC_URL: 'http://localhost:8000' }, ['PUBLIC_URL must be https in production.']],
    ['with voice and an ACS_CALLBACK_URL that is not https', { ...VOICE, ACS_CALLBACK_URL: 'http://127.0.0.1/events' }, ['ACS_CALLBACK_URL must be https in production.']],
    ['with SANDBOX=on', { SANDBOX: 'on', ACS_CONNECTION_STRING: undefined },
      ['SANDBOX must not be on in production.', 'A provider is needed in production: set ACS_CONNECTION_STRING or TWILIO_ACCOUNT_SID.']],
    ['with SANDBOX=off and no provider, which is said once', { SANDBOX: 'off', ACS_CONNECTION_STRING: undefined },
      ['With SANDBOX off a provider is needed: set ACS_CONNECTION_STRING or TWILIO_ACCOUNT_SID.']]
  ]
  for (const [name, changes, problems] of refused) t.same(productionProblems(changes), problems, name)
  t.same(productionProblems({}), [], 'and starts otherwise')
  t.same(productionProblems({ EVENT_GRID_SECRET: '', EVENT_GRID_TENANT_ID: 'tenant', EVENT_GRID_AUDIENCE: 'api://x' }), [], 'also with Entra alone')
  t.same(productionProblems({ PUBLIC_URL: 'http://localhost:8000' }), [], 'without voice nobody calls back')
  t.same(productionProblems({ ...VOICE, PUBLIC_URL: 'http://localhost', ACS_CALLBACK_URL: 'https://x.example.com/events' }), [], 'the callback URL is what counts')
  t.same(problemsOf({ SECRET_HEADER: 'short', ADMIN_SECRET: 'tiny' }), [], 'development may have short secrets')
})

t.test('production tells of everything that is missing at once', async (t) => {
  t.same(problemsOf({ NODE_ENV: ' production ' }), [
    'SECRET_HEADER must be set in production.',
    'GATEWAY_KEYS must be set in production.',
    'A provider is needed in production: set ACS_CONNECTION_STRING or TWILIO_ACCOUNT_SID.'
  ])
})

t.test('a sandbox never runs beside a real provider, in whatever mode', async (t) => {
  const refusal = 'SANDBOX must not be on together with a real provider (ACS_CONNECTION_STRING).'
  for (const mode of ['development', 'test', 'production']) {
    t.ok(productionProblems({ NODE_ENV: mode, SANDBOX: 'on' }).includes(refusal), mode)
    t.ok(productionProblems({ NODE_ENV: mode, SANDBOX: 'on', ACS_CONNECTION_STRING: 'wrong' }).includes(refusal), `${mode}, and a connection string that is wrong`)
  }
  t.equal(readConfig({ ...PRODUCTION, NODE_ENV: 'development' }, '/srv').sandbox, undefined, 'auto is off then')
})

t.test('Twilio is a real provider as well', async (t) => {
  t.same(problemsOf({ ...TWILIO, SANDBOX: 'on' }), ['SANDBOX must not be on together with a real provider (TWILIO_ACCOUNT_SID).'])
  t.same(problemsOf({ ...TWILIO, ACS_CONNECTION_STRING: ACS, SANDBOX: 'on' }),
    ['SANDBOX must not be on together with a real provider (ACS_CONNECTION_STRING, TWILIO_ACCOUNT_SID).'])
  t.same(problemsOf({ ...TWILIO, SANDBOX: 'off' }), [])
  t.equal(readConfig(TWILIO, '/srv').sandbox, undefined, 'auto is off beside it')
})

t.test('the sandbox runs where it is asked for, and never where it is off', async (t) => {
  t.same(readConfig({ SANDBOX: 'on', SANDBOX_HOST: '0.0.0.0' }, '/srv').sandbox, { host: '0.0.0.0', port: 8001, portIsFixed: false })
  t.same(problemsOf({ SANDBOX: 'off' }), ['With SANDBOX off a provider is needed: set ACS_CONNECTION_STRING or TWILIO_ACCOUNT_SID.'])
  t.equal(readConfig({ SANDBOX: 'off', ACS_CONNECTION_STRING: ACS }, '/srv').sandbox, undefined)
})

t.test('where Azure calls back', async (t) => {
  const callbackUrl = (changes: Environment): string | undefined => production({ ...VOICE, ...changes }).acs?.voice?.callbackUrl.href
  t.equal(callbackUrl({ PUBLIC_URL: 'https://x.example.com' }), 'https://x.example.com/events')
  t.equal(callbackUrl({ PUBLIC_URL: 'https://x.example.com/codes/' }), 'https://x.example.com/codes/events', 'below a path')
  t.equal(callbackUrl({ PUBLIC_URL: 'https://x.example.com/codes?a=b' }), 'https://x.example.com/codes/events', 'without a query')
  t.equal(callbackUrl({ ACS_CALLBACK_URL: 'https://y.example.com/azure' }), 'https://y.example.com/azure', 'the full URL wins')
})

t.test('the sender of texts is the first number for calls, where no other is set', async (t) => {
  const acs = production({ ...VOICE, ACS_SENDER_ID: undefined }).acs
  t.equal(acs?.sms?.sender, '+15550100001')
  t.same(acs?.ownNumbers, ['+15550100001', '+15550100002'])
})

t.test('what is half set works as far as it goes, and the log is told', async (t) => {
  const development = (changes: Environment): Config => readConfig({ ACS_CONNECTION_STRING: ACS, ...changes }, '/srv')
  const bare = development({})
  t.match(bare.acs, { sms: undefined, voice: undefined, callbackToken: undefined, eventGrid: { secrets: [], entra: undefined }, trustRepeatability: false })
  t.match(bare.warnings, [/^Text messages are off/, /^Calls are off/, /^Numbers without \+ are refused/])
  const voice = development({ ...VOICE, DEFAULT_COUNTRY: 'US' })
  t.match(voice.warnings, [/^Call callbacks are checked by their sealed token alone/])
  t.equal(voice.warnings.length, 1)
  const answering = { INCOMING_CALLS: 'announce' }
  t.ok(development(answering).warnings.some((warning) => warning.startsWith('INCOMING_CALLS does nothing')))
  t.same(development({ ...VOICE, ...answering, DEFAULT_COUNTRY: 'US' }).warnings, voice.warnings)
  for (const missing of Object.keys(VOICE)) {
    t.equal(development({ ...VOICE, [missing]: undefined }).acs?.voice, undefined, `no calls without ${missing}`)
  }
})

t.test('a configuration can be printed without giving a secret away', async (t) => {
  const config = production({ ADMIN_SECRET: 'the-admin-long-secret', CALLERS: 'shop:the-shop-long-secret' })
  const printed = inspect(config, { depth: 9 }) + JSON.stringify(config)
  for (const secret of ['a-long-enough-secret', 'another-long-secret', 'the-admin-long-secret', 'the-shop-long-secret', 'c2VjcmV0']) {
    t.notOk(printed.includes(secret), secret)
  }
})

t.test('what apps have in their environment to ask the gateway is not taken for a mistake', async (t) => {
  const { warnings } = readConfig({ GATEWAY_URL: 'http://127.0.0.1:8000', GATEWAY_SECRET: 'secret', GATEWAY_SECRETS: 'secret', GATEWAY_URLS: 'x' }, '/')
  t.same(warnings, ['GATEWAY_SECRETS', 'GATEWAY_URLS'].map((name) => `${name} is not a setting of the gateway: is it misspelt?`))
})

t.test('a name that looks like a setting of ours and is none is told of, without its value', async (t) => {
  const { warnings } = readConfig({
    VOICE_CONFIRMS: 'keypress', ACS_SENDER_ID_DE: '+4915112345678', ACS_SENDRE: 'secret', PATH: '/bin', VOICE_REPEATS: '2', TWILIO_FROM: 'x', RETRY_VOICE: '1', SMS_ROUTES: 'x', WHATSAPP_ROUT: 'x', VOICE_ROUTE_DE: 'acs-voice'
  }, '/')
  t.same(warnings, ['VOICE_CONFIRMS', 'ACS_SENDRE', 'TWILIO_FROM', 'RETRY_VOICE', 'SMS_ROUTES', 'WHATSAPP_ROUT'].map((name) => `${name} is not a setting of the gateway: is it misspelt?`))
})
