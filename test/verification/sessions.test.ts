import t from 'tap'
import { sealJson } from '../../src/delivery/sealed-json.ts'
import { createKeys } from '../../src/domain/keys.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import type { Session } from '../../src/verification/session.ts'
import { createSessions, LONGEST_TOKEN } from '../../src/verification/sessions.ts'
import { createClock } from '../support/gateway.ts'
import { numberOf } from '../support/message.ts'

const KEY = Buffer.alloc(32, 1)

const CALLERS = new Set(['shop', 'c'.repeat(64)])

const stand = (key = KEY, callers = CALLERS) => {
  const clock = createClock()
  return { clock, sessions: createSessions({ keys: createKeys([key]), callers, now: clock }) }
}

const sessionOf = (expiresAt: number, options: Partial<Session> = {}): Session => ({
  id: 'a-session',
  caller: 'shop',
  profile: 'login',
  to: numberOf('+4915112345678'),
  country: 'DE',
  locale: 'de-DE',
  origin: 'https://app.example.com',
  returnUrl: 'https://app.example.com/done',
  reference: 'order 4711',
  ip: new SensitiveText('203.0.113.7'),
  user: new SensitiveText('mia'),
  expiresAt,
  ...options
})

const NOTHING = { to: undefined, country: undefined, locale: undefined, origin: undefined, returnUrl: undefined, reference: undefined, ip: undefined, user: undefined }

t.test('a session opens as it was sealed, with its number, its address and its account in hiding', async (t) => {
  const { clock, sessions } = stand()
  const session = sessionOf(clock() + 1000)
  const opened = sessions.open(sessions.seal(session)) as Session
  t.same({ ...opened, to: opened.to?.e164, ip: opened.ip?.reveal(), user: opened.user?.reveal() },
    { ...session, to: '+4915112345678', ip: '203.0.113.7', user: 'mia' })
  t.notMatch(JSON.stringify(opened), /4915112345678|203\.0\.113|mia/)
  t.equal(opened.to?.country, 'DE')
})

t.test('what a session does not say, it does not say afterwards either', async (t) => {
  const { clock, sessions } = stand()
  const session = sessionOf(clock() + 1000, NOTHING)
  t.same(sessions.open(sessions.seal(session)), session)
})

t.test('it opens until it is over, by the store\'s clock, and never again', async (t) => {
  const { clock, sessions } = stand()
  const token = sessions.seal(sessionOf(clock() + 1000))
  clock.advance(999)
  t.ok(sessions.open(token))
  clock.advance(1)
  t.equal(sessions.open(token), undefined)
  clock.advance(1_000_000)
  t.equal(sessions.open(token), undefined)
})

t.test('those of a caller who was taken out of the settings open no more', async (t) => {
  const { clock, sessions } = stand()
  const token = sessions.seal(sessionOf(clock() + 1000))
  t.ok(sessions.open(token))
  t.equal(stand(KEY, new Set(['bank'])).sessions.open(token), undefined)
  t.ok(stand(KEY, new Set(['bank', 'shop'])).sessions.open(token))
})

t.test('a token shows nothing of what it holds, and can stand in a fragment and in a header', async (t) => {
  const { clock, sessions } = stand()
  const token = sessions.seal(sessionOf(clock() + 1000))
  t.match(token, /^[A-Za-z0-9_-]+$/)
  t.notMatch(Buffer.from(token, 'base64url').toString('latin1'), /4915112345678|shop|example|mia|4711/)
})

t.test('no token can be guessed, changed, or made of another', async (t) => {
  const { clock, sessions } = stand()
  const token = sessions.seal(sessionOf(clock() + 1000))
  const bytes = Buffer.from(token, 'base64url')
  for (let index = 0; index < bytes.length; index += 1) {
    const changed = Buffer.from(bytes)
    changed.writeUInt8((changed[index] as number) ^ 1, index)
    if (sessions.open(changed.toString('base64url')) !== undefined) t.fail(`byte ${index}`)
  }
  for (const wrong of ['', 'a', 'null', '{}', token.slice(1), token.slice(0, -2), `${token}AAAA`, 'A'.repeat(token.length)]) t.equal(sessions.open(wrong), undefined)
  t.equal(stand(Buffer.alloc(32, 2)).sessions.open(token), undefined, 'nor by a gateway with other keys')
})

t.test('what was sealed for something else is no session', async (t) => {
  const { clock, sessions } = stand()
  const keys = createKeys([KEY])
  const written = { id: 'x', caller: 'shop', profile: 'login', expiresAt: clock() + 1000 }
  t.ok(sessions.open(sealJson(written, { purpose: 'session', subjects: [] }, keys)), 'but for its purpose it is one')
  for (const purpose of ['call', 'verification', 'verification-number', 'kept-code'] as const) {
    t.equal(sessions.open(sealJson(written, { purpose, subjects: [] }, keys)), undefined, purpose)
  }
  t.equal(sessions.open(sealJson(written, { purpose: 'session', subjects: ['another'] }, keys)), undefined)
})

t.test('the largest session there is has a token that is looked at, and a larger one is not', async (t) => {
  const { clock, sessions } = stand()
  const largest = sessionOf(clock() + 1000, {
    caller: 'c'.repeat(64),
    profile: 'p'.repeat(32),
    locale: 'l'.repeat(64),
    origin: `https://${'o'.repeat(253)}:65535`,
    returnUrl: `https://${'r'.repeat(1016)}`,
    reference: '"'.repeat(128),
    ip: new SensitiveText('f'.repeat(45)),
    // What JSON writes longest: halves of characters.
    user: new SensitiveText('\ud800'.repeat(256))
  })
  const token = sessions.seal(largest)
  t.ok(token.length <= LONGEST_TOKEN, `${token.length} characters`)
  t.equal(sessions.open(token)?.reference, largest.reference)
  const beyond = sessions.seal(sessionOf(clock() + 1000, { reference: 'x'.repeat(LONGEST_TOKEN) }))
  t.equal(sessions.open(beyond), undefined)
})

t.test('a session that was given out before the key was changed still opens', async (t) => {
  const { clock, sessions } = stand()
  const token = sessions.seal(sessionOf(clock() + 1000))
  const after = createSessions({ keys: createKeys([Buffer.alloc(32, 2), KEY]), callers: CALLERS, now: clock })
  t.equal(after.open(token)?.id, 'a-session')
})
