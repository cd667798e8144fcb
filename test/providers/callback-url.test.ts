import { randomBytes } from 'node:crypto'
import t from 'tap'
import { timeOrderedId } from '../../src/domain/identifier.ts'
import { createKeys, type Keys } from '../../src/domain/keys.ts'
import { OneTimeCode } from '../../src/domain/one-time-code.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import { createCallbackUrls, type CallPurpose, type OpenedCallback, type SealedCall } from '../../src/providers/callback-url.ts'
import { createClock } from '../support/gateway.ts'
import { CODE, hidesAll, NUMBER, numberOf, printed } from './suite.ts'
import { testKeys } from './acs/stand.ts'

const BASE = new URL('https://gateway.example.com/events?tenant=a')

const start = (keys: Keys = testKeys()) => {
  const clock = createClock()
  const urls = createCallbackUrls(BASE, keys, clock, 'call')
  const call: SealedCall = {
    delivery: timeOrderedId(clock()),
    attempt: timeOrderedId(clock()),
    to: numberOf(NUMBER),
    locale: 'fr-CA',
    said: OneTimeCode.parse(CODE),
    expiresAt: clock() + 60_000
  }
  return { clock, urls, call, query: queryOf(urls.forCall(call)) }
}

const queryOf = (url: URL): Record<string, string> => Object.fromEntries(url.searchParams)

const contentOf = (opened: OpenedCallback | undefined) => {
  if (opened?.kind !== 'call') throw new Error('it was not opened')
  return opened.content
}

t.test('what was sealed for a call comes back with it', async (t) => {
  const { urls, call, query } = start()
  const opened = urls.open(query)
  t.match(opened, { kind: 'call', delivery: call.delivery, attempt: call.attempt, content: { locale: 'fr-CA' } })
  const { to, said } = contentOf(opened)
  t.equal(to.e164, NUMBER)
  t.equal(said?.reveal(), CODE)
  t.equal(opened?.kind === 'call' && opened.token.reveal(), query.call)
})

t.test('the URL keeps what the operator gave, and shows nothing of the call', async (t) => {
  const { urls, call, query } = start()
  const url = urls.forCall(call)
  t.match(url.href, /^https:\/\/gateway\.example\.com\/events\?tenant=a&/)
  hidesAll(t, url.href, [CODE, NUMBER.slice(1), 'fr-CA', Buffer.from(CODE).toString('base64').slice(0, 6)], 'the URL')
  t.not(queryOf(urls.forCall(call)).call, query.call, 'the same call is sealed differently each time')
  t.equal(BASE.search, '?tenant=a')
})

t.test('nothing that was opened prints the number, the code or the token', async (t) => {
  const { urls, query } = start()
  hidesAll(t, printed(urls.open(query)), [CODE, NUMBER, query.call as string], 'opened')
})

t.test('a code that has expired is left out, and the call is known still', async (t) => {
  const { urls, call, query, clock } = start()
  clock.advance(59_999)
  t.ok(contentOf(urls.open(query)).said)
  clock.advance(1)
  const opened = urls.open(query)
  t.match(opened, { kind: 'call', attempt: call.attempt })
  t.equal(contentOf(opened).said, undefined)
  t.equal(contentOf(opened).to.e164, NUMBER)
})

t.test('a call that has no code opens without one', async (t) => {
  const { urls, call } = start()
  t.equal(contentOf(urls.open(queryOf(urls.forCall({ ...call, said: undefined })))).said, undefined)
})

t.test('words come back as a code does, and expire as it does', async (t) => {
  const { urls, call, clock } = start()
  const words = 'Blocked: "482913" \\ & <b> 您 👍'
  const url = urls.forCall({ ...call, said: new SensitiveText(words) })
  hidesAll(t, url.href, ['Blocked', '482913', NUMBER.slice(1), Buffer.from('Blocked').toString('base64').slice(0, 6)], 'the URL')
  const opened = urls.open(queryOf(url))
  const { said } = contentOf(opened)
  t.ok(said instanceof SensitiveText)
  t.equal(said?.reveal(), words)
  hidesAll(t, printed(opened), ['Blocked', NUMBER], 'opened')
  clock.advance(60_000)
  t.equal(contentOf(urls.open(queryOf(url))).said, undefined)
})

t.test('words that look like a code are words', async (t) => {
  const { urls, call } = start()
  const { said } = contentOf(urls.open(queryOf(urls.forCall({ ...call, said: new SensitiveText(CODE) }))))
  t.notOk(said instanceof OneTimeCode)
  t.ok(contentOf(urls.open(queryOf(urls.forCall(call)))).said instanceof OneTimeCode)
})

