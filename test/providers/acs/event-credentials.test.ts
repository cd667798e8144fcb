import { inspect } from 'node:util'
import t, { type Test } from 'tap'
import { SensitiveText } from '../../../src/domain/sensitive.ts'
import { createEventCredentials, type EventCredentials, type EventCredentialsDeps } from '../../../src/providers/acs/event-credentials.ts'
import type { HttpClient } from '../../../src/providers/http-client.ts'
import { EventsUnavailable, type EventRequest } from '../../../src/providers/provider.ts'
import { createClock, type Clock } from '../../support/gateway.ts'
import { startAuthority, type Authority, type TokenOptions } from './authority.ts'
import { closedAccount, impatient, startHttp } from './stand.ts'

const TENANT = '11111111-2222-3333-4444-555555555555'
const AUDIENCE = 'https://eventgrid.azure.net'
const EVENT_GRID = '4962773b-9cdb-44cf-a8bf-237846a00ab7'
const RESOURCE = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee'
const CALL_ISSUER = 'https://acscallautomation.communication.azure.com'

interface Stand {
  readonly credentials: EventCredentials
  readonly authority: Authority
  readonly clock: Clock
}

const start = async (t: Test, more: Partial<EventCredentialsDeps> = {}): Promise<Stand> => {
  const authority = await startAuthority(t)
  const clock = createClock()
  const credentials = createEventCredentials({
    http: startHttp(t),
    now: clock,
    eventGridSecrets: [],
    entra: { tenantId: TENANT, audiences: ['api://gateway', AUDIENCE], authority: authority.url },
    callbackToken: { resourceId: RESOURCE, issuer: CALL_ISSUER, jwksUrl: new URL('/calling/keys', authority.url) },
    ...more
  })
  return { credentials, authority, clock }
}

const request = (headers: Record<string, string> = {}, query: Record<string, unknown> = {}): EventRequest => ({ headers, query, body: [] })

const bearer = (token: string): EventRequest => request({ authorization: `Bearer ${token}` })

/** What Entra puts into a token of its first version, at that time. */
const version1 = (clock: Clock, more: Record<string, unknown> = {}): Record<string, unknown> => {
  const now = Math.floor(clock() / 1000)
  return { aud: AUDIENCE, iss: `https://sts.windows.net/${TENANT}/`, iat: now, nbf: now, exp: now + 3600, appid: EVENT_GRID, appidacr: '2', tid: TENANT, ver: '1.0', ...more }
}

/** The same of its second version, which comes from the authority itself. */
const version2 = ({ authority, clock }: Stand, more: Record<string, unknown> = {}): Record<string, unknown> => {
  const { appid, appidacr, ...claims } = version1(clock)
  return { ...claims, iss: `${authority.url.href}${TENANT}/v2.0`, azp: EVENT_GRID, azpacr: '2', ver: '2.0', ...more }
}

const callClaims = (clock: Clock, more: Record<string, unknown> = {}): Record<string, unknown> => {
  const now = Math.floor(clock() / 1000)
  return { iss: CALL_ISSUER, aud: RESOURCE, iat: now, nbf: now, exp: now + 300, ...more }
}

t.test('Event Grid is known by any of its secrets, in the query or in a header', async (t) => {
  const { credentials } = await start(t, { eventGridSecrets: ['old-secret', 'new-secret'].map((secret) => new SensitiveText(secret)) })
  for (const secret of ['old-secret', 'new-secret']) {
    t.equal(await credentials.isEventGrid(request({}, { key: secret })), true)
    t.equal(await credentials.isEventGrid(request({ 'x-event-grid-secret': secret })), true)
    t.equal(await credentials.isEventGrid(request({ 'x-event-grid-secret': 'wrong' }, { key: secret })), true)
  }
})

t.test('a wrong secret is none, and so is one that is given twice or in another place', async (t) => {
  const { credentials } = await start(t, { eventGridSecrets: [new SensitiveText('secret')] })
  const requests = [
    request(), request({}, { key: '' }), request({}, { key: 'secre' }), request({}, { key: 'SECRET' }), request({}, { key: 'secret ' }),
    request({}, { key: ['secret', 'secret'] }), request({}, { key: ['secret'] }), request({}, { key: { 0: 'secret' } }), request({}, { code: 'secret' }),
    request({ 'x-event-grid-secret': 'wrong' }), request({ authorization: 'secret' }), request({ authorization: 'Basic secret' })
  ]
  for (const one of requests) t.equal(await credentials.isEventGrid(one), false, inspect(one))
})

t.test('where there is no secret, an empty one opens nothing', async (t) => {
  const { credentials } = await start(t, { eventGridSecrets: [], entra: undefined })
  t.equal(await credentials.isEventGrid(request({ 'x-event-grid-secret': '' }, { key: '' })), false)
})

