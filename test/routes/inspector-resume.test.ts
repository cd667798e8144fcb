import { once } from 'node:events'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { createKeys } from '../../src/domain/keys.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import { createFeedRoom } from '../../src/feed/compose.ts'
import { createInspectorSessions } from '../../src/inspector/sessions.ts'
import { createViewers } from '../../src/inspector/viewers.ts'
import { createBus } from '../../src/observability/bus.ts'
import { createLogger } from '../../src/observability/logger.ts'
import { createAuthorization } from '../../src/routes/authorization.ts'
import { createHttpApp } from '../../src/routes/http-app.ts'
import { inspectorRoutes } from '../../src/routes/inspector.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import type { Sql } from '../../src/store/sql.ts'
import { placeOf, startPostgres } from '../support/postgres.ts'
import { tablesOf, temporaryFolder } from '../support/store.ts'

const ADMIN = 'the-admin-secret-of-tests'
const RING = [Buffer.alloc(32, 7)]

const server = await startPostgres(t)

/** What one process of the gateway does for those who look on: it writes down, and tells. */
const start = async (t: Test, sql: Sql) => {
  const now = Date.now
  const [keys, bus] = [createKeys(RING), createBus()]
  const feed = createFeedRoom({ tables: tablesOf(sql), follow: (wake) => sql.follow('feed', wake), keys, bus, now, replayMs: 0, isOn: true, isSeen: true })
  const viewers = createViewers({ tail: feed.tail, now })
  const app = await createHttpApp({ logger: createLogger({ level: 'fatal', destination: { write () {} } }), withDocs: false, isDraining: () => false })
  const sessions = createInspectorSessions({ adminSecret: new SensitiveText(ADMIN), keys, now })
  const authorization = createAuthorization(new Map(), new SensitiveText(ADMIN))
  await app.register(inspectorRoutes({ sessions, authorization, viewers, publicUrl: undefined, hosts: [], api: async () => {} }))
  app.addHook('preClose', async () => { await viewers.stop() })
  app.addHook('onClose', async () => {
    await feed.stop()
    await sql.close()
  })
  t.teardown(() => app.close())
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    close: () => app.close(),
    signIn: () => sessions.signIn(ADMIN) as string,
    note: (name: string) => { feed.journal.note({ at: now(), type: 'capture', source: name }) },
    /** Looks on with that session, as the page does. */
    async view (token: string, after?: number) {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/inspector/socket${after === undefined ? '' : `?after=${after}`}`, { headers: { origin: url, cookie: `phone-code-inspector=${token}` } })
      t.teardown(() => { socket.terminate() })
      const told: any[] = []
      let wake = (): void => {}
      socket.on('message', (data) => { told.push(JSON.parse(String(data))); wake() })
      const closed = once(socket, 'close').then(([code]) => code as number)
      const sources = (): string[] => told.flatMap(({ entries = [] }) => entries.map((entry: any) => entry.source))
      const until = async (isSo: () => boolean): Promise<void> => { while (!isSo()) await new Promise<void>((resolve) => { wake = resolve }) }
      await until(() => told.length > 0)
      return { told, closed, sources, lastPage: () => told.findLast(({ kind }) => kind === 'page').id as number, sees: (name: string) => until(() => sources().includes(name)) }
    }
  }
}

t.test('who comes back after a restart is told exactly what was missed, with the same session', async (t) => {
  const file = join(temporaryFolder(t), 'gateway.db')
  const before = await start(t, openSqlite({ file, now: Date.now }))
  const token = before.signIn()
  const first = await before.view(token)
  before.note('one')
  await first.sees('one')
  before.note('two')
  await first.sees('two')
  const last = first.lastPage()
  before.note('as it ends')
  await before.close()
  t.equal(await first.closed, 1012)

  const after = await start(t, openSqlite({ file, now: Date.now }))
  after.note('before anybody is back')
  const other = await after.view(after.signIn(), 0)
  await other.sees('before anybody is back')
  const again = await after.view(token, last)
  await again.sees('before anybody is back')
  after.note('after all')
  await again.sees('after all')
  t.same([...new Set([...first.sources(), ...again.sources()])], ['one', 'two', 'as it ends', 'before anybody is back', 'after all'])
  t.same(again.sources().slice(-2), ['before anybody is back', 'after all'])
  t.notOk(again.sources().includes('two'), 'nothing twice')
  t.same(again.told.map(({ kind }) => kind).filter((kind) => kind === 'missed'), [])
  t.not(again.told[0].instance, first.told[0].instance, 'it can be told that the gateway is another')
})

t.test('what happens in one process is seen at another within a second', { skip: 'absent' in server ? server.absent : false }, async (t) => {
  if ('absent' in server) return
  const url = await server.database(t)
  const open = async () => await start(t, await openPostgres({ ...placeOf(url), now: Date.now }))
  const [here, there] = [await open(), await open()]
  const viewer = await there.view(here.signIn())
  const took: number[] = []
  for (const name of ['one', 'two', 'three', 'four', 'five']) {
    const begun = performance.now()
    here.note(name)
    await viewer.sees(name)
    took.push(performance.now() - begun)
  }
  t.same(viewer.sources(), ['one', 'two', 'three', 'four', 'five'])
  t.ok(Math.min(...took) < 1000, `it was told, and not found by looking now and then: ${took.map(Math.round).join()} ms`)
  await there.close()
  t.equal(await viewer.closed, 1012)
  here.note('while nobody is there')
  const again = await here.view(here.signIn(), viewer.lastPage())
  await again.sees('while nobody is there')
  t.same(again.sources(), ['while nobody is there'])
})
