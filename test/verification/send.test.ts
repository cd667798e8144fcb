import t from 'tap'
import { createKeys } from '../../src/domain/keys.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import { ACCEPTED, DELIVERY, openService, profilesOf, SHOP, startOf, valueOf } from './service-stand.ts'

const OTHER_KEYS = createKeys([Buffer.alloc(32, 2)])

t.test('a message says all that is known of it', async (t) => {
  const { begin, idle, messages, clock, verifications } = await openService(t, { defaultLocale: 'fr', randomDigits: (length) => '0123456789'.slice(0, length) })
  const id = await begin({ ip: new SensitiveText('203.0.113.7'), user: new SensitiveText('a user') })
  await idle()
  const [message] = messages
  t.match(message, { caller: 'shop', route: '/verifications', hook: 'verifications', channel: 'sms', locale: 'fr', codeMaker: undefined, expiresAt: clock() + 300_000 })
  t.equal(message?.code?.reveal(), '012345')
  t.equal(message?.text?.reveal(), 'text 012345')
  t.equal(message?.speech?.reveal(), 'speech for 300000')
  t.equal(message?.requester.ip?.reveal(), '203.0.113.7')
  t.equal(message?.requester.user?.reveal(), 'a user')
  t.equal(message?.idempotencyKey?.value.reveal(), `verification:${id}:1`)
  t.equal(message?.idempotencyKey?.holdFor, 24 * 60 * 60_000)
  t.equal(message?.distinction?.reveal(), `verification:${id}:1`, 'it is the same, whatever words another process has')
  t.match(await verifications.find(id), { message: 'sent', deliveries: [DELIVERY] })
})

t.test('what is sent once more has its own key, and says how long it still lives', async (t) => {
  const { begin, idle, messages, clock, service } = await openService(t)
  const id = await begin({ locale: 'de' })
  clock.advance(30_000)
  valueOf(await service.resend(id, 'voice', SHOP))
  await idle()
  t.match(messages[1], { channel: 'voice', locale: 'de' })
  t.equal(messages[1]?.idempotencyKey?.value.reveal(), `verification:${id}:2`)
  t.equal(messages[1]?.speech?.reveal(), 'speech for 270000')
  t.equal(messages[1]?.code?.reveal(), messages[0]?.code?.reveal())
})

t.test('what took a code over is sent as the same message', async (t) => {
  const { begin, idle, messages, become, verifications } = await openService(t)
  become({ kind: 'under-way', id: DELIVERY })
  const [first, second] = [await begin(), await begin()]
  await idle()
  t.same([...new Set(messages.map(({ idempotencyKey }) => idempotencyKey?.value.reveal()))], [`verification:${first}:1`])
  t.match(await verifications.find(second), { codeId: first, message: 'sending', sends: 1 })
})

for (const [outcome, told] of [
  [ACCEPTED, { message: 'sent', deliveries: [DELIVERY] }],
  [{ kind: 'duplicate', id: DELIVERY, original: 'delivered' }, { message: 'sent', deliveries: [DELIVERY] }],
  [{ kind: 'unknown', id: DELIVERY }, { message: 'sent', deliveries: [DELIVERY] }],
  [{ kind: 'refused', id: DELIVERY, reason: 'opted_out' }, { message: 'failed', messageReason: 'opted_out', deliveries: [] }],
  [{ kind: 'failed', id: DELIVERY, reason: 'credentials' }, { message: 'failed', messageReason: 'credentials', deliveries: [] }]
] as ReadonlyArray<readonly [Outcome, { readonly message: string, readonly messageReason?: string, readonly deliveries: readonly string[] }]>) {
  t.test(`an outcome is noted: ${outcome.kind}`, async (t) => {
    const { begin, idle, become, verifications, due, clock, send, messages, events } = await openService(t)
    become(outcome)
    const id = await begin()
    await idle()
    t.match(await verifications.find(id), told)
    const { message: state, messageReason: reason } = told
    t.same(events.filter(({ type }) => type === 'verification.sent'), [{ type: 'verification.sent', verification: id, delivery: DELIVERY, state, reason }])
    clock.advance(20_000)
    t.same(await due.take('verification-send', 10, 1000), [], 'it is not due any more')
    t.equal(await send(id, 0), 'kept')
    t.equal(messages.length, 1, 'nor sent again')
  })
}

