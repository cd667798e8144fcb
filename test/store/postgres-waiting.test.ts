import { setTimeout as wait } from 'node:timers/promises'
import t from 'tap'
import { openPostgres } from '../../src/store/postgres.ts'
import { StoreUnavailable } from '../../src/store/sql.ts'
import { createClock } from '../support/gateway.ts'
import { placeOf, startPostgres, type PostgresServer } from '../support/postgres.ts'
import { HOLD, openWorldOn } from '../support/store.ts'

const isWaiting = 'SELECT COUNT(*) AS waiting FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = \'Lock\''

const addTests = (server: PostgresServer): void => {
  t.test('a result that waits for the attempt after it does not shorten the hold of that one', async (t) => {
    const url = await server.database(t)
    const clock = createClock()
    const world = await openWorldOn(t, await openPostgres({ ...placeOf(url), now: clock }))
    // The second attempt is long in being written down, as on a slow disk.
    await server.run(url, 'CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.provider = \'twilio-sms\' THEN PERFORM pg_sleep(0.5); END IF; RETURN NEW; END $$')
    await server.run(url, 'CREATE TRIGGER slow BEFORE INSERT ON attempts FOR EACH ROW EXECUTE FUNCTION slow()')
    const { attempt, delivery, key } = await world.begun()
    const beginning = world.attempts.begin(world.attemptOf(delivery, { provider: 'twilio-sms', claim: { key, holdFor: HOLD } }))
    const asleep = async (): Promise<void> => {
      const [{ asleep: found }] = await server.run(url, 'SELECT COUNT(*) AS asleep FROM pg_stat_activity WHERE wait_event = \'PgSleep\'') as [{ asleep: string }]
      if (found === '0') await asleep()
    }
    await asleep()
    const finishing = world.attempts.finish(world.resultOf(attempt, { status: 'failed', claim: { key, delivery, holdFor: 5000 } }))
    t.equal(await beginning, true)
    await finishing
    const [{ held_until: heldUntil }] = await server.run(url, 'SELECT held_until FROM claims') as [{ held_until: string }]
    t.equal(Number(heldUntil) - clock(), HOLD)
  })

  t.test('a connection to a server that takes no writes is given up, and the store is not ready meanwhile', async (t) => {
    const url = await server.database(t)
    const name = new URL(url).pathname.slice(1)
    const sql = await openPostgres(placeOf(url))
    t.teardown(() => sql.close())
    const write = { text: 'INSERT INTO due (id, kind, due_at, lease_until) VALUES (:id, \'retry\', 0, 0)', parameters: { id: 'a' } }
    await server.run(url, `ALTER DATABASE ${name} SET default_transaction_read_only = on`)
    await server.run(url, 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()')
    const failing = async (): Promise<void> => {
      const error = await sql.write([write]).then(() => undefined, (error: unknown) => error as { cause?: { code?: string } })
      if (error?.cause?.code !== '25006') await failing()
    }
    await failing()
    await t.rejects(sql.check(), StoreUnavailable)
    await server.run(url, `BEGIN READ WRITE; ALTER DATABASE ${name} RESET default_transaction_read_only; COMMIT`)
    await sql.write([write]).catch(() => {})
    await t.resolves(sql.write([{ ...write, parameters: { id: 'b' } }]), 'by a new connection')
    await t.resolves(sql.check())
  })

  t.test('periodic work of several processes and work that people wait for do not lock each other out', async (t) => {
    const url = await server.database(t)
    const clock = createClock()
    const worlds = await Promise.all([1, 2, 3].map(async () => await openWorldOn(t, await openPostgres({ ...placeOf(url, { poolSize: 4 }), now: clock }))))
    const failed: unknown[] = []
    const note = (error: unknown): void => { failed.push((error as { cause?: unknown }).cause ?? error) }
    const work = async (index: number): Promise<void> => {
      const world = worlds[index % 3] as typeof worlds[number]
      for (let time = 0; time < 25; time += 1) {
        const { attempt } = await world.begun({ leaseFor: 1 })
        clock.advance(20_000)
        await world.attempts.finish(world.resultOf(attempt)).catch(note)
        await world.attempts.apply(world.newsOf(attempt)).catch(note)
      }
    }
    const keep = async (index: number): Promise<void> => {
      const { upkeep } = worlds[index] as typeof worlds[number]
      for (let time = 0; time < 15; time += 1) {
        await upkeep.recover().catch(note)
        await upkeep.forgetExpiredCodes().catch(note)
        await wait(1)
      }
    }
    await Promise.all([...[0, 1, 2, 3, 4, 5].map(work), ...[0, 1, 2].map(keep)])
    t.same(failed.map(String), [])
    t.same(await server.run(url, isWaiting), [{ waiting: '0' }])
  })
}

const server = await startPostgres(t)
if ('absent' in server) t.pass(server.absent)
else addTests(server)
