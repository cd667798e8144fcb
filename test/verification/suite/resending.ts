import type { Test } from 'tap'
import { NUMBER, until, wrong, type OpenApi } from '../api-stand.ts'

const COOLDOWN = 30_000

/** Sending again, and starting again: the same code, by another channel, and not too soon. */
export const resending = (t: Test, open: OpenApi): void => {
  t.test('the same code comes once more, after a while', async (t) => {
    const { begin, code, resend, check, clock, sandbox, told } = await open(t)
    const { id } = await begin()
    const first = await code()
    const early = await resend(id)
    t.match(early, { status: 429, body: { code: 'resend_too_early', retryAfter: 30 } })
    t.equal(early.headers.get('retry-after'), '30')
    clock.advance(COOLDOWN - 1)
    t.equal((await resend(id)).headers.get('retry-after'), '1', 'rounded up')
    clock.advance(1)
    const again = await resend(id)
    t.match(again, { status: 202, body: { id, status: 'pending', channel: 'sms', sendsLeft: 2, attemptsLeft: 5, message: { state: 'sending' } } })
    t.equal(Date.parse(again.body.resendAt), clock() + COOLDOWN)
    t.equal(await code(2), first)
    t.equal(sandbox.messages.length, 2)
    t.same(told('verification.resent'), [{ type: 'verification.resent', verification: id, channel: 'sms' }])
    t.match((await check(id, first)).body, { valid: true })
  })

  t.test('there are only so many messages', async (t) => {
    const { begin, code, resend, clock, sandbox } = await open(t)
    const { id } = await begin()
    for (const nth of [2, 3, 4]) {
      clock.advance(COOLDOWN)
      t.match(await resend(id), { status: 202, body: { sendsLeft: 4 - nth } })
      await code(nth)
    }
    clock.advance(COOLDOWN)
    const refused = await resend(id)
    t.match(refused, { status: 429, body: { code: 'too_many_resends' } })
    t.equal(refused.headers.get('retry-after'), null)
    t.equal(sandbox.messages.length, 4)
  })

  t.test('of any number at a time one is sent', async (t) => {
    const { begin, code, resend, clock, sandbox } = await open(t)
    const { id } = await begin()
    await code()
    clock.advance(COOLDOWN)
    const replies = await Promise.all(Array.from({ length: 10 }, () => resend(id)))
    t.equal(replies.filter(({ status }) => status === 202).length, 1)
    t.equal(replies.filter(({ body }) => body.code === 'resend_too_early').length, 9)
    await code(2)
    t.equal(sandbox.messages.length, 2)
  })

  t.test('the same code comes by another channel', async (t) => {
    const { begin, code, resend, check, clock, sandbox } = await open(t)
    const { id } = await begin()
    const first = await code()
    clock.advance(COOLDOWN)
    t.match(await resend(id, { channel: 'voice' }), { status: 202, body: { channel: 'voice' } })
    await until(() => sandbox.calls.some(({ spoken }) => spoken.join(' ').replace(/[^0-9]/g, '').includes(first)))
    t.match((await resend(id, { channel: 'whatsapp' })).body, { code: 'no_provider' }, 'nobody is there to send it')
    clock.advance(COOLDOWN)
    t.match(await resend(id), { status: 202, body: { channel: 'voice' } }, 'as the one before')
    t.match((await check(id, first)).body, { valid: true })
  })

  t.test('a body may be left out, and must be right where there is one', async (t) => {
    const { ask, begin, code, clock } = await open(t)
    const { id } = await begin()
    await code()
    for (const [index, body] of ['', 'null', '{}'].entries()) {
      clock.advance(COOLDOWN)
      t.equal((await ask('POST', `/verifications/${id}/resend`, body)).status, 202, body)
      await code(index + 2)
    }
    for (const body of ['[]', '"sms"', '{"channel":"fax"}', '{"channel":null}']) t.match((await ask('POST', `/verifications/${id}/resend`, body)).body, { code: 'invalid_body' }, body)
  })

  t.test('what has ended is not sent again, nor what is about to', async (t) => {
    const { begin, code, resend, check, cancel, clock, sandbox } = await open(t)
    const ids: string[] = []
    for (const last of [0, 1, 2]) ids.push((await begin({ to: `+491511234567${last}` })).id)
    await check(ids[0] as string, await code(1))
    await cancel(ids[1] as string)
    await code(3)
    clock.advance(280_001)
    for (const id of ids) t.match(await resend(id), { status: 409, body: { code: 'verification_over' } })
    clock.advance(20_000)
    t.match(await resend(ids[2] as string), { status: 409, body: { code: 'verification_over' } })
    t.equal(sandbox.messages.length, 3)
  })

  t.test('who starts anew so soon takes the code over, and gets no second message', async (t) => {
    const { begin, code, check, look, clock, sandbox, told } = await open(t)
    const first = await begin()
    const right = await code()
    clock.advance(COOLDOWN - 1)
    const second = await begin({ codeLength: 8 })
    t.not(second.id, first.id)
    t.match(second, { expiresAt: first.expiresAt, resendAt: first.resendAt, sendsLeft: 3, codeLength: 6 })
    t.match(await look(first.id), { status: 'canceled' })
    t.match((await check(first.id, right)).body, { valid: false, status: 'canceled' })
    t.match((await check(second.id, right)).body, { valid: true, status: 'approved' })
    t.equal(sandbox.messages.length, 1)
    t.same(told('verification.started').map(({ kind }) => kind), ['new', 'taken-over'])
  })

  t.test('who starts anew later gets another code, and the one before is of no use', async (t) => {
    const { begin, code, check, look, clock, told } = await open(t)
    const first = await begin()
    const old = await code()
    clock.advance(COOLDOWN)
    const second = await begin()
    const right = await code(2)
    t.match(await look(first.id), { status: 'canceled' })
    if (old !== right) t.match((await check(second.id, old)).body, { valid: false, attemptsLeft: 4 })
    t.match((await check(second.id, right)).body, { valid: true })
    t.same(told('verification.started').map(({ kind }) => kind), ['new', 'new'])
  })

  t.test('who cancels, and starts anew so soon, waits for the next message all the same', async (t) => {
    const { ask, begin, cancel, code, check, look, clock, sandbox, told } = await open(t)
    const first = await begin()
    await code()
    await cancel(first.id)
    clock.advance(COOLDOWN - 1000)
    const before = await look(first.id)
    const refused = await ask('POST', '/verifications', { to: NUMBER })
    t.match(refused, { status: 429, body: { code: 'resend_too_early', retryAfter: 1 } })
    t.equal(refused.headers.get('retry-after'), '1')
    t.same(await look(first.id), before)
    clock.advance(1000)
    const second = await begin()
    t.match((await check(second.id, await code(2))).body, { valid: true })
    t.match(await begin(), { status: 'pending' }, 'who has shown that the number is theirs does not wait')
    await code(3)
    t.equal(sandbox.messages.length, 3)
    t.equal(told('verification.started').length, 3)
  })

  t.test('of any number of starts at a time one message comes of it, and one verification stays', async (t) => {
    const { ask, code, check, look, sandbox } = await open(t)
    const replies = await Promise.all(Array.from({ length: 10 }, () => ask('POST', '/verifications', { to: NUMBER })))
    t.ok(replies.every(({ status }) => status === 202))
    const right = await code()
    const states: any[] = await Promise.all(replies.map(({ body }) => look(body.id)))
    const [last, ...others] = states.filter(({ status }) => status === 'pending')
    t.same(others, [])
    t.match((await check(last.id, right)).body, { valid: true })
    t.equal(sandbox.messages.length, 1)
  })

  t.test('each profile has one of its own', async (t) => {
    const { begin, code, check } = await open(t)
    const [login, signup] = [await begin(), await begin({ profile: 'signup' })]
    await code(2, 4)
    t.match((await check(login.id, await code(1))).body, { valid: true })
    t.match((await check(signup.id, await code(2, 4))).body, { valid: true })
  })

  t.test('a provider that fails is told of, and the next message may be asked for at once', async (t) => {
    const { begin, settled, resend, check, code, sandbox, clock } = await open(t)
    sandbox.script(NUMBER, { sms: { httpError: { status: 401 } } })
    const { id } = await begin()
    const failed = await settled(id)
    t.match(failed, { status: 'pending', message: { state: 'failed', reason: 'credentials' }, resendAt: failed.now })
    sandbox.script(NUMBER, {})
    t.match(await resend(id), { status: 202, body: { message: { state: 'sending' } } })
    const right = await code()
    t.same((await settled(id)).message, { state: 'sent' })
    t.match((await check(id, wrong(right))).body, { valid: false })
    t.match((await check(id, right)).body, { valid: true })
    clock.advance(COOLDOWN)
    t.equal(sandbox.messages.length, 1)
  })

  t.test('where it failed, who starts anew gets a new code at once', async (t) => {
    const { begin, settled, code, check, sandbox } = await open(t)
    sandbox.script(NUMBER, { sms: { recipientError: { httpStatusCode: 400, errorMessage: 'no' } } })
    const first = await begin()
    t.match((await settled(first.id)).message, { state: 'failed' })
    sandbox.script(NUMBER, {})
    const second = await begin()
    t.match((await check(second.id, await code())).body, { valid: true })
  })

  t.test('an answer that is lost may have been a message: it counts as sent', async (t) => {
    const { begin, settled, resend, sandbox } = await open(t)
    sandbox.script(NUMBER, { sms: { drop: 'after-accept' } })
    const { id } = await begin()
    t.same((await settled(id)).message, { state: 'sent' })
    t.match((await resend(id)).body, { code: 'resend_too_early' })
    t.equal(sandbox.messages.length, 1)
  })
}
