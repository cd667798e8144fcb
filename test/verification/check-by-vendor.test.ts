import t, { type Test } from 'tap'
import { Deadline } from '../../src/domain/deadline.ts'
import { SHOWN_AS_SENDING } from '../../src/domain/verification.ts'
import { StoreUnavailable } from '../../src/store/sql.ts'
import type { VerificationRecord } from '../../src/store/verifications.ts'
import { createCheckByVendor, type CheckByVendorDeps } from '../../src/verification/check-by-vendor.ts'
import type { Pace } from '../../src/verification/pace.ts'
import { createGate } from '../support/gate.ts'
import { codeOf } from '../support/message.ts'
import { KEYS, MINUTE, NUMBER, startVendorStand, type VendorStand } from './vendor-stand.ts'

const UNAVAILABLE = { kind: 'refused', code: 'verification_unavailable' } as const

const told = (valid: boolean, status: VerificationRecord['status'], attemptsLeft?: number) =>
  ({ kind: 'done', value: { valid, status, ...attemptsLeft === undefined ? {} : { attemptsLeft } } })

/** A pace of no time, which always has that answer. */
const paceOf = (isAnswered = true): Pace => ({ measure: async (work) => await work(), repeat: async () => isAnswered })

interface Stand extends VendorStand {
  check (verification: VerificationRecord, code: string): ReturnType<ReturnType<typeof createCheckByVendor>>
  /** Checks with other parts than usual. */
  checkWith (options: Partial<CheckByVendorDeps>): (verification: VerificationRecord, code: string) => ReturnType<ReturnType<typeof createCheckByVendor>>
}

const stand = async (t: Test): Promise<Stand> => {
  const vendor = await startVendorStand(t)
  const { world: { verifications, deliveries }, owner } = vendor
  const checkWith: Stand['checkWith'] = (options) => {
    const check = createCheckByVendor({ keys: KEYS, verifications, deliveries, codeOwners: [owner], pace: paceOf(), ...options })
    return async (verification, code) => await check(verification, codeOf(code))
  }
  return {
    ...vendor,
    async begin (options) {
      const verification = await vendor.begin(options)
      vendor.world.clock.advance(SHOWN_AS_SENDING)
      return await vendor.now(verification)
    },
    check: checkWith({}),
    checkWith
  }
}

t.test('wrong codes count, and the right one is right once', async (t) => {
  const { begin, now, check, code, wrong, requests } = await stand(t)
  const verification = await begin()
  t.match(await check(verification, wrong()), told(false, 'pending', 4))
  t.match(await check(verification, wrong(2)), told(false, 'pending', 3))
  t.match(await check(verification, code()), told(true, 'approved'))
  const before = requests()
  t.match(await check(await now(verification), code()), told(false, 'approved'), 'what has ended is told as it is')
  t.match(await check(verification, code()), told(false, 'approved'), 'also to who does not know yet')
  t.equal(requests(), before, 'and the vendor is not asked')
})

t.test('the last wrong code ends it', async (t) => {
  const { begin, check, code, wrong } = await stand(t)
  const verification = await begin({ maxAttempts: 3 })
  for (const left of [2, 1]) t.match(await check(verification, wrong()), told(false, 'pending', left))
  t.match(await check(verification, wrong()), told(false, 'failed', 0))
  t.match(await check(verification, code()), told(false, 'failed', 0))
})

t.test('of right codes at the same time exactly one is right, through any number of processes', async (t) => {
  const { world, begin, now, checkWith, code } = await stand(t)
  for (let time = 0; time < 10; time += 1) {
    const verification = await begin()
    const checks = [checkWith({}), checkWith({})]
    const answers = await Promise.all(Array.from({ length: 6 }, (_, each) => checks[each % 2]?.(verification, code())))
    t.equal(answers.filter((answer) => answer?.kind === 'done' && answer.value.valid).length, 1)
    t.equal((await now(verification)).status, 'approved')
    world.clock.advance(MINUTE)
  }
})

t.test('who is told that it is over, before the one who was right has said so, ends nothing', async (t) => {
  const { owner, begin, check, checkWith, code } = await stand(t)
  const verification = await begin()
  const [approved, goOn] = [createGate(), createGate()]
  const slow = checkWith({
    codeOwners: [{
      ...owner,
      async check (...asked) {
        const answer = await owner.check(...asked)
        approved.open()
        await goOn.opened
        return answer
      }
    }]
  })
  const first = slow(verification, code())
  await approved.opened
  t.match(await check(verification, code()), told(false, 'pending'))
  goOn.open()
  t.match(await first, told(true, 'approved'))
})

