import t from 'tap'
import { LONGEST_TOKEN } from '../../src/verification/sessions.ts'
import { SECRETS, startVerifyStand } from './verify-stand.ts'

const WHOLE = {
  profile: 'signup',
  to: '+49 1511 2345678',
  country: 'at',
  locale: 'de_AT',
  origin: 'https://app.example.com',
  returnUrl: 'https://shop.example.com:8443/done?order=4711#top',
  reference: 'order 4711',
  ip: '203.0.113.7',
  user: 'mia',
  ttlSeconds: 60
}

t.test('an app makes a session with all that it knows, and gets the address of the page with its token', async (t) => {
  const { url, clock, create, sessions } = await startVerifyStand(t)
  const { status, headers, body } = await create(WHOLE)
  t.equal(status, 201)
  t.equal(headers['cache-control'], 'no-store')
  t.same(body, { token: body.token, expiresAt: new Date(clock() + 60_000).toISOString(), url: `${url}/verify#session=${body.token}` })
  const session = sessions.open(body.token)
  t.match(session?.id, /^[0-9a-f-]{36}$/)
  const { ttlSeconds: _, ...said } = WHOLE
  t.same({ ...session, id: '', to: session?.to?.e164, ip: session?.ip?.reveal(), user: session?.user?.reveal() },
    { ...said, id: '', caller: 'shop', to: '+4915112345678', country: 'AT', expiresAt: clock() + 60_000 })
})

t.test('an app need not know anything: then the person enters a number, for fifteen minutes', async (t) => {
  const { clock, create, sessions } = await startVerifyStand(t)
  const { body } = await create({})
  const session = sessions.open(body.token)
  t.same({ ...session, id: '' }, {
    id: '', caller: 'shop', profile: 'login', to: undefined, country: undefined, locale: undefined, origin: undefined, returnUrl: undefined, reference: undefined, ip: undefined, user: undefined, expiresAt: clock() + 900_000
  })
  t.not(sessions.open((await create({})).body.token)?.id, session?.id, 'no two are the same')
})

