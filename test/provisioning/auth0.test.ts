import { readFileSync } from 'node:fs'
import t from 'tap'
import { readTerraform } from './hcl.ts'
import { exportedBy, filesOf, SECRET, standFor, URL_OF_GATEWAY, type Asked, type Reply } from './stand.ts'

const ACTION = readFileSync(new URL('../../src/auth0-action/custom-phone-provider.js', import.meta.url), 'utf8')
const files = filesOf('auth0')
const json = (path: string): unknown => JSON.parse(files.get(path) ?? '')

t.test('the directory of the Deploy CLI', async (t) => {
  t.strictSame(json('deploy-cli/phone-providers/provider.json'), [
    { name: 'custom', disabled: false, configuration: { delivery_methods: ['text', 'voice'] }, credentials: {} }
  ], 'an array of one, with the fields that the schema allows')
  t.strictSame(json('deploy-cli/actions/phone-code-gateway.json'), {
    name: 'phone-code-gateway',
    code: './actions/phone-code-gateway/code.js',
    runtime: 'node22',
    status: 'built',
    deployed: true,
    dependencies: [],
    secrets: [{ name: 'GATEWAY_URL', value: '##GATEWAY_URL##' }, { name: 'GATEWAY_SECRET', value: '##GATEWAY_SECRET##' }],
    supported_triggers: [{ id: 'custom-phone-provider', version: 'v1' }]
  })
  t.strictSame(json('deploy-cli/config.json'), {
    AUTH0_INCLUDED_ONLY: ['actions', 'phoneProviders'],
    AUTH0_ALLOW_DELETE: false,
    AUTH0_KEYWORD_REPLACE_MAPPINGS: { GATEWAY_URL: URL_OF_GATEWAY, GATEWAY_SECRET: SECRET }
  }, 'nothing else of the tenant is touched, and nothing is deleted')
})

