import type { Test } from 'tap'
import { StoreUnavailable } from '../../../src/store/sql.ts'
import { NUMBER, wrong, type OpenApi } from '../api-stand.ts'

const MINUTE = 60_000

/** Checking: one right code is right once, and wrong ones are counted by number. */
export const checking = (t: Test, open: OpenApi): void => {
  t.test('the right code approves, once', async (t) => {
    const { begin, code, check, look, settled, told } = await open(t)
    const { id } = await begin()
    const right = await code()
    t.notOk('deliveries' in await settled(id))
    t.same((await check(id, right)).body, { valid: true, status: 'approved', attemptsLeft: 5 })
    t.same((await check(id, right)).body, { valid: false, status: 'approved', attemptsLeft: 5 })
    const { codeLength, endedAt, now, result, ...ended } = await look(id)
    t.match(ended, { status: 'approved', to: NUMBER })
    t.same([codeLength, endedAt, result], [undefined, now, undefined])
    const [{ delivery } = {}] = told('verification.sent')
    t.type(delivery, 'string')
    t.same(ended.deliveries, [delivery])
    t.same(told('delivery.finished').map((finished) => finished.delivery), [delivery])
    t.same(told('verification.checked').map(({ valid, status }) => ({ valid, status })), [{ valid: true, status: 'approved' }, { valid: false, status: 'approved' }])
  })

  t.test('of any right checks at a time one is right, fifty times', async (t) => {
    const { begin, code, check } = await open(t)
    const wins: number[] = []
    for (let round = 0; round < 50; round++) {
      const { id } = await begin({ to: `+49151123456${10 + round}` })
      const right = await code(round + 1)
      const replies = await Promise.all(Array.from({ length: 12 }, () => check(id, right)))
      wins.push(replies.filter(({ body }) => body.valid === true).length)
      t.ok(replies.every(({ status, body }) => status === 200 && body.status === 'approved'))
    }
    t.same(wins, Array.from({ length: 50 }, () => 1))
  })

  t.test('wrong codes at a time use as many attempts', async (t) => {
    const { begin, code, check, look } = await open(t)
    const { id } = await begin({ maxAttempts: 10 })
    const right = await code()
    const replies = await Promise.all(Array.from({ length: 7 }, () => check(id, wrong(right))))
    t.same(replies.map(({ body }) => body.attemptsLeft).sort((one, other) => other - one), [9, 8, 7, 6, 5, 4, 3])
    t.equal((await look(id)).attemptsLeft, 3)
    const more = await Promise.all(Array.from({ length: 20 }, () => check(id, wrong(right))))
    t.equal(more.filter(({ body }) => body.status === 'pending').length, 2)
    t.same((await check(id, right)).body, { valid: false, status: 'failed', attemptsLeft: 0 }, 'the right one comes too late')
  })

  t.test('the last attempt may be the right one', async (t) => {
    const { begin, code, check } = await open(t)
    const { id } = await begin({ maxAttempts: 2 })
    const right = await code()
    t.same((await check(id, wrong(right))).body, { valid: false, status: 'pending', attemptsLeft: 1 })
    t.match((await check(id, right)).body, { valid: true, status: 'approved' })
  })

  t.test('attempts are counted over restarts and profiles, and by the hour', async (t) => {
    const { ask, begin, code, check, cancel, clock } = await open(t)
    const guess = async (id: string, nth: number, length?: number): Promise<any> => (await check(id, wrong(await code(nth, length)))).body
    const first = await begin()
    t.match(await guess(first.id, 1), { valid: false, attemptsLeft: 4 })
    clock.advance(10 * MINUTE)
    const second = await begin()
    t.equal(second.attemptsLeft, 4)
    t.match(await guess(second.id, 2), { attemptsLeft: 3 })
    t.equal((await cancel(second.id)).body.status, 'canceled')
    const third = await begin({ profile: 'signup' })
    t.equal(third.attemptsLeft, 2, 'of four, two are used')
    t.match(await guess(third.id, 3, 4), { attemptsLeft: 1 })
    t.match(await guess(third.id, 3, 4), { status: 'failed', attemptsLeft: 0 })
    const shut = await ask('POST', '/verifications', { to: NUMBER, profile: 'signup' })
    t.match(shut, { status: 429, body: { code: 'too_many_attempts', retryAfter: 50 * 60 } })
    t.equal(shut.headers.get('retry-after'), String(50 * 60))
    clock.advance(MINUTE / 2)
    const fourth = await begin()
    t.equal(fourth.attemptsLeft, 1, 'of five, four are used')
    clock.advance(50 * MINUTE)
    t.equal((await begin()).attemptsLeft, 2, 'the first guess does not count any more')
  })

  t.test('who has shown that the number is theirs has all attempts again', async (t) => {
    const { begin, code, check, clock } = await open(t)
    const { id } = await begin()
    const right = await code()
    await check(id, wrong(right))
    await check(id, right)
    clock.advance(MINUTE)
    t.equal((await begin()).attemptsLeft, 5)
  })

  t.test('a code is read as people enter it', async (t) => {
    const { begin, code, check } = await open(t)
    for (const [index, entered] of [
      (code: string) => ` ${code.slice(0, 3)} ${code.slice(3)}\n`,
      (code: string) => `${code.slice(0, 3)}-${code.slice(3)}`,
      (code: string) => `\u200e${code.slice(0, 3)}\u2013\u00a0${code.slice(3)}`,
      (code: string) => code.replace(/./g, (digit) => '٠١٢٣٤٥٦٧٨٩'[Number(digit)] as string),
      (code: string) => code.replace(/./g, (digit) => '۰۱۲۳۴۵۶۷۸۹'[Number(digit)] as string),
      (code: string) => code.replace(/./g, (digit) => '०१२३४५६७८९'[Number(digit)] as string),
      (code: string) => code.replace(/./g, (digit) => '০১২৩৪৫৬৭৮৯'[Number(digit)] as string),
      (code: string) => code.replace(/./g, (digit) => '๐๑๒๓๔๕๖๗๘๙'[Number(digit)] as string),
      (code: string) => code.replace(/./g, (digit) => '０１２３４５６７８９'[Number(digit)] as string)
    ].entries()) {
      const { id } = await begin({ to: `+491511234567${index}` })
      t.match((await check(id, entered(await code(index + 1)))).body, { valid: true }, entered('123456'))
    }
  })

  t.test('what cannot be a code is refused, and is no guess', async (t) => {
    const { ask, begin, code, check, look } = await open(t)
    const { id } = await begin()
    await code()
    for (const [entered, problem, detail] of [
      ['123', 'code_invalid', undefined],
      ['12345678901', 'code_invalid', undefined],
      ['12345ä', 'code_invalid', undefined],
      ['٣٣٣', 'code_invalid', undefined],
      ['①②③④', 'code_invalid', undefined],
      ['1'.repeat(65), 'invalid_body', /code/],
      ['', 'code_missing', undefined],
      [' - ', 'code_missing', undefined],
      [undefined, 'code_missing', undefined],
      [null, 'invalid_body', /code/],
      [true, 'invalid_body', /code/],
      [['123456'], 'invalid_body', /code/],
      [482913, 'code_invalid', /leading zeros/],
      [12.5, 'code_invalid', /leading zeros/]
    ] as const) t.match(await check(id, entered), { status: 400, body: { code: problem, ...detail && { detail } } }, String(entered))
    t.match((await ask('POST', `/verifications/${id}/check`, '')).body, { code: 'invalid_body' })
    t.match(await look(id), { status: 'pending', attemptsLeft: 5 })
    t.match((await check(id, 'ABCD12')).body, { valid: false, attemptsLeft: 4 }, 'letters are a guess')
    t.match((await check(id, '12345')).body, { valid: false, attemptsLeft: 3 }, 'so is another length')
  })

  t.test('what has expired has expired to the millisecond, and the right code is of no use', async (t) => {
    const { begin, code, check, look, clock } = await open(t)
    const [{ id }, other] = [await begin(), await begin({ to: '+4915112345679' })]
    const codes = [await code(1), await code(2)]
    clock.advance(299_999)
    t.equal((await look(id)).status, 'pending')
    t.match((await check(other.id, codes[1])).body.valid || (await check(other.id, codes[0])).body.valid, true)
    clock.advance(1)
    const ended = await look(id)
    t.match(ended, { status: 'expired', endedAt: ended.expiresAt })
    for (const code of codes) t.same((await check(id, code)).body, { valid: false, status: 'expired', attemptsLeft: 5 })
  })

  t.test('what ends is noted, told once, and its messages count as what they were', async (t) => {
    const { begin, code, check, settled, told, gateway, clock, delivery } = await open(t)
    const [approved, expired] = [await begin(), await begin({ to: '+4915112345679' })]
    await code(2)
    await settled(approved.id)
    await settled(expired.id)
    for (const nth of [1, 2]) await check(approved.id, await code(nth))
    await gateway.housekeeping.runDue()
    clock.advance(300_000)
    await gateway.housekeeping.runDue()
    await gateway.housekeeping.runDue()
    t.same(told('verification.ended').map(({ verification, status }) => [verification, status]), [[approved.id, 'approved'], [expired.id, 'expired']])
    const used = told('delivery.used').map(({ delivery }) => delivery)
    t.equal(used.length, 1)
    t.match(await delivery(used[0] as string), { route: '/verifications', usedAt: /Z$/ })
  })

  t.test('with the store away nothing is right, and nothing is counted', async (t) => {
    let isAway = false
    const { begin, code, check } = await open(t, {
      wrapSql: (sql) => ({
        read: (wanted) => sql.read(wanted),
        write: async (steps) => { if (isAway) throw new StoreUnavailable(); return await sql.write(steps) },
        follow: (topic, wake) => sql.follow(topic, wake),
        check: () => sql.check(),
        close: () => sql.close()
      })
    })
    const { id } = await begin()
    const right = await code()
    isAway = true
    for (const entered of [right, wrong(right)]) t.match(await check(id, entered), { status: 503, body: { code: 'store_unavailable' } })
    isAway = false
    t.same((await check(id, right)).body, { valid: true, status: 'approved', attemptsLeft: 5 })
  })
}
