import { createHmac } from 'node:crypto'
import { request } from 'node:http'
import t, { type Test } from 'tap'
import { SECRET } from '../../support/gateway.ts'
import { CODE, NUMBER, startDialect, type DialectStand, type Told } from '../suite.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

const KEY = 'the-key-of-signatures'
const NEW_KEY = 'the-new-key-of-signatures'

const FIELDS = { number: 'to', code: 'code', text: 'text', locale: 'locale', channel: 'channel', key: 'id' }

const HOOKS = {
  open: { fields: FIELDS },
  keyless: { fields: { number: 'to', code: 'code', text: 'text' } },
  patterned: { fields: { number: 'to', text: 'text' }, codePattern: 'PIN ([0-9]{4})' },
  strict: { fields: FIELDS, numbers: 'strict' },
  other: { fields: FIELDS, authentication: { header: 'X-Key' } },
  anybody: { fields: FIELDS, authentication: { type: 'basic' } },
  somebody: { fields: FIELDS, authentication: { type: 'basic', username: 'idp' } },
  own: { fields: FIELDS, authentication: { type: 'basic', secrets: ['with:a:colon'] } },
  hex: { fields: FIELDS, authentication: { type: 'hmac', header: 'X-Signature', secrets: [KEY] } },
  base: { fields: { number: 'to', code: 'code' }, authentication: { type: 'hmac', header: 'X-Signature', encoding: 'base64', secrets: [KEY] } },
  timed: { fields: { number: 'to', code: 'code' }, authentication: { type: 'timestamped', header: 'X-Signature', secrets: [KEY, NEW_KEY] } },
  json: { fields: FIELDS, format: 'json', replies: { invalid: { status: 499, body: 'what' } } },
  form: { fields: FIELDS, format: 'form' }
}

const start = async (t: Test): Promise<DialectStand> => await startDialect(t, { hooksFile: HOOKS } as any)

const send = async ({ url }: DialectStand, hook: string, body: object | string, headers: Record<string, string> = {}): Promise<Told> => {
  const response = await fetch(`${url}/hooks/generic/${hook}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${SECRET}`, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body)
  })
  const text = await response.text()
  const type = response.headers.get('content-type') ?? ''
  return { status: response.status, type, body: /json/.test(type) ? JSON.parse(text) : text }
}

const hmac = (text: string, encoding: 'hex' | 'base64' | 'base64url', key = KEY): string => createHmac('sha256', key).update(text).digest(encoding)

t.test('a message is told apart by its content, and may be sent again soon', async (t) => {
  const stand = await start(t)
  t.match(await send(stand, 'keyless', { to: NUMBER, code: CODE }), { body: { status: 'accepted' } })
  t.match(await send(stand, 'keyless', { to: NUMBER, code: CODE, id: 'another' }), { body: { status: 'duplicate' } })
  stand.clock.advance(MINUTE)
  t.match(await send(stand, 'keyless', { to: NUMBER, code: CODE }), { body: { status: 'accepted' } })
})

t.test('a key of the provider means one message for ten minutes', async (t) => {
  const stand = await start(t)
  const message = { to: NUMBER, code: CODE, id: 'one' }
  t.match(await send(stand, 'open', message), { body: { status: 'accepted' } })
  stand.clock.advance(9 * MINUTE)
  t.match(await send(stand, 'open', message), { body: { status: 'duplicate' } })
  t.match(await send(stand, 'open', { ...message, id: 'two' }), { body: { status: 'accepted' } }, 'another key')
  t.match(await send(stand, 'open', { ...message, id: 2 }), { body: { status: 'accepted' } }, 'a key that is a number')
  t.match(await send(stand, 'open', { ...message, id: null }), { body: { status: 'accepted' } }, 'no key')
  t.match(await send(stand, 'open', { ...message, code: '111111' }), { body: { status: 'accepted' } }, 'another code under the key of a login')
  t.match(await send(stand, 'open', { ...message, channel: 'voice' }), { body: { status: 'accepted' } }, 'another channel under that key')
  t.match(await send(stand, 'open', { to: NUMBER, text: 'hello', id: 'one' }), { body: { status: 'accepted' } }, 'words under that key')
  t.match(await send(stand, 'open', { to: NUMBER, text: 'goodbye', id: 'one' }), { body: { status: 'accepted' } }, 'other words under that key')
  stand.clock.advance(2 * MINUTE)
  t.match(await send(stand, 'open', message), { body: { status: 'accepted' } })
})

