import type { Test } from 'tap'
import { HOLD, LEASE, openWorld, type OpenStore } from '../../support/store.ts'

export const testAttempts = (t: Test, open: OpenStore): void => {
  t.test('an attempt that has begun is on record, pending', async (t) => {
    const { begun, clock, deliveries } = await openWorld(t, open)
    const { attempt, delivery } = await begun()
    t.same((await deliveries.find(delivery))?.attempts, [{
      id: attempt,
      provider: 'acs-sms',
      channel: 'sms',
      status: 'pending',
      reason: undefined,
      vendorCode: undefined,
      reference: undefined,
      transaction: undefined,
      startedAt: clock(),
      finishedAt: undefined,
      result: undefined,
      milliseconds: undefined,
      events: []
    }])
  })

  t.test('an attempt extends the hold of its key', async (t) => {
    const { begun, claims, claimOf, clock } = await openWorld(t, open)
    const { delivery, key } = await begun()
    clock.advance(HOLD - 1)
    t.match(await claims.claim(claimOf({ key })), { kind: 'seen', delivery })
    clock.advance(1)
    t.match(await claims.claim(claimOf({ key })), { kind: 'new' })
  })

  t.test('an attempt never shortens the hold of its key', async (t) => {
    const { attempts, attemptOf, claims, claimOf, clock, delivery } = await openWorld(t, open)
    const { id, key } = await delivery()
    t.equal(await attempts.begin(attemptOf(id, { claim: { key, holdFor: 1 } })), true)
    clock.advance(LEASE - 1)
    t.match(await claims.claim(claimOf({ key })), { kind: 'seen', delivery: id })
  })

  t.test('no attempt begins once another delivery has taken the key, and the other one keeps it as it was', async (t) => {
    const { attempts, attemptOf, claims, claimOf, clock, delivery, deliveries, due } = await openWorld(t, open)
    const { id, key } = await delivery()
    clock.advance(LEASE)
    const other = await delivery({ key })
    t.equal(await attempts.begin(attemptOf(id, { claim: { key, holdFor: HOLD }, endCallIn: 0 })), false)
    t.same((await deliveries.find(id))?.attempts, [])
    t.same(await due.take('end-call', 10, 1), [], 'and no call is to be ended')
    t.match(await claims.claim(claimOf({ key })), { kind: 'seen', delivery: other.id })
    clock.advance(LEASE)
    t.match(await claims.claim(claimOf({ key })), { kind: 'new' })
  })

  t.test('an attempt may begin late, where nobody else wanted the key', async (t) => {
    const { attempts, attemptOf, clock, delivery } = await openWorld(t, open)
    const { id, key } = await delivery()
    clock.advance(2 * LEASE)
    t.equal(await attempts.begin(attemptOf(id, { claim: { key, holdFor: HOLD } })), true)
  })

  t.test('a further attempt makes a delivery pending again that came to nothing, and no other one', async (t) => {
    const { attempts, attemptOf, begun, clock, deliveries, newsOf } = await openWorld(t, open)
    for (const status of ['unknown', 'accepted', 'refused', 'failed', 'undelivered', 'delivered'] as const) {
      const { attempt, delivery } = await begun()
      await attempts.apply(newsOf(attempt, { status, reason: 'carrier_error' }))
      const before = await deliveries.find(delivery)
      clock.advance(1)
      await attempts.begin(attemptOf(delivery))
      const { status: now, reason, updatedAt } = await deliveries.find(delivery) ?? {}
      const expected = status === 'accepted' || status === 'delivered'
        ? { status, reason: before?.reason, updatedAt: before?.updatedAt }
        : { status: 'pending', reason: undefined, updatedAt: clock() }
      t.same({ status: now, reason, updatedAt }, expected, status)
    }
  })

  t.test('an attempt that does not begin leaves its delivery as it was', async (t) => {
    const { attempts, attemptOf, begun, clock, delivery, deliveries, resultOf } = await openWorld(t, open)
    const { attempt, delivery: id, key } = await begun()
    await attempts.finish(resultOf(attempt, { status: 'failed', reason: 'connection', claim: { key, delivery: id, holdFor: 0 } }))
    await delivery({ key })
    const before = await deliveries.find(id)
    clock.advance(1)
    t.equal(await attempts.begin(attemptOf(id, { claim: { key, holdFor: HOLD } })), false)
    t.same(await deliveries.find(id), before)
  })

  t.test('either the late attempt or the new claim gets the key, never both', async (t) => {
    const { attempts, attemptOf, claims, claimOf, clock, delivery } = await openWorld(t, open)
    for (const attemptFirst of [true, false]) {
      const { id, key } = await delivery()
      clock.advance(LEASE)
      const begin = (): Promise<boolean> => attempts.begin(attemptOf(id, { claim: { key, holdFor: HOLD } }))
      const claim = async (): Promise<boolean> => (await claims.claim(claimOf({ key }))).kind === 'new'
      const won = await Promise.all(attemptFirst ? [begin(), claim()] : [claim(), begin()])
      t.equal(won.filter((one) => one).length, 1)
    }
  })

  t.test('an attempt without a key begins always', async (t) => {
    const { attempts, attemptOf, delivery, deliveries } = await openWorld(t, open)
    const { id } = await delivery()
    t.equal(await attempts.begin(attemptOf(id)), true)
    t.equal((await deliveries.find(id))?.attempts.length, 1)
  })

  t.test('a result is recorded with all that the provider said', async (t) => {
    const { attempts, begun, clock, deliveries, resultOf } = await openWorld(t, open)
    const { attempt, delivery } = await begun()
    clock.advance(20)
    await attempts.finish(resultOf(attempt, { status: 'refused', reason: 'opted_out', vendorCode: '4010' }))
    t.match(await deliveries.find(delivery), {
      status: 'refused',
      reason: 'opted_out',
      updatedAt: clock(),
      attempts: [{ status: 'refused', reason: 'opted_out', vendorCode: '4010', result: 'refused', finishedAt: clock() }]
    })
  })

  t.test('a result is recorded with the names that the provider gave, and the time that it took', async (t) => {
    const { attempts, begun, deliveries, resultOf } = await openWorld(t, open)
    const { attempt, delivery } = await begun()
    await attempts.finish(resultOf(attempt, { reference: 'r-1', transaction: 't-1', milliseconds: 0 }))
    t.match((await deliveries.find(delivery))?.attempts, [{ reference: 'r-1', transaction: 't-1', milliseconds: 0 }])
  })

  t.test('a result without a word on the key leaves the hold as it is', async (t) => {
    const { attempts, begun, claims, claimOf, clock, resultOf } = await openWorld(t, open)
    const { attempt, delivery, key } = await begun()
    await attempts.finish(resultOf(attempt, { status: 'unknown', reason: 'timeout' }))
    clock.advance(HOLD - 1)
    t.same(await claims.claim(claimOf({ key })), { kind: 'seen', delivery, status: 'unknown' })
  })

  t.test('a result can free the key at once', async (t) => {
    const { attempts, begun, claims, claimOf, resultOf } = await openWorld(t, open)
    const { attempt, delivery, key } = await begun()
    await attempts.finish(resultOf(attempt, { status: 'failed', reason: 'connection', claim: { key, delivery, holdFor: 0 } }))
    t.same(await claims.claim(claimOf({ key })), { kind: 'new' })
  })

  t.test('a result frees no key that another delivery has taken', async (t) => {
    const { attempts, begun, claims, claimOf, clock, delivery, resultOf } = await openWorld(t, open)
    const { attempt, delivery: first, key } = await begun()
    clock.advance(HOLD)
    const other = await delivery({ key })
    await attempts.finish(resultOf(attempt, { status: 'failed', reason: 'timeout', claim: { key, delivery: first, holdFor: 0 } }))
    t.match(await claims.claim(claimOf({ key })), { kind: 'seen', delivery: other.id })
  })

  t.test('a result of no attempt changes nothing', async (t) => {
    const { attempts, begun, deliveries, newId, resultOf } = await openWorld(t, open)
    const { delivery } = await begun()
    const before = await deliveries.find(delivery)
    await attempts.finish(resultOf(newId(), { reference: 'r-1' }))
    t.same(await deliveries.find(delivery), before)
    t.equal(await attempts.findByReference('r-1'), undefined)
  })

  t.test('an attempt is found by the reference that the result gave it, and by no other', async (t) => {
    const { attempts, begun, resultOf } = await openWorld(t, open)
    const { attempt } = await begun()
    await attempts.finish(resultOf(attempt, { reference: 'r-1' }))
    t.equal(await attempts.findByReference('r-1'), attempt)
    t.equal(await attempts.findByReference('r-2'), undefined)
  })

  t.test('a result does not change the reference that an event gave first', async (t) => {
    const { attempts, begun, calls, resultOf } = await openWorld(t, open)
    const { attempt } = await begun()
    await calls.bind(attempt, 'from the event')
    await attempts.finish(resultOf(attempt, { reference: 'from the reply' }))
    t.equal(await attempts.findByReference('from the event'), attempt)
    t.equal(await attempts.findByReference('from the reply'), undefined)
  })

  t.test('news of an unknown attempt is told as such and leaves no trace', async (t) => {
    const { attempts, newId, newsOf, sql } = await openWorld(t, open)
    t.equal(await attempts.apply(newsOf(newId())), undefined)
    t.same(await sql.read({ text: 'SELECT attempt_id FROM timeline', parameters: {} }), [])
  })

  t.test('applied news tells where it belongs, and how the attempt and the delivery stand by now', async (t) => {
    const { attempts, attemptOf, clock, delivery, newsOf } = await openWorld(t, open)
    const sentAt = clock()
    const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const { id } = await delivery({ channel: 'whatsapp', country: 'ES', trace })
    const [first, second] = [attemptOf(id, { provider: 'twilio-sms' }), attemptOf(id, { provider: 'acs-voice', channel: 'voice' })]
    await attempts.begin(first)
    clock.advance(1)
    await attempts.begin(second)
    const news = newsOf(first.id, { status: 'undelivered', reason: 'carrier_error' })
    const applied = {
      changed: true,
      delivery: id,
      status: 'pending',
      channel: 'whatsapp',
      country: 'ES',
      provider: 'twilio-sms',
      attemptStatus: 'undelivered',
      attemptWas: 'pending',
      ended: true,
      attemptedAt: sentAt,
      trace,
      place: { country: 'ES', area: 'area', block: 'block', sentAt }
    }
    t.same(await attempts.apply(news), applied, 'the second attempt is still under way')
    t.same(await attempts.apply(newsOf(second.id, { channel: 'voice' })), { ...applied, status: 'delivered', provider: 'acs-voice', attemptStatus: 'delivered', attemptedAt: clock() })
    t.same(await attempts.apply(news), { ...applied, changed: false, status: 'delivered', attemptWas: 'undelivered', ended: false })
  })

  t.test('applied news of a number without a country names none, and of one that is not traced no trace', async (t) => {
    const { attempts, attemptOf, delivery, newsOf } = await openWorld(t, open)
    const attempt = attemptOf((await delivery({ country: undefined })).id)
    await attempts.begin(attempt)
    t.match(await attempts.apply(newsOf(attempt.id)), { country: undefined, trace: undefined })
  })

  t.test('an attempt without a reference is tied to the one that news brings, whatever else the news does', async (t) => {
    const { attempts, begun, newsOf, resultOf } = await openWorld(t, open)
    for (const [status, reference] of [['accepted', 'r-1'], [undefined, 'r-2'], ['pending', 'r-3']] as const) {
      const { attempt } = await begun()
      t.match(await attempts.apply(newsOf(attempt, { status, reference })), { changed: status === 'accepted' })
      t.equal(await attempts.findByReference(reference), attempt)
      await attempts.finish(resultOf(attempt, { reference: `${reference} of the reply` }))
      t.equal(await attempts.findByReference(reference), attempt)
      t.equal(await attempts.findByReference(`${reference} of the reply`), undefined)
    }
  })

  t.test('news by the reference that the attempt is tied to counts, and so does news without one', async (t) => {
    const { attempts, begun, newsOf, resultOf } = await openWorld(t, open)
    for (const reference of ['r-1', undefined]) {
      const { attempt } = await begun()
      await attempts.finish(resultOf(attempt, { reference: 'r-1' }))
      t.match(await attempts.apply(newsOf(attempt, { reference })), { changed: true, status: 'delivered' })
    }
  })

  t.test('news by another reference is not about the attempt: it changes nothing and is not noted', async (t) => {
    const { attempts, begun, clock, deliveries, newsOf, resultOf } = await openWorld(t, open)
    const { attempt, delivery } = await begun()
    await attempts.finish(resultOf(attempt, { reference: 'r-1' }))
    const before = await deliveries.find(delivery)
    clock.advance(1)
    for (const status of ['delivered', 'undelivered', undefined] as const) {
      t.equal(await attempts.apply(newsOf(attempt, { reference: 'r-2', status })), undefined)
    }
    t.same(await deliveries.find(delivery), before)
    t.equal(await attempts.findByReference('r-2'), undefined)
  })

  t.test('news of another channel ties nothing', async (t) => {
    const { attempts, begun, newsOf } = await openWorld(t, open)
    const { attempt } = await begun({ channel: 'sms' })
    t.equal(await attempts.apply(newsOf(attempt, { channel: 'voice', reference: 'r-1' })), undefined)
    t.equal(await attempts.findByReference('r-1'), undefined)
  })

  t.test('of many references that news brings to one attempt at a time, one is tied and its news alone counts', async (t) => {
    const { attempts, begun, deliveries, newsOf } = await openWorld(t, open)
    const { attempt, delivery } = await begun()
    const references = Array.from({ length: 20 }, (_, index) => `r-${index}`)
    const applied = await Promise.all(references.map((reference) => attempts.apply(newsOf(attempt, { reference, key: reference }))))
    const counted = references.filter((_reference, index) => applied[index] !== undefined)
    t.equal(counted.length, 1)
    t.match((await deliveries.find(delivery))?.attempts, [{ reference: counted[0], status: 'delivered' }])
    t.equal((await deliveries.find(delivery))?.attempts[0]?.events.length, 1)
  })

  t.test('news is noted in the order in which it came', async (t) => {
    const { attempts, begun, clock, deliveries, newsOf } = await openWorld(t, open)
    const { attempt, delivery } = await begun()
    const start = clock()
    await attempts.apply(newsOf(attempt, { key: 'z', what: 'call.connected', status: 'accepted' }))
    clock.advance(5)
    await attempts.apply(newsOf(attempt, { key: 'a', what: 'call.ended', status: 'undelivered', reason: 'hung_up' }))
    t.same((await deliveries.find(delivery))?.attempts[0]?.events, [
      { at: start, what: 'call.connected', reason: undefined },
      { at: start + 5, what: 'call.ended', reason: 'hung_up' }
    ])
  })

  t.test('an event without a status is noted and moves nothing', async (t) => {
    const { attempts, begun, deliveries, newsOf } = await openWorld(t, open)
    const { attempt, delivery } = await begun()
    const news = newsOf(attempt, { what: 'call.speaking', status: undefined })
    t.match(await attempts.apply(news), { changed: false, delivery, status: 'pending', attemptStatus: 'pending' })
    t.match(await deliveries.find(delivery), { status: 'pending', attempts: [{ status: 'pending', events: [{ what: 'call.speaking' }] }] })
  })

  t.test('repeated news changes nothing and is noted once', async (t) => {
    const { attempts, begun, deliveries, newsOf } = await openWorld(t, open)
    const { attempt, delivery } = await begun()
    const news = newsOf(attempt, { status: 'undelivered', reason: 'carrier_blocked' })
    t.match(await attempts.apply(news), { changed: true, delivery, status: 'undelivered' })
    const before = await deliveries.find(delivery)
    t.match(await attempts.apply(news), { changed: false, delivery, status: 'undelivered' })
    t.match(await Promise.all(Array.from({ length: 10 }, () => attempts.apply(news))), Array(10).fill({ changed: false, delivery, status: 'undelivered' }))
    t.same(await deliveries.find(delivery), before)
  })

  t.test('of the same news that comes many times at once, one changes something', async (t) => {
    const { attempts, begun, deliveries, newsOf } = await openWorld(t, open)
    const { attempt, delivery } = await begun()
    const applied = await Promise.all(Array.from({ length: 20 }, () => attempts.apply(newsOf(attempt))))
    t.equal(applied.filter((one) => one?.changed).length, 1)
    t.equal((await deliveries.find(delivery))?.attempts[0]?.events.length, 1)
  })

  t.test('different news with one key for two attempts is noted with both', async (t) => {
    const { attempts, begun, deliveries, newsOf } = await openWorld(t, open)
    for (const { attempt, delivery } of [await begun(), await begun()]) {
      await attempts.apply(newsOf(attempt))
      t.equal((await deliveries.find(delivery))?.attempts[0]?.events.length, 1)
    }
  })

  t.test('news of another channel changes nothing and is not noted', async (t) => {
    const { attempts, begun, clock, deliveries, newsOf, resultOf } = await openWorld(t, open)
    for (const [channel, other] of [['sms', 'voice'], ['voice', 'sms']] as const) {
      const { attempt, delivery } = await begun({ channel })
      await attempts.finish(resultOf(attempt))
      const before = await deliveries.find(delivery)
      clock.advance(1)
      for (const status of ['delivered', 'undelivered', undefined] as const) {
        t.equal(await attempts.apply(newsOf(attempt, { channel: other, status, vendorCode: '4010' })), undefined)
      }
      t.same(await deliveries.find(delivery), before)
      t.match(await attempts.apply(newsOf(attempt, { channel })), { changed: true, status: 'delivered' })
    }
  })

  t.test('news is believed of attempts by the vendor’s own providers only; our own word is of all', async (t) => {
    const { attempts, begun, clock, deliveries, newsOf, resultOf } = await openWorld(t, open)
    for (const [provider, own] of [['acs-sms', 'acs'], ['twilio-sms', 'twilio'], ['twilio-verify', 'twilio']] as const) {
      for (const reference of ['r-1', undefined]) {
        const { attempt, delivery } = await begun({ provider })
        await attempts.finish(resultOf(attempt, { reference }))
        const before = await deliveries.find(delivery)
        clock.advance(1)
        for (const vendor of [own === 'acs' ? 'twilio' : 'acs', '', 'a', 'sms', own.slice(0, 2), `${own}-`, provider]) {
          for (const status of ['delivered', 'undelivered', undefined] as const) {
            t.equal(await attempts.apply(newsOf(attempt, { vendor, reference: 'r-1', status, vendorCode: '4010' })), undefined, `${vendor}, ${provider}`)
          }
        }
        t.same(await deliveries.find(delivery), before)
        t.match(await attempts.apply(newsOf(attempt, { vendor: own, reference: 'r-1' })), { changed: true, provider })
      }
      t.match(await attempts.apply(newsOf((await begun({ provider })).attempt, { vendor: undefined })), { changed: true, provider })
    }
  })

  t.test('the vendor code of a failure is kept with the status that it explains', async (t) => {
    const { attempts, begun, deliveries, newsOf, resultOf } = await openWorld(t, open)
    const { attempt, delivery } = await begun()
    const vendorCode = async (): Promise<string | undefined> => (await deliveries.find(delivery))?.attempts[0]?.vendorCode
    await attempts.finish(resultOf(attempt, { status: 'unknown', reason: 'timeout', vendorCode: 'Timeout' }))
    t.equal(await vendorCode(), 'Timeout')
    await attempts.apply(newsOf(attempt, { key: '1', status: undefined, vendorCode: 'noted' }))
    t.equal(await vendorCode(), 'Timeout', 'an event that moves nothing has no say')
    await attempts.apply(newsOf(attempt, { key: '2', status: 'undelivered', reason: 'carrier_blocked', vendorCode: '4010' }))
    t.equal(await vendorCode(), '4010')
    await attempts.finish(resultOf(attempt, { status: 'failed', reason: 'connection', vendorCode: 'Late' }))
    t.equal(await vendorCode(), '4010', 'nor has a result that comes late')
    await attempts.apply(newsOf(attempt, { key: '3' }))
    t.match(await deliveries.find(delivery), { status: 'delivered' })
    t.equal(await vendorCode(), undefined, 'what is delivered has no failure')
  })

  t.test('a key that was freed is not held again by an attempt that comes late, and none is begun', async (t) => {
    const world = await openWorld(t, open)
    const { id, key } = await world.delivery()
    await world.deliveries.abandon(id, key, 'no_time_left')
    t.equal(await world.attempts.begin(world.attemptOf(id, { claim: { key, holdFor: HOLD } })), false)
    t.match(await world.claims.claim(world.claimOf({ key })), { kind: 'new' })
    t.match(await world.deliveries.find(id), { status: 'failed', attempts: [] })
  })

  t.test('what is written down late of an attempt says nothing of the key that the next one holds', async (t) => {
    const world = await openWorld(t, open)
    const { attempt, delivery, key } = await world.begun()
    const next = world.attemptOf(delivery, { provider: 'twilio-sms', claim: { key, holdFor: HOLD } })
    await world.attempts.begin(next)
    await world.attempts.finish(world.resultOf(attempt, { status: 'failed', claim: { key, delivery, holdFor: 5000 } }))
    world.clock.advance(HOLD - 1)
    t.match(await world.claims.claim(world.claimOf({ key })), { kind: 'seen', delivery })
  })
}
