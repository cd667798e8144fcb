import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose'
import t, { type Test } from 'tap'
import type { Environment } from '../../src/config/read-settings.ts'
import { SECRET, startTestGateway, type TestGateway } from '../support/gateway.ts'
import { CODE, NUMBER } from './suite.ts'

const ROUTE = '/hooks/okta'
const ISSUER_PATH = '/oauth2/default'
const AUDIENCE = 'api://default'

const keys = await generateKeyPair('RS256')
const strangersKeys = await generateKeyPair('RS256')
const KEYS = JSON.stringify({ keys: [{ ...await exportJWK(keys.publicKey), kid: 'one', alg: 'RS256', use: 'sig' }] })

type Serve = (request: IncomingMessage, response: ServerResponse) => void

const serveKeys: Serve = (_request, response) => { response.writeHead(200, { 'content-type': 'application/json' }).end(KEYS) }

interface KeyServer {
  readonly url: string
  /** Paths that were asked for. */
  readonly asked: string[]
  /** Serves otherwise from now on. */
  serve (otherwise: Serve): void
}

const startKeyServer = async (t: Test): Promise<KeyServer> => {
  let serve = serveKeys
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    serve(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, serve: (otherwise) => { serve = otherwise } }
}

interface Token {
  readonly claims?: JWTPayload
  readonly issuer?: string
  readonly audience?: string | string[]
  /** Seconds from now. */
  readonly expires?: number
  readonly header?: { alg: string, kid?: string }
  readonly key?: CryptoKey | Uint8Array
}

interface Stand extends TestGateway {
  readonly keyServer: KeyServer
  token (made?: Token): Promise<string>
  /** Asks with an `Authorization` header. */
  ask (authorization: string): Promise<{ readonly status: number, readonly body: any }>
}

/** The client id of Okta's hook. */
const CLIENT = '0oa1abcDEF2ghiJKL3x7'

const start = async (t: Test, settings: Environment = {}): Promise<Stand> => {
  const keyServer = await startKeyServer(t)
  const issuer = `${keyServer.url}${ISSUER_PATH}`
  const stand = await startTestGateway(t, { settings: { OKTA_ISSUER: issuer, OKTA_CLIENT_ID: CLIENT, ...settings } })
  let code = 100_000
  return {
    ...stand,
    keyServer,
    async token ({ claims = { scp: ['phone'] }, issuer: by = issuer, audience = AUDIENCE, expires = 60, header = { alg: 'RS256', kid: 'one' }, key = keys.privateKey } = {}) {
      const now = Math.floor(stand.clock() / 1000)
      return await new SignJWT({ cid: CLIENT, ...claims }).setProtectedHeader(header).setIssuer(by).setAudience(audience).setIssuedAt(now).setExpirationTime(now + expires).sign(key)
    },
    async ask (authorization) {
      const profile = { msgTemplate: `Your code is ${++code}`, phoneNumber: NUMBER, otpCode: `${code}`, deliveryChannel: 'SMS', locale: 'EN-US' }
      return await stand.post(ROUTE, { data: { messageProfile: profile } }, { authorization })
    }
  }
}

/** Nothing was sent, and nothing is told but that the token does not hold. */
const isRefused = async (t: Test, { ask, sandbox }: Stand, authorization: string, what: string): Promise<void> => {
  const { status, body } = await ask(authorization)
  t.match({ status, code: body.code }, { status: 401, code: 'unauthorized' }, what)
  t.equal(sandbox.requests.length, 0, `${what}: nothing is sent`)
}

/** Nothing was sent, and that is no fault of the token's. */
const isPutOff = async (t: Test, { ask, sandbox }: Stand, authorization: string, what: string): Promise<void> => {
  const { status, body } = await ask(authorization)
  t.equal(status, 200, what)
  t.match(body, { error: { errorSummary: 'The code could not be sent right now. Please try again later.', errorCauses: [{ reason: /^keys_unavailable: / }] } })
  t.equal(sandbox.requests.length, 0, `${what}: nothing is sent`)
}

t.test('a token that holds opens the hook, and the keys are fetched once', async (t) => {
  const stand = await start(t)
  for (const issuer of [`${stand.keyServer.url}${ISSUER_PATH}`, `${stand.keyServer.url}${ISSUER_PATH}/`]) {
    for (const audience of [AUDIENCE, ['api://other', AUDIENCE]]) {
      const { status, body } = await stand.ask(`Bearer ${await stand.token({ issuer, audience })}`)
      t.match({ status, body }, { status: 200, body: { commands: [{ value: [{ status: 'SUCCESSFUL' }] }] } }, `${issuer} ${audience}`)
    }
  }
  t.same(stand.keyServer.asked, [`${ISSUER_PATH}/v1/keys`])
  t.equal(stand.sandbox.messages.length, 4)
  t.match(stand.events.filter(({ type }) => type === 'delivery.finished'), [{ caller: 'okta' }])
})

