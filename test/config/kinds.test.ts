import t from 'tap'
import * as kinds from '../../src/config/kinds.ts'
import { COUNTRY_SETTINGS, SETTINGS } from '../../src/config/settings.ts'

t.test('a whole number lies within its bounds', async (t) => {
  const { read } = kinds.integer(1, 50)
  t.equal(read('1'), 1)
  t.equal(read('50'), 50)
  for (const text of ['0', '51', '-1', '1.5', '1e1', '0x10', ' 1', '', 'one', '1234567890']) t.equal(read(text), undefined, text)
})

t.test('a choice takes its words and no others', async (t) => {
  const { read, says } = kinds.choice('on', 'off')
  t.equal(read('on'), 'on')
  for (const text of ['On', 'true', '', 'toString']) t.equal(read(text), undefined, text)
  t.equal(says, 'one of on, off')
})

t.test('a URL is https, or http to this machine', async (t) => {
  for (const text of ['https://example.com/a?b=c', 'http://localhost:8000/', 'http://127.0.0.1', 'http://127.8.9.1:1', 'http://[::1]:8000/']) {
    t.equal(kinds.url.read(text)?.href, new URL(text).href, text)
  }
  for (const text of [
    'http://example.com', 'http://10.0.0.1/', 'http://0.0.0.0/', 'http://localhost.example.com/', 'http://127.0.0.1.example.com/', 'http://[::2]/',
    'ftp://localhost/', 'file:///etc/passwd', 'javascript:alert(1)', '/events', 'example.com', '',
    'https://user@example.com/', 'https://:password@example.com/', 'https://example.com/#part'
  ]) t.equal(kinds.url.read(text), undefined, text)
})

t.test('a URL that others are made from is short', async (t) => {
  const url = (length: number): string => 'https://example.com/'.padEnd(length, 'a')
  t.equal(kinds.baseUrl.read(url(400))?.href, url(400))
  t.equal(kinds.baseUrl.read(url(401)), undefined)
  t.equal(kinds.baseUrl.read('http://example.com/'), undefined)
})

t.test('a connection string is that of the portal', async (t) => {
  const read = (text: string): [string, string] | undefined => {
    const account = kinds.acsConnectionString.read(text)
    return account && [account.endpoint.href, account.accessKey.reveal()]
  }
  t.same(read('endpoint=https://a.communication.azure.com/;accesskey=YWJj+/=='), ['https://a.communication.azure.com/', 'YWJj+/=='])
  t.same(read('Endpoint=https://a.communication.azure.com;AccessKey=YWJj;'), ['https://a.communication.azure.com/', 'YWJj'])
  t.same(read('endpoint=http://127.0.0.1:8001/;accesskey=YWJj'), ['http://127.0.0.1:8001/', 'YWJj'], 'the sandbox is on this machine')
  for (const text of [
    'endpoint=http://a.communication.azure.com/;accesskey=YWJj', 'endpoint=https://a.example.com/path;accesskey=YWJj', 'endpoint=https://a.example.com/?x=1;accesskey=YWJj',
    'endpoint=https://a.example.com/;accesskey=', 'endpoint=https://a.example.com/;accesskey=a b', 'accesskey=YWJj', 'endpoint=nowhere;accesskey=YWJj',
    'https://a.example.com/', ''
  ]) t.equal(read(text), undefined, text)
})

t.test('lists are separated by commas, and empty places do not count', async (t) => {
  t.same(kinds.texts('', '^[a-z]$').read('a, b,,c ,'), ['a', 'b', 'c'])
  for (const text of ['', ',', 'a,B']) t.equal(kinds.texts('', '^[a-z]$').read(text), undefined, text)
  t.same(kinds.secrets.read('one, two')?.map((secret) => secret.reveal()), ['one', 'two'])
  t.equal(kinds.secrets.read(' , '), undefined)
})

t.test('some of a few words come in the order in which they are written, none twice', async (t) => {
  const { read, says } = kinds.someOf('one', 'two', 'three')
  t.same(read('three, one'), ['three', 'one'])
  for (const text of ['', ',', 'one,one', 'one,four', 'One', 'one two', 'toString', 'one,'.repeat(1100)]) t.equal(read(text), undefined, text)
  t.equal(says, 'one or more of one, two, three, separated by commas, none twice')
})

