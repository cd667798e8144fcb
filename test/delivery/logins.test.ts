import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import { createNoteLogins, type NoteLoginsDeps } from '../../src/delivery/logins.ts'
import { Deadline, DeadlinePassed } from '../../src/domain/deadline.ts'
import { createKeys } from '../../src/domain/keys.ts'
import type { Login } from '../../src/domain/login.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import { userDigest } from '../../src/domain/user-digest.ts'
import type { ClaimRequest } from '../../src/store/claims.ts'
import { StoreUnavailable } from '../../src/store/sql.ts'
import { recordBus, type RecordedBus } from '../support/recorded-bus.ts'
import { openSqliteStore, openWorld, type World } from '../support/store.ts'

const MINUTE = 60_000
const CODE_LIFETIME = 5 * MINUTE
const USER = '00uyxxSknGtK8022w0g3'

interface LoginWorld extends World, RecordedBus {
  /** A message to an account that nobody has tried to send. */
  request (user?: string, options?: Partial<ClaimRequest>): Promise<ClaimRequest>
  /** One that a provider took. */
  sent (user?: string, options?: Partial<ClaimRequest>): Promise<string>
  login (options?: Partial<Omit<Login, 'user'>> & { readonly user?: string }): Login
  note (...logins: Login[]): Promise<void>
  noteWith (changes: Partial<NoteLoginsDeps>): ReturnType<typeof createNoteLogins>
  isUsed (delivery: string): Promise<boolean>
}

const openLogins = async (t: Test): Promise<LoginWorld> => {
  const world = await openWorld(t, openSqliteStore)
  const { clock, deliveries } = world
  const keys = createKeys([randomBytes(32)])
  const recorded = recordBus()
  const noteWith: LoginWorld['noteWith'] = (changes) =>
    createNoteLogins({ logins: world.logins, deliveries, keys, bus: recorded.bus, now: clock, codeLifetimeMs: CODE_LIFETIME, ...changes })
  const note = noteWith({})
  const request: LoginWorld['request'] = async (user = USER, { caller = 'default', ...options } = {}) =>
    await world.delivery({ hook: 'okta', ...options, caller, userDigest: userDigest(keys, caller, new SensitiveText(user)) })
  return {
    ...world,
    ...recorded,
    noteWith,
    note: (...logins) => note(logins, Deadline.in(30_000)),
    request,
    async sent (user, options) {
      const { id } = await request(user, options)
      const attempt = world.attemptOf(id)
      await world.attempts.begin(attempt)
      await world.attempts.finish(world.resultOf(attempt.id))
      return id
    },
    login: ({ user = USER, ...options } = {}) => ({ caller: 'default', hook: 'okta', at: clock(), ...options, user: new SensitiveText(user) }),
    isUsed: async (delivery) => (await deliveries.find(delivery))?.usedAt !== undefined
  }
}

t.test('a login tells that the code of the message was used, once', async (t) => {
  const { clock, events, isUsed, login, note, sent } = await openLogins(t)
  const delivery = await sent()
  clock.advance(20_000)
  const told = login()
  await note(told)
  t.ok(await isUsed(delivery))
  t.same(events, [{ type: 'delivery.used', delivery }, { type: 'login.matched', from: 'okta', delivery }])
  await note(told, told)
  await Promise.all([note(told), note(told)])
  t.equal(events.length, 2, 'told again it changes nothing')
})

t.test('several of one body are each noted, and the same one once', async (t) => {
  const { clock, events, isUsed, login, note, sent } = await openLogins(t)
  const users = Array.from({ length: 30 }, (_, index) => `user ${index}`)
  const deliveries = await Promise.all(users.map((user) => sent(user)))
  clock.advance(10_000)
  await note(...[...users, ...users].map((user) => login({ user })))
  t.same(await Promise.all(deliveries.map(isUsed)), deliveries.map(() => true))
  t.same(events.filter(({ type }) => type === 'login.matched').length, deliveries.length)
})