t.test('the issuer may be set with a slash, there may be several audiences, and keys that lie elsewhere', async (t) => {
  const keyServer = await startKeyServer(t)
  const stand = await start(t, { OKTA_ISSUER: 'https://example.okta.com/oauth2/default/', OKTA_AUDIENCE: 'api://one,api://two', OKTA_JWKS_URL: `${keyServer.url}/elsewhere` })
  for (const audience of ['api://one', 'api://two']) {
    for (const issuer of ['https://example.okta.com/oauth2/default', 'https://example.okta.com/oauth2/default/']) {
      t.equal((await stand.ask(`Bearer ${await stand.token({ audience, issuer })}`)).status, 200, `${audience} ${issuer}`)
    }
  }
  await t.test('and no others', async (t) => {
    t.equal((await stand.ask(`Bearer ${await stand.token({ issuer: 'https://example.okta.com/oauth2/default', audience: AUDIENCE })}`)).status, 401)
    t.equal((await stand.ask(`Bearer ${await stand.token({ audience: 'api://one' })}`)).status, 401)
  })
  t.same(keyServer.asked, ['/elsewhere'])
})

t.test('a token that does not hold is refused', async (t) => {
  const stand = await start(t)
  const { token, clock } = stand
  const [header, , signature] = (await token()).split('.')
  const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')
  const claims = { iss: `${stand.keyServer.url}${ISSUER_PATH}`, aud: AUDIENCE, exp: Math.floor(clock() / 1000) + 60 }
  const withoutExpiry = await new SignJWT({ iss: claims.iss, aud: claims.aud }).setProtectedHeader({ alg: 'RS256', kid: 'one' }).sign(keys.privateKey)
  for (const [what, bearer] of [
    ['another issuer', await token({ issuer: 'https://example.okta.com/oauth2/default' })],
    ['an issuer that begins alike', await token({ issuer: `${claims.iss}/more` })],
    ['two slashes', await token({ issuer: `${claims.iss}//` })],
    ['another audience', await token({ audience: 'api://other' })],
    ['expired', await token({ expires: -31 })],
    ['without expiry', withoutExpiry],
    ['not yet', await token({ claims: { nbf: Math.floor(clock() / 1000) + 31 } })],
    ['the keys of a stranger', await token({ key: strangersKeys.privateKey })],
    ['a key of no known name', await token({ key: strangersKeys.privateKey, header: { alg: 'RS256', kid: 'two' } })],
    ['signed with the public key', await token({ key: Buffer.from(KEYS), header: { alg: 'HS256', kid: 'one' } })],
    ['the algorithm none', `${encoded({ alg: 'none' })}.${encoded(claims)}.`],
    ['the algorithm none, with a signature', `${encoded({ alg: 'none', kid: 'one' })}.${encoded(claims)}.${signature}`],
    ['another payload', `${header}.${encoded(claims)}.${signature}`],
    ['no token', 'hello'],
    ['nothing', ''],
    ['the secret', SECRET]
  ] as const) await isRefused(t, stand, `Bearer ${bearer}`, what)
  await isRefused(t, stand, '', 'no header')
  await isRefused(t, stand, SECRET, 'the secret, plain')
  await isRefused(t, stand, await token(), 'a token that is no bearer\'s')
  t.notMatch(stand.log.join('\n'), new RegExp(`${CODE}|${SECRET}|${signature}`))
})

t.test('where a scope is set, tokens must have it', async (t) => {
  const stand = await start(t, { OKTA_SCOPE: 'phone' })
  for (const claims of [{ scp: [] }, { scp: ['phones', 'telephony'] }, { scope: 'phones telephony' }, { scp: undefined }, { scp: 'phones' }, { scp: { phone: true } }, { scp: [['phone', 1], null, 7], scope: 1 }, { scope: 'PHONE' }]) {
    await isRefused(t, stand, `Bearer ${await stand.token({ claims })}`, JSON.stringify(claims))
  }
  for (const claims of [{ scp: ['other', 'phone'] }, { scope: 'other phone' }, { scope: 'phone' }, { scp: 'phone' }]) {
    t.equal((await stand.ask(`Bearer ${await stand.token({ claims })}`)).status, 200, JSON.stringify(claims))
  }
})

t.test('where no scope is set, a token needs none', async (t) => {
  const { ask, token } = await start(t)
  t.equal((await ask(`Bearer ${await token({ claims: { scp: undefined } })}`)).status, 200)
})

