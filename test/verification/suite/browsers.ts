import type { Test } from 'tap'
import { BANK, CALLERS, NUMBER, SHOP, wrong, type OpenApi } from '../api-stand.ts'

const OPTIONS = { settings: CALLERS }

/** What a token says, without asking who signed it. */
const claimsOf = (token: string): any => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))

/** Browsers, which have a session and no secret. */
export const browsers = (t: Test, open: OpenApi): void => {
  t.test('a browser starts, checks, and carries a signed result to its app', async (t) => {
    const { begin, session, code, check, look, cancel, clock } = await open(t, OPTIONS)
    const browser = await session({ reference: 'order 4711', profile: 'signup' }, SHOP)
    const started = await begin({}, browser)
    t.match(started, { profile: 'signup', number: '+49•••••••5678', codeLength: 4 })
    for (const hidden of ['to', 'reference', 'result']) t.notOk(hidden in started, hidden)
    const right = await code(1, 4)
    t.notOk('result' in (await check(started.id, wrong(right), browser)).body, 'it has not ended')
    const { body } = await check(started.id, right, browser)
    t.match(body, { valid: true, status: 'approved' })
    t.match(claimsOf(body.result), { aud: 'shop', sub: started.id, status: 'approved', ref: 'order 4711' })
    t.notMatch(JSON.stringify(claimsOf(body.result)), /5678/)
    t.match(claimsOf((await look(started.id, browser)).result), { status: 'approved' }, 'it may have been lost on the way')
    const known = await look(started.id, SHOP)
    t.match(known, { to: NUMBER, reference: 'order 4711', status: 'approved' }, 'its app knows the number')
    t.notOk('result' in known)

    clock.advance(60_000)
    const other = await begin({}, browser)
    t.match(claimsOf((await cancel(other.id, browser)).body.result), { sub: other.id, status: 'canceled' })
    clock.advance(90_000)
    const last = await begin({}, browser)
    clock.advance(90_000)
    t.match(claimsOf((await look(last.id, browser)).result), { sub: last.id, status: 'expired' })
  })

  t.test('a browser may not say what its app has settled', async (t) => {
    const { ask, session, told } = await open(t)
    const browser = await session()
    for (const field of [{ profile: 'login' }, { codeLength: 4 }, { ttlSeconds: 3600 }, { maxAttempts: 10 }, { session: 'x' }, { ip: '203.0.113.7' }, { user: 'x' }]) {
      const refused = await ask('POST', '/verifications', { to: NUMBER, ...field }, browser)
      t.match(refused, { status: 400, body: { code: 'invalid_body', detail: `/${Object.keys(field)[0]} is not for a session to say` } })
    }
    t.same(told('verification.started'), [])
  })

  t.test('a session for one number verifies no other', async (t) => {
    const { ask, begin, session, sandbox, code } = await open(t)
    const browser = await session({ to: NUMBER })
    t.match(await ask('POST', '/verifications', { to: '+4915112345679' }, browser), { status: 400, body: { code: 'invalid_body', detail: '/to must be the number of the session' } })
    const first = await begin({ to: undefined }, browser)
    await code()
    t.match(await begin({ to: '0151 12345678', country: 'DE' }, browser), { number: first.number, expiresAt: first.expiresAt })
    t.same(sandbox.messages.map(({ to }) => to), [NUMBER])
    t.match((await ask('POST', '/verifications', {}, await session())).body, { code: 'number_missing' })
  })

  t.test('country and language are those of the session, where the browser says nothing else', async (t) => {
    const { begin, session, look, code, sandbox } = await open(t)
    const browser = await session({ country: 'DE', locale: 'de' })
    const { id } = await begin({ to: '0151 12345678' }, browser)
    t.equal((await look(id)).to, NUMBER)
    await code()
    await begin({ to: '+4915112345671', locale: 'fr' }, browser)
    await code(2)
    await begin({ to: '+4915112345672', locale: 'de' })
    await code(3)
    const [german, french, known] = sandbox.messages.map(({ text }) => text.replace(/[0-9]{6}/, ''))
    t.equal(german, known)
    t.not(french, known)
  })

  t.test('two browsers of one app are strangers to each other', async (t) => {
    const { ask, begin, session, code, told, look } = await open(t, OPTIONS)
    const [one, other, foreign] = [await session({}, SHOP), await session({}, SHOP), await session({}, BANK)]
    const { id } = await begin({}, one)
    await code()
    const decoys = [await begin({}, other), await begin({}, foreign), await begin({}, SHOP)]
    t.same(told('verification.started').map(({ kind }) => kind), ['new', 'decoy', 'decoy', 'decoy'])
    for (const headers of [other, foreign, BANK]) t.equal((await ask('GET', `/verifications/${id}`, undefined, headers)).status, 404)
    t.equal((await look(id, one)).status, 'pending')
    t.equal((await look(id, SHOP)).status, 'pending')
    t.equal((await ask('GET', `/verifications/${decoys[2].id}`, undefined, one)).status, 404, 'what the app starts is none of theirs')
  })

  t.test('a session ends, and starts only so many', async (t) => {
    const { ask, begin, session, clock, look, told } = await open(t)
    const browser = await session({ ttlSeconds: 60 })
    for (const last of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) await begin({ to: `+491511234567${last}` }, browser)
    const refused = await ask('POST', '/verifications', { to: NUMBER }, browser)
    t.match(refused, { status: 429, body: { code: 'too_many_starts' } })
    t.equal(refused.headers.get('retry-after'), null)
    t.equal(told('verification.started').length, 10)
    const { verification } = told('verification.started')[0] as { readonly verification: string }
    clock.advance(59_999)
    t.match(await look(verification, browser), { status: 'pending' })
    clock.advance(1)
    t.match(await ask('GET', `/verifications/${verification}`, undefined, browser), { status: 401, body: { code: 'unauthorized' } })
  })

  t.test('who has no more than the token of a session learns nothing of its verifications', async (t) => {
    const { ask, begin, check, session, code } = await open(t)
    const browser = await session({ reference: 'order 4711' })
    const shown = async (): Promise<object> => ({ ...(await ask('GET', '/verify/session', undefined, browser)).body, now: undefined })
    const before = await shown()
    const { id } = await begin({}, browser)
    t.same(await shown(), before, 'that one is under way')
    t.match((await check(id, await code(), browser)).body, { valid: true, result: String })
    t.same(await shown(), before, 'or how it ended')
  })
}