t.test('an origin has no path, no query and nothing else', async (t) => {
  for (const text of ['https://twilio.example.com', 'https://twilio.example.com:8443/', 'http://127.0.0.1:8001']) t.equal(kinds.origin.read(text)?.href, new URL(text).href, text)
  for (const text of ['https://twilio.example.com/2010-04-01', 'https://twilio.example.com/?a=b', 'http://twilio.example.com', 'https://a:b@twilio.example.com', 'https://twilio.example.com/#a', 'twilio.example.com', '']) {
    t.equal(kinds.origin.read(text), undefined, text)
  }
})

t.test('only this machine itself is loopback', async (t) => {
  for (const text of ['http://localhost:1/', 'https://localhost', 'http://127.1.2.3', 'http://[::1]']) t.equal(kinds.isLoopback(new URL(text)), true, text)
  for (const text of ['https://example.com', 'https://localhost.example.com', 'http://10.0.0.1', 'http://0.0.0.0']) t.equal(kinds.isLoopback(new URL(text)), false, text)
})

t.test('below a path of PUBLIC_URL routes are made: it has nothing that means something there', async (t) => {
  for (const text of ['https://example.com', 'https://example.com/', 'https://example.com/a-b_c/~d.e', 'https://example.com/codes/']) t.equal(kinds.baseUrl.read(text)?.href, new URL(text).href, text)
  for (const text of ['https://example.com//', 'https://example.com/a//b', 'https://example.com/:id', 'https://example.com/a*', 'https://example.com/(x)', 'https://example.com/%7Bx%7D', 'https://example.com/ä', 'https://example.com/a b']) {
    t.equal(kinds.baseUrl.read(text), undefined, text)
  }
})

t.test('one secret may hold a comma', async (t) => {
  t.equal(kinds.secret.read('one, two')?.reveal(), 'one, two')
  t.equal(kinds.secret.read('x'.repeat(2049)), undefined)
})

t.test('named secrets have a name that can be told, and it is not that of SECRET_HEADER', async (t) => {
  t.same([...kinds.namedSecrets.read('a:x:y,b-_9:z') ?? []].map(([name, [secret]]) => [name, secret?.reveal()]), [['a', 'x:y'], ['b-_9', 'z']])
  for (const text of ['default:x', 'okta:x', 'a:x,supabase:y', 'zitadel:x', 'auth0-sms-gateway:x', 'a', 'a:', ':x', 'a b:x', 'a:x,b', `${'a'.repeat(65)}:x`]) t.equal(kinds.namedSecrets.read(text), undefined, text)
})

t.test('keys have 32 bytes', async (t) => {
  const key = (byte: number): Buffer => Buffer.alloc(32, byte)
  t.same(kinds.keys.read(`${key(1).toString('base64')}, ${key(2).toString('base64')}`), { keys: [key(1), key(2)], waiting: 0 })
  for (const bytes of [0, 16, 31, 33]) t.equal(kinds.keys.read(Buffer.alloc(bytes).toString('base64')), undefined, `${bytes} bytes`)
  t.equal(kinds.keys.read(`${key(1).toString('base64')},short`), undefined, 'none may be wrong')
})

t.test('the newest keys may wait, and one at least does not', async (t) => {
  const [one, two, three] = [1, 2, 3].map((byte) => Buffer.alloc(32, byte)) as [Buffer, Buffer, Buffer]
  const read = (...items: string[]) => kinds.keys.read(items.join(','))
  const [first, second, third] = [one, two, three].map((key) => key.toString('base64')) as [string, string, string]
  t.same(read(`~${third}`, ` ~${second} `, first), { keys: [three, two, one], waiting: 2 })
  t.same(read(`~${second}`, first), { keys: [two, one], waiting: 1 })
  for (const items of [[`~${first}`], [`~${second}`, `~${first}`], [second, `~${first}`], [`~${third}`, second, `~${first}`], [`~~${second}`, first], ['~', first], ['~short', first], [`${second}~`, `~${first}`]]) {
    t.equal(read(...items), undefined, items.map((item) => item.replace(/\w+=/, 'key')).join())
  }
})

t.test('pairs are from=to', async (t) => {
  t.same([...kinds.pairs('').read('a=b, c=d') ?? []], [['a', 'b'], ['c', 'd']])
  for (const text of ['a', 'a=', '=b', 'a=b=c', 'a=b,c', 'a b=c']) t.equal(kinds.pairs('').read(text), undefined, text)
})

t.test('a country is one that has numbers', async (t) => {
  for (const text of ['DE', 'US', 'GB', 'XK']) t.equal(kinds.country.read(text), text)
  for (const text of ['UK', 'EU', 'ZZ', 'de', 'D', 'DEU', '']) t.equal(kinds.country.read(text), undefined, text)
})

