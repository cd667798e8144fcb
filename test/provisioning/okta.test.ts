import t from 'tap'
import { readTerraform } from './hcl.ts'
import { exportedBy, filesOf, SECRET, standFor, URL_OF_GATEWAY } from './stand.ts'

const ENVIRONMENT = { OKTA_DOMAIN: 'example.okta.com', OKTA_API_TOKEN: 'token-of-okta', GATEWAY_SECRET: SECRET }

const hook = (key: string): object => ({
  name: 'Phone codes',
  type: 'com.okta.telephony.provider',
  version: '1.0.0',
  channel: {
    type: 'HTTP',
    version: '1.0.0',
    config: { uri: `${URL_OF_GATEWAY}/hooks/okta`, method: 'POST', authScheme: { type: 'HEADER', key, value: SECRET } }
  }
})

t.test('Terraform', async (t) => {
  const text = filesOf('okta').get('terraform/main.tf') ?? ''
  const { blocks, block } = readTerraform(text)
  t.same(blocks.filter(({ type }) => type === 'resource').map(({ labels }) => labels[0]), ['okta_inline_hook'])
  t.match(block('resource', 'okta_inline_hook'), {
    attributes: {
      name: '"Phone codes"',
      type: '"com.okta.telephony.provider"',
      version: '"1.0.0"',
      channel: /^\{ type += "HTTP" version = "1\.0\.0" uri += "\$\{var\.gateway_url\}\/hooks\/okta" method += "POST" \}$/,
      auth: /^\{ type += "HEADER" key += var\.header value = var\.gateway_secret \}$/
    },
    blocks: []
  })
  t.match(block('variable', 'header').attributes, { default: '"Authorization"' })
  t.match(block('variable', 'gateway_url').attributes, { default: `"${URL_OF_GATEWAY}"` })
  t.match(block('variable', 'gateway_secret').attributes, { sensitive: 'true', default: undefined })
  t.notMatch(text, SECRET)
  t.match(exportedBy(standFor(t, 'okta').folder, '. ./gateway.env'), { GATEWAY_SECRET: SECRET, TF_VAR_gateway_secret: SECRET })
})

t.test('curl.sh makes the hook', async (t) => {
  const stand = standFor(t, 'okta')
  for (const [header, given] of [['Authorization', {}], ['X-Hook-Secret', { OKTA_HEADER: 'X-Hook-Secret' }]] as const) {
    const { code, stdout, stderr, asked, commandLines } = await stand.run([], { ...ENVIRONMENT, ...given }, () => ({ body: { id: 'calz6lVQA77AwFeEe0g3', status: 'ACTIVE' } }))
    t.equal(code, 0, stderr)
    t.match(asked, [{ method: 'POST', url: 'https://example.okta.com/api/v1/inlineHooks', headers: { authorization: 'SSWS token-of-okta', 'content-type': 'application/json' } }])
    t.equal(asked.length, 1)
    t.strictSame(JSON.parse(asked[0]?.body ?? ''), hook(header))
    t.match(stdout, /calz6lVQA77AwFeEe0g3[^]*Preview/)
    for (const said of [commandLines, stdout, stderr]) t.notMatch(said, /token-of-okta|hook-secret/)
  }
})

t.test('curl.sh stops where something is wrong', async (t) => {
  const stand = standFor(t, 'okta')
  const refused = await stand.run([], ENVIRONMENT, () => ({ status: 400, body: { errorCode: 'E0000001' } }))
  t.ok(refused.code)
  t.match(refused.stdout, 'E0000001', 'with the words of Okta')
  t.notMatch(refused.stdout, /preview/i)
  for (const name of Object.keys(ENVIRONMENT)) {
    const { code, stderr, asked } = await stand.run([], { ...ENVIRONMENT, [name]: '' }, () => ({}))
    t.ok(code)
    t.match(stderr, name)
    t.same(asked, [])
  }
})
