import t from 'tap'
import { filesOf, SECRET, URL_OF_GATEWAY, withoutComments } from './stand.ts'

const files = filesOf('kratos')

t.test('the block of the configuration', async (t) => {
  t.equal(withoutComments(files.get('courier.yml') ?? ''), `courier:
  channels:
    - id: sms
      type: http
      request_config:
        url: '${URL_OF_GATEWAY}/hooks/kratos'
        method: POST
        body: file:///etc/config/kratos/phone-code-gateway.jsonnet
        headers:
          Content-Type: application/json
        auth:
          type: api_key
          config:
            name: Authorization
            value: '${SECRET}'
            in: header`)
})

t.test('the Jsonnet file', async (t) => {
  const jsonnet = withoutComments(files.get('phone-code-gateway.jsonnet') ?? '')
  t.match(jsonnet, /^function\(ctx\)\n/)
  for (const [open, close] of ['()', '[]', '{}'] as const) {
    t.equal(jsonnet.split(open as string).length, jsonnet.split(close as string).length, `${open} and ${close} match`)
  }
  t.same([...jsonnet.matchAll(/^ {4}(\w+):/gm)].map((match) => match[1]), ['recipient', 'body', 'template_type', 'template_data', 'request_headers', 'user'])
  t.same([...jsonnet.matchAll(/'(\w+_code)'/g)].map((match) => match[1]), ['login_code', 'registration_code', 'verification_code', 'recovery_code'], 'every template\'s code')
  t.match(jsonnet, /'request_headers'\), \['Accept-Language'\]\)/, 'of the headers the language alone')
  t.match(jsonnet, /user: within\(within\(field\('template_data'\), 'identity'\), 'id'\)/, 'of the identity the id')
  t.notMatch(jsonnet.replace("'identity'), 'id')", ''), /identity|traits|Cookie|: ctx\.template_data|: ctx\.request_headers/, 'what else is known of the person stays there')
})
