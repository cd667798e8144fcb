import t from 'tap'
import { exportedBy, filesOf, standFor, URL_OF_GATEWAY, withoutComments } from './stand.ts'

const SIGNING = `v1,whsec_${Buffer.alloc(32, 250).toString('base64')}`
const ENVIRONMENT = { SUPABASE_PROJECT_REF: 'abcdefghijklmnopqrst', SUPABASE_ACCESS_TOKEN: 'sbp_token', SUPABASE_HOOK_SECRET: SIGNING }

t.test('the block of config.toml', async (t) => {
  t.equal(withoutComments(filesOf('supabase', SIGNING).get('config.toml') ?? ''), [
    '[auth.hook.send_sms]',
    'enabled = true',
    `uri = "${URL_OF_GATEWAY}/hooks/supabase"`,
    'secrets = "env(SUPABASE_HOOK_SECRET)"'
  ].join('\n'))
  t.match(exportedBy(standFor(t, 'supabase', SIGNING).folder, '. ./gateway.env'), { SUPABASE_HOOK_SECRET: SIGNING })
})

t.test('curl.sh turns the hook on', async (t) => {
  const stand = standFor(t, 'supabase', SIGNING)
  const { code, stdout, stderr, asked, commandLines } = await stand.run([], ENVIRONMENT, () => ({ body: { smtp_pass: 'secret-of-another-matter' } }))
  t.equal(code, 0, stderr)
  t.equal(asked.length, 1)
  t.match(asked, [{ method: 'PATCH', url: 'https://api.supabase.com/v1/projects/abcdefghijklmnopqrst/config/auth', headers: { authorization: 'Bearer sbp_token', 'content-type': 'application/json' } }])
  t.strictSame(JSON.parse(asked[0]?.body ?? ''), {
    hook_send_sms_enabled: true,
    hook_send_sms_uri: `${URL_OF_GATEWAY}/hooks/supabase`,
    hook_send_sms_secrets: SIGNING
  })
  for (const said of [commandLines, stdout, stderr]) t.notMatch(said, /sbp_token|whsec_|another-matter/)
})

t.test('curl.sh stops where something is wrong', async (t) => {
  const stand = standFor(t, 'supabase', SIGNING)
  const refused = await stand.run([], ENVIRONMENT, () => ({ status: 401, body: { message: 'Unauthorized' } }))
  t.ok(refused.code)
  t.match(refused.stderr, '401')
  t.notMatch(refused.stdout, 'is on')
  for (const name of Object.keys(ENVIRONMENT)) {
    const { code, stderr, asked } = await stand.run([], { ...ENVIRONMENT, [name]: '' }, () => ({}))
    t.ok(code)
    t.match(stderr, name)
    t.same(asked, [])
  }
})