t.test('the Deploy CLI replaces what is to be replaced, and leaves the code as it is', async (t) => {
  const { AUTH0_KEYWORD_REPLACE_MAPPINGS: mappings } = json('deploy-cli/config.json') as { AUTH0_KEYWORD_REPLACE_MAPPINGS: Record<string, string> }
  // As its keywordReplaceStringRegExp does, file by file.
  const replaced = (path: string): string => Object.entries(mappings).reduce((text, [key, value]) => text.replace(new RegExp(`##${key}##`, 'g'), value), files.get(path) ?? '')
  t.match(JSON.parse(replaced('deploy-cli/actions/phone-code-gateway.json')), { secrets: [{ value: URL_OF_GATEWAY }, { value: SECRET }] })
  const { code } = json('deploy-cli/actions/phone-code-gateway.json') as { code: string }
  t.equal(replaced(`deploy-cli/${code.slice(2)}`), ACTION)
  t.notMatch(ACTION, /##|@@/, 'the CLI takes every variable of the environment for a keyword')
  for (const path of ['code.js', 'terraform/code.js']) t.equal(files.get(path), ACTION)
  t.ok(Buffer.byteLength(ACTION) < 100_000, 'Auth0 takes no more than 100 kB')
})

t.test('Terraform', async (t) => {
  const { block, blocks } = readTerraform(files.get('terraform/main.tf') ?? '')
  t.same(blocks.filter(({ type }) => type === 'resource').map(({ labels }) => labels), [['auth0_action', 'phone_code_gateway'], ['auth0_trigger_action', 'phone_code_gateway'], ['auth0_phone_provider', 'custom']])

  const action = block('resource', 'auth0_action')
  t.match(action.attributes, { name: '"phone-code-gateway"', runtime: '"node22"', deploy: 'true', code: /^file\("\$\{path\.module\}\/code\.js"\)$/ })
  t.same(action.blocks.map(({ type, attributes }) => [type, attributes]), [
    ['supported_triggers', { id: '"custom-phone-provider"', version: '"v1"' }],
    ['secrets', { name: '"GATEWAY_URL"', value: 'var.gateway_url' }],
    ['secrets', { name: '"GATEWAY_SECRET"', value: 'var.gateway_secret' }]
  ])

  const provider = block('resource', 'auth0_phone_provider')
  t.same(provider.attributes, { depends_on: '[auth0_action.phone_code_gateway]', name: '"custom"', disabled: 'false' })
  t.same(provider.blocks, [
    { type: 'configuration', labels: [], attributes: { delivery_methods: 'var.delivery_methods' }, blocks: [] },
    { type: 'credentials', labels: [], attributes: {}, blocks: [] }
  ], 'both blocks are required')

  t.same(block('resource', 'auth0_trigger_action').attributes, { count: 'var.bind_action ? 1 : 0', trigger: '"custom-phone-provider"', action_id: 'auth0_action.phone_code_gateway.id' })
  t.match(block('variable', 'bind_action').attributes, { default: 'false' })
  t.match(block('variable', 'gateway_url').attributes, { default: `"${URL_OF_GATEWAY}"` })
  t.match(block('variable', 'gateway_secret').attributes, { sensitive: 'true', default: undefined }, 'comes from the environment')
  t.notMatch(files.get('terraform/main.tf'), SECRET)
})

const TENANT = 'https://tenant.eu.auth0.com/api/v2/'
const ENVIRONMENT = { AUTH0_DOMAIN: 'tenant.eu.auth0.com', AUTH0_TOKEN: 'token-of-auth0', GATEWAY_SECRET: SECRET }
const PROVIDER = { name: 'custom', disabled: false, configuration: { delivery_methods: ['text', 'voice'] }, credentials: {} }

interface Tenant { readonly actions?: object[], readonly providers?: object[], readonly statuses?: string[], readonly refuse?: RegExp }

/** A tenant, as its Management API shows it. */
const tenant = ({ actions = [], providers = [], statuses = ['built'], refuse }: Tenant) => ({ method, url }: Asked): Reply => {
  const what = `${method} ${url.slice(TENANT.length)}`
  if (refuse?.test(what) === true) return { status: 403, body: { errorCode: 'actions_cardinality_custom_phone_provider_not_allowed' } }
  if (what === 'GET actions/actions?triggerId=custom-phone-provider') return { body: { actions, total: actions.length } }
  if (what === 'GET branding/phone/providers') return { body: { providers } }
  if (/^GET actions\/actions\/[^/]+$/.test(what)) return { body: { status: statuses.shift() ?? 'built' } }
  if (what === 'POST actions/actions') return { status: 201, body: { id: 'act_new' } }
  return { body: { id: 'pro_1' } }
}

const written = (asked: readonly Asked[]): unknown[] => asked.filter(({ method }) => method !== 'GET')
  .map(({ method, url, body }) => [`${method} ${url.slice(TENANT.length)}`, body === '' ? undefined : JSON.parse(body)])

const TRIGGERS = { supported_triggers: [{ id: 'custom-phone-provider', version: 'v1' }] }

const action = (triggers: object = TRIGGERS, url = URL_OF_GATEWAY): object => ({
  name: 'phone-code-gateway',
  code: ACTION,
  runtime: 'node22',
  ...triggers,
  dependencies: [],
  secrets: [{ name: 'GATEWAY_URL', value: url }, { name: 'GATEWAY_SECRET', value: SECRET }]
})

t.test('curl.sh sets a new tenant up', async (t) => {
  const stand = standFor(t, 'auth0')
  const { code, stdout, stderr, asked, commandLines } = await stand.run([], ENVIRONMENT, tenant({ statuses: ['pending', 'building', 'built'] }))
  t.equal(code, 0, stderr)
  t.same(written(asked), [
    ['POST actions/actions', action()],
    ['POST actions/actions/act_new/deploy', undefined],
    ['POST branding/phone/providers', PROVIDER]
  ])
  t.ok(asked.every(({ headers }) => headers.authorization === 'Bearer token-of-auth0'))
  t.ok(asked.every(({ headers, body }) => headers['content-type'] === (body === '' ? undefined : 'application/json')))
  for (const said of [commandLines, stdout, stderr]) t.notMatch(said, /token-of-auth0|hook-secret/)
})

t.test('curl.sh changes what is there', async (t) => {
  const stand = standFor(t, 'auth0')
  const there = { actions: [{ id: 'act_1', name: 'phone-code-gateway' }], providers: [{ id: 'pro_1', name: 'custom' }] }
  const again = await stand.run([], { ...ENVIRONMENT, GATEWAY_URL: 'https://other.example' }, tenant(there))
  t.equal(again.code, 0, again.stderr)
  t.same(written(again.asked), [
    ['PATCH actions/actions/act_1', action({}, 'https://other.example')],
    ['POST actions/actions/act_1/deploy', undefined],
    ['PATCH branding/phone/providers/pro_1', PROVIDER]
  ])

  for (const foreign of [{ actions: [{ id: 'act_1', name: 'Our own SMS' }] }, { providers: [{ id: 'pro_1', name: 'twilio' }] }]) {
    const refused = await stand.run([], ENVIRONMENT, tenant(foreign))
    t.equal(refused.code, 1)
    t.match(refused.stderr, /has the (Action 'Our own SMS'|phone provider 'twilio').*REPLACE=1/)
    t.same(written(refused.asked), [], 'what somebody else made is left alone')
    const wanted = await stand.run([], { ...ENVIRONMENT, REPLACE: '1' }, tenant(foreign))
    t.equal(wanted.code, 0, wanted.stderr)
    t.ok(wanted.asked.some(({ method }) => method === 'PATCH'))
  }
})

t.test('curl.sh stops where something is wrong, and says what', async (t) => {
  const stand = standFor(t, 'auth0')
  const failed = await stand.run([], ENVIRONMENT, tenant({ statuses: ['building', 'failed'] }))
  t.match(failed, { code: 1, stderr: /has not built the Action \(it is: failed\)/ })
  t.notOk(failed.asked.some(({ url }) => url.endsWith('/deploy')))

  const slow = await stand.run([], ENVIRONMENT, tenant({ statuses: Array(10).fill('building') }))
  t.match(slow, { code: 1, stderr: /it is: building/ })

  for (const refuse of [/^GET/, /^POST actions\/actions$/, /deploy$/, /^POST branding/]) {
    const refused = await stand.run([], ENVIRONMENT, tenant({ refuse }))
    t.ok(refused.code, `${refuse}`)
    t.match(refused.stderr, /actions_cardinality/, 'with the words of Auth0')
    t.notMatch(refused.stdout, /Try it/)
  }
  for (const name of Object.keys(ENVIRONMENT)) {
    const { code, stderr, asked } = await stand.run([], { ...ENVIRONMENT, [name]: '' }, tenant({}))
    t.ok(code)
    t.match(stderr, name)
    t.same(asked, [])
  }
})

t.test('curl.sh tries the provider', async (t) => {
  const stand = standFor(t, 'auth0')
  const there = tenant({ providers: [{ id: 'pro_1', name: 'custom' }] })
  t.same(written((await stand.run(['try', '+14155550123'], ENVIRONMENT, there)).asked), [['POST branding/phone/providers/pro_1/try', { to: '+14155550123', delivery_method: 'text' }]])
  t.same(written((await stand.run(['try', '+14155550123', 'voice'], ENVIRONMENT, there)).asked), [['POST branding/phone/providers/pro_1/try', { to: '+14155550123', delivery_method: 'voice' }]])
  t.match(await stand.run(['try'], ENVIRONMENT, there), { code: 1, stderr: /needs a number/, asked: [] })
  t.match(await stand.run(['try', '+14155550123'], ENVIRONMENT, tenant({})), { code: 1, stderr: /no phone provider yet/ })
})

t.test('gateway.env gives the secret to the script and to Terraform', async (t) => {
  t.match(exportedBy(standFor(t, 'auth0').folder, '. ./gateway.env'), { GATEWAY_SECRET: SECRET, TF_VAR_gateway_secret: SECRET })
})