t.test('Event Grid is known by its token, of either version and for any of the audiences', async (t) => {
  const stand = await start(t)
  const { credentials, authority, clock } = stand
  t.equal(await credentials.isEventGrid(bearer(await authority.sign(version1(clock)))), true)
  t.equal(await credentials.isEventGrid(bearer(await authority.sign(version1(clock, { aud: 'api://gateway' })))), true)
  t.equal(await credentials.isEventGrid(bearer(await authority.sign(version2(stand)))), true)
  const lowerCase = request({ authorization: `bearer  ${await authority.sign(version1(clock))}` })
  t.equal(await credentials.isEventGrid(lowerCase), true)
  t.same(authority.asked, [`/${TENANT}/discovery/v2.0/keys`], 'the keys were fetched once')
})

t.test('a secret is enough although Entra is configured, and needs no keys', async (t) => {
  const { credentials, authority } = await start(t, { eventGridSecrets: [new SensitiveText('secret')] })
  authority.answer = (response) => { response.writeHead(500).end() }
  t.equal(await credentials.isEventGrid(request({}, { key: 'secret' })), true)
  t.same(authority.asked, [])
})

t.test('a token of anybody else, or for anything else, is not Event Grid\'s', async (t) => {
  const stand = await start(t)
  const { credentials, authority, clock } = stand
  const now = Math.floor(clock() / 1000)
  const claims: Record<string, Record<string, unknown>> = {
    'another application': version1(clock, { appid: '00000000-0000-0000-0000-000000000000' }),
    'no application': version1(clock, { appid: undefined }),
    'another application, of version 2': version2(stand, { azp: 'x' }),
    'an application that only says so beside its own': version1(clock, { appid: 'x', azp: EVENT_GRID }),
    'another audience': version1(clock, { aud: 'https://graph.microsoft.com' }),
    'no audience': version1(clock, { aud: undefined }),
    'another tenant': version1(clock, { iss: 'https://sts.windows.net/99999999-2222-3333-4444-555555555555/' }),
    'another tenant, of version 2': version2(stand, { iss: `${authority.url.href}99999999-2222-3333-4444-555555555555/v2.0` }),
    'another issuer': version1(clock, { iss: 'https://evil.example.com/' }),
    'no issuer': version1(clock, { iss: undefined }),
    expired: version1(clock, { exp: now - 31 }),
    'without an end': version1(clock, { exp: undefined }),
    'not yet valid': version1(clock, { nbf: now + 31 }),
    'an end that is no time': version1(clock, { exp: 'tomorrow' })
  }
  for (const [name, one] of Object.entries(claims)) t.equal(await credentials.isEventGrid(bearer(await authority.sign(one))), false, name)
})

t.test('clocks may differ by half a minute', async (t) => {
  const { credentials, authority, clock } = await start(t)
  const now = Math.floor(clock() / 1000)
  t.equal(await credentials.isEventGrid(bearer(await authority.sign(version1(clock, { exp: now - 29 })))), true)
  t.equal(await credentials.isEventGrid(bearer(await authority.sign(version1(clock, { nbf: now + 29 })))), true)
})

t.test('a token that was valid expires', async (t) => {
  const { credentials, authority, clock } = await start(t)
  const token = await authority.sign(version1(clock))
  t.equal(await credentials.isEventGrid(bearer(token)), true)
  clock.advance(3600_000 + 31_000)
  t.equal(await credentials.isEventGrid(bearer(token)), false)
})

t.test('a token that nobody signed with a published key is none', async (t) => {
  const { credentials, authority, clock } = await start(t)
  const options: Record<string, TokenOptions> = {
    'another key under the same name': { forged: true },
    'a key that is not published': { forged: true, kid: 'unknown' },
    'no name of a key, of which there are several': { kid: undefined },
    'not signed': { algorithm: 'none' },
    'signed with the public key as a secret': { algorithm: 'HS256' },
    'signed by another algorithm that the key can do': { algorithm: 'RS512' },
    'and by yet another': { algorithm: 'PS256' }
  }
  for (const [name, one] of Object.entries(options)) {
    t.equal(await credentials.isEventGrid(bearer(await authority.sign(version1(clock), one))), false, name)
  }
})

t.test('what is no token at all is none, and no keys are fetched for it', async (t) => {
  const { credentials, authority } = await start(t)
  for (const token of ['x', '.', '..', 'a.b.c', 'e30.e30.', `${'A'.repeat(10_000)}.e30.x`]) t.equal(await credentials.isEventGrid(bearer(token)), false, token.slice(0, 20))
  for (const authorization of ['', 'Bearer', 'Bearer ', 'Bearer a b', 'Token a.b.c', 'HMAC-SHA256 x']) {
    t.equal(await credentials.isEventGrid(request({ authorization })), false, authorization)
  }
  t.same(authority.asked, [])
})

t.test('without Entra no token is Event Grid\'s', async (t) => {
  const { credentials, authority, clock } = await start(t, { entra: undefined })
  t.equal(await credentials.isEventGrid(bearer(await authority.sign(version1(clock)))), false)
  t.same(authority.asked, [])
})

