import { createHmac } from 'node:crypto'
import { request } from 'node:http'
import t, { type Test } from 'tap'
import { SECRET } from '../../support/gateway.ts'
import { CODE, NUMBER, startDialect, type DialectStand, type Told } from '../suite.ts'

const KEY = 'the-key-of-signatures'

const ODD_KEY = 'schlüssel-鍵-🔑-of-a-hook'

const FIELDS = { number: 'to', code: 'code', text: ['text', 'words'], channel: 'channel', locale: 'locale', key: 'id' }

const HOOKS = {
  open: { fields: FIELDS },
  inherited: { fields: { number: 'to', code: ['constructor.name', '__proto__.code', 'toString', 'a.__proto__.code', 'list.constructor.name'], text: 'text' } },
  listed: { fields: { number: 'to.0.number', code: 'codes.1' } },
  odd: { fields: FIELDS, authentication: { header: 'X-KEY', secrets: [ODD_KEY, 'another-secret-of-a-hook', 'ein-anderer-schlüssel'] } },
  'odd-basic': { fields: FIELDS, authentication: { type: 'basic', username: 'jürgen', secrets: [ODD_KEY] } },
  'odd-hmac': { fields: FIELDS, authentication: { type: 'hmac', header: 'x-SIGNATURE', secrets: [ODD_KEY] } },
  blank: { fields: FIELDS, authentication: { header: 'X-Key', secrets: ['copied-with-a-line-break\n'] } },
  hex: { fields: FIELDS, authentication: { type: 'hmac', header: 'X-Signature', secrets: [KEY] } },
  base: { fields: FIELDS, authentication: { type: 'hmac', header: 'X-Signature', algorithm: 'sha512', encoding: 'base64', secrets: [KEY] } },
  timed: { fields: FIELDS, authentication: { type: 'timestamped', header: 'X-Signature', encoding: 'base64', secrets: [KEY] } },
  spoken: { fields: FIELDS, codePattern: 'code (?:[a-z]+ )?([0-9]{4,8})' },
  slow: { fields: FIELDS, codePattern: 'code (?:-=)?(?:(?:=-)+)+([0-9]{4,8})|code ([0-9]{4,8})' }
}

const FORM = 'application/x-www-form-urlencoded'

const start = async (t: Test): Promise<DialectStand> => await startDialect(t, { hooksFile: HOOKS } as any)