t.test('what is signed without a time is sent once a day at most, so that nobody sends it again', async (t) => {
  const stand = await start(t)
  const ask = async (hook: string, body: object, encoding: 'hex' | 'base64'): Promise<Told> =>
    await send(stand, hook, body, { 'x-signature': hmac(JSON.stringify(body), encoding) })
  t.match(await ask('base', { to: NUMBER, code: CODE }, 'base64'), { body: { status: 'accepted' } })
  t.match(await ask('base', { to: NUMBER, code: CODE, again: 1 }, 'base64'), { body: { status: 'accepted' } }, 'another body is another message')
  t.match(await ask('hex', { to: NUMBER, code: CODE, id: 'one' }, 'hex'), { body: { status: 'accepted' } })
  stand.clock.advance(23 * HOUR)
  t.match(await ask('base', { to: NUMBER, code: CODE }, 'base64'), { body: { status: 'duplicate' } })
  t.match(await ask('hex', { to: NUMBER, code: CODE, id: 'one' }, 'hex'), { body: { status: 'duplicate' } }, 'with a key, too')
  stand.clock.advance(2 * HOUR)
  t.match(await ask('base', { to: NUMBER, code: CODE }, 'base64'), { body: { status: 'accepted' } })
})

t.test('a signature may be written in several ways', async (t) => {
  const stand = await start(t)
  let next = 1000
  for (const [hook, write] of [
    ['hex', (body: string) => hmac(body, 'hex')],
    ['hex', (body: string) => hmac(body, 'hex').toUpperCase()],
    ['base', (body: string) => hmac(body, 'base64')],
    ['base', (body: string) => hmac(body, 'base64').replace('=', '')],
    ['base', (body: string) => hmac(body, 'base64url')]
  ] as const) {
    const body = JSON.stringify({ to: NUMBER, code: String(++next) })
    t.match(await send(stand, hook, body, { 'x-signature': write(body) }), { status: 200 })
  }
  const body = JSON.stringify({ to: NUMBER, code: CODE })
  t.equal((await send(stand, 'hex', body, { 'x-signature': hmac(body, 'base64') })).status, 401, 'but not in another encoding')
  t.equal((await send(stand, 'hex', body, { 'x-signature': `${hmac(body, 'hex')}, ${hmac(body, 'hex')}` })).status, 401, 'and not twice')
})

t.test('a signature with a time is good for as long as it says', async (t) => {
  const stand = await start(t)
  const ask = async (body: object, header: (time: number, text: string) => string, secondsAgo = 0): Promise<Told> => {
    const text = JSON.stringify(body)
    return await send(stand, 'timed', text, { 'x-signature': header(Math.floor(stand.clock() / 1000) - secondsAgo, text) })
  }
  const over = (time: number, text: string, key = KEY): string => hmac(`${time}.${text}`, 'hex', key)
  const usual = (time: number, text: string): string => `t=${time},v1=${over(time, text)}`
  const accepted = { status: 200, body: { status: 'accepted' } }
  t.match(await ask({ to: NUMBER, code: '1000' }, usual), accepted)
  t.match(await ask({ to: NUMBER, code: '1001' }, usual, 298), accepted, 'five minutes ago')
  t.match(await ask({ to: NUMBER, code: '1002' }, usual, -298), accepted, 'a clock that is ahead')
  t.match(await ask({ to: NUMBER, code: '1003' }, (time, text) => `t=${time}, v1=${over(time, text, NEW_KEY)}`), accepted, 'the new key')
  t.match(await ask({ to: NUMBER, code: '1004' }, (time, text) => `v0=x,v1=00,v1=${over(time, text)},t=${time}`), accepted, 'several signatures, in any order')

  const refused = { status: 401, body: { code: 'unauthorized' } }
  const body = { to: NUMBER, code: CODE }
  t.match(await ask(body, usual, 302), refused, 'too old')
  t.match(await ask(body, usual, -302), refused, 'too far ahead')
  for (const [what, header] of [
    ['no header', () => ''],
    ['no time', (time, text) => `v1=${over(time, text)}`],
    ['an empty time', (_time, text) => `t=,v1=${hmac(`.${text}`, 'hex')}`],
    ['a time that is none', (_time, text) => `t=now,v1=${hmac(`now.${text}`, 'hex')}`],
    ['a time without end', (_time, text) => `t=${'9'.repeat(12)},v1=${over(Number('9'.repeat(12)), text)}`],
    ['another time than was signed', (time, text) => `t=${time - 1},v1=${over(time, text)}`],
    ['no signature', (time) => `t=${time}`],
    ['a signature by another name', (time, text) => `t=${time},v2=${over(time, text)}`],
    ['a signature over the body alone', (time, text) => `t=${time},v1=${hmac(text, 'hex')}`],
    ['more signatures than anybody needs', (time, text) => `t=${time},${'v1=00,'.repeat(5)}v1=${over(time, text)}`]
  ] as Array<[string, (time: number, text: string) => string]>) t.match(await ask(body, header), refused, what)
  t.equal(stand.sandbox.messages.length, 5)
})