t.test('a sender is a number, a short code or a name', async (t) => {
  for (const { kind } of [SETTINGS.ACS_SENDER_ID, COUNTRY_SETTINGS.ACS_SENDER_ID_]) {
    for (const text of ['+15550100001', '12345', 'Example', 'My Shop 24', 'A-1_b & c']) t.equal(kind.read(text), text)
    for (const text of ['1', '+', 'Twelve chars', '------', 'Exämple', 'a;b', '+1 555 0100']) t.equal(kind.read(text), undefined, text)
  }
})

t.test('numbers to call from are in E.164 form', async (t) => {
  const { read } = SETTINGS.ACS_SOURCE_PHONE_NUMBER.kind
  t.same(read('+15550100001,+15550100002'), ['+15550100001', '+15550100002'])
  for (const text of ['15550100001', '+05550100001', '+1 5550100001', '+15550100001,Example', '+1']) t.equal(read(text), undefined, text)
})

t.test('the store is a file of SQLite, or a PostgreSQL', async (t) => {
  const { read } = SETTINGS.STORE_URL.kind
  t.same(read('sqlite:./x.db'), { engine: 'sqlite', file: './x.db' })
  t.match(read('postgres://gateway:secret@localhost/x'), { engine: 'postgres', host: 'localhost', tls: undefined })
  for (const text of ['sqlite:', 'postgres://localhost/x', './x.db']) t.equal(read(text), undefined, text)
})

t.test('the names of Twilio begin with their own two letters', async (t) => {
  const names = [
    ['TWILIO_ACCOUNT_SID', 'AC'], ['TWILIO_API_KEY', 'SK'], ['TWILIO_MESSAGING_SERVICE_SID', 'MG'], ['TWILIO_WHATSAPP_CONTENT_SID', 'HX'], ['TWILIO_VERIFY_SID', 'VA']
  ] as const
  for (const [name, letters] of names) {
    const { read, says } = SETTINGS[name].kind
    t.equal(read(`${letters}${'0aF9'.repeat(8)}`), `${letters}${'0aF9'.repeat(8)}`, name)
    for (const text of [`${letters}${'a'.repeat(31)}`, `${letters}${'a'.repeat(33)}`, `${letters}${'g'.repeat(32)}`, `XX${'a'.repeat(32)}`, `${letters.toLowerCase()}${'a'.repeat(32)}`, '']) {
      t.equal(read(text), undefined, `${name} ${text}`)
    }
    t.equal(says, `${letters} and 32 hexadecimal digits`)
  }
})

t.test('the numbers of Twilio are in E.164 form', async (t) => {
  t.equal(SETTINGS.TWILIO_PHONE_NUMBER.kind.read('+15550200001'), '+15550200001')
  for (const text of ['15550200001', '+1 5550200001', 'Example', '+1', 'whatsapp:+15550200001', '+15550200001,+15550200002']) t.equal(SETTINGS.TWILIO_PHONE_NUMBER.kind.read(text), undefined, text)
  for (const text of ['+15550200001', 'whatsapp:+15550200001']) t.equal(SETTINGS.TWILIO_WHATSAPP_NUMBER.kind.read(text), '+15550200001', text)
  for (const text of ['whatsapp:', 'whatsapp:whatsapp:+15550200001', 'WhatsApp:+15550200001', 'whatsapp: +15550200001', '15550200001']) t.equal(SETTINGS.TWILIO_WHATSAPP_NUMBER.kind.read(text), undefined, text)
})

t.test('a region and an edge cannot lead to another host', async (t) => {
  for (const { kind } of [SETTINGS.TWILIO_REGION, SETTINGS.TWILIO_EDGE]) {
    for (const text of ['ie1', 'dublin', 'ashburn-ix']) t.equal(kind.read(text), text)
    for (const text of ['evil.example.com', 'a/b', 'IE1', 'a b', 'a@b', '', 'x'.repeat(33)]) t.equal(kind.read(text), undefined, text)
  }
})