t.test('a right code whose answer was lost is right when it is tried again', async (t) => {
  const { sandbox, begin, now, check, code } = await stand(t)
  const verification = await begin()
  sandbox.script(NUMBER, { twilio: { later: { drop: 'after-accept', times: 1 } } })
  t.match(await check(verification, code()), UNAVAILABLE)
  t.match(await now(verification), { status: 'pending', attemptsLeft: 5 }, 'it counts for nothing')
  t.match(await check(verification, code()), told(true, 'approved'))
})

t.test('another code is not right by that', async (t) => {
  const { sandbox, begin, check, code, wrong } = await stand(t)
  const verification = await begin()
  sandbox.script(NUMBER, { twilio: { later: { drop: 'after-accept', times: 1 } } })
  t.match(await check(verification, code()), UNAVAILABLE)
  t.match(await check(verification, wrong()), told(false, 'failed', 0), 'the vendor checks no more')
  t.match(await check(verification, code()), told(false, 'failed'))
})

t.test('a code that never reached the vendor is checked when it is tried again', async (t) => {
  const { sandbox, begin, now, check, checkWith, code, wrong } = await stand(t)
  const verification = await begin()
  for (const fault of [{ drop: 'before-read' }, { httpError: { status: 503 } }, { error: { status: 401, code: 20003 } }, { error: { status: 429, code: 20429 } }, { malformed: 'html' }] as const) {
    sandbox.script(NUMBER, { twilio: { later: { ...fault, times: 1 } } })
    t.match(await check(verification, wrong()), UNAVAILABLE, JSON.stringify(fault))
    t.match(await now(verification), { status: 'pending', attemptsLeft: 5 })
  }
  sandbox.script(NUMBER, { twilio: { later: { hang: true, times: 1 } } })
  t.match(await checkWith({ budgetMs: 50 })(verification, wrong()), UNAVAILABLE)
  t.match(await check(verification, code()), told(true, 'approved'))
})

t.test('as long as nobody knows what the lost answer was, the code may be tried again', async (t) => {
  const { owner, sandbox, begin, check, checkWith, code } = await stand(t)
  const verification = await begin()
  sandbox.script(NUMBER, { twilio: { later: { drop: 'after-accept', times: 1 } } })
  t.match(await check(verification, code()), UNAVAILABLE)
  const blind = checkWith({ codeOwners: [{ ...owner, isApproved: async () => 'unknown' }] })
  t.match(await blind(verification, code()), UNAVAILABLE)
  t.match(await check(verification, code()), told(true, 'approved'))
})

t.test('where the vendor says that none was approved, it has failed', async (t) => {
  const { owner, sandbox, begin, check, checkWith, code } = await stand(t)
  const verification = await begin()
  sandbox.script(NUMBER, { twilio: { later: { drop: 'after-accept', times: 1 } } })
  t.match(await check(verification, code()), UNAVAILABLE)
  t.match(await checkWith({ codeOwners: [{ ...owner, isApproved: async () => false }] })(verification, code()), told(false, 'failed', 0))
})

t.test('an approval that another one of the number may have brought about proves nothing', async (t) => {
  const { sandbox, begin, check, code, wrong } = await stand(t)
  const verification = await begin()
  sandbox.script(NUMBER, { twilio: { later: { drop: 'before-read', times: 1 } } })
  t.match(await check(verification, wrong()), UNAVAILABLE)
  const other = await begin({ profile: 'signup' })
  t.match(await check(other, code()), told(true, 'approved'))
  t.match(await check(verification, wrong()), told(false, 'failed', 0))
})

t.test('what is over for the vendor before it is for us has failed', async (t) => {
  const { world, begin, now, check, code } = await stand(t)
  const before = await begin({ lifetime: 6 * MINUTE })
  world.clock.advance(5 * MINUTE)
  const verification = await begin({ lifetime: 10 * MINUTE })
  t.equal((await now(before)).status, 'canceled')
  world.clock.advance(6 * MINUTE)
  t.match(await check(verification, code()), told(false, 'failed', 0), 'it was the same code, which is older')
})

t.test('the newest message says what the vendor is asked about', async (t) => {
  const { world, sandbox, owner, begin, send, now, check, code } = await stand(t)
  const verification = await begin()
  const [sid] = sandbox.messages.map(({ verification }) => verification?.verificationSid)
  t.equal(await owner.cancel(sid as string, Deadline.in(10_000)), 'taken')
  world.clock.advance(2000)
  await world.verifications.resend(verification.id, 'sms', { cooldown: 1000, sendWithin: 10_000, leastLife: 1000 })
  await send(await now(verification))
  t.match(await check(await now(verification), code()), told(true, 'approved'))
})

