import type { Test } from 'tap'
import type { DeliveryQuery, Found } from '../../../src/store/inspection.ts'
import type { ClaimRequest } from '../../../src/store/claims.ts'
import { openWorld, type OpenStore, type World } from '../../support/store.ts'
import { NUMBER, start } from './verifications-stand.ts'

const find = async ({ inspection }: World, query: Partial<DeliveryQuery> = {}): Promise<Found> => await inspection.search({ most: 50, ...query })

const idsOf = ({ deliveries }: Found): string[] => deliveries.map(({ id }) => id)

/** Deliveries one after the other; gives their ids, the newest first. */
const deliver = async ({ clock, delivery }: World, list: ReadonlyArray<Partial<ClaimRequest>>): Promise<string[]> => {
  const ids: string[] = []
  for (const options of list) {
    ids.unshift((await delivery(options)).id)
    clock.advance(1)
  }
  return ids
}

/** Very many deliveries, in one statement a thousand. */
const deliverVeryMany = async ({ sql, newId, clock }: World, count: number): Promise<void> => {
  for (let made = 0; made < count; made += 500) {
    const rows = Array.from({ length: 500 }, () => `('${newId()}', 'auth0', '/direct', 'sms', 'key', '+49•••••••5678', 'number', 'DE', 'accepted', 1, 1, 1, 1)`)
    await sql.write([{
      text: `INSERT INTO deliveries (id, caller, route, channel, claim_key, number_masked, number_digest, country, status,
      created_at, updated_at, expires_at, lease_until) VALUES ${rows.join(', ')}`,
      parameters: {}
    }])
    clock.advance(1)
  }
}