t.test('a call\'s event is known by Azure\'s signature for our resource', async (t) => {
  const { credentials, authority, clock } = await start(t)
  const good = await authority.sign(callClaims(clock))
  t.equal(await credentials.isCallAutomation(bearer(good)), true)
  t.same(authority.asked, ['/calling/keys'])
  const now = Math.floor(clock() / 1000)
  for (const claims of [{ aud: 'another' }, { aud: `/subscriptions/${RESOURCE}` }, { iss: 'https://acscallautomation.communication.microsoft.com' }, { exp: now - 31 }, { exp: undefined }]) {
    t.equal(await credentials.isCallAutomation(bearer(await authority.sign(callClaims(clock, claims)))), false, JSON.stringify(claims))
  }
  t.equal(await credentials.isCallAutomation(bearer(await authority.sign(callClaims(clock), { forged: true }))), false)
  t.equal(await credentials.isCallAutomation(bearer(await authority.sign(callClaims(clock), { algorithm: 'none' }))), false)
  t.equal(await credentials.isCallAutomation(request()), false, 'no token')
})

t.test('where we were not told our resource, the signature is not asked for', async (t) => {
  const { credentials, authority, clock } = await start(t, { callbackToken: undefined })
  t.equal(await credentials.isCallAutomation(request()), true)
  t.equal(await credentials.isCallAutomation(bearer(await authority.sign(callClaims(clock), { forged: true }))), true)
  t.same(authority.asked, [])
})

t.test('neither sender\'s token serves for the other', async (t) => {
  const { credentials, authority, clock } = await start(t)
  t.equal(await credentials.isEventGrid(bearer(await authority.sign(callClaims(clock)))), false)
  t.equal(await credentials.isCallAutomation(bearer(await authority.sign(version1(clock)))), false)
})

t.test('keys that cannot be had are no fault of the sender', async (t) => {
  const answers: Record<string, NonNullable<Authority['answer']>> = {
    'never answered': () => {},
    500: (response) => { response.writeHead(500).end() },
    404: (response) => { response.writeHead(404).end() },
    'an empty 204': (response) => { response.writeHead(204).end() },
    'a redirection': (response) => { response.writeHead(302, { location: 'https://evil.example.com/keys' }).end() },
    'a page': (response) => { response.writeHead(200).end('<h1>Service</h1>') },
    'no keys': (response) => { response.writeHead(200).end('{}') },
    'a list': (response) => { response.writeHead(200).end('[]') },
    'keys that are none': (response) => { response.writeHead(200).end('{"keys":[1]}') },
    'too much': (response) => { response.writeHead(200).end('x'.repeat(300_000)) },
    reset: (response) => { response.socket?.resetAndDestroy() }
  }
  for (const [name, answer] of Object.entries(answers)) {
    const real = startHttp(t)
    // The keys have three seconds in truth; nobody here waits for them.
    const hasty = impatient(real, 100)
    const http: HttpClient = { ...real, request: (one) => (name === 'never answered' && authority.answer !== undefined ? hasty : real).request(one) }
    const { credentials, authority, clock } = await start(t, { http })
    const token = await authority.sign(version1(clock))
    authority.answer = answer
    await t.rejects(credentials.isEventGrid(bearer(token)), new EventsUnavailable(), name)
    const call = await authority.sign(callClaims(clock))
    await t.rejects(credentials.isCallAutomation(bearer(call)), new EventsUnavailable(), `${name}, for calls`)
    // It is asked again the next time, and then all is well.
    authority.answer = undefined
    t.equal(await credentials.isEventGrid(bearer(token)), true, `${name}, and then the keys are there`)
  }
})

t.test('keys whose server is not there are no fault of the sender', async (t) => {
  const { endpoint } = await closedAccount('a2V5')
  const { credentials, authority, clock } = await start(t, { entra: { tenantId: TENANT, audiences: [AUDIENCE], authority: endpoint } })
  await t.rejects(credentials.isEventGrid(bearer(await authority.sign(version1(clock)))), EventsUnavailable)
})

t.test('what is printed of keys that cannot be had shows nothing of the token', async (t) => {
  const { credentials, authority, clock } = await start(t)
  const token = await authority.sign(version1(clock))
  authority.answer = (response) => { response.writeHead(500).end(token) }
  const error: unknown = await credentials.isEventGrid(bearer(token)).catch((reason: unknown) => reason)
  t.match(error, { name: 'EventsUnavailable', message: 'the events cannot be checked right now' })
  t.notMatch([String(error), JSON.stringify(error), inspect(error, { depth: 10 })].join(), token)
})

t.test('keys are asked for within three seconds, by our own client', async (t) => {
  const timeouts: number[] = []
  const http = startHttp(t)
  const { credentials, authority, clock } = await start(t, {
    http: { ...http, request: (one) => { timeouts.push(one.timeout); return http.request(one) } }
  })
  await credentials.isEventGrid(bearer(await authority.sign(version1(clock))))
  t.equal(timeouts.length, 1)
  t.ok((timeouts[0] as number) <= 3000)
})