t.test('as long as no message is known to have gone out, nothing can be checked, and nothing counts', async (t) => {
  const { world, start, now, check, requests } = await stand(t)
  const { id } = await start()
  world.clock.advance(SHOWN_AS_SENDING)
  const verification = await world.verifications.find(id) as VerificationRecord
  t.match(await check(verification, '123456'), UNAVAILABLE)
  t.match(await now(verification), { attemptsLeft: 5, askedHash: undefined })
  t.equal(requests(), 0)
})

t.test('as long as a decoy could not be checked, a real one cannot either, and afterwards both can', async (t) => {
  const { world, start, send, now, check, wrong, requests } = await stand(t)
  const real = await start()
  await send(real)
  const decoy = await start({ starter: 'somebody else' })
  t.same([real.isDecoy, decoy.isDecoy], [false, true])
  const asked = requests()
  for (const passed of [0, SHOWN_AS_SENDING - 1]) {
    world.clock.advance(passed)
    for (const verification of [real, decoy]) {
      t.match(await check(await now(verification), wrong()), UNAVAILABLE)
      t.match(await now(verification), { status: 'pending', attemptsLeft: 5 }, 'it counts for nothing')
    }
  }
  t.equal(requests(), asked, 'and the vendor is not asked')
  world.clock.advance(1)
  for (const verification of [real, decoy]) t.match(await check(await now(verification), wrong()), told(false, 'pending', 4))
})

t.test('where nobody can check it, or the store is away, no guess is taken for wrong', async (t) => {
  const { world, begin, now, check, checkWith, code } = await stand(t)
  const verification = await begin()
  t.match(await checkWith({ codeOwners: [] })(verification, code()), UNAVAILABLE)
  const away = { ...world.deliveries, find: () => Promise.reject(new StoreUnavailable()) }
  await t.rejects(checkWith({ deliveries: away })(verification, code()), StoreUnavailable)
  t.equal((await now(verification)).attemptsLeft, 5)
  t.match(await check(verification, code()), told(true, 'approved'))
})

t.test('what ended while the vendor was asked is told as it ended', async (t) => {
  const { world, owner, begin, checkWith, code } = await stand(t)
  for (const answer of ['right', 'wrong', 'over', 'unknown'] as const) {
    const verification = await begin()
    const check = checkWith({ codeOwners: [{ ...owner, async check () { await world.verifications.cancel(verification.id); return answer } }] })
    t.match(await check(verification, code()), told(false, 'canceled'), answer)
  }
})

t.test('a decoy is never right, and asks nobody', async (t) => {
  const { world, begin, start, now, check, code, wrong, requests } = await stand(t)
  const real = await begin()
  const decoy = await start({ starter: 'somebody else', maxAttempts: 3 })
  t.equal(decoy.isDecoy, true)
  const before = requests()
  t.match(await check(decoy, code()), UNAVAILABLE, 'its message seems to be under way, and there is nothing to ask about')
  world.clock.advance(1000)
  for (const left of [2, 1]) t.match(await check(await now(decoy), code()), told(false, 'pending', left))
  t.match(await check(await now(decoy), wrong()), told(false, 'failed', 0))
  t.match(await check(await now(decoy), code()), told(false, 'failed', 0))
  t.equal(requests(), before)
  t.match(await check(real, code()), told(true, 'approved'), 'the real one knows nothing of it')
})

t.test('where the vendor cannot tell, nothing is known of decoys either', async (t) => {
  const { world, begin, start, now, checkWith } = await stand(t)
  await begin()
  const decoy = await start({ starter: 'somebody else' })
  world.clock.advance(1000)
  t.match(await checkWith({ pace: paceOf(false) })(await now(decoy), '123456'), UNAVAILABLE)
  t.equal((await now(decoy)).attemptsLeft, 5)
  t.match(await checkWith({ codeOwners: [] })(await now(decoy), '123456'), UNAVAILABLE)
})

t.test('how the vendor does is measured where it is asked', async (t) => {
  const { sandbox, begin, checkWith, code } = await stand(t)
  const answered: boolean[] = []
  const pace: Pace = {
    repeat: async () => true,
    async measure (work, isAnswer) {
      const result = await work()
      answered.push(isAnswer(result))
      return result
    }
  }
  const verification = await begin()
  sandbox.script(NUMBER, { twilio: { later: { httpError: { status: 503 }, times: 1 } } })
  for (let time = 0; time < 2; time += 1) await checkWith({ pace })(verification, code())
  t.same(answered, [false, true])
})
