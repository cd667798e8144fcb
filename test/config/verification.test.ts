import t from 'tap'
import { KEY, production, productionProblems } from './environments.ts'
import { readConfig } from '../../src/config/config.ts'

const WEBHOOK = { VERIFICATION_WEBHOOK_URL: 'https://app.example.com/hooks', VERIFICATION_WEBHOOK_SECRET: `whsec_${KEY}` }

t.test('without settings nobody is told of ends, and pages of others see nothing', async (t) => {
  const { webhook, origins, brand, domain } = production().verification
  t.same({ webhook, origins, brand, domain }, { webhook: undefined, origins: [], brand: undefined, domain: undefined })
})

t.test('in development every page of this machine may show ours', async (t) => {
  const development = { SECRET_HEADER: 's', GATEWAY_KEYS: KEY }
  t.equal(readConfig(development, '/srv').verification.origins, 'local')
  t.same(readConfig({ ...development, VERIFY_ORIGINS: 'https://app.example.com' }, '/srv').verification.origins, ['https://app.example.com'])
})

t.test('origins are taken as browsers write them', async (t) => {
  t.same(production({ VERIFY_ORIGINS: 'HTTPS://App.Example.com:443/, http://localhost:3000', PUBLIC_URL: 'https://codes.example.com' }).verification.origins, ['https://app.example.com', 'http://localhost:3000'])
  for (const wrong of ['https://app.example.com/path', 'http://app.example.com', 'https://app.example.com, *', 'app.example.com', 'null', ',']) {
    t.match(productionProblems({ VERIFY_ORIGINS: wrong }), [/^VERIFY_ORIGINS must be /], wrong)
  }
})

t.test('ends are told to one address, signed', async (t) => {
  const { webhook } = production(WEBHOOK).verification
  t.same([webhook?.url.href, webhook?.secrets.map((secret) => secret.reveal())], [WEBHOOK.VERIFICATION_WEBHOOK_URL, [KEY]])
})

t.test('an address without a secret, or the other way round, stops the start', async (t) => {
  for (const name of ['VERIFICATION_WEBHOOK_URL', 'VERIFICATION_WEBHOOK_SECRET'] as const) {
    t.same(productionProblems({ [name]: WEBHOOK[name] }), ['VERIFICATION_WEBHOOK_URL and VERIFICATION_WEBHOOK_SECRET must be set together.'])
  }
})

t.test('whose codes they are, and where they are entered', async (t) => {
  t.match(production({ BRAND_NAME: 'Shop & Söhne', WEBOTP_DOMAIN: 'login.example.com' }).verification, { brand: 'Shop & Söhne', domain: 'login.example.com' })
  for (const wrong of ['{{ code }}', 'x'.repeat(41)]) t.match(productionProblems({ BRAND_NAME: wrong }), [/^BRAND_NAME must be /], wrong)
})