t.test('what is signed with a time is not sent again while the signature is good', async (t) => {
  const stand = await start(t)
  const body = JSON.stringify({ to: NUMBER, code: CODE })
  const time = Math.floor(stand.clock() / 1000) + 290
  const headers = { 'x-signature': `t=${time},v1=${hmac(`${time}.${body}`, 'hex')}` }
  t.match(await send(stand, 'timed', body, headers), { body: { status: 'accepted' } })
  stand.clock.advance(9.5 * MINUTE)
  t.match(await send(stand, 'timed', body, headers), { status: 200, body: { status: 'duplicate' } })
  stand.clock.advance(MINUTE)
  t.match(await send(stand, 'timed', body, headers), { status: 401 })
})

t.test('without secrets of its own a hook takes those of the callers', async (t) => {
  const stand = await start(t)
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`
  let next = 1000
  const ask = async (hook: string, headers: Record<string, string>): Promise<number> =>
    (await send(stand, hook, { to: NUMBER, code: String(++next) }, { authorization: '', ...headers })).status
  for (const authorization of [SECRET, `Bearer ${SECRET}`, `bearer  ${SECRET}`, basic(`anybody:${SECRET}`)]) t.equal(await ask('open', { authorization }), 200, authorization.slice(0, 6))
  t.equal(await ask('other', { 'x-key': SECRET }), 200)
  t.equal(await ask('other', { authorization: SECRET }), 401, 'in the header that was agreed on only')
  t.equal(await ask('anybody', { authorization: basic(`whoever:${SECRET}`) }), 200)
  t.equal(await ask('anybody', { authorization: SECRET }), 401, 'by Basic only')
  t.equal(await ask('anybody', { authorization: basic('whoever:another-secret') }), 401)
  t.equal(await ask('somebody', { authorization: basic(`idp:${SECRET}`) }), 200)
  t.equal(await ask('somebody', { authorization: basic(`other:${SECRET}`) }), 401)
  t.equal(await ask('own', { authorization: basic('whoever:with:a:colon') }), 200, 'a password may have colons')
  t.equal(await ask('own', { authorization: basic(`whoever:${SECRET}`) }), 401, 'secrets of its own are all that counts')
})

t.test('a header that comes twice is nobody\'s', async (t) => {
  const stand = await start(t)
  const status = await new Promise((resolve, reject) => {
    request(`${stand.url}/hooks/generic/other`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-key': [SECRET, SECRET] } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    }).on('error', reject).end(JSON.stringify({ to: NUMBER, code: CODE }))
  })
  t.equal(status, 401)
})

t.test('the code is looked for in the text where it has no field of its own', async (t) => {
  const stand = await start(t)
  const spoken = async (hook: string, body: object): Promise<string> => {
    const before = stand.sandbox.calls.length
    t.match(await send(stand, hook, { to: NUMBER, channel: 'voice', ...body }), { status: 200 })
    await stand.sandbox.settled()
    return stand.sandbox.calls.slice(before).map(({ transcript }) => transcript.join(' ')).join()
  }
  t.match(await spoken('open', { text: 'Your code is 482913' }), /4[^0-9]+8[^0-9]+2[^0-9]+9[^0-9]+1[^0-9]+3/)
  t.match(await spoken('open', { text: 'Your code is 001234', code: 1234 }), /0[^0-9]+0[^0-9]+1[^0-9]+2[^0-9]+3[^0-9]+4/, 'an integer has lost its zeros')
  t.match(await spoken('open', { text: 'Come at once' }), /Come at once/, 'and a text without one is read out')
})

t.test('a pattern finds the code, or nothing does', async (t) => {
  const stand = await start(t)
  t.match(await send(stand, 'patterned', { to: NUMBER, text: 'Order 123456, PIN 4829' }), { status: 200 })
  t.match(await send(stand, 'patterned', { to: NUMBER, text: 'Order 123456' }), { status: 200 }, 'a text may have none')
  t.same(stand.sandbox.messages.map(({ text }) => text), ['Order 123456, PIN 4829', 'Order 123456'])
})

t.test('a language comes in many forms, and nobody goes without a code for it', async (t) => {
  const stand = await start(t)
  let next = 1000
  const inLanguage = async (locale: unknown): Promise<string> => {
    t.equal((await send(stand, 'open', { to: NUMBER, code: String(++next), locale })).status, 200)
    return (stand.sandbox.messages.at(-1)?.text ?? '').replace(String(next), '…')
  }
  const [german, english] = [await inLanguage('de'), await inLanguage('en')]
  t.not(german, english)
  for (const locale of ['de-AT en', ' de_DE;q=0.9', 'de,en', ['de', 'en'], [7, null, 'de']]) t.equal(await inLanguage(locale), german, JSON.stringify(locale))
  for (const locale of [null, 7, {}, [], [7], '', '?', 'x'.repeat(10_000)]) t.equal(await inLanguage(locale), english, JSON.stringify(locale).slice(0, 20))
})

t.test('a channel is read in any case, and no channel is a text', async (t) => {
  const stand = await start(t)
  for (const channel of [null, '', 'SMS', ' Text ']) t.match(await send(stand, 'open', { to: NUMBER, code: CODE, id: JSON.stringify(channel), channel }), { status: 200 })
  for (const channel of ['CALL', 'Voice']) t.match(await send(stand, 'open', { to: NUMBER, code: CODE, id: channel, channel }), { status: 200 })
  t.same([stand.sandbox.messages.length, stand.sandbox.calls.length], [4, 2])
  t.match(await send(stand, 'open', { to: NUMBER, code: CODE, channel: 'WhatsApp' }), { status: 502, body: { code: 'no_provider' } }, 'nobody sends by WhatsApp here')
})

t.test('numbers are read as the hook says', async (t) => {
  const stand = await start(t)
  const body = { to: NUMBER.slice(1), code: CODE }
  t.match(await send(stand, 'open', body), { status: 200 }, 'carefully, where it says nothing')
  t.match(await send(stand, 'open', { to: Number(NUMBER), code: '111111' }), { status: 200 }, 'a JSON integer')
  t.match(await send(stand, 'strict', body), { status: 400, body: { code: 'number_needs_country' } })
})

t.test('a hook takes both formats, unless it says which', async (t) => {
  const stand = await start(t)
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  t.equal((await send(stand, 'open', { to: NUMBER, code: '1000' })).status, 200)
  t.equal((await send(stand, 'open', `to=${encodeURIComponent(NUMBER)}&code=1001`, form)).status, 200)
  t.equal((await send(stand, 'form', `to=${encodeURIComponent(NUMBER)}&code=1002`, form)).status, 200)
  t.match(await send(stand, 'form', { to: NUMBER, code: '1003' }), { status: 415, body: { error: 'The code could not be sent.', code: 'unsupported_media_type' } })
  t.match(await send(stand, 'json', `to=${encodeURIComponent(NUMBER)}&code=1004`, form), { status: 499, body: 'what', type: 'text/plain; charset=utf-8' })
  t.equal(stand.sandbox.messages.length, 3)
})

t.test('a hook that is not in the file is not found', async (t) => {
  const stand = await start(t)
  t.equal((await send(stand, 'nobody', { to: NUMBER, code: CODE })).status, 404)
  t.equal((await send(stand, '__proto__', { to: NUMBER, code: CODE })).status, 404)
})
