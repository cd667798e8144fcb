import { randomBytes } from 'node:crypto'
import t from 'tap'
import { createKeys } from '../../src/domain/keys.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import { createInspectorSessions, type Session } from '../../src/inspector/sessions.ts'
import { createClock, type Clock } from '../support/gateway.ts'

const SECRET = 'the-admin-secret-of-tests'
const RING = [randomBytes(32)]
const HOUR = 3_600_000

const make = (clock: Clock, { secret = SECRET, ring = RING } = {}) =>
  createInspectorSessions({ adminSecret: new SensitiveText(secret), keys: createKeys(ring), now: clock })

t.test('the secret opens a session, in every process, for twelve hours', async (t) => {
  const clock = createClock()
  const sessions = make(clock)
  const token = sessions.signIn(SECRET) as string
  t.match(token, /^[\w-]{40,256}$/)
  t.notMatch(token, SECRET)
  t.not(sessions.signIn(SECRET), token, 'each has its own')
  for (const process of [sessions, make(clock)]) t.equal(process.holds(token)?.expires, clock() + 12 * HOUR)
  clock.advance(12 * HOUR - 1)
  t.equal(sessions.holds(token)?.expires, clock() + 1)
  clock.advance(1)
  t.equal(sessions.holds(token), undefined)
})

t.test('what is no token of ours opens nothing', async (t) => {
  const clock = createClock()
  const sessions = make(clock)
  const keys = createKeys(RING)
  const expires = new SensitiveText(JSON.stringify({ expires: clock() + HOUR }))
  const token = sessions.signIn(SECRET) as string
  const forged = [
    '', 'x', SECRET, token.slice(1), `${token.slice(0, -2)}AA`, `${token}AAAA`, 'A'.repeat(100), 'A'.repeat(100_000),
    keys.seal(expires, { purpose: 'session', subjects: [] }),
    keys.seal(expires, { purpose: 'inspector', subjects: [] }),
    keys.seal(expires, { purpose: 'inspector', subjects: [SECRET] }),
    Buffer.from(JSON.stringify({ expires: clock() + HOUR })).toString('base64url')
  ]
  for (const text of forged) t.equal(sessions.holds(text), undefined, text.slice(0, 60))
  t.ok(sessions.holds(token))
})

t.test('another admin secret, or another key, ends all sessions; one more key does not', async (t) => {
  const clock = createClock()
  const token = make(clock).signIn(SECRET) as string
  t.equal(make(clock, { secret: 'another-secret-of-tests' }).holds(token), undefined)
  t.equal(make(clock, { ring: [randomBytes(32)] }).holds(token), undefined)
  t.ok(make(clock, { ring: [randomBytes(32), ...RING] }).holds(token))
})

t.test('ten wrong ones a minute are noted, and who has the right one is let in still', async (t) => {
  const clock = createClock()
  const sessions = make(clock)
  for (let tries = 0; tries < 9; tries++) {
    t.equal(sessions.signIn(`wrong ${tries}`), undefined)
    t.equal(sessions.noteWrong(), 0)
    clock.advance(1000)
  }
  t.ok(sessions.signIn(SECRET))
  t.equal(sessions.noteWrong(), 0)
  t.equal(sessions.noteWrong(), 51_000, 'the first is forgotten then')
  t.ok(sessions.holds(sessions.signIn(SECRET) as string))
  t.equal(sessions.signIn('wrong'), undefined)
  clock.advance(50_999)
  t.equal(sessions.noteWrong(), 1)
  clock.advance(1)
  t.equal(sessions.noteWrong(), 0, 'what was too many is not counted')
  t.equal(sessions.noteWrong(), 1000, 'the second is forgotten then')
})

t.test('a session that is ended opens no more, however its token is written; others do', async (t) => {
  const clock = createClock()
  const sessions = make(clock)
  const [token, other] = [sessions.signIn(SECRET) as string, sessions.signIn(SECRET) as string]
  const [session, otherSession] = [sessions.holds(token) as Session, sessions.holds(other) as Session]
  t.not(session.id, otherSession.id)
  t.ok(sessions.holds(`${token}=`), 'the same token')
  sessions.end(session)
  sessions.end(session)
  for (const text of [token, `${token}=`, `${token}==`]) t.equal(sessions.holds(text), undefined)
  t.ok(sessions.holds(other))
  t.ok(make(clock).holds(token), 'another process knows nothing of it')
})

t.test('a thousand that were ended are remembered, for as long as they would have been open', async (t) => {
  const clock = createClock()
  const sessions = make(clock)
  const end = (): string => {
    const token = sessions.signIn(SECRET) as string
    sessions.end(sessions.holds(token) as Session)
    return token
  }
  for (let ended = 0; ended < 1000; ended++) end()
  clock.advance(12 * HOUR)
  const [first, second] = [end(), end()]
  for (let ended = 0; ended < 998; ended++) end()
  t.equal(sessions.holds(first), undefined, 'those that are over take no room')
  end()
  t.ok(sessions.holds(first))
  t.equal(sessions.holds(second), undefined)
})

t.test('a link opens once, within a day, and in no other process', async (t) => {
  const clock = createClock()
  const sessions = make(clock)
  const link = sessions.makeLink()
  t.match(link, /^[\w-]{43}$/)
  t.equal(make(clock).byLink(link), undefined)
  for (const wrong of ['', 'x', link.slice(1), `${link} `]) t.equal(sessions.byLink(wrong), undefined)
  t.equal(sessions.holds(link), undefined, 'it is no token')
  const token = sessions.byLink(link) as string
  t.equal(sessions.holds(token)?.expires, clock() + 12 * HOUR)
  t.equal(sessions.byLink(link), undefined)

  const [soon, late] = [sessions.makeLink(), sessions.makeLink()]
  clock.advance(24 * HOUR - 1)
  t.ok(sessions.byLink(soon))
  clock.advance(1)
  t.equal(sessions.byLink(late), undefined)
})

t.test('twenty links are remembered, and neither wrong secrets nor sign-ins touch them', async (t) => {
  const sessions = make(createClock())
  const links = Array.from({ length: 21 }, () => sessions.makeLink())
  for (let tries = 0; tries < 20; tries++) sessions.noteWrong()
  t.same(links.map((link) => sessions.byLink(link) !== undefined), [false, ...Array<boolean>(20).fill(true)])
})
