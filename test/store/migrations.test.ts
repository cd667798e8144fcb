import { createHash } from 'node:crypto'
import { join } from 'node:path'
import Database from 'libsql'
import t, { type Test } from 'tap'
import { DUE_KINDS, type DueWork } from '../../src/store/due.ts'
import { MIGRATIONS } from '../../src/store/migrations.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { createClock, type Clock } from '../support/gateway.ts'
import { tablesOf, temporaryFolder, type Tables } from '../support/store.ts'

/** Digests of the released steps. A step is added here when it is released, and never changed. */
const RELEASED = ['f9733b8965c2f7684202c145297b0b65d43ea17c016a1c6b984ee655df4999c0']

/** What a gateway of the first version left behind: a delivery with a kept code and two attempts, and a call under way. */
const leftBehind = (now: number): string => `
  INSERT INTO deliveries VALUES ('delivery-1', 'auth0', '/direct', 'voice', 'key-1', '+49•••••••5678', 'number-1', 'DE', 'accepted', NULL,
    ${now - 1000}, ${now - 500}, ${now + 60_000}, ${now + 9000}, 'sealed');
  INSERT INTO claims VALUES ('key-1', 'delivery-1', 'content-1', ${now + 60_000});
  INSERT INTO attempts VALUES ('attempt-1', 'delivery-1', 'acs-sms', 'sms', 'failed', 'connection', 'ECONNRESET', 'failed', NULL, NULL,
    ${now - 1000}, ${now - 900}, ${now + 9000});
  INSERT INTO attempts VALUES ('attempt-2', 'delivery-1', 'acs-voice', 'voice', 'accepted', NULL, NULL, 'accepted', 'call-2', 'code:1',
    ${now - 800}, ${now - 700}, ${now + 9000});
  INSERT INTO timeline VALUES ('attempt-2', 'event-1', ${now - 500}, 'call.connected', NULL);
  INSERT INTO due VALUES ('attempt-2', 'end-call', ${now + 10}, 0);
  INSERT INTO due VALUES ('answered-1', 'end-announcement', ${now - 10}, ${now + 20});`

/** A file as the first version made it, brought up to that step and filled with more by later ones, opened by this one. */
const openOldStore = (t: Test, steps = 1, more = ''): Tables & { readonly clock: Clock, readonly version: () => Promise<unknown> } => {
  const clock = createClock()
  const file = join(temporaryFolder(t), 'store.db')
  const old = new Database(file)
  old.exec(`PRAGMA journal_mode = WAL; BEGIN; ${MIGRATIONS[0] as string}; ${leftBehind(clock())}; ${MIGRATIONS.slice(1, steps).join('; ')}; ${more}; PRAGMA user_version = ${steps}; COMMIT`)
  old.close()
  const sql = openSqlite({ file, now: clock })
  t.teardown(() => sql.close())
  return { ...tablesOf(sql), clock, version: () => sql.read({ text: 'PRAGMA user_version', parameters: {} }) }
}

t.test('a step that is released is never changed', async (t) => {
  t.same(MIGRATIONS.slice(0, RELEASED.length).map((step) => createHash('sha256').update(step).digest('hex')), RELEASED)
})

t.test('a store of the first version is opened by this one, with all that is in it', async (t) => {
  const { claims, clock, deliveries, version } = openOldStore(t)
  const now = clock()
  t.same(await version(), [{ user_version: MIGRATIONS.length }])
  const nothingYet = { milliseconds: undefined, transaction: undefined }
  t.same(await deliveries.find('delivery-1'), {
    id: 'delivery-1',
    caller: 'auth0',
    route: '/direct',
    hook: '',
    channel: 'voice',
    number: '+49•••••••5678',
    country: 'DE',
    plan: [],
    status: 'accepted',
    reason: undefined,
    createdAt: now - 1000,
    updatedAt: now - 500,
    expiresAt: now + 60_000,
    usedAt: undefined,
    decisions: [],
    attempts: [{
      ...nothingYet,
      id: 'attempt-1',
      provider: 'acs-sms',
      channel: 'sms',
      status: 'failed',
      reason: 'connection',
      vendorCode: 'ECONNRESET',
      reference: undefined,
      startedAt: now - 1000,
      finishedAt: now - 900,
      result: 'failed',
      events: []
    }, {
      ...nothingYet,
      id: 'attempt-2',
      provider: 'acs-voice',
      channel: 'voice',
      status: 'accepted',
      reason: undefined,
      vendorCode: undefined,
      reference: 'call-2',
      startedAt: now - 800,
      finishedAt: now - 700,
      result: 'accepted',
      events: [{ at: now - 500, what: 'call.connected', reason: undefined }]
    }]
  })
  t.same(await claims.claim({
    id: 'delivery-2',
    key: 'key-1',
    content: 'content-1',
    caller: 'auth0',
    route: '/direct',
    channel: 'voice',
    numberMasked: '+49•••••••5678',
    numberDigest: 'number-1',
    country: 'DE',
    area: 'area',
    block: 'block',
    leaseFor: 1,
    expiresIn: 1,
    keptCode: undefined,
    plan: [],
    keptMessage: undefined,
    hook: 'direct',
    escalation: undefined,
    trace: undefined,
    userDigest: undefined
  }), { kind: 'seen', delivery: 'delivery-1', status: 'accepted' })
})

