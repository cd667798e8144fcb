import { readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { standFor, URL_OF_GATEWAY } from './stand.ts'

const ENVIRONMENT = { ZITADEL_DOMAIN: 'example.zitadel.cloud', ZITADEL_TOKEN: 'token-of-zitadel' }
const MADE = { body: { details: { sequence: '1' }, id: '327384', signingKey: 'key-of-zitadel' } }

t.test('curl.sh makes the provider, keeps its key, and activates it when it is told to', async (t) => {
  const stand = standFor(t, 'zitadel', '')
  const made = await stand.run([], ENVIRONMENT, () => MADE)
  t.equal(made.code, 0, made.stderr)
  t.match(made.asked, [{ method: 'POST', url: 'https://example.zitadel.cloud/admin/v1/sms/http', headers: { authorization: 'Bearer token-of-zitadel', 'content-type': 'application/json' } }])
  t.equal(made.asked.length, 1, 'and is not active before the gateway knows the key')
  t.strictSame(JSON.parse(made.asked[0]?.body ?? ''), { endpoint: `${URL_OF_GATEWAY}/hooks/zitadel`, description: 'Phone codes' })
  const kept = join(stand.folder, 'zitadel.env')
  t.equal(readFileSync(kept, 'utf8'), 'ZITADEL_SIGNING_KEY=key-of-zitadel\nZITADEL_SMS_PROVIDER_ID=327384\n')
  t.equal(statSync(kept).mode & 0o777, 0o600)
  t.match(made.stdout, /bash curl\.sh activate/)

  const activated = await stand.run(['activate'], ENVIRONMENT, () => ({}))
  t.equal(activated.code, 0, activated.stderr)
  t.match(activated.asked, [{ method: 'POST', url: 'https://example.zitadel.cloud/admin/v1/sms/327384/_activate', body: '{}\n' }])
  for (const { commandLines, stdout, stderr } of [made, activated]) {
    for (const said of [commandLines, stdout, stderr]) t.notMatch(said, /token-of-zitadel|key-of-zitadel/)
  }

  const again = await stand.run([], ENVIRONMENT, () => MADE)
  t.match(again, { code: 1, stderr: /zitadel\.env is there already/, asked: [] }, 'a key that was shown once is not lost')
})

t.test('curl.sh stops where something is wrong', async (t) => {
  const stand = standFor(t, 'zitadel', '')
  t.match(await stand.run(['activate'], ENVIRONMENT, () => ({})), { code: 1, stderr: /no zitadel\.env/, asked: [] })

  const old = await stand.run([], ENVIRONMENT, () => ({ body: { id: '327384' } }))
  t.match(old, { code: 1, stderr: /no signing key/ })
  t.throws(() => statSync(join(stand.folder, 'zitadel.env')))

  const refused = await stand.run([], ENVIRONMENT, () => ({ status: 403, body: { code: 7, message: 'AUTHZ-HKJwe' } }))
  t.ok(refused.code)
  t.match(refused.stderr, 'AUTHZ-HKJwe', 'with the words of ZITADEL')

  await stand.run([], ENVIRONMENT, () => MADE)
  const late = await stand.run(['activate'], ENVIRONMENT, () => ({ status: 404, body: { code: 5, message: 'SMS-1' } }))
  t.ok(late.code)
  t.match(late.stderr, 'SMS-1')
  rmSync(join(stand.folder, 'zitadel.env'))

  for (const name of Object.keys(ENVIRONMENT)) {
    const { code, stderr, asked } = await stand.run([], { ...ENVIRONMENT, [name]: '' }, () => MADE)
    t.ok(code)
    t.match(stderr, name)
    t.same(asked, [])
  }
})