const send = async ({ url }: DialectStand, hook: keyof typeof HOOKS, body: object | string, headers: Record<string, string> = {}): Promise<Told> => {
  const response = await fetch(`${url}/hooks/generic/${hook}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: SECRET, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body)
  })
  return { status: response.status, type: '', body: await response.json() }
}

/** As bytes, which is what a header is made of: `fetch` takes no other letters than those of Latin-1. */
const sendRaw = async ({ url }: DialectStand, hook: keyof typeof HOOKS, body: object, header: string, value: string, encoding: 'utf8' | 'latin1'): Promise<number | undefined> =>
  await new Promise((resolve, reject) => {
    const asking = request(`${url}/hooks/generic/${hook}`, { method: 'POST', headers: { 'content-type': 'application/json', [header]: Buffer.from(value, encoding).toString('latin1') } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    asking.on('error', reject)
    // Of a text Node would write the headers along with it, in its encoding.
    asking.end(Buffer.from(JSON.stringify(body)))
  })

const accepted = { status: 200, body: { status: 'accepted' } }

t.test('what objects inherit is in no body', async (t) => {
  const stand = await start(t)
  t.match(await send(stand, 'inherited', { to: NUMBER, list: [], a: {} }), { status: 400, body: { code: 'content_missing' } })
  for (const body of [
    `{"to":"${NUMBER}","__proto__":{"code":"${CODE}"}}`,
    `{"to":"${NUMBER}","a":{"__proto__":{"code":"${CODE}"}}}`,
    `{"to":"${NUMBER}","a":{"\\u005f_proto__":{"code":"${CODE}"}}}`,
    `{"to":"${NUMBER}","constructor":{"prototype":{"code":"${CODE}"}}}`
  ]) t.match(await send(stand, 'inherited', body), { status: 400, body: { code: 'invalid_json' } }, body)
  t.equal(({} as any).code, undefined)
  t.match(await send(stand, 'inherited', `__proto__=x&to=${encodeURIComponent(NUMBER)}&__proto__.code=1111`, { 'content-type': FORM }), accepted, 'a form has names only')
  t.equal(stand.sandbox.messages.length, 1)
})

t.test('lists are followed by place, and of names that come twice the last counts', async (t) => {
  const stand = await start(t)
  t.match(await send(stand, 'listed', { to: [{ number: NUMBER }], codes: ['1111', CODE] }), accepted)
  for (const body of [{ to: [], codes: [CODE] }, { to: { 0: [] }, codes: '48' }, [{ to: NUMBER }], { to: [[{ number: NUMBER }]], codes: ['1', CODE] }]) {
    t.equal((await send(stand, 'listed', body)).status, 400)
  }
  t.match(await send(stand, 'open', `{"to":"+1","code":"1","to":"${NUMBER}","code":"2222"}`), accepted)
  t.match(await send(stand, 'open', `to=1&code=1&to=${encodeURIComponent(NUMBER)}&code=3333`, { 'content-type': FORM }), accepted)
  t.same(stand.sandbox.messages.map(({ text }) => /[0-9]{4,}/.exec(text)?.[0]), [CODE, '2222', '3333'])
})

t.test('large and deep bodies are read soon, or refused', async (t) => {
  const stand = await start(t)
  const started = performance.now()
  const deep = (open: string, close: string, times: number): string => `{"to":"${NUMBER}","code":"1111","id":${open.repeat(times)}${close.repeat(times)}}`
  t.match(await send(stand, 'open', deep('[', ']', 120_000)), accepted, 'lists within lists, where a key should be')
  t.match(await send(stand, 'open', deep('{"a":', '}', 30_000).replace(':}', ':1}').replace('1111', '2222')), accepted, 'objects within objects')
  const fields = Array.from({ length: 10_000 }, (_, place) => `field${place}=${place}`).join('&')
  t.match(await send(stand, 'open', `${fields}&to=${encodeURIComponent(NUMBER)}&code=3333`, { 'content-type': FORM }), accepted, 'ten thousand fields')
  t.match(await send(stand, 'open', `${'&'.repeat(200_000)}to=${encodeURIComponent(NUMBER)}&code=4444`, { 'content-type': FORM }), accepted, 'fields without names')
  t.match(await send(stand, 'open', `${'%'.repeat(200_000)}=1&to=${encodeURIComponent(NUMBER)}&code=5555`, { 'content-type': FORM }), accepted, 'percent signs')
  t.ok(performance.now() - started < 10_000)
  t.equal(stand.sandbox.messages.length, 5)
})

t.test('media types are written in many ways', async (t) => {
  const stand = await start(t)
  let next = 1000
  for (const type of ['APPLICATION/JSON; charset=utf-8', 'application/json;charset=UTF-8', 'Application/Json', 'application/json; charset="utf-8"']) {
    t.match(await send(stand, 'open', { to: NUMBER, code: String(++next) }, { 'content-type': type }), accepted, type)
  }
  for (const type of ['Application/X-WWW-Form-Urlencoded', `${FORM}; charset=UTF-8`, `${FORM};CHARSET=utf-8`]) {
    t.match(await send(stand, 'open', `to=${encodeURIComponent(NUMBER)}&code=${++next}`, { 'content-type': type }), accepted, type)
  }
  for (const type of ['text/plain', 'application/jsonx', 'application/xml', 'multipart/form-data; boundary=x', 'x']) {
    t.match(await send(stand, 'open', { to: NUMBER, code: String(++next) }, { 'content-type': type }), { status: 415 }, type)
  }
  t.match(await send(stand, 'open', `\ufeff${JSON.stringify({ to: NUMBER, code: String(++next) })}`), accepted, 'a mark before the text')
})

t.test('a body in another character set is not read as if it were UTF-8', async (t) => {
  const stand = await start(t)
  const response = await fetch(`${stand.url}/hooks/generic/open`, {
    method: 'POST', headers: { 'content-type': 'application/json; charset=utf-16', authorization: SECRET }, body: Buffer.from(JSON.stringify({ to: NUMBER, code: CODE }), 'utf16le')
  })
  t.equal(response.status, 400)
  t.equal(stand.sandbox.requests.length, 0)
})

t.test('a secret may have any letters, in a header of any case', async (t) => {
  const stand = await start(t)
  let next = 1000
  const body = (): object => ({ to: NUMBER, code: String(++next) })
  t.equal(await sendRaw(stand, 'odd', body(), 'x-key', ODD_KEY, 'utf8'), 200)
  t.equal(await sendRaw(stand, 'odd', body(), 'X-kEY', `Bearer ${ODD_KEY}`, 'utf8'), 200)
  t.equal(await sendRaw(stand, 'odd', body(), 'x-key', 'another-secret-of-a-hook', 'utf8'), 200, 'the other one')
  t.equal(await sendRaw(stand, 'odd', body(), 'x-key', ODD_KEY.slice(1), 'utf8'), 401)
  for (const encoding of ['utf8', 'latin1'] as const) t.equal(await sendRaw(stand, 'odd', body(), 'x-key', 'ein-anderer-schlüssel', encoding), 200, encoding)
  t.equal(await sendRaw(stand, 'odd-basic', body(), 'authorization', `Basic ${Buffer.from(`jürgen:${ODD_KEY}`).toString('base64')}`, 'utf8'), 200)
  t.equal(await sendRaw(stand, 'odd-basic', body(), 'authorization', `Basic ${Buffer.from(`jurgen:${ODD_KEY}`).toString('base64')}`, 'utf8'), 401)
  const signed = body()
  t.match(await send(stand, 'odd-hmac', signed, { 'X-sIgNature': createHmac('sha256', ODD_KEY).update(JSON.stringify(signed)).digest('hex') }), accepted)
  t.equal(await sendRaw(stand, 'blank', body(), 'x-key', 'copied-with-a-line-break', 'utf8'), 200, 'white space around a secret is no part of it')
})

t.test('nobody who is not known keeps the gateway busy', async (t) => {
  const stand = await start(t)
  const body = { to: NUMBER, code: CODE }
  const headerOf = (hook: string, signature: string): string => hook === 'timed' ? `t=${Math.floor(stand.clock() / 1000)},v1=${signature}` : signature
  for (const hook of ['base', 'hex', 'timed'] as const) {
    for (const signature of ['=-'.repeat(7000), 'a'.repeat(15_000), ','.repeat(15_000), 't=1,'.repeat(3000), 'v1='.repeat(4000)]) {
      t.match(await send(stand, hook, body, { 'x-signature': headerOf(hook, signature) }), { status: 401 })
    }
  }
  const started = performance.now()
  for (const hook of ['base', 'timed'] as const) {
    for (let time = 0; time < 15; time++) t.match(await send(stand, hook, body, { 'x-signature': headerOf(hook, `${'='.repeat(15_000)}x`) }), { status: 401 })
  }
  // A run of `=` that ends in something else took a fifth of a second each time.
  t.ok(performance.now() - started < 3000, `${performance.now() - started} ms`)
})

t.test('the longest signature that there is, is one', async (t) => {
  const stand = await start(t)
  const body = { to: NUMBER, code: CODE }
  t.match(await send(stand, 'base', body, { 'x-signature': createHmac('sha512', KEY).update(JSON.stringify(body)).digest('base64') }), accepted)
})

t.test('words that make a pattern run for ever are sent all the same, and soon', async (t) => {
  const stand = await start(t)
  const text = `code ${'=-'.repeat(700)}`
  const started = performance.now()
  t.match(await send(stand, 'slow', { to: NUMBER, text }), accepted)
  t.ok(performance.now() - started < 1000)
  t.same(stand.sandbox.messages.map((message) => message.text), [text])
  t.match(await send(stand, 'slow', { to: NUMBER, text: `Your code ${CODE}` }), accepted)
})

t.test('blank words are none, and others are looked for', async (t) => {
  const stand = await start(t)
  for (const text of ['', ' ', '\n\t', '\u00a0']) t.match(await send(stand, 'open', { to: NUMBER, text, words: `Hello ${JSON.stringify(text)}` }), accepted)
  t.match(await send(stand, 'open', { to: NUMBER, text: ' ', words: ' ' }), { status: 400, body: { code: 'content_missing' } })
  t.match(await send(stand, 'open', { to: ' ', text: 'Hello' }), { status: 400, body: { code: 'number_missing' } })
  t.equal(stand.sandbox.messages.length, 4)
})

t.test('of words without end the code is sent, where there is one', async (t) => {
  const stand = await start(t)
  const long = 'word '.repeat(400)
  t.match(await send(stand, 'open', { to: NUMBER, text: `${long}, your code is ${CODE}` }), accepted, 'found')
  t.match(await send(stand, 'open', { to: NUMBER, text: long, code: '1111' }), accepted, 'given')
  t.match(await send(stand, 'spoken', { to: NUMBER, text: `${long} code is 2222` }), accepted, 'by a pattern')
  t.match(await send(stand, 'open', { to: NUMBER, text: long }), { status: 400, body: { code: 'invalid_body' } })
  t.match(await send(stand, 'open', { to: NUMBER, text: long, channel: 'voice' }), { status: 400, body: { code: 'invalid_body' } })
  for (const [place, code] of [CODE, '1111', '2222'].entries()) {
    const text = stand.sandbox.messages[place]?.text ?? ''
    t.match(text, code)
    t.notMatch(text, /word word/)
  }
})
