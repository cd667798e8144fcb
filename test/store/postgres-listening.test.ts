import t, { type Test } from 'tap'
import { openPostgres } from '../../src/store/postgres.ts'
import { statement, type Sql } from '../../src/store/sql.ts'
import { placeOf, startPostgres, type PostgresServer } from '../support/postgres.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'
import { tablesOf } from '../support/store.ts'

const LISTENING = 'SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE \'LISTEN%\''
const KILL = `SELECT pg_terminate_backend(pid) FROM (${LISTENING}) AS listening`

interface Stand {
  readonly url: string
  /** A process that follows, by way of the proxy. */
  readonly near: Sql
  /** One that writes, by a way of its own. */
  readonly far: Sql
  readonly proxy: TcpProxy
  readonly listening: () => Promise<number>
}

const open = async (t: Test, server: PostgresServer): Promise<Stand> => {
  const url = await server.database(t)
  const proxy = await startTcpProxy(t, Number(new URL(url).port))
  const near = await openPostgres({ ...placeOf(Object.assign(new URL(url), { port: String(proxy.port) }).href), listenAgainIn: 5 })
  const far = await openPostgres(placeOf(url))
  t.teardown(() => Promise.all([near.close(), far.close()]))
  return { url, near, far, proxy, listening: async () => (await server.run(url, LISTENING)).length }
}

interface Follower {
  /** How often it was woken. */
  count (): number
  /** Settles at the next wake. */
  next (): Promise<void>
  stop (): void
}

const follow = (sql: Sql): Follower => {
  let [count, waiting]: [number, Array<() => void>] = [0, []]
  const stop = sql.follow('feed', () => {
    count += 1
    for (const resolve of waiting.splice(0)) resolve()
  })
  return { count: () => count, next: () => new Promise((resolve) => { waiting = [...waiting, resolve] }), stop }
}

const append = async (sql: Sql): Promise<number> => await tablesOf(sql).feed.append([{ at: 1, type: 'a' }])

/** Asks again and again, until it is so. */
const until = async (isSo: () => Promise<boolean>): Promise<void> => {
  while (!await isSo()) await new Promise(setImmediate)
}

const addTests = (server: PostgresServer): void => {
  t.test('who follows is woken once it listens, and by each page of another process', async (t) => {
    const { far, near } = await open(t, server)
    const follower = follow(near)
    await follower.next()
    for (let page = 1; page <= 3; page += 1) {
      const woken = follower.next()
      await append(far)
      await woken
    }
    t.equal(follower.count(), 4)
    follower.stop()
  })

  t.test('what is taken back is not announced', async (t) => {
    const { far, near } = await open(t, server)
    const follower = follow(near)
    await follower.next()
    await far.write([statement('INSERT INTO feed (id, written_at, size, entries) VALUES (1, 0, 2, \'[]\')')()])
    await t.rejects(append(far))
    await far.write([statement('DELETE FROM feed')()])
    const woken = follower.next()
    await append(far)
    await woken
    t.equal(follower.count(), 2)
    follower.stop()
  })

  t.test('there is one connection for it, and only while somebody follows', async (t) => {
    const { listening, near } = await open(t, server)
    t.equal(await listening(), 0)
    const [first, second] = [follow(near), follow(near)]
    await Promise.all([first.next(), second.next()])
    t.equal(await listening(), 1)
    first.stop()
    t.equal(await listening(), 1)
    second.stop()
    await until(async () => await listening() === 0)
    const third = follow(near)
    await third.next()
    t.equal(await listening(), 1)
    third.stop()
  })

  t.test('a connection that is killed is made anew, and who follows is woken for what was missed', async (t) => {
    const { far, near, url } = await open(t, server)
    const follower = follow(near)
    await follower.next()
    for (let time = 1; time <= 3; time += 1) {
      const woken = follower.next()
      await server.run(url, KILL)
      await woken
      const page = follower.next()
      t.equal(await append(far), time)
      await page
    }
    follower.stop()
  })

  t.test('while the database is away it is tried again and again, and nothing ends by it', async (t) => {
    const { far, near, proxy } = await open(t, server)
    const follower = follow(near)
    await follower.next()
    await proxy.shut()
    await append(far)
    await t.rejects(near.check())
    await t.rejects(near.check())
    const woken = follower.next()
    await proxy.open()
    await woken
    t.equal((await tablesOf(near).feed.span()).newest, 1)
    follower.stop()
  })

  t.test('a store is closed while it listens, while it is on its way there, and while it waits to try again', async (t) => {
    const { listening, near, proxy, url } = await open(t, server)
    const follower = follow(near)
    await follower.next()
    await near.close()
    await until(async () => await listening() === 0)
    const options = { ...placeOf(Object.assign(new URL(url), { port: String(proxy.port) }).href), listenAgainIn: 60_000 }
    const [early, late] = [await openPostgres(options), await openPostgres(options)]
    proxy.hold()
    const waiting = follow(early)
    await proxy.said('phone-code-gateway')
    await early.close()
    proxy.resume()
    await proxy.shut()
    const vain = follow(late)
    await new Promise(setImmediate)
    await late.close()
    t.same([waiting.count(), vain.count()], [0, 0])
    await proxy.open()
  })

  t.test('who stops while the connection is on its way has none', async (t) => {
    const { listening, near } = await open(t, server)
    const follower = follow(near)
    follower.stop()
    await near.close()
    t.equal(await listening(), 0)
  })
}

const server = await startPostgres(t)
if ('absent' in server) t.pass(server.absent)
else addTests(server)
