import { Writable } from 'node:stream'
import t, { type Test } from 'tap'
import type { NoteLogins } from '../../src/delivery/logins.ts'
import { createLoginTellers, type LoginTellersDeps } from '../../src/dialects/logins/catalog.ts'
import { createHttpApp } from '../../src/routes/http-app.ts'
import { loginRoutes } from '../../src/routes/logins.ts'
import { createLogger } from '../../src/observability/logger.ts'
import { StoreUnavailable } from '../../src/store/sql.ts'
import { callerOf, OTHER_SECRET, SECRET } from '../dialects/logins/stand.ts'
import type { Reply } from '../support/gateway.ts'

const OKTA = '/hooks/okta/events'
const AUTH0 = '/hooks/auth0/logs'
const AT = Date.UTC(2026, 10, 21, 8)
const PUBLISHED = new Date(AT).toISOString()

const event = (id: string): object =>
  ({ eventType: 'user.authentication.auth_via_mfa', outcome: { result: 'SUCCESS' }, actor: { id, type: 'User' }, published: PUBLISHED, debugContext: { debugData: { factor: 'SMS_FACTOR' } } })
const events = (...ids: string[]): object => ({ eventType: 'com.okta.event_hook', data: { events: ids.map(event) } })
const log = (id: string): object => ({ log_id: '900', data: { type: 'gd_auth_succeed', date: PUBLISHED, user_id: id } })

interface Stand {
  /** What was noted: caller, hook, account, moment. */
  readonly noted: unknown[][]
  readonly lines: string[]
  /** What becomes of what is noted from now on. */
  become (noteLogins: NoteLogins): void
  ask (path: string, init?: RequestInit): Promise<Reply>
  /** Posts with the secret, unless the headers say otherwise. */
  tell (path: string, body: unknown, headers?: Record<string, string>): Promise<Reply>
}

const start = async (t: Test, okta: LoginTellersDeps['okta'] = { header: 'Authorization', oauth: undefined }): Promise<Stand> => {
  const noted: unknown[][] = []
  const lines: string[] = []
  let note: NoteLogins = async () => {}
  const logger = createLogger({ level: 'debug', destination: new Writable({ write (line, _encoding, done) { lines.push(String(line)); done() } }) })
  const app = await createHttpApp({ logger, withDocs: false, isDraining: () => false })
  for (const prefix of ['', '/codes']) {
    await app.register(loginRoutes({
      tellers: createLoginTellers({ okta, callerOf }),
      async noteLogins (logins, deadline) {
        noted.push(...logins.map(({ caller, hook, user, at }) => [caller, hook, user.reveal(), at]))
        await note(logins, deadline)
      }
    }), { prefix })
  }
  t.teardown(() => app.close())
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const ask: Stand['ask'] = async (path, init = {}) => {
    const response = await fetch(`${url}${path}`, init)
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) }
  }
  return {
    noted,
    lines,
    become: (noteLogins) => { note = noteLogins },
    ask,
    tell: (path, body, headers = {}) => ask(path, {
      method: 'POST',
      headers: { authorization: SECRET, 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body)
    })
  }
}

t.test('what Okta and Auth0 tell is noted, and answered with nothing', async (t) => {
  const { noted, tell } = await start(t)
  t.match(await tell(OKTA, events('kim', 'sam')), { status: 200, body: undefined })
  t.match(await tell(AUTH0, [log('auth0|kim')], { authorization: `Bearer ${OTHER_SECRET}` }), { status: 200, body: undefined })
  t.match(await tell(`/codes${OKTA}`, events('lou')), { status: 200 }, 'below the path of PUBLIC_URL as well')
  t.same(noted, [['default', 'okta', 'kim', AT], ['default', 'okta', 'sam', AT], ['shop', 'auth0', 'auth0|kim', AT], ['default', 'okta', 'lou', AT]])
})

t.test('lines of JSON come under any name', async (t) => {
  const { noted, tell } = await start(t)
  const lines = ['kim', 'sam'].map((id) => JSON.stringify(log(id))).join('\n')
  for (const type of ['application/json', 'application/x-ndjson', 'application/jsonlines', 'text/plain; charset=utf-8', 'application/octet-stream']) {
    t.match(await tell(AUTH0, lines, { 'content-type': type }), { status: 200 }, type)
  }
  t.equal(noted.length, 10)
})

t.test('what tells of no login is taken as well, so that it is not told again', async (t) => {
  const { noted, tell } = await start(t)
  for (const body of [{}, [], { data: { events: [null, { eventType: 'user.session.start' }] } }]) t.match(await tell(OKTA, body), { status: 200 })
  for (const body of [{}, [], [{ data: { type: 'sapi' } }]]) t.match(await tell(AUTH0, body), { status: 200 })
  t.same(noted, [])
})