t.test('a token opens for its own delivery and attempt only', async (t) => {
  const { urls, call, query, clock } = start()
  const other = timeOrderedId(clock() + 1)
  t.equal(urls.open({ ...query, delivery: other }), undefined)
  t.equal(urls.open({ ...query, attempt: other }), undefined)
  t.equal(urls.open({ ...query, delivery: query.attempt, attempt: query.delivery }), undefined)
  const elsewhere = queryOf(urls.forCall({ ...call, attempt: other }))
  t.equal(urls.open({ ...query, call: elsewhere.call }), undefined)
})

t.test('a token of one purpose does not serve another', async (t) => {
  const { urls, query } = start()
  const { announcement } = queryOf(urls.forAnnouncement('es-MX'))
  t.equal(urls.open({ ...query, call: announcement }), undefined)
  t.equal(urls.open({ announcement: query.call }), undefined)
  t.equal(urls.open({ ...query, announcement: query.call }), undefined, 'and two at once are none')
})

t.test('a call of one vendor\'s does not open as one of another\'s', async (t) => {
  const keys = testKeys()
  const { call, clock } = start(keys)
  const purposes = ['call', 'twilio-call'] as const
  const of = (purpose: CallPurpose) => createCallbackUrls(BASE, keys, clock, purpose)
  for (const sealed of purposes) {
    const query = queryOf(of(sealed).forCall(call))
    for (const opened of purposes) t.equal(of(opened).open(query) !== undefined, sealed === opened, `${sealed} as ${opened}`)
  }
})

t.test('a URL of a call that was sealed for no vendor in particular opens as Azure\'s', async (t) => {
  const keys = testKeys()
  const { urls, call } = start(keys)
  const content = new SensitiveText(JSON.stringify({ to: NUMBER, locale: 'fr-CA', code: CODE, expiresAt: call.expiresAt }))
  const { delivery, attempt } = call
  const token = keys.seal(content, { purpose: 'call', subjects: [delivery, attempt] })
  t.equal(contentOf(urls.open({ delivery, attempt, call: token })).said?.reveal(), CODE)
})

t.test('a token that was tampered with, cut, or made with another key opens nothing', async (t) => {
  const { urls, query } = start()
  const token = query.call as string
  const changed = [
    '', 'x', token.slice(0, -4), token.slice(4), `${token}AAAA`, 'A'.repeat(token.length), '%00', start().query.call as string,
    ...[0, 20, token.length - 2].map((at) => token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1))
  ]
  for (const call of changed) t.equal(urls.open({ ...query, call }), undefined, call)
  t.equal(start().urls.open(query), undefined, 'another key')
})

t.test('a query of another shape opens nothing', async (t) => {
  const { urls, query } = start()
  const { announcement } = queryOf(urls.forAnnouncement('es-MX'))
  const without = (name: string) => Object.fromEntries(Object.entries(query).filter(([key]) => key !== name))
  const queries: Array<Record<string, unknown>> = [
    {}, without('call'), without('delivery'), without('attempt'),
    { ...query, call: [query.call, query.call] }, { ...query, delivery: [query.delivery] }, { ...query, attempt: { a: 1 } },
    { ...query, delivery: `${query.delivery}x` }, { ...query, attempt: query.attempt?.toUpperCase() },
    { announcement: '' }, { announcement: [announcement] }, { announcement: null }
  ]
  for (const one of queries) t.equal(urls.open(one), undefined, JSON.stringify(one))
})

t.test('an announcement comes back with its language', async (t) => {
  const { urls } = start()
  t.same(urls.open(queryOf(urls.forAnnouncement('es-MX'))), { kind: 'announcement', locale: 'es-MX' })
})

t.test('an announcement opens for a quarter of an hour, and not a moment longer', async (t) => {
  const { urls, clock } = start()
  const query = queryOf(urls.forAnnouncement('es-MX'))
  clock.advance(15 * 60_000 - 1)
  t.same(urls.open(query), { kind: 'announcement', locale: 'es-MX' })
  clock.advance(1)
  t.equal(urls.open(query), undefined)
  t.ok(urls.open(queryOf(urls.forAnnouncement('es-MX'))), 'a new one does')
})

t.test('a URL made with a key that was the newest opens after a newer one was added', async (t) => {
  const [older, newer] = [randomBytes(32), randomBytes(32)]
  const { query } = start(createKeys([older]))
  t.ok(start(createKeys([newer, older])).urls.open(query))
  t.equal(start(createKeys([newer])).urls.open(query), undefined)
})
