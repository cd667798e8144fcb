import { createHmac, createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { SensitiveText } from '../../../src/domain/sensitive.ts'
import type { CallbackReader, CallbackRequest } from '../../../src/providers/provider.ts'
import { createTwilioCallbackReader } from '../../../src/providers/twilio/callback-reader.ts'
import { createTwilioCallbackUrls } from '../../../src/providers/twilio/callback-urls.ts'
import { callParts } from './call-parts.ts'
import { sign, type Form } from './signature.ts'
import { sid, TOKEN } from './vendor.ts'

const HOST = 'https://gateway.example.com'
const FORGED = { kind: 'forged' }

const readerAt = (base: string, tokens: readonly string[] = [TOKEN]): CallbackReader => {
  const { keys, clock, script } = callParts()
  return createTwilioCallbackReader({
    authTokens: tokens.map((token) => new SensitiveText(token)), urls: createTwilioCallbackUrls(new URL(base), keys, clock), script
  })
}

interface Vector {
  readonly what: string
  /** Where our callbacks come, as it is configured. */
  readonly base?: string
  /** The URL that Twilio signs. */
  readonly signed: string
  readonly search?: string
  readonly about?: CallbackRequest['about']
  readonly form?: Form
}

const FORM: Form = { MessageSid: sid('SM'), MessageStatus: 'delivered', To: '+15557654321', From: '+15550100001' }

const VECTORS: readonly Vector[] = [
  { what: 'a form', signed: `${HOST}/events/twilio/message` },
  { what: 'a call', signed: `${HOST}/events/twilio/call`, about: 'call', form: { CallSid: sid('CA'), CallStatus: 'busy' } },
  { what: 'no fields', signed: `${HOST}/events/twilio/message`, form: {} },
  { what: 'a query', signed: `${HOST}/events/twilio/message?attempt=1&b=2`, search: '?attempt=1&b=2' },
  { what: 'a question mark alone', signed: `${HOST}/events/twilio/message?`, search: '?' },
  { what: 'a query with escapes', signed: `${HOST}/events/twilio/message?a=code%3A1&b=%C3%A9+%20`, search: '?a=code%3A1&b=%C3%A9+%20' },
  { what: 'a query with odd characters', signed: `${HOST}/events/twilio/message?a='()*!~;:@,&&=&b=[x]|{y}`, search: "?a='()*!~;:@,&&=&b=[x]|{y}" },
  { what: 'a query with a second question mark', signed: `${HOST}/events/twilio/message?a=b?c=d`, search: '?a=b?c=d' },
  { what: 'a query with broken escapes', signed: `${HOST}/events/twilio/message?a=%zz&b=%`, search: '?a=%zz&b=%' },
  { what: 'a parameter that comes twice', signed: `${HOST}/events/twilio/message?a=1&a=2`, search: '?a=1&a=2' },
  { what: 'a port of ours', base: `${HOST}:8443`, signed: `${HOST}:8443/events/twilio/message` },
  { what: 'a port that Twilio leaves out', base: `${HOST}:8443`, signed: `${HOST}/events/twilio/message` },
  { what: 'the usual port, which Twilio adds', signed: `${HOST}:443/events/twilio/message` },
  { what: 'the usual port of http', base: 'http://gateway.example.com', signed: 'http://gateway.example.com:80/events/twilio/message' },
  { what: 'the usual port, which was configured', base: `${HOST}:443`, signed: `${HOST}/events/twilio/message` },
  { what: 'the usual port, which was configured and is named', base: `${HOST}:443`, signed: `${HOST}:443/events/twilio/message` },
  { what: 'the usual port of the other scheme', base: `${HOST}:80`, signed: `${HOST}:80/events/twilio/message` },
  { what: 'an address of IPv6', base: 'http://[::1]:8000', signed: 'http://[::1]:8000/events/twilio/message' },
  { what: 'an address of IPv6 without its port', base: 'http://[::1]:8000', signed: 'http://[::1]/events/twilio/message' },
  { what: 'a path before ours', base: `${HOST}/a/b`, signed: `${HOST}/a/b/events/twilio/message` },
  { what: 'unicode', signed: `${HOST}/events/twilio/message`, form: { ...FORM, Body: 'Grüße 😀 日本語', Näme: 'ü' } },
  { what: 'empty values', signed: `${HOST}/events/twilio/message`, form: { ...FORM, Empty: '', Other: '' } },
  { what: 'a key with several values', signed: `${HOST}/events/twilio/message`, form: { ...FORM, Media: ['b', 'a', 'b', ''] } },
  { what: 'keys in capitals before small ones', signed: `${HOST}/events/twilio/message`, form: { ...FORM, a: '1', Z: '2', B: '3', aa: '4', _: '5' } },
  { what: 'white space and line ends', signed: `${HOST}/events/twilio/message`, form: { ...FORM, Body: ' a\r\nb\t ' } },
  { what: 'names of objects', signed: `${HOST}/events/twilio/message`, form: Object.assign(Object.create(null), FORM, { constructor: 'x', toString: 'y' }) }
]

const requestOf = ({ search = '', about = 'message', form = FORM, signed }: Vector): CallbackRequest =>
  ({ about, search, form, headers: { 'x-twilio-signature': sign(TOKEN, signed, form) } })

t.test('the signer of these tests gives what Twilio\'s own example says', async (t) => {
  // https://www.twilio.com/docs/usage/security#validating-requests
  const form = { CallSid: 'CA1234567890ABCDE', Caller: '+14158675309', Digits: '1234', From: '+14158675309', To: '+18005551212' }
  t.equal(sign('12345', 'https://mycompany.com/myapp.php?foo=1&bar=2', form), 'RSOYDt4T1cUTdK1PDd93/VVr8B8=')
})

t.test('what Twilio signed is read, in whatever form it comes', async (t) => {
  for (const vector of VECTORS) {
    const reader = readerAt(`${vector.base ?? HOST}/events/twilio`)
    t.match(reader.read(requestOf(vector)), { kind: 'signals' }, vector.what)
  }
})

t.test('what was changed after it was signed is forged', async (t) => {
  for (const vector of VECTORS) {
    const reader = readerAt(`${vector.base ?? HOST}/events/twilio`)
    const genuine = requestOf(vector)
    const signature = genuine.headers['x-twilio-signature'] as string
    const [name = 'none', value] = Object.entries(genuine.form)[0] ?? []
    const { [name]: _left, ...without } = genuine.form
    const changed: Readonly<Record<string, Partial<CallbackRequest>>> = {
      'another route': { about: genuine.about === 'call' ? 'message' : 'call' },
      'a longer query': { search: `${genuine.search}${genuine.search === '' ? '?' : '&'}attempt=2` },
      'another query': { search: '?x=y' },
      'a thousand empty parameters and one of one\'s own': { search: `${genuine.search === '' ? '?' : genuine.search}${'&'.repeat(1001)}step=spoken` },
      'a parameter more, which is empty': { search: `${genuine.search === '' ? '?' : genuine.search}&` },
      'an empty parameter before the others': { search: `?&${(genuine.search ?? '').slice(1)}` },
      'one more field': { form: { ...genuine.form, Extra: 'x' } },
      'another value': { form: { ...genuine.form, [name]: `${String(value)}x` } },
      'another key': { form: { ...without, [`${name}x`]: value ?? 'x' } },
      ...(value === undefined ? {} : { 'one field less': { form: without }, 'the key in small letters': { form: { ...without, [name.toLowerCase()]: value } } }),
      'no signature': { headers: {} },
      'an empty signature': { headers: { 'x-twilio-signature': '' } },
      'a signature too many': { headers: { 'x-twilio-signature': `${signature}, ${signature}` } },
      'two signatures': { headers: { 'x-twilio-signature': [signature, signature] as never } },
      'a cut signature': { headers: { 'x-twilio-signature': signature.slice(0, -1) } },
      'a signature with more': { headers: { 'x-twilio-signature': `${signature}=` } },
      'a signature with a space': { headers: { 'x-twilio-signature': ` ${signature}` } },
      'a signature of another alphabet': { headers: { 'x-twilio-signature': signature.replace(/[A-Za-z]/, '-') } },
      'a signature in capitals': { headers: { 'x-twilio-signature': signature.toUpperCase() } },
      'a signature as hex': { headers: { 'x-twilio-signature': Buffer.from(signature, 'base64').toString('hex') } },
      'a huge signature': { headers: { 'x-twilio-signature': 'A'.repeat(100_000) } },
      'the signature under another name': { headers: { 'x-signature': signature } },
      'a signature by another token': { headers: { 'x-twilio-signature': sign(`${TOKEN}x`, vector.signed, genuine.form) } },
      'a signature by no token': { headers: { 'x-twilio-signature': sign('', vector.signed, genuine.form) } }
    }
    for (const [how, change] of Object.entries(changed)) {
      t.same(reader.read({ ...genuine, ...change }), FORGED, `${vector.what}: ${how}`)
    }
  }
})

t.test('the query counts as it was written, not as it reads', async (t) => {
  const reader = readerAt(`${HOST}/events/twilio`)
  const [attempt, other] = ['01890a5d-ac96-774b-bcce-b302099a8057', '01890a5d-ac96-774b-bcce-b302099a8058']
  const search = `?attempt=${attempt}`
  const headers = { 'x-twilio-signature': sign(TOKEN, `${HOST}/events/twilio/message${search}`, FORM) }
  const read = (search: string) => reader.read({ about: 'message', search, form: FORM, headers })
  t.match(read(search), { signals: [{ attempt }] })
  const rewritten = [
    `?&attempt=${attempt}`, `${search}&`, `${search}&&`, `?%61ttempt=${attempt}`, `?attempt=${attempt.replace('a', '%61')}`, `${search}#`, `${search}#rc=3`,
    `attempt=${attempt}`, ` ${search}`, `${search} `, `${search}%20`, search.toUpperCase(), `${search}\n`, `?${'&'.repeat(1000)}${search.slice(1)}`, `?${search}`
  ]
  for (const one of rewritten) t.same(read(one), FORGED, one.slice(0, 80))
  for (const count of [1, 999, 1000, 1001, 5000]) {
    for (const own of ['step=spoken', `attempt=${other}`, `delivery=${other}&call=x&step=code%3A1`]) t.same(read(`${search}${'&'.repeat(count)}${own}`), FORGED, `${count} & and ${own}`)
  }
  t.same(read(`?${Array(1000).fill('x').join('&')}`), FORGED)
})

t.test('what an escaped query reads as is another query, whichever of the two was signed', async (t) => {
  const reader = readerAt(`${HOST}/events/twilio`)
  const pairs: ReadonlyArray<readonly [string, string]> = [["?a='", '?a=%27'], ['?a=%20', '?a=+'], ['?a=ü', '?a=%C3%BC'], ['?a=%3a', '?a=%3A'], ['?a', '?a='], ['?a=(', '?a=%28'], ['?a=1&b=2&a=3', '?a=1&a=3&b=2']]
  for (const [signed, came] of [...pairs, ...pairs.map(([one, two]) => [two, one] as const)]) {
    const headers = { 'x-twilio-signature': sign(TOKEN, `${HOST}/events/twilio/message${signed}`, FORM) }
    t.match(reader.read({ about: 'message', search: signed, form: FORM, headers }), { kind: 'signals' }, signed)
    t.same(reader.read({ about: 'message', search: came, form: FORM, headers }), FORGED, `${came} for ${signed}`)
  }
})

t.test('another port is another URL', async (t) => {
  const cases: ReadonlyArray<readonly [string, readonly string[]]> = [
    [HOST, [`${HOST}:80`, `${HOST}:8443`, `${HOST}:`, `${HOST}:0443`]],
    [`${HOST}:8443`, [`${HOST}:443`, `${HOST}:80`, `${HOST}:8444`]],
    [`${HOST}:443`, [`${HOST}:80`]],
    ['http://gateway.example.com', ['http://gateway.example.com:443', HOST]],
    ['http://[::1]:8000', ['http://[::1]:80', 'http://[::1']]
  ]
  for (const [base, wrong] of cases) {
    for (const origin of wrong) {
      t.same(readerAt(`${base}/events/twilio`).read(requestOf({ what: origin, signed: `${origin}/events/twilio/message` })), FORGED, `${origin} for ${base}`)
    }
  }
})

t.test('the order of the fields does not count', async (t) => {
  const reversed = Object.fromEntries(Object.entries(FORM).reverse())
  const [vector] = VECTORS as [Vector]
  t.match(readerAt(`${HOST}/events/twilio`).read({ ...requestOf(vector), form: reversed }), { kind: 'signals' })
})

t.test('a signature by another digest is none', async (t) => {
  const url = `${HOST}/events/twilio/message`
  const data = url + Object.keys(FORM).sort().map((name) => `${name}${String(FORM[name])}`).join('')
  const wrong = [
    createHmac('sha256', TOKEN).update(data).digest('base64'), createHmac('md5', TOKEN).update(data).digest('base64'),
    createHash('sha1').update(data).digest('base64'), createHmac('sha1', data).update(TOKEN).digest('base64')
  ]
  const reader = readerAt(`${HOST}/events/twilio`)
  for (const signature of wrong) t.same(reader.read({ about: 'message', search: '', form: FORM, headers: { 'x-twilio-signature': signature } }), FORGED)
})

t.test('only our own URL counts, whatever a request says of where it came', async (t) => {
  const form = FORM
  const signature = sign(TOKEN, 'https://evil.example/events/twilio/message', form)
  const headers = {
    host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https', forwarded: 'host=evil.example', 'x-twilio-signature': signature
  }
  t.same(readerAt(`${HOST}/events/twilio`).read({ about: 'message', search: '', form, headers }), FORGED)
})

t.test('another scheme, host or path is another URL', async (t) => {
  const reader = readerAt(`${HOST}/events/twilio`)
  for (const signed of ['http://gateway.example.com/events/twilio/message', 'https://gateway.example.org/events/twilio/message', `${HOST}/events/twilio/message/`, `${HOST}/events/twilio`, `${HOST}/events/twilio/message#rc=3&rp=all`]) {
    t.same(reader.read(requestOf({ what: signed, signed })), FORGED, signed)
  }
})

t.test('our URLs are signed without their fragment, and with what the operator put into them', async (t) => {
  for (const base of [`${HOST}/events/twilio`, `${HOST}/events/twilio/`, `${HOST}/events/twilio?tenant=a#x`, 'http://127.0.0.1:8000/events/twilio']) {
    const { keys, clock, script, call } = callParts()
    const urls = createTwilioCallbackUrls(new URL(base), keys, clock)
    const reader = createTwilioCallbackReader({ authTokens: [new SensitiveText(TOKEN)], urls, script })
    const given: ReadonlyArray<readonly [CallbackRequest['about'], URL]> = [
      ['message', urls.forMessage(call.attempt)], ['call', urls.forCallStatus(call.attempt)], ['call', new URL(urls.forCall(call)({ kind: 'spoken' }))]
    ]
    for (const [about, url] of given) {
      t.match(url.hash, /^#rc=[23]&rp=all$/)
      url.hash = ''
      const form = { ...FORM, CallSid: sid('CA'), CallStatus: 'ringing' }
      const headers = { 'x-twilio-signature': sign(TOKEN, url.href, form) }
      t.match(reader.read({ about, search: url.search, form, headers }), { kind: 'signals', signals: [{ attempt: call.attempt }] }, url.href)
    }
  }
})

t.test('while a token is changed, what either signed is read', async (t) => {
  const [vector] = VECTORS as [Vector]
  const signedBy = (token: string): CallbackRequest =>
    ({ ...requestOf(vector), headers: { 'x-twilio-signature': sign(token, vector.signed, FORM) } })
  const both = readerAt(`${HOST}/events/twilio`, ['the new token', TOKEN])
  t.match(both.read(signedBy('the new token')), { kind: 'signals' })
  t.match(both.read(signedBy(TOKEN)), { kind: 'signals' })
  t.same(both.read(signedBy('a third token')), FORGED)
  t.same(readerAt(`${HOST}/events/twilio`, ['the new token']).read(signedBy(TOKEN)), FORGED, 'afterwards the old one is none')
})

t.test('without a token, and without a way to us, everything is forged', async (t) => {
  const [vector] = VECTORS as [Vector]
  const request = requestOf(vector)
  t.same(readerAt(`${HOST}/events/twilio`, []).read(request), FORGED)
  const emptySigned = { ...request, headers: { 'x-twilio-signature': sign('', vector.signed, FORM) } }
  t.same(readerAt(`${HOST}/events/twilio`, ['']).read(emptySigned), FORGED, 'an empty token is one that everybody knows')
  const { script } = callParts()
  t.same(createTwilioCallbackReader({ authTokens: [new SensitiveText(TOKEN)], urls: undefined, script }).read(request), FORGED)
})

t.test('what is too much for a form, or is none, is forged', async (t) => {
  const reader = readerAt(`${HOST}/events/twilio`)
  const [vector] = VECTORS as [Vector]
  const many = (count: number): Form => Object.fromEntries([...Array(count).keys()].map((number) => [`Field${number}`, 'x']))
  const read = (form: Form) => reader.read(requestOf({ ...vector, form }))
  t.match(read(many(200)), { kind: 'signals' })
  t.same(read(many(201)), FORGED)
  t.same(read({ Media: Array(1000).fill('x') }), FORGED)
  t.same(read({ Body: 'x'.repeat(70_000) }), FORGED)
  for (const form of [null, undefined, { a: undefined }, { a: null }, { a: 7 }, { a: { b: 'c' } }, 'text']) {
    t.same(reader.read({ ...requestOf(vector), form: form as never }), FORGED, JSON.stringify(form))
  }
})

t.test('it is the same over the wire, byte for byte', async (t) => {
  const reader = readerAt(`${HOST}/events/twilio`)
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => { chunks.push(chunk) })
    request.on('end', () => {
      const form: Form = {}
      const fields = new URLSearchParams(Buffer.concat(chunks).toString())
      for (const name of fields.keys()) Object.assign(form, { [name]: fields.getAll(name).length > 1 ? fields.getAll(name) : fields.get(name) })
      const url = request.url ?? ''
      const search = url.includes('?') ? url.slice(url.indexOf('?')) : ''
      response.end(reader.read({ about: 'message', headers: request.headers, search, form }).kind)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const post = async (path: string, form: Form, headers: Array<[string, string]>): Promise<string> => {
    const fields = new URLSearchParams(Object.entries(form).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, one])))
    const reply = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: fields, headers: [...headers, ['connection', 'close']] })
    return await reply.text()
  }
  const form = { ...FORM, Body: 'Grüße +&=%20 😀', Media: ['b', 'a'] }
  const signature = sign(TOKEN, `${HOST}/events/twilio/message?a=code%3A1&b=+`, form)
  t.equal(await post('/message?a=code%3A1&b=+', form, [['x-twilio-signature', signature]]), 'signals')
  t.equal(await post('/message?a=code:1&b=+', form, [['x-twilio-signature', signature]]), 'forged')
  t.equal(await post('/message?a=code%3A1&b=+', form, [['x-twilio-signature', signature], ['X-Twilio-Signature', signature]]), 'forged', 'a second header')
  t.equal(await post('/message?a=code%3A1&b=+', form, []), 'forged')
})