t.test('whoever has no secret is not read', async (t) => {
  const { noted, lines, tell } = await start(t)
  for (const path of [OKTA, AUTH0]) {
    for (const authorization of ['', 'wrong', `Bearer ${SECRET}x`]) {
      t.match(await tell(path, '{"not json', { authorization }), { status: 401, headers: { get: Function }, body: { code: 'unauthorized' } })
    }
  }
  t.same(noted, [])
  t.match(lines.at(-1), /"hint":"the secret in Authorization is none of SECRET_HEADER and CALLERS"/)
  t.notMatch(lines.join(), /a-secret-for-tests-only/)
})

t.test('the secret comes in the header of the inline hook', async (t) => {
  const { noted, tell } = await start(t, { header: 'X-Key', oauth: undefined })
  t.match(await tell(OKTA, events('kim')), { status: 401 })
  t.match(await tell(OKTA, events('kim'), { 'x-key': SECRET }), { status: 200 })
  t.match(await tell(AUTH0, [log('kim')]), { status: 200 }, 'Auth0 has its own')
  t.equal(noted.length, 2)
})

t.test('Okta verifies the route before it tells anything, with a secret or without', async (t) => {
  const { ask } = await start(t)
  for (const headers of [{}, { authorization: SECRET }] as Array<Record<string, string>>) {
    const reply = await ask(OKTA, { headers: { ...headers, 'X-Okta-Verification-Challenge': 'a1B2-c3' } })
    t.match(reply, { status: 200, body: { verification: 'a1B2-c3' } })
    t.match(reply.headers.get('content-type'), /^application\/json/)
    t.equal(reply.headers.get('cache-control'), 'no-store')
  }
  t.match(await ask(OKTA), { status: 400, body: { code: 'bad_request', detail: 'There is no header x-okta-verification-challenge' } })
  t.match(await ask(OKTA, { headers: { 'X-Okta-Verification-Challenge': 'x'.repeat(600) } }), { status: 400 })
  t.match(await ask(AUTH0, { headers: { 'X-Okta-Verification-Challenge': 'a1B2-c3' } }), { status: 405 }, 'Auth0 does not ask')
})

t.test('what cannot be read is refused, and what is too long', async (t) => {
  const { noted, ask, tell } = await start(t)
  for (const path of [OKTA, AUTH0]) {
    for (const body of ['{"not json', ' ']) t.match(await tell(path, body), { status: 400, body: { code: 'invalid_json' } }, body)
    t.match(await ask(path, { method: 'POST', headers: { authorization: SECRET } }), { status: 400, body: { code: 'invalid_json' } }, 'no body at all')
    t.match(await tell(path, `[${' '.repeat(1024 * 1024)}]`), { status: 413, body: { code: 'body_too_large' } })
  }
  const whole = JSON.stringify([log('kim')])
  t.match(await tell(AUTH0, whole + ' '.repeat(1024 * 1024 - whole.length)), { status: 200 }, 'a megabyte is not too long')
  t.equal(noted.length, 1)
})

t.test('what cannot be noted right now is to be told again', async (t) => {
  const { become, lines, tell } = await start(t)
  const failures: NoteLogins[] = [
    async () => { throw new StoreUnavailable() },
    async () => { throw new TypeError('a bug') },
    async (_logins, deadline) => { await deadline.earlier(deadline.remaining).bound(new Promise<void>(() => {})) }
  ]
  for (const failure of failures) {
    become(failure)
    for (const [path, body] of [[OKTA, events('00u-kim')], [AUTH0, [log('00u-kim')]]] as const) {
      const reply = await tell(path, body)
      t.match(reply, { status: 503, body: { code: 'events_unavailable' } })
      t.match(reply.headers.get('content-type'), /^application\/problem\+json/)
    }
  }
  t.match(lines.join(), /request\.failed/)
  t.notMatch(lines.join(), /00u-kim/, 'accounts are not logged')
})

t.test('each is answered within the time that its sender waits', async (t) => {
  const { become, tell } = await start(t)
  const left: number[] = []
  become(async (_logins, deadline) => { left.push(deadline.remaining) })
  await tell(OKTA, events('kim'))
  await tell(AUTH0, [log('kim')])
  const [okta = 0, auth0 = 0] = left
  t.ok(okta > 0 && okta <= 2500)
  t.ok(auth0 > 2500 && auth0 <= 10_000)
})

t.test('what went well is no line of the log that anybody reads', async (t) => {
  const { lines, tell } = await start(t)
  await tell(OKTA, events('kim'))
  await tell(AUTH0, [log('kim')])
  const levels = lines.map((line) => JSON.parse(line)).filter(({ route }) => route === OKTA || route === AUTH0).map(({ level }) => level)
  t.equal(levels.length, 2)
  t.ok(levels.every((level) => level === 20 || level === 'debug'), JSON.stringify(levels))
})