t.test('the address of the page is the one by which people reach the gateway, where that is known', async (t) => {
  for (const [publicUrl, page] of [['https://codes.example.com', 'https://codes.example.com/verify'], ['https://example.com/codes/', 'https://example.com/codes/verify']] as const) {
    const { create } = await startVerifyStand(t, { publicUrl: new URL(publicUrl) })
    const { body } = await create({}, { host: 'elsewhere.example.com' })
    t.equal(body.url, `${page}#session=${body.token}`)
  }
  const { create } = await startVerifyStand(t)
  t.match((await create({}, { host: 'gateway.internal:8000' })).body.url, /^http:\/\/gateway\.internal:8000\/verify#session=/)
})

t.test('below a path it is the same', async (t) => {
  const { ask } = await startVerifyStand(t, { prefix: '/codes', publicUrl: new URL('https://example.com/codes') })
  const { body } = await ask('/codes/verify/sessions', { method: 'POST', headers: { authorization: SECRETS.shop }, body: {} })
  t.equal((await ask('/codes/verify/session', { headers: { authorization: `Bearer ${body.token}` } })).status, 200)
  t.equal((await ask('/codes/verify/keys')).status, 200)
})

t.test('nobody makes a session without a secret, whatever they send', async (t) => {
  const { ask, create, log } = await startVerifyStand(t)
  const { body: { token } } = await create({})
  const headers: ReadonlyArray<Readonly<Record<string, string>>> = [{}, { authorization: 'Bearer wrong' }, { authorization: `Bearer ${token}` }, { cookie: `secret=${SECRETS.shop}` }]
  for (const given of headers) {
    for (const body of [{}, '{ no JSON', { origin: 'https://evil.example' }, 'x'.repeat(100_000)]) {
      const refused = await ask('/verify/sessions', { method: 'POST', headers: given, body })
      t.match(refused, { status: 401, headers: { 'cache-control': 'no-store', 'content-type': /problem\+json/ }, body: { code: 'unauthorized' } })
    }
  }
  t.notMatch(log.join(), new RegExp(`${token}|${SECRETS.shop}`))
})

t.test('a session is one of whoever made it', async (t) => {
  const { create, sessions } = await startVerifyStand(t)
  const { body } = await create({}, { authorization: `Basic ${Buffer.from(`any:${SECRETS.forum}`).toString('base64')}` })
  t.equal(sessions.open(body.token)?.caller, 'forum')
})

t.test('what is wrong in a session is told by a code, and not repeated', async (t) => {
  const { create, log } = await startVerifyStand(t)
  const cases: ReadonlyArray<[code: string, ...bodies: unknown[]]> = [
    ['profile_unknown', { profile: 'other' }, { profile: '' }, { profile: '__proto__' }, { profile: 'Login' }],
    ['number_missing', { to: '' }, { to: '  ' }],
    ['number_impossible', { to: '+49' }, { to: 'secret' }, { to: '+123456789012345678' }],
    ['number_needs_country', { to: '015112345678' }],
    ['invalid_json', '', '{', '{"__proto__": {"profile": "login"}}'],
    ['invalid_body',
      [], '"login"', 'null', '5',
      { profile: 7 }, { profile: 'p'.repeat(65) }, { to: 4915112345678 }, { to: null }, { to: '1'.repeat(65) },
      { country: 'XX' }, { country: 'UK' }, { country: 'Germany' }, { country: '' }, { country: 49 },
      { locale: 7 }, { locale: 'x'.repeat(65) },
      { origin: 7 }, { origin: `https://${'a'.repeat(1024)}` }, { returnUrl: {} }, { returnUrl: `https://app.example.com/${'a'.repeat(1024)}` },
      { reference: '' }, { reference: 'x'.repeat(129) }, { reference: 'two\nlines' }, { reference: 'ü' }, { reference: 47114711 },
      { ttlSeconds: 59 }, { ttlSeconds: 3601 }, { ttlSeconds: 60.5 }, { ttlSeconds: '60' }, { ttlSeconds: -1 },
      { To: '+4915112345678' }, { phone: '+4915112345678' }, { caller: 'forum' }, { id: 'x' }, { expiresAt: 1 }],
    ['body_too_large', { ip: 'x'.repeat(17_000) }]
  ]
  for (const [code, ...bodies] of cases) {
    for (const body of bodies) {
      const refused = await create(body)
      t.match(refused, { headers: { 'cache-control': 'no-store', 'content-type': /problem\+json/ }, body: { code } }, `${JSON.stringify(body).slice(0, 60)}`)
      t.notMatch(JSON.stringify(refused.body), /secret|47114711|5112345678/)
    }
  }
  t.notMatch(log.join(), /5112345678|47114711/)
  t.match(await create('profile=login', { 'content-type': 'application/x-www-form-urlencoded' }), { status: 415, body: { code: 'unsupported_media_type' } })
})

t.test('what is wrong is said in words: which field is not known, and no pattern', async (t) => {
  const { create } = await startVerifyStand(t)
  for (const [body, detail] of [
    [{ reference: 'ü' }, '/reference must have the right form'],
    [{ too: '+4915112345678' }, 'The body must have no field too'],
    [{ '+4915112345678': 'to' }, 'The body must have no field that is not known here']
  ] as const) t.equal((await create(body)).body.detail, detail)
})

t.test('a number without + is one of the country that the page offers, or else of the default one', async (t) => {
  const { create, sessions } = await startVerifyStand(t, { defaultCountry: 'US' })
  const numberOf = async (body: object): Promise<string | undefined> => sessions.open((await create(body)).body.token)?.to?.e164
  t.equal(await numberOf({ to: '0151 12345678', country: 'DE' }), '+4915112345678')
  t.equal(await numberOf({ to: '(415) 555-0123' }), '+14155550123')
  t.equal(await numberOf({ to: '+4915112345678', country: 'US' }), '+4915112345678')
})

t.test('what names no language, no address and no account says nothing', async (t) => {
  const { create, sessions } = await startVerifyStand(t)
  for (const given of [{ locale: 'no language', ip: '10.0.0.1', user: '' }, { locale: '', ip: 'x'.repeat(46), user: 'x'.repeat(257) }, { ip: { a: 1 }, user: ['x'] }]) {
    const session = sessions.open((await create(given)).body.token)
    t.same([session?.locale, session?.ip?.reveal(), session?.user?.reveal() || undefined], [undefined, undefined, undefined])
  }
})

t.test('pages of strangers are not told, and nobody is led to them', async (t) => {
  const { create, sessions } = await startVerifyStand(t)
  const strange = [
    '', 'null', 'app.example.com', '//app.example.com', '/done', 'https://', 'https://evil.example', 'http://app.example.com', 'https://app.example.com:444', 'https://app.example.com.evil.example',
    'https://evil.example/https://app.example.com', 'https://evil.example?https://app.example.com', 'https://evil.example#https://app.example.com', 'https://app.example.com@evil.example',
    'https://app.example.com:pass@evil.example', 'https://mia@app.example.com', 'https://:pass@app.example.com', 'https:\\\\evil.example\\@app.example.com', 'https://evil.example\\.app.example.com',
    'javascript:alert(1)//https://app.example.com', 'data:text/html,x', 'blob:https://app.example.com/0', 'file://app.example.com/', 'https://*.example.com', 'https://shop.example.com', 'https://аpp.example.com',
    'http://localhost', 'https://127.0.0.1'
  ]
  for (const address of strange) {
    for (const field of ['origin', 'returnUrl']) t.match(await create({ [field]: address }), { status: 400, body: { code: 'origin_not_allowed' } }, `${field} ${address}`)
  }
  for (const origin of ['https://app.example.com/path', 'https://app.example.com?', 'https://app.example.com/#', 'https://app.example.com/?x']) {
    t.match(await create({ origin }), { status: 400, body: { code: 'origin_not_allowed', detail: /^origin / } }, origin)
  }
  // What is kept is what browsers read, and none of its other readings.
  const kept: ReadonlyArray<readonly [string, string]> = [
    ['https://app.example.com', 'https://app.example.com/'],
    ['HTTPS://APP.example.com:443/a/../b', 'https://app.example.com/b'],
    ['https:\\\\app.example.com\\done', 'https://app.example.com/done'],
    [' https://app.example.com/a\tb\n', 'https://app.example.com/ab'],
    ['https:app.example.com/@evil.example', 'https://app.example.com/@evil.example']
  ]
  for (const [returnUrl, read] of kept) t.equal(sessions.open((await create({ returnUrl })).body.token)?.returnUrl, read)
  t.equal(sessions.open((await create({ origin: 'HTTPS://app.EXAMPLE.com:443/' })).body.token)?.origin, 'https://app.example.com')
})

t.test('in development every page of this machine will do, and no other', async (t) => {
  const { create, sessions } = await startVerifyStand(t, { origins: 'local' })
  for (const origin of ['http://localhost', 'http://localhost:3000', 'https://localhost:8443', 'http://127.0.0.1:5173']) {
    const { body } = await create({ origin, returnUrl: `${origin}/done` })
    t.match(sessions.open(body.token), { origin, returnUrl: `${origin}/done` })
  }
  for (const origin of ['https://app.example.com', 'http://localhost.example.com', 'http://127.0.0.1.example.com', 'http://127.0.0.2', 'http://0.0.0.0', 'ftp://localhost', 'http://[::2]', 'http://[::1]:3000', 'https://[::1]']) {
    t.match(await create({ origin }), { status: 400, body: { code: 'origin_not_allowed' } }, origin)
  }
})

t.test('where no pages are allowed, a session needs none', async (t) => {
  const { create } = await startVerifyStand(t, { origins: [] })
  t.equal((await create({})).status, 201)
  t.match(await create({ origin: 'http://localhost' }), { status: 400, body: { code: 'origin_not_allowed' } })
})

t.test('a browser is shown what its page needs, and no number', async (t) => {
  const { clock, create, show } = await startVerifyStand(t, {
    brand: 'Shop', offeredChannels: ({ channels }, country) => country === 'DE' ? channels.filter((channel) => channel !== 'voice') : []
  })
  const { token } = (await create(WHOLE)).body
  clock.advance(1000)
  const { status, headers, body } = await show(token)
  t.equal(status, 200)
  t.equal(headers['cache-control'], 'no-store')
  t.same(body, {
    profile: { name: 'signup', codeLength: 4, channels: ['sms', 'whatsapp'], cooldownSeconds: 30, lifetimeSeconds: 90 },
    to: '+49•••••••5678',
    country: 'AT',
    locale: 'de_AT',
    brand: 'Shop',
    origin: 'https://app.example.com',
    returnUrl: 'https://shop.example.com:8443/done?order=4711#top',
    expiresAt: new Date(clock() + 59_000).toISOString(),
    now: new Date(clock()).toISOString()
  })
})

t.test('what the app does not say is as the gateway is set, or left to the browser', async (t) => {
  const asked: unknown[] = []
  const { create, show } = await startVerifyStand(t, { defaultCountry: 'US', offeredChannels: ({ channels }, country) => { asked.push(country); return channels } })
  const { body } = await show((await create({})).body.token)
  t.match(body, { country: 'US', profile: { name: 'login', channels: ['sms', 'voice', 'whatsapp'] } })
  t.notOk(['to', 'locale', 'brand', 'origin', 'returnUrl'].some((name) => name in body))
  await show((await create({ country: 'DE' })).body.token)
  t.same(asked, [undefined, 'DE'])
})

t.test('only a session that is not over opens the page', async (t) => {
  const { ask, clock, create, show } = await startVerifyStand(t)
  const { body: { token } } = await create({ ttlSeconds: 60 })
  const elsewhere = (await (await startVerifyStand(t)).create({})).body.token
  const headers: ReadonlyArray<Readonly<Record<string, string>>> = [
    {}, { authorization: '' }, { authorization: 'Bearer' }, { authorization: token }, { authorization: `Basic ${Buffer.from(`:${token}`).toString('base64')}` }, { authorization: `Bearer ${token} ${token}` },
    { authorization: `Bearer ${token.slice(0, -1)}` }, { authorization: `Bearer ${elsewhere}` }, { authorization: `Bearer ${SECRETS.shop}` }, { authorization: `Bearer ${'A'.repeat(LONGEST_TOKEN + 1)}` }, { cookie: `session=${token}` }
  ]
  const refusal = { status: 401, headers: { 'cache-control': 'no-store', 'content-type': /problem\+json/ }, body: { code: 'unauthorized' } }
  for (const given of headers) t.match(await ask('/verify/session', { headers: given }), refusal, JSON.stringify(given).slice(0, 60))
  t.match(await ask(`/verify/session?session=${token}`), refusal, 'nor is it taken from where it would be written down')
  clock.advance(59_999)
  t.equal((await show(token)).status, 200)
  clock.advance(1)
  t.match(await show(token), refusal)
})

t.test('a header that no server takes does no harm', async (t) => {
  const { create, show, ask } = await startVerifyStand(t)
  t.equal((await show('A'.repeat(20_000))).status, 400)
  t.equal((await show((await create({})).body.token)).status, 200)
  t.equal((await ask('/verify/keys')).status, 200)
})

t.test('with everything at its longest a session still opens the page', async (t) => {
  const { create, show } = await startVerifyStand(t)
  const longest = { ...WHOLE, returnUrl: `https://app.example.com/${'a'.repeat(1000)}`, reference: '"'.repeat(128), user: '🔑'.repeat(128) }
  const { status, body } = await create(longest)
  t.equal(status, 201)
  t.match(await show(body.token), { status: 200, body: { returnUrl: longest.returnUrl } })
})

t.test('a session of a profile that is gone cannot be used', async (t) => {
  const { show, sessions, create } = await startVerifyStand(t)
  const session = sessions.open((await create({})).body.token)
  if (session === undefined) throw new Error('no session')
  t.match(await show(sessions.seal({ ...session, profile: 'gone' })), { status: 400, body: { code: 'profile_unknown' } })
})

t.test('everybody may have the keys, for five minutes at a time', async (t) => {
  const { ask } = await startVerifyStand(t)
  const { status, headers, body } = await ask('/verify/keys')
  t.match({ status, headers }, { status: 200, headers: { 'cache-control': 'public, max-age=300', 'content-type': /^application\/json/ } })
  t.match(body, { keys: [{ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', kid: /^[A-Za-z0-9_-]{43}$/, x: /^[A-Za-z0-9_-]{43}$/ }] })
  t.notOk('d' in body.keys[0])
})

t.test('pages of others can neither make a session nor read one', async (t) => {
  const { ask, create, show } = await startVerifyStand(t)
  const { token } = (await create({})).body
  const origin = { origin: 'https://app.example.com' }
  const replies = [
    await create({}, origin),
    await show(token),
    await ask('/verify/session', { headers: { ...origin, authorization: `Bearer ${token}` } }),
    await ask('/verify/session', { method: 'OPTIONS', headers: { ...origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' } }),
    await ask('/verify/sessions', { method: 'OPTIONS', headers: { ...origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type' } }),
    await ask('/verify/keys', { headers: origin })
  ]
  for (const { headers } of replies) {
    t.same(Object.keys(headers).filter((name) => name.startsWith('access-control-')), [])
    t.equal(headers['x-frame-options'], 'SAMEORIGIN')
    t.equal(headers['cross-origin-resource-policy'], 'same-origin')
    t.equal(headers['x-content-type-options'], 'nosniff')
  }
  t.same(replies.map(({ status }) => status), [201, 200, 200, 405, 405, 200])
  t.match(await ask('/verify/sessions'), { status: 405, headers: { allow: 'POST' } })
})