t.test('a route holds the providers of its channel', async (t) => {
  t.same(SETTINGS.SMS_ROUTE.kind.read('twilio-sms, acs-sms'), ['twilio-sms', 'acs-sms'])
  t.same(COUNTRY_SETTINGS.WHATSAPP_ROUTE_.kind.read('twilio-verify'), ['twilio-verify'])
  for (const [kind, text] of [
    [SETTINGS.SMS_ROUTE.kind, 'acs-voice'], [SETTINGS.SMS_ROUTE.kind, 'acs-sms,acs-sms'], [SETTINGS.SMS_ROUTE.kind, 'sms'],
    [SETTINGS.VOICE_ROUTE.kind, 'twilio-sms'], [SETTINGS.WHATSAPP_ROUTE.kind, 'twilio-sms'], [COUNTRY_SETTINGS.VOICE_ROUTE_.kind, 'acs-sms']
  ] as const) t.equal(kind.read(text), undefined, text)
  for (const { kind, default: text } of [SETTINGS.SMS_ROUTE, SETTINGS.VOICE_ROUTE, SETTINGS.WHATSAPP_ROUTE]) t.match(kind.says, text.replaceAll(',', ', '), 'all are tried where none is set')
})

t.test('a language is one of BCP 47, in whatever form', async (t) => {
  const { read } = SETTINGS.DEFAULT_LOCALE.kind
  for (const text of ['de', 'pt-BR', 'en_US', 'zh-Hant-TW']) t.equal(read(text), text)
  for (const text of ['', 'german please', '1', 'x'.repeat(65)]) t.equal(read(text), undefined, text)
})

t.test('the channels of hooks are pairs of a hook and a channel', async (t) => {
  const { read } = SETTINGS.HOOK_CHANNELS.kind
  t.same([...read('okta=whatsapp, generic/logto=voice,kratos=sms') ?? []], [['okta', 'whatsapp'], ['generic/logto', 'voice'], ['kratos', 'sms']])
  for (const text of ['okta', 'okta=', '=sms', 'okta=pigeon', 'okta=sms=voice', 'Okta=sms', 'generic/a/b=sms', 'okta=sms,nonsense']) t.equal(read(text), undefined, text)
})

t.test('the secrets of Standard Webhooks are taken as they were shown', async (t) => {
  const { read } = SETTINGS.SUPABASE_HOOK_SECRET.kind
  const [one, other] = [Buffer.alloc(32, 1).toString('base64'), Buffer.alloc(24, 2).toString('base64')]
  const revealed = (text: string): string[] | undefined => read(text)?.map((secret) => secret.reveal())
  t.same(revealed(`v1,whsec_${one}`), [one])
  t.same(revealed(`whsec_${one}`), [one], 'without the version too')
  for (const between of ['|', ', ', ' ', ' | ']) t.same(revealed(`v1,whsec_${one}${between}v1,whsec_${other}`), [one, other], JSON.stringify(between))
  for (const text of ['v1,', one, `v1,${one}`, 'v1,whsec_', 'v1,whsec_short', `v2,whsec_${one}`, `v1,whsec_${one}!`, `v1,whsec_${one}|nonsense`, 'v1,whsec_not base64 at all, no']) t.equal(read(text), undefined, text)
})

t.test('the secrets that ends are signed with are long enough, and read alike by every library', async (t) => {
  const { read, says } = SETTINGS.VERIFICATION_WEBHOOK_SECRET.kind
  const secret = (bytes: number): string => Buffer.alloc(bytes, 7).toString('base64')
  const revealed = (text: string): string[] | undefined => read(text)?.map((found) => found.reveal())
  for (const bytes of [24, 25, 32, 64]) t.same(revealed(`whsec_${secret(bytes)}`), [secret(bytes)], `${bytes} bytes`)
  for (const bytes of [0, 16, 23, 65, 200]) t.equal(read(`whsec_${secret(bytes)}`), undefined, `${bytes} bytes`)
  t.same(revealed(`v1,whsec_${secret(24)}`), [secret(24)], 'as other senders show it')
  t.same(revealed(`whsec_${secret(24)} | v1,whsec_${secret(32)}|whsec_${secret(40)}`), [secret(24), secret(32), secret(40)])
  for (const text of [
    '', '|', secret(24), `v1,${secret(24)}`, `v2,whsec_${secret(24)}`, `whsec_${secret(24)}|`, `whsec_${secret(24)},whsec_${secret(24)}`, `whsec_${secret(24)} whsec_${secret(24)}`,
    `whsec_${secret(24)}|whsec_${secret(23)}`, `whsec_${secret(24)}!`, `whsec_${secret(25).replace(/=+$/, '')}`, `whsec_${'-_'.repeat(16)}`, `WHSEC_${secret(24)}`
  ]) t.equal(read(text), undefined, text)
  t.match(says, /whsec_ and the base64 of 24 to 64 random bytes, separated by \|$/)
})
