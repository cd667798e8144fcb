import type { Test } from 'tap'
import { CALLERS, NUMBER, SHOP, until, type OpenApi } from '../api-stand.ts'

/** Starting: what comes back, what is sent, and what is refused before anything is kept. */
export const starting = (t: Test, open: OpenApi): void => {
  t.test('a code is made and sent, and what comes back does not hold it', async (t) => {
    const { ask, code, sandbox, clock } = await open(t)
    const { status, headers, body } = await ask('POST', '/verifications', { to: NUMBER })
    const self = `/verifications/${body.id}`
    t.equal(status, 202)
    t.equal(headers.get('location'), self)
    t.equal(headers.get('cache-control'), 'no-store')
    const at = (milliseconds: number): string => new Date(clock() + milliseconds).toISOString()
    t.same(body, {
      id: body.id,
      status: 'pending',
      profile: 'login',
      channel: 'sms',
      number: '+49•••••••5678',
      to: NUMBER,
      codeLength: 6,
      attemptsLeft: 5,
      sendsLeft: 3,
      resendAt: at(30_000),
      message: { state: 'sending' },
      createdAt: at(0),
      expiresAt: at(300_000),
      now: at(0),
      links: { status: self, check: `${self}/check`, resend: `${self}/resend`, cancel: self }
    })
    t.match(await code(), /^[0-9]{6}$/)
    t.equal(sandbox.messages.length, 1)
    t.equal(sandbox.messages[0]?.to, NUMBER)
    t.notMatch(JSON.stringify(body), await code())
  })

  t.test('that it was sent is told, a second after it was asked for at the soonest', async (t) => {
    const { begin, look, code, settled, told } = await open(t)
    const { id } = await begin()
    await code()
    await until(() => told('delivery.finished').length === 1)
    t.same((await look(id)).message, { state: 'sending' })
    t.same((await settled(id)).message, { state: 'sent' })
  })

  t.test('a profile brings its own, and the request comes before it', async (t) => {
    const { begin, code } = await open(t)
    const { createdAt, ...signup } = await begin({ profile: 'signup' })
    t.match(signup, { profile: 'signup', codeLength: 4, attemptsLeft: 4, sendsLeft: 2 })
    t.equal(Date.parse(signup.expiresAt) - Date.parse(createdAt), 90_000)
    t.match(await code(1, 4), /^[0-9]{4}$/)
    const own = await begin({ to: '+4915112345679', codeLength: 8, ttlSeconds: 30, maxAttempts: 2 })
    t.match(own, { profile: 'login', codeLength: 8, attemptsLeft: 2 })
    t.equal(Date.parse(own.expiresAt) - Date.parse(own.createdAt), 30_000)
    t.match(await code(2, 8), /^[0-9]{8}$/)
  })

  t.test('what lies outside the limits is refused, and nothing is sent', async (t) => {
    const { ask, sandbox, told } = await open(t)
    for (const [body, code, detail] of [
      [{ codeLength: 3 }, 'invalid_body', /codeLength/],
      [{ codeLength: 11 }, 'invalid_body', /codeLength/],
      [{ codeLength: '6' }, 'invalid_body', /codeLength/],
      [{ ttlSeconds: 29 }, 'invalid_body', /ttlSeconds/],
      [{ ttlSeconds: 3601 }, 'invalid_body', /ttlSeconds/],
      [{ maxAttempts: 0 }, 'invalid_body', /maxAttempts/],
      [{ maxAttempts: 11 }, 'invalid_body', /maxAttempts/],
      [{ channel: 'fax' }, 'invalid_body', /sms, voice, whatsapp/],
      [{ session: '' }, 'invalid_body', /session/],
      [{ country: 'Germany' }, 'invalid_body', /country/],
      [{ country: 'UK' }, 'invalid_body', /country/],
      [{ profile: 'none' }, 'profile_unknown', undefined],
      [{ to: undefined }, 'number_missing', undefined],
      [{ to: ' ' }, 'number_missing', undefined],
      [{ to: 4915112345678 }, 'invalid_body', /to must be string/],
      [{ to: '+49' }, 'number_impossible', undefined],
      [{ to: '0151 12345678' }, 'number_needs_country', undefined],
      [{ channel: 'whatsapp' }, 'no_provider', undefined]
    ] as const) {
      const refused = await ask('POST', '/verifications', { to: NUMBER, ...body })
      t.match(refused.body, { code, ...detail && { detail } }, JSON.stringify(body))
    }
    t.same(sandbox.messages, [])
    t.same(told('verification.started'), [])
  })

  t.test('what is no JSON object, or a large one, is refused', async (t) => {
    const { ask } = await open(t)
    for (const [body, code] of [
      ['', 'invalid_body'],
      ['null', 'invalid_body'],
      ['[]', 'invalid_body'],
      ['{', 'invalid_json'],
      ['{"__proto__":{"to":"+4915112345678"}}', 'invalid_json'],
      [JSON.stringify({ to: NUMBER, user: 'x'.repeat(5000) }), 'body_too_large']
    ] as const) t.match((await ask('POST', '/verifications', body)).body, { code }, body.slice(0, 20))
    t.match((await ask('POST', '/verifications', `to=${NUMBER}`, { 'content-type': 'application/x-www-form-urlencoded' })).body, { code: 'unsupported_media_type' })
    t.match((await ask('PUT', '/verifications')).headers.get('allow'), 'POST')
  })

  t.test('a field that is not known is refused, and named where it looks like a field', async (t) => {
    const { ask, begin, code, look, sandbox, told } = await open(t)
    for (const [field, detail] of [
      ['sesion', 'The body must have no field sesion'],
      ['Session', 'The body must have no field Session'],
      ['x'.repeat(32), `The body must have no field ${'x'.repeat(32)}`],
      ['x'.repeat(33), 'The body must have no field that is not known here'],
      [NUMBER, 'The body must have no field that is not known here'],
      ['482913', 'The body must have no field that is not known here'],
      ['', 'The body must have no field that is not known here'],
      ['constructor', 'The body must have no field constructor']
    ] as const) t.match((await ask('POST', '/verifications', { to: NUMBER, [field]: 'the-browser-of-mia' })), { status: 400, body: { code: 'invalid_body', detail } }, field)
    t.same(told('verification.started'), [])
    const { id } = await begin()
    const right = await code()
    for (const [path, body] of [['check', { code: right, user: 'mia' }], ['resend', { chanel: 'voice' }]] as const) {
      t.match((await ask('POST', `/verifications/${id as string}/${path}`, body)).body, { code: 'invalid_body', detail: /^The body must have no field (user|chanel)$/ }, path)
    }
    t.match(await look(id), { status: 'pending', attemptsLeft: 5, sendsLeft: 3 })
    t.equal(sandbox.messages.length, 1)
  })

  t.test('who is not known is told so before anything else', async (t) => {
    const { ask, begin, code } = await open(t)
    const { id } = await begin()
    await code()
    for (const authorization of ['', 'Bearer wrong', 'Bearer ', 'Basic eDp5', `Bearer ${'x'.repeat(7000)}`]) {
      t.match((await ask('POST', '/verifications', '{', { authorization })).body, { code: 'unauthorized' })
      for (const [method, path] of [['GET', ''], ['POST', '/check'], ['POST', '/resend'], ['DELETE', '']] as const) {
        t.match(await ask(method, `/verifications/${id}${path}`, undefined, { authorization }), { status: 401, body: { code: 'unauthorized' } }, `${method} ${path}`)
      }
    }
  })

  t.test('numbers are read as people of a country write them', async (t) => {
    const { begin } = await open(t, { settings: { DEFAULT_COUNTRY: 'DE' } })
    t.equal((await begin({ to: '0151 / 1234 5678' })).to, NUMBER)
    t.equal((await begin({ to: '07400 123456', country: 'gb' })).to, '+447400123456')
  })

  t.test('the words are those of the locale, or else of the default', async (t) => {
    const { begin, code, sandbox } = await open(t, { settings: { DEFAULT_LOCALE: 'fr' } })
    for (const [index, locale] of ['de-DE', undefined, '!'].entries()) {
      await begin({ locale, to: `+491511234567${index}` })
      await code(index + 1)
    }
    const [german, french, other] = sandbox.messages.map(({ text }) => text.replace(/[0-9]{6}/, ''))
    t.not(german, french)
    t.equal(french, other)
  })

  t.test('what the guard refuses by the number is refused at once, and the same for everybody', async (t) => {
    const { ask, sandbox, told } = await open(t, {
      settings: { ...CALLERS, ALLOWED_COUNTRIES: 'DE', DENIED_PREFIXES: '+49160', DENIED_NUMBER_TYPES: 'premium', TEST_NUMBERS: '+15005550006:123456' }
    })
    for (const to of ['+447400123456', '+4916012345678', '+499001234567']) {
      t.match(await ask('POST', '/verifications', { to }, SHOP), { status: 403, body: { code: 'recipient_not_allowed' } }, to)
    }
    t.same(sandbox.messages, [])
    t.same(told('verification.started'), [])
  })

  t.test('what the guard only watches is let go', async (t) => {
    const { begin, code } = await open(t, { settings: { ALLOWED_COUNTRIES: 'US', GUARD_MODES: 'allowed-countries=shadow' } })
    await begin()
    t.match(await code(), /^[0-9]{6}$/)
  })

  t.test('without a provider nothing is started', async (t) => {
    const { ask, told } = await open(t, { settings: { SMS_ROUTE_DE: 'twilio-sms' } })
    t.match(await ask('POST', '/verifications', { to: NUMBER }), { status: 502, body: { code: 'no_provider' } })
    t.same(told('verification.started'), [])
  })

  t.test('the API is found below the path of PUBLIC_URL too, which its links have', async (t) => {
    const { ask } = await open(t, { settings: { PUBLIC_URL: 'https://codes.example.com/gateway' } })
    const { status, headers, body } = await ask('POST', '/gateway/verifications', { to: NUMBER })
    t.equal(status, 202)
    t.equal(headers.get('location'), `/gateway/verifications/${body.id}`)
    t.equal(body.links.check, `/gateway/verifications/${body.id}/check`)
    t.equal((await ask('GET', body.links.status)).status, 200)
    t.equal((await ask('GET', `/verifications/${body.id}`)).body.links.status, `/gateway/verifications/${body.id}`)
  })
}
