import type { Test } from 'tap'
import { openWorld, tablesOf, type OpenStore } from '../../support/store.ts'
import { begunBy, COOLDOWN, count, dueOf, find, guessWrong, HOUR, LEAST_LIFE, LIFETIME, NO_SECRETS, NUMBER, requestOf, RIGHT, secretsOf, SEND_WITHIN, start, startAtVendor } from './verifications-stand.ts'

export const testVerifications = (t: Test, open: OpenStore): void => {
  t.test('one that is started is on record as it was asked for, and its message and its end fall due', async (t) => {
    const world = await openWorld(t, open)
    const request = requestOf(world)
    const started = await world.verifications.start(request)
    const now = world.clock()
    const record = {
      id: request.id,
      caller: 'app',
      starter: 'somebody',
      profile: 'login',
      codeId: request.id,
      codeMaker: 'gateway',
      isDecoy: false,
      status: 'pending',
      numberDigest: NUMBER,
      numberMasked: '+49•••••••5678',
      country: 'DE',
      sealedNumber: `sealed number of ${request.id}`,
      sealed: `sealed code of ${request.id}`,
      channel: 'sms',
      attemptsLeft: 5,
      sends: 1,
      maxSends: 3,
      resendAt: now + COOLDOWN,
      message: 'sending',
      messageReason: undefined,
      deliveries: [],
      askedHash: undefined,
      createdAt: now,
      sentAt: now,
      expiresAt: now + LIFETIME,
      endedAt: undefined,
      now
    }
    t.same(started, { kind: 'started', verification: record, isNew: true })
    t.same(await world.verifications.find(request.id), record)
    t.same(await dueOf(world, request), { 'verification-send': SEND_WITHIN, 'verification-end': LIFETIME })
  })

  t.test('what is not known is not there', async (t) => {
    const world = await openWorld(t, open)
    t.match(await start(world, { country: undefined }), { country: undefined })
    t.equal(await world.verifications.find(world.newId()), undefined)
    t.match(await startAtVendor(world, { profile: 'signup' }), { codeMaker: 'twilio-verify', sealed: /^sealed code/ })
  })

  t.test('of a vendor\'s code nothing is right here', async (t) => {
    const world = await openWorld(t, open)
    t.match(await world.verifications.check((await startAtVendor(world)).id, RIGHT), { valid: false, status: 'pending', attemptsLeft: 4 })
  })

  t.test('it is there after a restart', async (t) => {
    const world = await openWorld(t, open)
    const begun = await start(world)
    const { verifications } = tablesOf(await world.reopen())
    t.same(await verifications.find(begun.id), begun)
    t.match(await verifications.check(begun.id, RIGHT), { valid: true, status: 'approved' })
  })

  t.test('it expires at its moment, and not a millisecond before, whether anybody notes it or not', async (t) => {
    const world = await openWorld(t, open)
    const begun = await start(world)
    world.clock.advance(LIFETIME - 1)
    t.match(await find(world, begun), { status: 'pending', sealed: begun.sealed, endedAt: undefined })
    world.clock.advance(1)
    t.match(await find(world, begun), { status: 'expired', sealed: undefined, endedAt: begun.expiresAt })
  })

  t.test('the end notes what has expired, at the moment when it did, and nothing else', async (t) => {
    const world = await openWorld(t, open)
    const begun = await start(world)
    world.clock.advance(LIFETIME - 1)
    t.match(await world.verifications.end(begun.id), { status: 'pending' })
    t.match(await find(world, begun), { status: 'pending' })
    t.not(await secretsOf(world, begun), NO_SECRETS)
    world.clock.advance(10)
    t.match(await world.verifications.end(begun.id), { status: 'expired', endedAt: begun.expiresAt, sealedNumber: begun.sealedNumber })
    t.same(await secretsOf(world, begun), NO_SECRETS)
    t.same(Object.keys(await dueOf(world, begun)), ['verification-end'], 'and nothing is sent any more')
    const approved = await start(world)
    await world.verifications.check(approved.id, RIGHT)
    world.clock.advance(LIFETIME)
    t.match(await world.verifications.end(approved.id), { status: 'approved' })
    t.equal(await world.verifications.end(world.newId()), undefined)
  })

  t.test('canceling ends it at once, and for good', async (t) => {
    const world = await openWorld(t, open)
    const begun = await start(world)
    world.clock.advance(10)
    t.equal(await world.verifications.cancel(begun.id), 'canceled')
    t.match(await find(world, begun), { status: 'canceled', endedAt: world.clock(), sealed: undefined })
    t.same(await secretsOf(world, begun), NO_SECRETS)
    t.same(await dueOf(world, begun), { 'verification-end': 0 })
    t.same(await world.verifications.check(begun.id, RIGHT), { valid: false, status: 'canceled', attemptsLeft: 5 })
  })

  t.test('what has ended is not canceled, and its end does not fall due again', async (t) => {
    const world = await openWorld(t, open)
    const [approved, expired] = [await start(world), await start(world, { profile: 'signup' })]
    await world.verifications.check(approved.id, RIGHT)
    await world.due.done({ id: approved.id, kind: 'verification-end' })
    t.equal(await world.verifications.cancel(approved.id), 'approved')
    t.same(await dueOf(world, approved), {})
    world.clock.advance(LIFETIME)
    t.equal(await world.verifications.cancel(expired.id), 'expired')
    t.equal(await world.verifications.cancel(world.newId()), 'expired')
  })

  t.test('a restart before the next message may be sent takes over code and message; the one before is canceled', async (t) => {
    const world = await openWorld(t, open)
    const first = await start(world)
    await world.verifications.noteSent(first.id, 1, { state: 'sent', reason: undefined, delivery: 'delivery 1' })
    await world.verifications.check(first.id, 'wrong')
    world.clock.advance(COOLDOWN - 1)
    const request = requestOf(world, { codeHash: 'another code', channel: 'voice', maxAttempts: 7, maxSends: 9, numberMasked: 'masked' })
    const started = await world.verifications.start(request)
    const second = begunBy(started)
    t.match(started, { isNew: false })
    t.match(second, {
      id: request.id,
      codeId: first.id,
      sealed: first.sealed,
      sealedNumber: request.sealedNumber,
      expiresAt: first.expiresAt,
      resendAt: first.resendAt,
      sentAt: first.sentAt,
      createdAt: world.clock(),
      sends: 1,
      maxSends: 9,
      channel: 'sms',
      message: 'sent',
      deliveries: ['delivery 1'],
      isDecoy: false,
      attemptsLeft: 6,
      numberMasked: 'masked'
    })
    t.same(await dueOf(world, second), { 'verification-end': first.expiresAt - world.clock() }, 'nothing is sent again')
    const canceled = await find(world, first)
    t.match(canceled, { status: 'canceled', endedAt: world.clock() })
    t.same(canceled.deliveries, [], 'and its message is not its own any more')
    t.same(await secretsOf(world, first), NO_SECRETS)
    t.same(await dueOf(world, first), { 'verification-end': 0 })
    t.match(await world.verifications.check(first.id, RIGHT), { valid: false, status: 'canceled' })
    t.match(await world.verifications.check(second.id, 'another code'), { valid: false })
    t.match(await world.verifications.check(second.id, RIGHT), { valid: true })
  })

  t.test('a message that is not known to be sent yet falls due with the one that took it over', async (t) => {
    const world = await openWorld(t, open)
    const first = await start(world)
    world.clock.advance(10)
    const second = await start(world)
    t.match(second, { codeId: first.id, message: 'sending' })
    t.same(await dueOf(world, second), { 'verification-send': SEND_WITHIN, 'verification-end': LIFETIME - 10 })
    t.same(await dueOf(world, first), { 'verification-end': 0 })
    const third = await start(world)
    t.match(third, { codeId: first.id, resendAt: first.resendAt }, 'and so on')
  })

  t.test('a restart after that begins anew', async (t) => {
    const world = await openWorld(t, open)
    const first = await start(world)
    await world.verifications.noteSent(first.id, 1, { state: 'sent', reason: undefined, delivery: 'delivery 1' })
    world.clock.advance(COOLDOWN)
    const request = requestOf(world, { codeHash: 'another code' })
    t.match(await world.verifications.start(request), { isNew: true, verification: { codeId: request.id, sealed: request.sealed, sends: 1, resendAt: world.clock() + COOLDOWN, message: 'sending', deliveries: [] } })
    t.match(await find(world, first), { status: 'canceled', deliveries: ['delivery 1'] })
    t.same(await dueOf(world, request), { 'verification-send': SEND_WITHIN, 'verification-end': LIFETIME })
    t.match(await world.verifications.check(request.id, RIGHT), { valid: false })
    t.match(await world.verifications.check(request.id, 'another code'), { valid: true })
  })

  t.test('a code is not taken over with too little life, from another maker, of another profile or number, or once it has ended', async (t) => {
    const world = await openWorld(t, open)
    const short = await start(world, { lifetime: LEAST_LIFE })
    t.match(await start(world), { codeId: short.id }, 'just long enough')
    const world2 = await openWorld(t, open)
    const tooShort = await start(world2, { lifetime: LEAST_LIFE })
    world2.clock.advance(1)
    t.same(await world2.verifications.start(requestOf(world2)), { kind: 'too-soon', retryAfter: COOLDOWN - 1 })
    t.match(await find(world2, tooShort), { status: 'pending' })
    world2.clock.advance(COOLDOWN - 1)
    const next = await start(world2)
    t.equal(next.codeId, next.id)
    t.match(await find(world2, tooShort), { status: 'canceled' })
    t.same(await world2.verifications.start(requestOf(world2, { codeMaker: 'twilio-verify', codeHash: undefined })), { kind: 'too-soon', retryAfter: COOLDOWN })
    t.match(await find(world2, next), { status: 'pending' })
    world2.clock.advance(COOLDOWN)
    const vendors = await startAtVendor(world2)
    t.equal(vendors.codeId, vendors.id)
    for (const options of [{ profile: 'signup' }, { numberDigest: 'another' }]) {
      const other = await startAtVendor(world2, options)
      t.equal(other.codeId, other.id)
    }
    t.match(await find(world2, vendors), { status: 'pending' })
    await world2.verifications.cancel(vendors.id)
    world2.clock.advance(COOLDOWN)
    const last = await startAtVendor(world2)
    t.equal(last.codeId, last.id)
  })

  for (const isDecoy of [false, true]) {
    const what = isDecoy ? 'a decoy' : 'one'
    t.test(`however ${what} ends, a new one of its starter comes no sooner than its next message would have`, async (t) => {
      for (const status of ['canceled', 'failed', 'expired'] as const) {
        const world = await openWorld(t, open)
        if (isDecoy) await start(world, { starter: 'who has it' })
        const first = await start(world, { lifetime: status === 'expired' ? 10 : LIFETIME })
        if (status === 'canceled') await world.verifications.cancel(first.id)
        if (status === 'failed') await guessWrong(world, first, 5)
        world.clock.advance(1000)
        const before = await find(world, first)
        t.match(before, { status, isDecoy })
        const [rows, due] = [await count(world, 'verifications'), await count(world, 'due')]
        const wanted = { maxAttempts: 6 }
        t.same(await world.verifications.start(requestOf(world, wanted)), { kind: 'too-soon', retryAfter: COOLDOWN - 1000 }, status)
        world.clock.advance(COOLDOWN - 1001)
        t.same(await world.verifications.start(requestOf(world, wanted)), { kind: 'too-soon', retryAfter: 1 })
        t.same(await find(world, first), { ...before, now: world.clock() }, 'and nothing changes')
        t.same([await count(world, 'verifications'), await count(world, 'due')], [rows, due])
        for (const other of [{ profile: 'signup' }, { numberDigest: 'another' }, { starter: 'somebody else' }]) await start(world, { ...wanted, ...other })
        world.clock.advance(1)
        const next = await start(world, wanted)
        t.equal(next.codeId, next.id)
        t.match(next, { sends: 1, resendAt: world.clock() + COOLDOWN })
      }
    })
  }

  t.test('a message that was sent once more is waited for as well, and so is one that was taken over', async (t) => {
    const world = await openWorld(t, open)
    const first = await start(world)
    world.clock.advance(COOLDOWN)
    await world.verifications.resend(first.id, 'sms', { cooldown: COOLDOWN, sendWithin: SEND_WITHIN, leastLife: LEAST_LIFE })
    world.clock.advance(10)
    const second = await start(world)
    t.equal(second.codeId, first.id)
    await world.verifications.cancel(second.id)
    t.same(await world.verifications.start(requestOf(world)), { kind: 'too-soon', retryAfter: COOLDOWN - 10 })
  })

  t.test('what was approved, and a message that was not sent, are waited for by nobody', async (t) => {
    const world = await openWorld(t, open)
    const first = await start(world)
    const second = await start(world)
    await world.verifications.check(second.id, RIGHT)
    t.match(await find(world, first), { status: 'canceled' })
    const third = await start(world)
    t.equal(third.codeId, third.id)
    await world.verifications.noteSent(third.id, 1, { state: 'failed', reason: 'credentials', delivery: undefined })
    await world.verifications.cancel(third.id)
    t.match(await start(world), { status: 'pending' })
  })

  t.test('one that has expired is not canceled by the next', async (t) => {
    const world = await openWorld(t, open)
    const first = await start(world)
    world.clock.advance(LIFETIME)
    await start(world)
    t.match(await find(world, first), { status: 'expired', endedAt: first.expiresAt })
    t.match(await world.verifications.end(first.id), { status: 'expired' })
  })

  t.test('while somebody else has one under way, it is a decoy, which looks the same', async (t) => {
    const world = await openWorld(t, open)
    const real = await start(world)
    const request = requestOf(world, { starter: 'somebody else' })
    const started = await world.verifications.start(request)
    t.match(started, { kind: 'started', isNew: true })
    const { id, starter, codeId, sealed, sealedNumber, isDecoy, ...same } = begunBy(started)
    t.equal(isDecoy, true)
    t.match(real, same)
    t.same(await dueOf(world, request), { 'verification-end': LIFETIME }, 'nothing is sent')
    t.match(await world.verifications.check(id, RIGHT), { valid: false, status: 'pending', attemptsLeft: 4 })
    t.match(await find(world, real), { status: 'pending', attemptsLeft: 5 })
    t.match(await world.verifications.check(real.id, RIGHT), { valid: true })
    t.match(await world.verifications.check(id, RIGHT), { valid: false, status: 'pending' }, 'and it never succeeds')
  })

  t.test('a decoy stands aside for no one: who starts while there are only decoys gets a real one', async (t) => {
    const world = await openWorld(t, open)
    const real = await start(world)
    const decoy = await start(world, { starter: 'second' })
    await world.verifications.cancel(real.id)
    t.match(await start(world, { starter: 'third' }), { isDecoy: false })
    t.match(await start(world, { starter: 'fourth' }), { isDecoy: true })
    t.match(await find(world, decoy), { isDecoy: true, status: 'pending' })
  })

  t.test('others may have one of another number, of no other profile, and one that has expired stands in nobody\'s way', async (t) => {
    const world = await openWorld(t, open)
    await start(world)
    t.match(await start(world, { starter: 'second', profile: 'signup' }), { isDecoy: true })
    t.match(await start(world, { profile: 'signup' }), { isDecoy: false }, 'but whoever has the first')
    t.match(await start(world, { starter: 'second', numberDigest: 'another' }), { isDecoy: false })
    world.clock.advance(LIFETIME - 1)
    t.match(await start(world, { starter: 'third' }), { isDecoy: true })
    world.clock.advance(1)
    t.match(await start(world, { starter: 'fourth' }), { isDecoy: false })
  })

  t.test('the message of a decoy looks sent after a second', async (t) => {
    const world = await openWorld(t, open)
    await start(world)
    const decoy = await start(world, { starter: 'second' })
    world.clock.advance(999)
    t.match(await find(world, decoy), { message: 'sending' })
    world.clock.advance(1)
    t.match(await find(world, decoy), { message: 'sent', messageReason: undefined })
  })

  t.test('a decoy that is restarted before its next message stays one, with the times that it had', async (t) => {
    const world = await openWorld(t, open)
    const real = await start(world)
    const decoy = await start(world, { starter: 'second' })
    await world.verifications.cancel(real.id)
    world.clock.advance(COOLDOWN - 1)
    const again = await start(world, { starter: 'second' })
    t.match(again, { isDecoy: true, codeId: decoy.id, expiresAt: decoy.expiresAt, resendAt: decoy.resendAt, sentAt: decoy.sentAt, sends: 1, message: 'sent' })
    t.same(await dueOf(world, again), { 'verification-end': decoy.expiresAt - world.clock() })
    t.match(await find(world, decoy), { status: 'canceled' })
    world.clock.advance(1)
    t.match(await start(world, { starter: 'second' }), { isDecoy: false, sends: 1 }, 'and after that it is real, where nobody else has one')
    t.match(await start(world, { starter: 'first' }), { isDecoy: true })
  })

  t.test('as many are granted attempts as the number has left, whoever entered the wrong codes', async (t) => {
    const world = await openWorld(t, open)
    const real = await start(world)
    await guessWrong(world, real, 1)
    const decoy = await start(world, { starter: 'second' })
    t.match(decoy, { attemptsLeft: 4 })
    await guessWrong(world, decoy, 2)
    t.match(await find(world, decoy), { attemptsLeft: 2 })
    t.match(await find(world, real), { attemptsLeft: 4 }, 'those of a decoy do not count for what is under way')
    t.match(await start(world), { attemptsLeft: 2 }, 'but for what begins')
    t.match(await start(world, { numberDigest: 'another' }), { attemptsLeft: 5 })
  })

  t.test('where a number has none left, none is started, and nothing changes, until the oldest wrong code is an hour old', async (t) => {
    const world = await openWorld(t, open)
    const first = await start(world)
    await guessWrong(world, first, 2)
    world.clock.advance(COOLDOWN)
    const second = await start(world)
    t.match(second, { attemptsLeft: 3 })
    const decoy = await start(world, { starter: 'second' })
    await guessWrong(world, decoy, 3)
    const before = await find(world, second)
    for (const starter of ['somebody', 'second', 'third']) {
      t.same(await world.verifications.start(requestOf(world, { starter })), { kind: 'too-many-attempts', retryAfter: HOUR - COOLDOWN })
    }
    t.same(await find(world, second), before)
    t.same(await dueOf(world, second), { 'verification-send': SEND_WITHIN, 'verification-end': LIFETIME })
    t.equal(await count(world, 'verifications'), 3)
    world.clock.advance(HOUR - COOLDOWN - 1)
    t.same(await world.verifications.start(requestOf(world)), { kind: 'too-many-attempts', retryAfter: 1 })
    world.clock.advance(1)
    t.match(await start(world), { attemptsLeft: 2 })
  })

  t.test('who may try less often waits for more of them', async (t) => {
    const world = await openWorld(t, open)
    for (const at of [0, 1, 2]) {
      await guessWrong(world, await start(world, { profile: `profile ${at}` }), 1)
      world.clock.advance(100)
    }
    t.same(await world.verifications.start(requestOf(world, { maxAttempts: 2 })), { kind: 'too-many-attempts', retryAfter: HOUR - 200 })
    world.clock.advance(HOUR - 200)
    t.match(await start(world, { maxAttempts: 2 }), { attemptsLeft: 1 })
  })

  t.test('a starter starts so many in all, however they end and for whatever number', async (t) => {
    const world = await openWorld(t, open)
    const limited = { starter: 'a session', maxStarts: 3 }
    const first = await start(world, limited)
    await start(world, limited)
    await world.verifications.cancel((await start(world, { ...limited, numberDigest: 'another' })).id)
    t.same(await world.verifications.start(requestOf(world, limited)), { kind: 'too-many-starts' })
    t.match(await find(world, first), { status: 'canceled' })
    t.match(await start(world, { ...limited, starter: 'another session' }), { isDecoy: true })
    t.match(await start(world, { ...limited, maxStarts: undefined }), { isDecoy: false })
    await start(world, { starter: 'once', maxStarts: 1, profile: 'signup' })
    t.same(await world.verifications.start(requestOf(world, { starter: 'once', maxStarts: 1, profile: 'signup' })), { kind: 'too-many-starts' })
  })
}