t.test('a token of another application, or of a person, does not open the hook', async (t) => {
  const stand = await start(t, { OKTA_CLIENT_ID: `other,${CLIENT}`, OKTA_SCOPE: 'phone' })
  for (const claims of [{ cid: 'stranger' }, { cid: CLIENT.toLowerCase() }, { cid: undefined }, { cid: [CLIENT] }, { cid: 'stranger', client_id: CLIENT }, { cid: undefined, azp: CLIENT }, { scp: ['openid'] }, { uid: '00u1' }, { uid: null }]) {
    await isRefused(t, stand, `Bearer ${await stand.token({ claims: { scp: ['phone'], ...claims } })}`, JSON.stringify(claims))
  }
  for (const claims of [{}, { cid: 'other' }, { cid: undefined, client_id: CLIENT }]) {
    t.equal((await stand.ask(`Bearer ${await stand.token({ claims: { scp: ['phone'], ...claims } })}`)).status, 200, JSON.stringify(claims))
  }
  const byScope = await start(t, { OKTA_CLIENT_ID: '', OKTA_SCOPE: 'phone' })
  t.equal((await byScope.ask(`Bearer ${await byScope.token({ claims: { cid: 'any', scp: ['phone'] } })}`)).status, 200, 'where a scope alone is set, any application that has it')
  t.equal((await byScope.ask(`Bearer ${await byScope.token({ claims: { uid: '00u1', scp: ['phone'] } })}`)).status, 401, 'and no person, even one who has it')
})

const MINUTE = 60_000

t.test('while the keys cannot be had again, those of before serve on for a day', async (t) => {
  const stand = await start(t)
  const { ask, token, keyServer, clock } = stand
  t.equal((await ask(`Bearer ${await token()}`)).status, 200)
  keyServer.serve((_request, response) => { response.writeHead(500).end() })
  clock.advance(10 * MINUTE)
  t.equal((await ask(`Bearer ${await token()}`)).status, 200)
  t.equal(keyServer.asked.length, 2, 'old keys are asked for again')
  t.equal((await ask(`Bearer ${await token()}`)).status, 200)
  t.equal(keyServer.asked.length, 2, 'and not by every request')
  t.equal((await ask(`Bearer ${await token({ key: strangersKeys.privateKey })}`)).status, 401, 'they are no less strict')
  clock.advance(MINUTE / 2)
  t.equal((await ask(`Bearer ${await token()}`)).status, 200)
  t.equal(keyServer.asked.length, 3, 'but after half a minute')
  clock.advance(24 * 60 * MINUTE - MINUTE / 2 - 1)
  t.equal((await ask(`Bearer ${await token()}`)).status, 200, 'to the end of the day')
  clock.advance(MINUTE)
  t.match((await ask(`Bearer ${await token()}`)).body, { error: { errorCauses: [{ reason: /^keys_unavailable: / }] } }, 'and no longer')
})

t.test('a key that was withdrawn opens nothing once the keys were fetched again', async (t) => {
  const { ask, token, keyServer, clock } = await start(t)
  t.equal((await ask(`Bearer ${await token()}`)).status, 200)
  keyServer.serve((_request, response) => { response.writeHead(200).end('{"keys":[]}') })
  clock.advance(10 * MINUTE - 1)
  t.equal((await ask(`Bearer ${await token()}`)).status, 200, 'until then it is known')
  clock.advance(1)
  t.equal((await ask(`Bearer ${await token()}`)).status, 401)
})

t.test('keys that cannot be had are no fault of the token\'s, and Okta is told in its own words', async (t) => {
  for (const [what, serve] of [
    ['down', (request) => { request.socket.destroy() }],
    ['failing', (_request, response) => { response.writeHead(500).end() }],
    ['of no sense', (_request, response) => { response.writeHead(200).end('<html>') }],
    ['empty', (_request, response) => { response.writeHead(200).end('{}') }],
    ['without end', (_request, response) => { response.writeHead(200).end('x'.repeat(300 * 1024)) }],
    ['hanging', () => {}],
    ['hanging in the middle', (_request, response) => { response.writeHead(200).write('{') }]
  ] as ReadonlyArray<readonly [string, Serve]>) {
    await t.test(what, async (t) => {
      const stand = await start(t)
      stand.keyServer.serve(serve)
      const began = performance.now()
      await isPutOff(t, stand, `Bearer ${await stand.token()}`, what)
      t.ok(performance.now() - began < 2900, 'before Okta gives up')
      t.match(stand.log.join('\n'), /keys_unavailable/)

      stand.keyServer.serve(serveKeys)
      t.equal((await stand.ask(`Bearer ${await stand.token()}`)).status, 200, 'and when they are back, so is the hook')
    })
  }
})

t.test('what is no token asks for no keys', async (t) => {
  const stand = await start(t)
  for (const authorization of ['', 'Bearer', `Basic ${SECRET}`, 'Bearer hello']) await isRefused(t, stand, authorization, authorization)
  t.same(stand.keyServer.asked, [])
})
