import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import t, { type Test } from 'tap'
import { SECRET, startTestGateway, type TestGatewayOptions } from '../support/gateway.ts'
import { CODE, NEW_SECRET, NUMBER, PROBLEM, SAYS_OF_GUARD, testDialect, type WireRequest } from './suite.ts'

const ROUTE = '/hooks/auth0-sms-gateway'

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')

/** A token as Auth0 makes it: signed with the secret, or with the bytes that it spells. */
const token = (secret: string | Buffer, payload: object = {}, { alg = 'HS256', hash }: { alg?: string, hash?: string } = {}): string => {
  const signed = `${encoded({ alg, typ: 'JWT' })}.${encoded(payload)}`
  return `${signed}.${createHmac(hash ?? alg.replace('HS', 'sha'), secret).update(signed).digest('base64url')}`
}

const claims = (moment: number, seconds = 60): object => ({ sub: 'urn:Auth0', aud: 'urn:gateway', iat: Math.floor(moment / 1000), exp: Math.floor(moment / 1000) + seconds })

const bearing = (made: (moment: number) => string) => (request: WireRequest, moment: number): WireRequest =>
  ({ ...request, headers: { authorization: `Bearer ${made(moment)}` } })

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

const signedByRsa = (moment: number): string => {
  const signed = `${encoded({ alg: 'RS256', typ: 'JWT' })}.${encoded(claims(moment))}`
  return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`
}

const message = (more: object = {}): object => ({ recipient: NUMBER, body: `Your verification code is: ${CODE}`, sender: '+1 234 567', ...more })

testDialect({
  name: 'auth0 sms gateway',
  route: ROUTE,
  settings: { AUTH0_SMS_GATEWAY_SECRET: `${SECRET},${NEW_SECRET}` },
  channels: ['text'],
  tells: ['ip'],
  bodyOf: ({ number, code, ip }) => JSON.stringify(message({ recipient: number, body: `Your verification code is: ${code}`, req: { ip, 'user-agent': 'curl' } })),
  authenticated: (body, moment, secret) => ({ headers: { authorization: `Bearer ${token(secret === 'old' ? SECRET : NEW_SECRET, claims(moment))}` }, body }),
  forgeries: [
    ['no token', (request) => ({ ...request, headers: {} })],
    ['an empty token', bearing(() => '')],
    ['no token, but a word', bearing(() => 'hello')],
    ['the secret itself', bearing(() => SECRET)],
    ['a token that is no bearer\'s', (request) => ({ ...request, headers: { authorization: request.headers.authorization?.replace('Bearer', 'Basic') ?? '' } })],
    ['another secret', bearing((moment) => token('another-secret-altogether', claims(moment)))],
    ['a secret that is shorter', bearing((moment) => token(SECRET.slice(1), claims(moment)))],
    ['no secret at all', bearing((moment) => token('', claims(moment)))],
    ['both secrets', bearing((moment) => token(`${SECRET},${NEW_SECRET}`, claims(moment)))],
    ['the bytes that a secret spells that is no base64', bearing((moment) => token(Buffer.from(SECRET, 'base64'), claims(moment)))],
    ['the algorithm none', bearing((moment) => `${encoded({ alg: 'none' })}.${encoded(claims(moment))}.`)],
    ['the algorithm none, signed', bearing((moment) => token(SECRET, claims(moment), { alg: 'none', hash: 'sha256' }))],
    ['an algorithm that is not allowed', bearing((moment) => token(SECRET, claims(moment), { alg: 'HS1', hash: 'sha1' }))],
    ['the algorithm of another', bearing((moment) => token(SECRET, claims(moment), { alg: 'RS256', hash: 'sha256' }))],
    ['a key pair of one\'s own', bearing(signedByRsa)],
    ['no signature', bearing((moment) => `${token(SECRET, claims(moment)).split('.').slice(0, 2).join('.')}.`)],
    ['a payload of one\'s own', bearing((moment) => token(SECRET, claims(moment)).replace(/\.[^.]+\./, `.${encoded(claims(moment, 9999))}.`))],
    ['a token that has expired', bearing((moment) => token(SECRET, claims(moment, -31)))],
    ['a token that does not hold yet', bearing((moment) => token(SECRET, { nbf: Math.floor(moment / 1000) + 31 }))]
  ],
  malformed: [
    ['no number', JSON.stringify(message({ recipient: undefined })), PROBLEM(400, 'number_missing')],
    ['an empty number', JSON.stringify(message({ recipient: '' })), PROBLEM(400, 'number_missing')],
    ['a number that is null', JSON.stringify(message({ recipient: null })), PROBLEM(400, 'invalid_body')],
    ['a number that is text', JSON.stringify(message({ recipient: 'call me' })), PROBLEM(400, 'number_impossible')],
    ['the number of Auth0\'s own sample, which nobody has', JSON.stringify(message({ recipient: '+1 399 999' })), PROBLEM(400, 'number_impossible')],
    ['a number of nowhere', JSON.stringify(message({ recipient: '0170 1234567' })), PROBLEM(400, 'number_needs_country')],
    ['no words', JSON.stringify(message({ body: undefined })), PROBLEM(400, 'content_missing')],
    ['empty words', JSON.stringify(message({ body: ' \n' })), PROBLEM(400, 'content_missing')],
    ['words that are an object', JSON.stringify(message({ body: { text: CODE } })), PROBLEM(400, 'invalid_body')],
    ['words without end', JSON.stringify(message({ body: 'x'.repeat(1601) })), PROBLEM(400, 'invalid_body')]
  ],
  says: {
    accepted: { status: 200, body: { status: 'accepted' } },
    duplicate: { status: 200, body: { status: 'duplicate' } },
    // Any other status has the person ask again.
    unknown: { status: 200, body: { status: 'unknown' } },
    refused: PROBLEM(422, 'recipient_refused'),
    ...SAYS_OF_GUARD,
    failed: PROBLEM(502, 'provider_failed'),
    malformed: { status: 400 },
    unauthorized: PROBLEM(401, 'unauthorized'),
    unavailable: PROBLEM(503, /store_unavailable|draining/)
  }
})

/** A gateway with these secrets; asks it with a token, and tells the status. */
const start = async (t: Test, secrets: string, { settings, ...options }: TestGatewayOptions = {}) => {
  const stand = await startTestGateway(t, { ...options, settings: { AUTH0_SMS_GATEWAY_SECRET: secrets, ...settings } })
  let code = 100_000
  const ask = async (bearer: string, more: object = {}): Promise<number> =>
    (await stand.post(ROUTE, message({ body: `Use ${++code}`, ...more }), { authorization: `Bearer ${bearer}` })).status
  return { ...stand, ask }
}

t.test('a token may be signed by any hash, and need not expire', async (t) => {
  const { ask, clock } = await start(t, SECRET)
  for (const alg of ['HS256', 'HS384', 'HS512']) t.equal(await ask(token(SECRET, claims(clock()), { alg })), 200, alg)
  t.equal(await ask(token(SECRET, {})), 200, 'nothing in it')
  t.equal(await ask(token(SECRET, claims(clock(), -29))), 200, 'clocks differ')
  clock.advance(3_600_000)
  t.equal(await ask(token(SECRET, claims(clock() - 3_600_000))), 401, 'by the clock of the gateway')
})

t.test('a secret that is base64 signs as it stands, or with the bytes that it spells', async (t) => {
  // Their third and sixty-third digits, + and /, are written otherwise in URLs.
  const bytes = Buffer.from('fbefbefbff00112233445566778899aabbccddeeff00fbffbf', 'hex')
  for (const secret of [bytes.toString('base64'), bytes.toString('base64url'), bytes.toString('base64').replace(/=+$/, '')]) {
    const { ask, clock } = await start(t, secret)
    t.equal(await ask(token(bytes, claims(clock()))), 200, `the bytes of ${secret}`)
    t.equal(await ask(token(secret, claims(clock()))), 200, `${secret} itself`)
    t.equal(await ask(token(bytes.subarray(1), claims(clock()))), 401, 'other bytes')
  }
})

t.test('a secret that spells no bytes is not everybody\'s', async (t) => {
  for (const secret of ['a', '=']) {
    const { ask, clock } = await start(t, secret)
    t.equal(await ask(token('', claims(clock()))), 401, secret)
    t.equal(await ask(token(secret, claims(clock()))), 200, secret)
  }
})

t.test('where an audience is set, tokens must have it', async (t) => {
  const { ask, clock } = await start(t, SECRET, { settings: { AUTH0_SMS_GATEWAY_AUDIENCE: 'urn:gateway' } })
  const { aud, ...without } = claims(clock()) as Record<string, unknown>
  t.equal(await ask(token(SECRET, claims(clock()))), 200)
  t.equal(await ask(token(SECRET, { ...without, aud: ['urn:other', aud] })), 200, 'one of several')
  for (const wrong of [without, { ...without, aud: 'urn:other' }, { ...without, aud: 'urn:gateway/' }]) t.equal(await ask(token(SECRET, wrong)), 401, JSON.stringify(wrong))
})

t.test('a number has spaces or no +, and what Auth0 knows of the request is let go', async (t) => {
  const { ask, sandbox } = await start(t, SECRET, { settings: { DEFAULT_COUNTRY: 'US' } })
  for (const recipient of ['+1 415 555 0123', '14155550123', '(415) 555-2671']) {
    t.equal(await ask(token(SECRET), { recipient, req: { ip: '127.0.0.1', 'user-agent': 'curl' }, sender: undefined }), 200, recipient)
  }
  t.same(sandbox.messages.map(({ to }) => to), [NUMBER, NUMBER, '+14155552671'])
})

t.test('texts may travel as calls: the code is found in the words', async (t) => {
  const { ask, sandbox } = await start(t, SECRET, { settings: { HOOK_CHANNELS: 'auth0-sms-gateway=voice', DEFAULT_LOCALE: 'de' } })
  t.equal(await ask(token(SECRET), { body: 'Use 7391 now' }), 200)
  await sandbox.settled()
  t.match(sandbox.calls[0]?.transcript.join(' '), /7[^0-9]+3[^0-9]+9[^0-9]+1/)
  t.notMatch(sandbox.calls[0]?.transcript.join(' '), 'now')
})

t.test('without its secret the hook says that it is not set up', async (t) => {
  const { post } = await startTestGateway(t)
  const { status, body } = await post(ROUTE, message())
  t.same([status, body.code], [404, 'hook_not_configured'])
})
