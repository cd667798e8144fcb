import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import t, { type Test } from 'tap'
import type { Environment } from '../../src/config/read-settings.ts'
import { SECRET, startTestGateway, type TestGateway, type TestGatewayOptions } from '../support/gateway.ts'
import { leavingStore } from './leaving-store.ts'

export const NUMBER = '+14155550123'
export const CODE = '482913'

/** For whom the providers ask that say so. */
export const IP = '203.0.113.77'
export const USER = 'annamiller'

/** A second secret of the callers: both are live. */
export const NEW_SECRET = 'a-new-secret-for-tests-only'

/** What an identity provider wants sent. */
export interface Wish {
  readonly number: string
  readonly code: string
  readonly channel: 'text' | 'voice'
  /** What a provider says of the person, where it has a place for that; `undefined`: nothing. */
  readonly ip?: unknown
  readonly user?: unknown
}

/** A request as it goes over the wire. */
export interface WireRequest {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface Told {
  readonly status: number
  readonly type: string
  /** The header `Retry-After`. */
  readonly retryAfter?: string | null
  readonly body: any
}

/** What a reply must match: its status, and its body where the provider reads one. */
export interface Expected {
  readonly status: number
  readonly body?: unknown
  /** Whether it is told in how many seconds the same might be taken. */
  readonly retryAfter?: boolean
}

export interface DialectSuite {
  readonly name: string
  readonly route: string
  /** What sets the hook up. `SECRET_HEADER` holds two secrets already. */
  readonly settings?: Environment
  /** What stands in the hooks file, where there is one. */
  readonly hooksFile?: object
  /** The media type of good bodies; JSON where absent. */
  readonly mediaType?: string
  /** The channels that the provider can ask for. */
  readonly channels: ReadonlyArray<Wish['channel']>
  /** What the provider tells of the person. */
  readonly tells: ReadonlyArray<'ip' | 'user'>
  /** Whether a message is known by its body's bytes, whatever they say. */
  readonly isKnownByBytes?: boolean
  /** The body by which the provider asks for that. Wishes that differ have bodies that differ. */
  bodyOf (wish: Wish): string
  /** Authenticates a body, by the old or by the new secret, at that moment; called again it is the provider's retry. */
  authenticated (body: string, moment: number, secret: 'old' | 'new'): WireRequest
  /** Each way of not being the provider, made out of a good request. */
  readonly forgeries: ReadonlyArray<readonly [string, (request: WireRequest, moment: number) => WireRequest]>
  /** Bodies that are authentic and cannot be sent, made out of a good one, besides those that are wrong for all. */
  readonly malformed: ReadonlyArray<readonly [string, string, Partial<Expected>?]>
  /** What the provider is told. */
  readonly says: {
    readonly accepted: Expected
    readonly duplicate: Expected
    readonly unknown: Expected
    readonly refused: Expected
    /** Nothing is sent to such a number. */
    readonly notAllowed: Expected
    /** Too many were asked for. */
    readonly limited: Expected
    readonly failed: Expected
    /** The body cannot be understood. */
    readonly malformed: Expected
    readonly unauthorized: Expected
    /** The store is away, or the gateway is going. */
    readonly unavailable: Expected
  }
}

/** Asks with another header than the good one. */
export const bearer = (secret: string) => (request: WireRequest): WireRequest => ({ ...request, headers: { authorization: `Bearer ${secret}` } })

/** Those who authenticate by the secret of a caller, and how somebody else may try to. */
export const BY_SECRET: Pick<DialectSuite, 'authenticated' | 'forgeries'> = {
  authenticated: (body, _moment, secret) => ({ headers: { authorization: `Bearer ${secret === 'old' ? SECRET : NEW_SECRET}` }, body }),
  forgeries: [
    ['no secret', (request) => ({ ...request, headers: {} })],
    ['an empty secret', bearer('')],
    ['another secret', bearer('another-secret-altogether')],
    ['a secret that is shorter', bearer(SECRET.slice(1))],
    ['a secret that is longer', bearer(`${SECRET}x`)],
    ['both secrets', bearer(`${SECRET},${NEW_SECRET}`)]
  ]
}

/** A failure as it stands in the table of errors. */
export const PROBLEM = (status: number, code: string | RegExp): Expected => ({ status, body: { status, code } })

/** What the guard refuses, as it stands in the table of errors. */
export const SAYS_OF_GUARD: Pick<DialectSuite['says'], 'notAllowed' | 'limited'> = {
  notAllowed: PROBLEM(403, 'recipient_not_allowed'),
  limited: { status: 429, body: { status: 429, code: 'too_many_messages', retryAfter: Number }, retryAfter: true }
}

/** What those are told who read the status only. */
export const SAYS_BY_STATUS: DialectSuite['says'] = {
  accepted: { status: 200, body: { status: 'accepted' } },
  duplicate: { status: 200, body: { status: 'duplicate' } },
  unknown: { status: 200, body: { status: 'unknown' } },
  refused: PROBLEM(422, 'recipient_refused'),
  ...SAYS_OF_GUARD,
  failed: PROBLEM(502, 'provider_failed'),
  malformed: { status: 400 },
  unauthorized: PROBLEM(401, 'unauthorized'),
  unavailable: { status: 503 }
}

export interface DialectStand extends TestGateway {
  send (request: WireRequest): Promise<Told>
  ask (wish: Partial<Wish>): Promise<Told>
}

const usual = ({ channels: [first] }: DialectSuite): Wish => ({ number: NUMBER, code: CODE, channel: first as Wish['channel'], ip: IP, user: USER })

/** A gateway that is set up for the dialect. */
export const startDialect = async (t: Test, suite: DialectSuite, options: TestGatewayOptions = {}): Promise<DialectStand> => {
  const folder = mkdtempSync(join(tmpdir(), 'hooks-'))
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
  const file = join(folder, 'hooks.json')
  if (suite.hooksFile !== undefined) writeFileSync(file, JSON.stringify(suite.hooksFile))
  const gateway = await startTestGateway(t, {
    ...options,
    settings: {
      SECRET_HEADER: `${SECRET},${NEW_SECRET}`,
      ...suite.hooksFile && { HOOKS_FILE: file },
      ...suite.settings,
      ...options.settings
    }
  })
  const send = async ({ headers, body }: WireRequest): Promise<Told> => {
    const response = await fetch(`${gateway.url}${suite.route}`, {
      method: 'POST', headers: { 'content-type': suite.mediaType ?? 'application/json', ...headers }, body
    })
    const text = await response.text()
    const type = response.headers.get('content-type') ?? ''
    return { status: response.status, type, retryAfter: response.headers.get('retry-after'), body: /json/.test(type) ? JSON.parse(text) : text }
  }
  return {
    ...gateway,
    send,
    ask: async (wish) => await send(suite.authenticated(suite.bodyOf({ ...usual(suite), ...wish }), gateway.clock(), 'old'))
  }
}

/** The code as it is heard: one character at a time. */
const HEARD = new RegExp(CODE.split('').join('[^0-9]+'))

/** What must not come back, and not be logged, whatever happens. */
const TELLTALES = new RegExp(`${NUMBER.slice(2)}|${CODE}|${SECRET}|${NEW_SECRET}|${IP.replaceAll('.', '\\.')}|${USER}`)

const HOUR = 3_600_000

const DEEP = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`

/** Bodies that no provider sends. */
const WRONG_FOR_ALL: ReadonlyArray<readonly [string, string]> = [
  ['an empty body', ''],
  ['no JSON', '{"broken":'],
  ['null', 'null'],
  ['a list', '[]'],
  ['a text', '"hello"'],
  ['a number', '7'],
  ['nothing in it', '{}'],
  ['a poisoned body', '{"__proto__":{"phoneNumber":"+14155550123"}}'],
  ['a body ten thousand deep', DEEP],
  ['bytes that are no text', '\u0000\u0001\ufffd']
]

const TOO_LARGE = (body: string): string => `${body}${' '.repeat(300 * 1024)}`

/** What every dialect must do, over the wire. */
export const testDialect = (suite: DialectSuite): void => {
  const { name, says } = suite
  const wish = usual(suite)
  /** Messages that the provider made, of whatever kind. */
  const made = ({ sandbox }: DialectStand): number => sandbox.messages.length + sandbox.calls.length

  /** Told as it should be, and nothing more. */
  const holds = (t: Test, told: Told, expected: Expected, what: string): void => {
    t.equal(told.status, expected.status, `${what}: the status`)
    if (expected.body !== undefined) t.match(told.body, expected.body, `${what}: the body`)
    t.match(told.retryAfter, expected.retryAfter === true ? /^[1-9][0-9]*$/ : null, `${what}: when the same might be taken`)
    t.notMatch(JSON.stringify(told.body), TELLTALES, `${what}: no number, code or secret comes back`)
  }

  const nothingLeaks = (t: Test, { log, events, folder }: DialectStand): void => {
    t.notMatch(log.join('\n'), TELLTALES, 'none is logged')
    t.notMatch(inspect(events, { depth: 9 }), TELLTALES, 'none is in the facts')
    const rows = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'latin1')).join('\n')
    t.notMatch(rows, TELLTALES, 'and none in the rows')
  }

  t.test(`${name}: a good request is delivered, and told in the provider's own words`, async (t) => {
    const stand = await startDialect(t, suite)
    for (const channel of suite.channels) {
      const told = await stand.ask({ channel })
      holds(t, told, says.accepted, channel)
    }
    await stand.sandbox.settled()
    t.same(stand.sandbox.messages.map(({ to }) => to), suite.channels.includes('text') ? [NUMBER] : [])
    t.same(stand.sandbox.calls.map(({ to }) => to), suite.channels.includes('voice') ? [NUMBER] : [])
    for (const { text } of stand.sandbox.messages) t.match(text, CODE)
    for (const { transcript } of stand.sandbox.calls) t.match(transcript.join(' '), HEARD)
    nothingLeaks(t, stand)
  })

  t.test(`${name}: either of two live secrets opens it`, async (t) => {
    const stand = await startDialect(t, suite)
    for (const secret of ['old', 'new'] as const) {
      const body = suite.bodyOf({ ...wish, code: secret === 'old' ? '111111' : '222222' })
      holds(t, await stand.send(suite.authenticated(body, stand.clock(), secret)), says.accepted, secret)
    }
    t.equal(made(stand), 2)
  })

  t.test(`${name}: whoever is not the provider is refused, and nothing is sent`, async (t) => {
    const stand = await startDialect(t, suite)
    for (const [what, forge] of suite.forgeries) {
      const request = forge(suite.authenticated(suite.bodyOf(wish), stand.clock(), 'old'), stand.clock())
      holds(t, await stand.send(request), says.unauthorized, what)
    }
    t.equal(stand.log.filter((line) => /"problem":"unauthorized","hint":"[^"]+".*"msg":"request"/.test(line)).length, suite.forgeries.length, 'the log says why of each')
    t.equal(stand.sandbox.requests.length, 0)
    nothingLeaks(t, stand)
  })

  t.test(`${name}: what cannot be understood is refused in the provider's own words, and nothing is sent`, async (t) => {
    const stand = await startDialect(t, suite)
    for (const [what, body, expected] of [...WRONG_FOR_ALL, ...suite.malformed] as DialectSuite['malformed']) {
      const told = await stand.send(suite.authenticated(body, stand.clock(), 'old'))
      holds(t, told, { ...says.malformed, ...expected }, what)
    }
    const good = suite.bodyOf(wish)
    const large = await stand.send(suite.authenticated(TOO_LARGE(good), stand.clock(), 'old'))
    t.ok(large.status === 413 || large.status === says.malformed.status, 'a huge body')
    const ofOtherType = await stand.send({ ...suite.authenticated(good, stand.clock(), 'old'), headers: { ...suite.authenticated(good, stand.clock(), 'old').headers, 'content-type': 'text/xml' } })
    t.ok(ofOtherType.status === 415 || ofOtherType.status === says.malformed.status, 'a body of another type')
    t.equal(stand.sandbox.requests.length, 0)
    nothingLeaks(t, stand)
  })

  t.test(`${name}: fields that nobody knows are let go`, async (t) => {
    const stand = await startDialect(t, suite)
    const good = suite.bodyOf(wish)
    const more = good.startsWith('{')
      ? JSON.stringify({ ...JSON.parse(good), aFieldOfNextYear: { of: ['any', { shape: true }] }, another: null })
      : `${good}&aFieldOfNextYear=1`
    holds(t, await stand.send(suite.authenticated(more, stand.clock(), 'old')), says.accepted, 'further fields')
    t.equal(made(stand), 1)
  })

  t.test(`${name}: the provider's retry sends nothing`, async (t) => {
    const stand = await startDialect(t, suite)
    holds(t, await stand.ask({}), says.accepted, 'first')
    stand.clock.advance(3000)
    holds(t, await stand.ask({}), says.duplicate, 'again')
    holds(t, await stand.ask({ code: '555555' }), says.accepted, 'another code is another message')
    const together = await Promise.all([1, 2, 3, 4].map(async () => await stand.ask({ code: '777777' })))
    t.equal(together.filter(({ status }) => status === says.accepted.status || status === says.duplicate.status).length, 4)
    t.equal(made(stand), 3)
  })

  t.test(`${name}: a message that the provider refuses is told as such, and may be tried again`, async (t) => {
    const stand = await startDialect(t, suite)
    stand.sandbox.script(NUMBER, { sms: { recipientError: { httpStatusCode: 400, errorMessage: `no ${NUMBER} ${CODE}` }, times: 1 }, call: { httpError: { status: 400, body: { To: [NUMBER] } }, times: 1 } })
    holds(t, await stand.ask({}), says.refused, 'refused')
    holds(t, await stand.ask({}), says.accepted, 'again')
    nothingLeaks(t, stand)
  })

  t.test(`${name}: a number that nothing is sent to is told as such`, async (t) => {
    const stand = await startDialect(t, suite, { settings: { GUARD_MODES: 'all=off,allowed-countries=enforce,denied-prefixes=enforce', ALLOWED_COUNTRIES: 'US,DE', DENIED_PREFIXES: '+4930' } })
    for (const number of ['+33612345678', '+493012345678']) holds(t, await stand.ask({ number }), says.notAllowed, number)
    t.equal(stand.sandbox.requests.length, 0)
    holds(t, await stand.ask({}), says.accepted, 'others get theirs')
    nothingLeaks(t, stand)
  })

  t.test(`${name}: too many for a number is told as such, and so is what one too many says again; later there is room`, async (t) => {
    const stand = await startDialect(t, suite, { settings: { GUARD_MODES: 'all=off,number-budget=enforce', BUDGET_NUMBER: '1/1h' } })
    holds(t, await stand.ask({}), says.accepted, 'the first one')
    for (const time of ['one more', 'its retry']) holds(t, await stand.ask({ code: '555555' }), says.limited, time)
    holds(t, await stand.ask({}), says.duplicate, 'what was sent is known all the same')
    t.equal(made(stand), 1)
    stand.clock.advance(2 * HOUR)
    holds(t, await stand.ask({ code: '555555' }), says.accepted, 'later')
    nothingLeaks(t, stand)
  })

  const others = { ip: { ip: '198.51.100.9' }, user: { user: 'user-of-another-account' } } as const
  const unsaid = { ip: undefined, user: undefined }

  for (const told of suite.tells) {
    t.test(`${name}: messages are counted by the person's ${told}, which is neither logged nor kept`, async (t) => {
      const stand = await startDialect(t, suite, { settings: { GUARD_MODES: `all=off,${told}-budget=enforce`, [`BUDGET_${told.toUpperCase()}`]: '1/1h' } })
      const ask = async (line: number, more: Partial<Wish>): Promise<Told> => await stand.ask({ number: `+1415555020${line}`, ...more })
      holds(t, await ask(0, {}), says.accepted, 'the first one')
      holds(t, await ask(1, {}), says.limited, 'the same person, for another number')
      holds(t, await ask(2, others[told]), says.accepted, 'another person')
      for (const line of [3, 4]) holds(t, await ask(line, unsaid), says.accepted, 'who is nobody is not counted')
      t.equal(made(stand), 4)
      nothingLeaks(t, stand)
    })
  }

  t.test(`${name}: what says nothing of the person is let go, and nobody goes without a code for it`, async (t) => {
    const stand = await startDialect(t, suite)
    const nonsense: readonly unknown[] = [undefined, null, '', ' ', 7.5, true, {}, [], [IP, { ip: IP }], 'no address', '::1', '10.0.0.1', 'x'.repeat(10_000), '\u0000\ud800', { toString: null }]
    for (const [index, thing] of nonsense.entries()) {
      holds(t, await stand.ask({ number: `+141555502${String(index).padStart(2, '0')}`, ip: thing, user: thing }), says.accepted, JSON.stringify(thing)?.slice(0, 30) ?? 'nothing')
    }
    t.equal(made(stand), nonsense.length)
  })

  if (suite.isKnownByBytes !== true) {
    t.test(`${name}: who asks does not tell one message from another`, async (t) => {
      const stand = await startDialect(t, suite)
      holds(t, await stand.ask({}), says.accepted, 'first')
      stand.clock.advance(3000)
      holds(t, await stand.ask({ ...others.ip, ...others.user }), says.duplicate, 'for another person')
      holds(t, await stand.ask(unsaid), says.duplicate, 'for nobody')
      t.equal(made(stand), 1)
    })
  }

  t.test(`${name}: a message that was not sent is told as such, and may be tried again`, async (t) => {
    const stand = await startDialect(t, suite)
    stand.sandbox.script(NUMBER, { sms: { httpError: { status: 503 }, times: 1 }, call: { httpError: { status: 503 }, times: 1 } })
    holds(t, await stand.ask({}), says.failed, 'failed')
    holds(t, await stand.ask({}), says.accepted, 'again')
    t.equal(made(stand), 1)
  })

  t.test(`${name}: what nobody knows is told as such, and not sent again`, async (t) => {
    const stand = await startDialect(t, suite)
    stand.sandbox.script(NUMBER, { sms: { httpError: { status: 500 }, times: 1 }, call: { httpError: { status: 500 }, times: 1 } })
    holds(t, await stand.ask({}), says.unknown, 'unknown')
    stand.clock.advance(60_000)
    t.ok([says.unknown.status, says.duplicate.status].includes((await stand.ask({})).status), 'again')
    t.equal(stand.sandbox.requests.length, 1)
  })

  t.test(`${name}: a provider slower than the budget does not make us late`, async (t) => {
    const stand = await startDialect(t, suite, { settings: { DIRECT_BUDGET_MS: '1000' } })
    stand.sandbox.script(NUMBER, { sms: { hang: true, times: 1 }, call: { hang: true, times: 1 } })
    holds(t, await stand.ask({}), says.unknown, 'slow')
    t.equal(stand.sandbox.requests.length, 1)
  })

  t.test(`${name}: with the store away nothing is sent, and that is told`, async (t) => {
    const { wrapSql, leave } = leavingStore()
    const stand = await startDialect(t, suite, { wrapSql })
    leave()
    holds(t, await stand.ask({}), says.unavailable, 'the store is away')
    t.equal(stand.sandbox.requests.length, 0)
  })

  t.test(`${name}: while the gateway is going nothing is sent, and that is told`, async (t) => {
    const stand = await startDialect(t, suite)
    stand.gateway.drain()
    holds(t, await stand.ask({}), says.unavailable, 'draining')
    t.equal(stand.sandbox.requests.length, 0)
  })
}
