import t from 'tap'
import { readConfig } from '../src/config/config.ts'
import { welcome } from '../src/welcome.ts'

const url = 'http://127.0.0.1:8000'
const sandbox = readConfig({}, '/srv')
const acs = { ACS_CONNECTION_STRING: 'endpoint=https://unit.communication.azure.com/;accesskey=c2VjcmV0', ACS_SOURCE_PHONE_NUMBER: '+15550100001' }
const text = readConfig(acs, '/srv')
const voice = readConfig({ ...acs, ACS_COGNITIVE_SERVICES_ENDPOINT: 'https://unit.example.com', PUBLIC_URL: 'https://codes.example.com' }, '/srv')

t.test('the lines to paste carry the secret that was made here', async (t) => {
  const words = welcome({ url, config: voice, handsetUrl: undefined, generatedSecret: 'made-here', inspectorUrl: undefined })
  const lines = words.split('\n').filter((line) => line.includes('curl'))
  t.equal(lines.length, 6)
  for (const line of lines.slice(0, 5)) t.match(line, "-H 'Authorization: Bearer made-here'")
  t.match(lines[0], `curl -sS ${url}/send-text-code `)
  t.match(lines[0], / -d '\{"phoneNumber":"\+14155550123","code":"482913"\}'$/)
  t.match(lines[1], `curl -sS ${url}/send-voice-code `)
  t.match(lines[2], `curl -sS ${url}/deliveries/<id> `)
  t.match(lines[3], `curl -sS ${url}/verifications `)
  t.match(lines[4], `curl -sS ${url}/verify/sessions `)
  t.match(lines[5], `curl -sS ${url}/readyz -H 'Authorization: Bearer <ADMIN_SECRET>'`)
})

t.test('a secret that somebody has set is not shown', async (t) => {
  const words = welcome({ url, config: readConfig({ ...acs, SECRET_HEADER: 'mine' }, '/srv'), handsetUrl: undefined, generatedSecret: undefined, inspectorUrl: undefined })
  t.match(words, "Bearer <your SECRET_HEADER>'")
  t.notMatch(words, 'mine')
})

t.test('the sandbox is told of where it runs, with its handset, and nowhere else', async (t) => {
  const words = welcome({ url, config: sandbox, handsetUrl: 'http://127.0.0.1:8001', generatedSecret: 'x', inspectorUrl: undefined })
  t.match(words, /SANDBOX: .* Nothing leaves this machine/)
  t.match(words, 'http://127.0.0.1:8001')
  t.notMatch(welcome({ url, config: text, handsetUrl: undefined, generatedSecret: 'x', inspectorUrl: undefined }), /sandbox|handset/i)
})

t.test('calls are offered where they can be made only', async (t) => {
  t.notMatch(welcome({ url, config: text, handsetUrl: undefined, generatedSecret: 'x', inspectorUrl: undefined }), 'send-voice-code')
})

t.test('WhatsApp is offered where it is there only', async (t) => {
  const twilio = { TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`, TWILIO_AUTH_TOKEN: 'x', TWILIO_WHATSAPP_NUMBER: '+15550100001', TWILIO_WHATSAPP_CONTENT_SID: `HX${'0'.repeat(32)}` }
  const words = welcome({ url, config: readConfig(twilio, '/srv'), handsetUrl: undefined, generatedSecret: 'x', inspectorUrl: undefined })
  t.match(words, /-d '\{"phoneNumber":"\+14155550123","code":"482913","channel":"whatsapp"\}'$/m)
  t.notMatch(welcome({ url, config: text, handsetUrl: undefined, generatedSecret: 'x', inspectorUrl: undefined }), 'whatsapp')
})

t.test('it says where the gateway and its routes are', async (t) => {
  t.match(welcome({ url, config: text, handsetUrl: undefined, generatedSecret: 'x', inspectorUrl: undefined }), `${url}  (routes: ${url}/docs)`)
})

t.test('it names the commands that set up an identity provider, and that find what is wrong', async (t) => {
  const words = welcome({ url, config: text, handsetUrl: undefined, generatedSecret: 'x', inspectorUrl: undefined })
  t.match(words, /in this folder:$/m, 'elsewhere npx would ask the public registry')
  t.match(words, /^ {2}npx phone-code-gateway setup auth0\|okta\|supabase\|zitadel\|kratos$/m)
  t.match(words, /^ {2}npx phone-code-gateway doctor$/m)
})

t.test('a link opens the inspector, where there is one', async (t) => {
  const given = { url, config: text, handsetUrl: undefined, generatedSecret: 'x' }
  t.match(welcome({ ...given, inspectorUrl: `${url}/inspector#enter=once` }), `opens once; later the page asks for ADMIN_SECRET):\n  ${url}/inspector#enter=once`)
  t.notMatch(welcome({ ...given, inspectorUrl: undefined }), 'inspector')
})