t.test('work of the first version falls due as it would have, and its lease holds', async (t) => {
  const { clock, due } = openOldStore(t)
  const take = async (): Promise<DueWork[]> => (await Promise.all(DUE_KINDS.map((kind) => due.take(kind, 10, 1000)))).flat()
  t.same(await take(), [])
  clock.advance(10)
  t.same(await take(), [{ id: 'attempt-2', kind: 'end-call', tries: 0 }])
  clock.advance(10)
  t.same(await take(), [{ id: 'answered-1', kind: 'end-announcement', tries: 0 }])
  await due.add({ id: 'attempt-2', kind: 'feedback' }, 0)
  t.same(await take(), [{ id: 'attempt-2', kind: 'feedback', tries: 0 }])
})

t.test('what the first version began goes on: its call is followed, its kept code spoken, and nobody is asked', async (t) => {
  const { attempts, calls, clock, deliveries, inquiries } = openOldStore(t)
  t.same(await calls.find('attempt-2'), { reference: 'call-2', step: 'code:1' })
  t.match(await deliveries.takeKeptCode('number-1'), { delivery: 'delivery-1', sealed: 'sealed' })
  t.equal(await deliveries.takeKeptMessage('delivery-1'), undefined)
  t.match(await attempts.apply({
    vendor: 'acs', attempt: 'attempt-2', channel: 'voice', reference: 'call-2', key: 'event-2', what: 'call.spoken', status: 'delivered', reason: undefined, vendorCode: undefined
  }), { changed: true, status: 'delivered', provider: 'acs-voice' })
  t.equal(await deliveries.markUsed('delivery-1', 'auth0'), 'first')
  clock.advance(1_000_000)
  t.same(await inquiries.take(10, 1000), [])
})

t.test('a store with codes of its own, and no feed yet, goes on: what is in it is found, traced and counted from now on', async (t) => {
  const verification = `INSERT INTO verifications VALUES ('verification-1', 'app', 'somebody', 'login', 'verification-1', 'gateway', 0, 'pending',
    'number-1', '+49•••••••5678', 'DE', 'sealed', 'sealed', 'hash', NULL, 'sms', 5, 0, 5, 1, 3, 0, 'sent', NULL, 'delivery-1', 0, 0, 1, NULL)`
  const { attempts, exchanges, feed, feedReaders, inspection, logins, statistics, version } = openOldStore(t, 6, `${verification};
    UPDATE attempts SET transaction_id = 'VE1' WHERE id = 'attempt-2'`)
  t.same(await version(), [{ user_version: MIGRATIONS.length }])
  for (const query of [{}, { id: 'delivery-1' }, { id: 'attempt-1' }, { id: 'verification-1' }, { reference: 'call-2' }, { reference: 'VE1' }, { number: '5678' }]) {
    t.match(await inspection.search({ ...query, most: 10 }), { deliveries: [{ id: 'delivery-1', hook: '', provider: 'acs-voice' }] })
  }
  t.match(await attempts.apply({
    vendor: 'acs', attempt: 'attempt-2', channel: 'voice', reference: 'call-2', key: 'event-2', what: 'call.spoken', status: 'delivered', reason: undefined, vendorCode: undefined
  }), { changed: true, trace: undefined })
  t.match(await statistics.wayOf('delivery-1'), { provider: 'acs-voice' })
  t.same(await exchanges.of('delivery-1'), [])
  t.equal(await logins.deliveryFor({ caller: 'auth0', hook: 'auth0', userDigest: 'user-1', at: 1e15, within: 1e15 }), undefined)
  t.same(await feed.span(), { oldest: 1, newest: 0 })
  t.match(await feedReaders.take('webhook', 1000), { position: 0, tries: 0 })
  t.equal(await feed.append([{ at: 1, type: 'a' }]), 1)
})