export const testInspection = (t: Test, open: OpenStore): void => {
  t.test('without a wish the newest are given, and all that a list shows of them', async (t) => {
    const world = await openWorld(t, open)
    t.same(await find(world), { deliveries: [], until: undefined })
    const [second, first] = await deliver(world, [{ country: undefined, hook: 'okta', caller: 'okta', channel: 'voice' }, {}]) as [string, string]
    const { attemptOf, attempts, clock, deliveries, resultOf } = world
    for (const provider of ['acs-sms', 'twilio-sms']) {
      const attempt = attemptOf(second, { provider })
      await attempts.begin(attempt)
      await attempts.finish(resultOf(attempt.id, { status: 'failed', reason: 'timeout' }))
      clock.advance(1)
    }
    await deliveries.markUsed(second, undefined)
    const made = clock() - 4
    t.same(await find(world), {
      deliveries: [{
        id: second, caller: 'auth0', hook: 'direct', channel: 'sms', number: '+49•••••••5678', country: 'DE', status: 'failed', reason: 'timeout', provider: 'twilio-sms', createdAt: made + 1, updatedAt: clock() - 1, usedAt: clock(), deliveredIn: undefined
      }, {
        id: first, caller: 'okta', hook: 'okta', channel: 'voice', number: '+49•••••••5678', country: undefined, status: 'pending', reason: undefined, provider: undefined, createdAt: made, updatedAt: made, usedAt: undefined, deliveredIn: undefined
      }],
      until: undefined
    })
  })

  t.test('each thing that is asked for must fit, alone and together', async (t) => {
    const world = await openWorld(t, open)
    const [plain, voice, french, nowhere, other] = await deliver(world, [
      { numberMasked: '+1••••••4444', numberDigest: 'other' }, { country: undefined }, { country: 'FR', numberMasked: '+33•••••5678' }, { channel: 'voice', hook: 'okta' }, {}
    ]) as [string, string, string, string, string]
    const { attemptOf, attempts, newsOf } = world
    for (const [delivery, provider] of [[plain, 'acs-sms'], [french, 'twilio-sms'], [plain, 'twilio-sms']] as const) {
      const attempt = attemptOf(delivery, { provider })
      await attempts.begin(attempt)
      if (delivery === french) await attempts.apply(newsOf(attempt.id))
    }
    const cases: ReadonlyArray<readonly [Partial<DeliveryQuery>, readonly string[]]> = [
      [{ country: 'FR' }, [french]],
      [{ country: 'DE' }, [plain, voice, other]],
      [{ channel: 'voice' }, [voice]],
      [{ hook: 'okta' }, [voice]],
      [{ status: 'delivered' }, [french]],
      [{ provider: 'twilio-sms' }, [plain, french]],
      [{ provider: 'acs-sms' }, [plain]],
      [{ provider: 'acs' }, []],
      [{ numberDigest: 'other' }, [other]],
      [{ number: '+33•••••5678' }, [french]],
      [{ number: '5678' }, [plain, voice, french, nowhere]],
      [{ number: '4444' }, [other]],
      [{ number: '%678' }, []],
      [{ number: '678' }, []],
      [{ country: 'FR', status: 'delivered', channel: 'sms', hook: 'direct', provider: 'twilio-sms', number: '5678' }, [french]],
      [{ country: 'FR', status: 'pending' }, []],
      [{ numberDigest: 'other', country: 'FR' }, []],
      [{ numberDigest: `number of ${plain}`, provider: 'acs-sms' }, [plain]]
    ]
    for (const [query, ids] of cases) t.same(await find(world, query), { deliveries: (await find(world)).deliveries.filter(({ id }) => ids.includes(id)), until: undefined }, JSON.stringify(query))
  })

  t.test('what was delivered says how long it took from its attempt on, whatever is told after that', async (t) => {
    const world = await openWorld(t, open)
    const { attemptOf, attempts, clock, deliveries, newsOf, resultOf } = world
    const [late, twice, sent] = await deliver(world, [{}, {}, {}]) as [string, string, string]
    const begin = async (delivery: string): Promise<string> => {
      clock.advance(100)
      const { id } = attemptOf(delivery)
      await attempts.begin({ ...attemptOf(delivery), id })
      return id
    }
    const tell = async (attempt: string, key: string, status?: 'delivered' | 'undelivered'): Promise<void> => {
      await attempts.apply(newsOf(attempt, { key, what: `report.${key}`, status }))
    }
    const [first, failed] = [await begin(late), await begin(twice)]
    await attempts.finish(resultOf(await begin(sent)))
    clock.advance(20)
    await tell(failed, 'undelivered', 'undelivered')
    clock.advance(1180)
    await tell(first, 'sent')
    await tell(first, 'delivered', 'delivered')
    clock.advance(3)
    await attempts.finish(resultOf(first))
    await tell(first, 'asked', 'delivered')
    await tell(first, 'read', 'delivered')
    await deliveries.markUsed(late, undefined)
    const again = await begin(twice)
    clock.advance(70)
    await tell(again, 'delivered', 'delivered')
    clock.advance(500)
    const times = [[late, 1400], [twice, 70], [sent, undefined]]
    t.same((await find(world)).deliveries.map(({ id, deliveredIn }) => [id, deliveredIn]), times)
    for (const [id, milliseconds] of times) t.equal((await find(world, { id: id as string })).deliveries[0]?.deliveredIn, milliseconds)
    t.match(await find(world, { status: 'used' }), { deliveries: [{ id: late, status: 'delivered' }], until: undefined })
    t.same(idsOf(await find(world, { status: 'delivered' })), [late, twice])
  })

  t.test('any id that belongs to a delivery leads to it', async (t) => {
    const world = await openWorld(t, open)
    const { attemptOf, attempts, exchanges, resultOf } = world
    const [second, first] = await deliver(world, [{}, { country: 'FR' }]) as [string, string]
    const attempt = attemptOf(first)
    await attempts.begin(attempt)
    await attempts.finish(resultOf(attempt.id, { reference: 'SM1', transaction: 'VE1' }))
    await exchanges.add(['request-1', 'request-2'].map((id, index) => ({
      id, delivery: index === 0 ? first : undefined, hook: 'auth0', status: 200, milliseconds: 1, request: '{}', reply: undefined, at: 1, sealed: undefined
    })))
    const verification = await start(world)
    t.same(await find(world, { id: verification.id }), { deliveries: [], until: undefined })
    for (const [send, delivery] of [first, second].entries()) {
      await world.verifications.noteSent(verification.id, send + 1, { state: 'sent', reason: undefined, delivery })
    }
    for (const id of [first, attempt.id, 'request-1']) t.same(idsOf(await find(world, { id })), [first])
    for (const reference of ['SM1', 'VE1']) t.same(idsOf(await find(world, { reference })), [first])
    t.same(idsOf(await find(world, { id: verification.id })), [second, first])
    t.same(await find(world, { id: verification.id, most: 1 }), { deliveries: (await find(world, { id: second })).deliveries, until: second })
    t.same(idsOf(await find(world, { id: verification.id, most: 1, before: second })), [first])
    t.same(idsOf(await find(world, { id: verification.id, country: 'FR' })), [second])
    t.same(idsOf(await find(world, { id: verification.id, reference: 'SM1' })), [first])
    for (const query of [{ id: 'nobody' }, { id: 'request-2' }, { reference: 'nobody' }, { id: second, reference: 'SM1' }, { id: second, numberDigest: 'other' }]) {
      t.same(await find(world, query), { deliveries: [], until: undefined })
    }
  })

  t.test('page after page, all are given once, by number or without', async (t) => {
    const world = await openWorld(t, open)
    const ids = await deliver(world, Array.from({ length: 7 }, () => ({ numberDigest: 'number' })))
    for (const query of [{}, { numberDigest: 'number' }]) {
      const pages: string[][] = []
      let before: string | undefined
      do {
        const found = await find(world, { ...query, most: 3, before })
        pages.push(idsOf(found))
        before = found.until
      } while (before !== undefined)
      t.same(pages, [ids.slice(0, 3), ids.slice(3, 6), ids.slice(6)])
    }
    t.same(await find(world, { most: 7 }), { ...await find(world), until: undefined }, 'behind the last one is nothing')
  })

  t.test('it looks through 20,000 at a time, and says how far it came', async (t) => {
    const world = await openWorld(t, open)
    const [rare] = await deliver(world, [{ country: 'FR' }]) as [string]
    await deliverVeryMany(world, 20_500)
    const [newest] = await deliver(world, [{ country: 'FR' }]) as [string]
    const first = await find(world, { country: 'FR' })
    t.same(idsOf(first), [newest])
    t.match(first.until, /^[0-9a-f-]{36}$/)
    const second = await find(world, { country: 'FR', before: first.until })
    t.same([idsOf(second), second.until], [[rare], undefined])
    t.same(idsOf(await find(world, { numberDigest: `number of ${rare}` })), [rare], 'a number is found however old it is')
  })

  t.test('the verification of a delivery is found, also where another one has taken its code over', async (t) => {
    const world = await openWorld(t, open)
    const { clock, delivery, inspection, verifications } = world
    const first = await start(world)
    const { id } = await delivery({ numberDigest: NUMBER, expiresIn: 300_000 })
    const beside = await delivery({ numberDigest: NUMBER })
    await verifications.noteSent(first.id, 1, { state: 'sent', reason: undefined, delivery: id })
    t.equal(await inspection.verificationOf(id), first.id)
    clock.advance(1000)
    const heir = await start(world)
    t.same((await verifications.find(heir.id))?.deliveries, [id])
    t.equal(await inspection.verificationOf(id), heir.id)
    for (const other of [beside.id, 'nobody']) t.equal(await inspection.verificationOf(other), undefined)
  })
}