for (const outcome of [{ kind: 'under-way', id: DELIVERY }, { kind: 'key-reused' }, new Error('the store is away')] as const) {
  t.test(`where nobody knows what became of it, it is done again: ${outcome instanceof Error ? outcome.message : outcome.kind}`, async (t) => {
    const { begin, idle, become, events, clock, due, send, verifications, messages } = await openService(t)
    become(outcome)
    const id = await begin()
    await idle()
    t.match(events.find(({ type }) => type === 'work.failed'), { what: 'sending a code' })
    t.notOk(events.some(({ type }) => type === 'verification.sent'))
    t.match(await verifications.find(id), { message: 'sending' })
    await t.rejects(send(id, 0))
    clock.advance(12_999)
    t.same(await due.take('verification-send', 10, 1000), [], 'this process has its time')
    clock.advance(1)
    t.match(await due.take('verification-send', 10, 1000), [{ id }])
    become(ACCEPTED)
    t.equal(await send(id, 1), 'kept')
    t.match(await verifications.find(id), { message: 'sent' })
    t.equal(new Set(messages.map(({ idempotencyKey }) => idempotencyKey?.value.reveal())).size, 1)
  })
}

t.test('nothing is sent for a decoy, for what has ended, or for what is not there', async (t) => {
  const { begin, idle, send, service, messages, clock } = await openService(t)
  const decoyed = await begin()
  await idle()
  const decoy = await begin({ session: 'somebody else' })
  await idle()
  t.equal(await send(decoy, 0), undefined)
  valueOf(await service.cancel(decoyed, SHOP))
  t.equal(await send(decoyed, 0), undefined)
  clock.advance(30_000)
  const expired = await begin()
  clock.advance(300_000)
  t.equal(await send(expired, 0), undefined)
  t.equal(await send('01a1fcb4-0000-7000-8000-000000000000', 0), undefined)
  t.equal(messages.length, 1)
})

t.test('a key that is gone from the settings is told of, and ends nothing but what it sealed', async (t) => {
  const { begin, idle, become, another, verifications, clock, events } = await openService(t)
  become(new Error('the store is away'))
  const id = await begin()
  await idle()
  const other = another({ keys: OTHER_KEYS })
  t.equal(await other.send(id, 0), 'kept')
  t.match(await verifications.find(id), { message: 'failed', messageReason: 'configuration' })
  t.match(events.at(-1), { type: 'verification.sent', verification: id, delivery: undefined, state: 'failed', reason: 'configuration' })
  t.match(valueOf(await other.service.find(id, SHOP)), { to: undefined, reference: undefined, codeLength: undefined, number: '+49•••••••5678' })
  clock.advance(30_000)
  t.match(await other.service.resend(id, undefined, SHOP), { kind: 'refused', code: 'verification_over' })
})

t.test('what a vendor makes has neither words nor a code', async (t) => {
  const { begin, idle, messages, verifications } = await openService(t, {
    profiles: profilesOf({ codeMaker: 'twilio-verify', codeLength: 5 })
  })
  const id = await begin({ codeLength: 9 })
  await idle()
  t.match(messages[0], { codeMaker: 'twilio-verify', code: undefined, text: undefined, speech: undefined })
  t.match(await verifications.find(id), { codeMaker: 'twilio-verify' })
})

t.test('no message is waited for longer than an ending process has, whatever callers are given', async (t) => {
  const { begin, idle, deadlines, clock, become, due } = await openService(t, { budgetMs: 60_000 })
  become(new Error('the store is away'))
  const id = await begin()
  await idle()
  const [left = 0] = deadlines
  t.ok(left > 5000 && left <= 10_000, String(left))
  clock.advance(14_999)
  t.same(await due.take('verification-send', 10, 1000), [])
  clock.advance(1)
  t.match(await due.take('verification-send', 10, 1000), [{ id }])
})

t.test('a process that ends waits for what it is sending', async (t) => {
  const { service, idle, messages } = await openService(t)
  await Promise.all(['+4915112345670', '+4915112345671'].map(() => service.start(startOf(), SHOP)))
  t.equal(messages.length, 0, 'nobody waited for it')
  await idle()
  t.equal(messages.length, 1)
  await idle()
})