t.test('it is the newest message before the login that was used, and no older one with it', async (t) => {
  const { clock, isUsed, login, note, sent } = await openLogins(t)
  const first = await sent()
  clock.advance(MINUTE)
  const second = await sent()
  clock.advance(MINUTE)
  const told = login()
  clock.advance(1)
  const third = await sent()
  await note(told)
  t.same([await isUsed(first), await isUsed(second), await isUsed(third)], [false, true, false])
  await note(told, { ...told, at: told.at + 30_000 })
  t.same([await isUsed(first), await isUsed(third)], [false, true], 'another login has another message')
  await note(told, { ...told, at: told.at + 40_000 })
  t.equal(await isUsed(first), false)
})

t.test('a login belongs to no message that was asked for more than five seconds after it, and clocks may differ by a minute', async (t) => {
  const { clock, isUsed, login, note, sent } = await openLogins(t)
  const early = await sent('early')
  const tooEarly = await sent('too early')
  const at = clock()
  await note(login({ user: 'early', at: at - 5000 }), login({ user: 'too early', at: at - 5001 }))
  t.same([await isUsed(early), await isUsed(tooEarly)], [true, false])

  const [late, tooLate] = [await sent('late'), await sent('too late')]
  clock.advance(CODE_LIFETIME + MINUTE)
  await note(login({ user: 'late' }))
  clock.advance(1)
  await note(login({ user: 'too late' }))
  t.same([await isUsed(late), await isUsed(tooLate)], [true, false], 'a code is not good for longer')
})

t.test('whatever the settings say, no code is good for more than ten minutes', async (t) => {
  const { clock, isUsed, login, noteWith, sent } = await openLogins(t)
  const note = noteWith({ codeLifetimeMs: 60 * MINUTE })
  const [delivery, other] = [await sent(), await sent('other')]
  clock.advance(11 * MINUTE)
  await note([login()], Deadline.in(30_000))
  clock.advance(1)
  await note([login({ user: 'other' })], Deadline.in(30_000))
  t.same([await isUsed(delivery), await isUsed(other)], [true, false])
})

t.test('what is told after an hour is let go, and what lies ahead counts as now', async (t) => {
  const { clock, events, isUsed, login, note, sent } = await openLogins(t)
  const [kept, ahead] = [await sent('kept'), await sent('ahead')]
  const at = clock()
  await note(login({ user: 'ahead', at: at + 24 * 60 * MINUTE }))
  t.ok(await isUsed(ahead))
  clock.advance(60 * MINUTE)
  await note(login({ user: 'kept', at }))
  t.equal(await isUsed(kept), false)
  await note(login({ user: 'kept', at: at + 1 }))
  t.ok(await isUsed(kept))
  await note(login({ user: 'kept', at: 0 }))
  t.equal(events.length, 4)
})

t.test('a login belongs to the messages of its caller, its identity provider and its account', async (t) => {
  const { events, isUsed, login, note, sent } = await openLogins(t)
  const delivery = await sent()
  await note(login({ caller: 'shop' }), login({ hook: 'auth0' }), login({ user: 'somebody else' }))
  t.same(events, [])
  t.equal(await isUsed(delivery), false)
  await note()
  t.same(events, [])
})

t.test('a message that was not sent was not used', async (t) => {
  const { deliveries, events, login, note, request } = await openLogins(t)
  const { id, key } = await request()
  await deliveries.refuse(id, key, 'too_many_messages')
  await note(login())
  t.same(events, [])
})

t.test('where the store is away it is said, so that it is told again', async (t) => {
  const { events, login, note, sent, sql } = await openLogins(t)
  await sent()
  await sql.close()
  await t.rejects(note(login(), login({ user: 'other' })), StoreUnavailable)
  t.same(events, [])
})

t.test('when the time is up nothing more is begun', async (t) => {
  const { deliveries, login, noteWith } = await openLogins(t)
  const sought: string[] = []
  let goOn = (): void => {}
  const held = new Promise<undefined>((resolve) => { goOn = () => { resolve(undefined) } })
  const note = noteWith({
    deliveries,
    logins: {
      async deliveryFor ({ at }) {
        sought.push(String(at))
        return await held
      }
    }
  })
  const logins = Array.from({ length: 12 }, (_, index) => login({ user: `user ${index}` }))
  await t.rejects(note(logins, Deadline.in(30)), DeadlinePassed)
  t.equal(sought.length, 4, 'only so many are looked for at once')
  goOn()
  await note([login(), login(), login(), login()], Deadline.in(30_000))
  t.equal(sought.length, 2 * (4 + 4), 'what waited behind them was let go, and the way is free again')
})
