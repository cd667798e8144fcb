import t from 'tap'
import type { SendResult } from '../../src/domain/outcome.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import { openSought } from '../../src/delivery/sought.ts'
import type { Search } from '../../src/providers/provider.ts'
import { StoreUnavailable } from '../../src/store/sql.ts'
import { createGate } from '../support/gate.ts'
import { ACCEPTED, FAILED, NO_SEARCH, REFUSED, UNKNOWN } from '../support/provider.ts'
import { LEASE, HOLD } from '../support/store.ts'
import { KEYS, mockTimers, openAttempt } from './attempt-stand.ts'

t.test('what the vendor called it, and how long it took, is on record', async (t) => {
  const { clock, deliveries, claimed: id, events, make } = await openAttempt(t)
  await make(async () => {
    clock.advance(3_600_000)
    return { kind: 'accepted', reference: 'VL1', transaction: 'VE1' }
  })
  const attempt = (await deliveries.find(id))?.attempts[0]
  t.match(attempt, { reference: 'VL1', transaction: 'VE1', milliseconds: Number })
  t.ok((attempt?.milliseconds as number) < 60_000, 'by a clock that nobody sets')
  t.match(events, [{ type: 'attempt.finished', milliseconds: attempt?.milliseconds }])
})

t.test('an attempt without a transaction has none, and one that was never sent took no time', async (t) => {
  mockTimers(t)
  for (const [result, milliseconds] of [[ACCEPTED, 20_000], [FAILED, 20_000], [ACCEPTED, 10]] as const) {
    const { deliveries, claimed: id, make } = await openAttempt(t)
    await make(result, { milliseconds })
    const attempt = (await deliveries.find(id))?.attempts[0]
    t.equal(attempt?.transaction, undefined)
    t.equal(attempt?.milliseconds === undefined, milliseconds === 10)
  }
})

t.test('a message of a vendor that can be asked is asked about later, if the vendor took it', async (t) => {
  const inquiry = { after: 60_000, ask: async () => undefined, search: NO_SEARCH }
  for (const [result, asks] of [[ACCEPTED, true], [{ kind: 'accepted', reference: undefined }, false], [FAILED, false]] as const) {
    const { asked, clock, inquiries, make } = await openAttempt(t)
    await make(result, { provider: { inquiry } })
    clock.advance(59_999)
    t.same(await inquiries.take(10, 1), [])
    clock.advance(1)
    t.match(await inquiries.take(10, 1), asks ? [{ attempt: asked[0]?.attempt, reference: 'message-1' }] : [])
  }
  const { clock, inquiries, make } = await openAttempt(t)
  await make(ACCEPTED)
  clock.advance(HOLD)
  t.same(await inquiries.take(10, 1), [], 'a vendor that cannot be asked is not')
})

t.test('a message whose answer was lost is looked for half a minute later, by what the vendor shows of it', async (t) => {
  const search: Search = { ...NO_SEARCH, shown: ({ code }) => code && new SensitiveText(`the code ${code.reveal()}`) }
  const { asked, clock, inquiries, make, sql } = await openAttempt(t)
  const inquiry = { after: 60_000, ask: async () => undefined, search }
  await make(UNKNOWN, { provider: { inquiry } })
  clock.advance(29_999)
  t.same(await inquiries.take(10, 1), [])
  clock.advance(1)
  const attempt = asked[0]?.attempt as string
  const [due] = await inquiries.take(10, 1)
  t.match(due, { attempt, reference: undefined, sought: /^[\w-]{100,}$/, age: 30_000 })
  const opened = openSought(String(due?.sought), attempt, KEYS)
  t.same([opened?.to.e164, opened?.shown?.reveal()], ['+4915112345678', 'the code 123456'])
  for (const result of [ACCEPTED, FAILED, REFUSED]) await make(result, { provider: { inquiry } })
  await make(UNKNOWN)
  t.same(await sql.read({ text: 'SELECT id FROM attempts WHERE sought IS NOT NULL', parameters: {} }), [{ id: attempt }], 'nothing is kept of any other')
})

t.test('what a message is found by is on disk before the request is, for a process that dies', async (t) => {
  const { make, sql } = await openAttempt(t)
  const kept: unknown[] = []
  await make(async () => {
    kept.push(await sql.read({ text: 'SELECT status, sought FROM attempts', parameters: {} }))
    return ACCEPTED
  }, { provider: { inquiry: { after: 1, ask: async () => undefined, search: NO_SEARCH } } })
  t.match(kept, [[{ status: 'pending', sought: /^[\w-]{50,}$/ }]])
  t.notMatch(JSON.stringify(kept), /15112345678|123456/)
})

t.test('what came of each request is noted with its provider', async (t) => {
  const results: SendResult[] = [ACCEPTED, FAILED, UNKNOWN, { kind: 'refused', reason: 'opted_out' }, { kind: 'failed', reason: 'rate_limited', retryAfter: 1000 }]
  const { make, noted } = await openAttempt(t)
  for (const result of results) await make(result)
  t.same(noted, results.map((result) => ['acs-sms', result]))
})

t.test('a provider with a bug, or one that never settles, is noted as one of which nobody knows', async (t) => {
  const timers = mockTimers(t)
  const { make, noted } = await openAttempt(t)
  await make(() => { throw new TypeError('a bug') })
  const asked = createGate()
  const hanging = make(() => {
    asked.open()
    return new Promise(() => {})
  }, { milliseconds: 10_000 })
  await asked.opened
  timers.tick(10_000)
  await hanging
  t.same(noted, [['acs-sms', UNKNOWN], ['acs-sms', UNKNOWN]])
})

t.test('where the provider was never asked, nothing is noted of it', async (t) => {
  mockTimers(t)
  const { clock, delivery, key, make, noted, sql } = await openAttempt(t)
  await make(ACCEPTED, { milliseconds: 10 })
  clock.advance(HOLD + LEASE)
  await delivery({ key })
  t.match(await make(ACCEPTED), { kind: 'lost' })
  await sql.close()
  await t.rejects(make(ACCEPTED), StoreUnavailable)
  t.same(noted, [])
})

t.test('what came of it is noted although it cannot be recorded', async (t) => {
  const { make, noted } = await openAttempt(t)
  await make(FAILED, { attempts: { finish: () => Promise.reject(new StoreUnavailable()) } })
  t.equal(noted.length, 1)
})

t.test('what an operator can do about a failure is told with it, for the country of the number', async (t) => {
  const { events, make } = await openAttempt(t)
  const hint = (vendorCode: string, country: string | undefined): string | undefined =>
    vendorCode === '21408' ? `turn on ${country}` : undefined
  await make({ kind: 'failed', reason: 'destination_unsupported', vendorCode: '21408' }, { provider: { hint } })
  await make({ kind: 'failed', reason: 'provider_error', vendorCode: '20500' }, { provider: { hint } })
  await make(ACCEPTED, { provider: { hint: () => 'nobody asked' } })
  t.match(events, [{ vendorCode: '21408', hint: 'turn on DE' }, { vendorCode: '20500', hint: undefined }, { vendorCode: undefined, hint: undefined }])
})

t.test('a vendor code that is held back has no hint: it could show it', async (t) => {
  const { events, make } = await openAttempt(t)
  await make({ kind: 'refused', reason: 'number_invalid', vendorCode: 'Code123456' }, { provider: { hint: (vendorCode) => `look up ${vendorCode}` } })
  t.match(events, [{ vendorCode: undefined, hint: undefined }])
})

t.test('a vendor code that holds the number or the code is not kept and not told; another one is', async (t) => {
  for (const [vendorCode, kept] of [['To+4915112345678', undefined], ['Code123456Refused', undefined], ['InvalidTo.12345', 'InvalidTo.12345']]) {
    const { deliveries, claimed: id, events, make } = await openAttempt(t)
    await make({ kind: 'refused', reason: 'number_invalid', vendorCode: vendorCode as string })
    t.equal((await deliveries.find(id))?.attempts[0]?.vendorCode, kept)
    t.match(events, [{ type: 'attempt.finished', vendorCode: kept }])
    t.notMatch(JSON.stringify(events), /4915112345678|123456/)
  }
})

t.test('a vendor code that occurs in the text is not kept and not told; another one is', async (t) => {
  const text = 'Hello Ada, Contoso says 987654'
  for (const [vendorCode, kept] of [['987654', undefined], ['Ada', undefined], [text, undefined], ['4010', '4010']] as const) {
    const { deliveries, claimed: id, events, make } = await openAttempt(t)
    await make({ kind: 'refused', reason: 'number_invalid', vendorCode }, { code: undefined, text })
    t.equal((await deliveries.find(id))?.attempts[0]?.vendorCode, kept)
    t.match(events, [{ type: 'attempt.finished', vendorCode: kept }])
    t.notMatch(JSON.stringify(events), /Ada|987654/)
  }
})

t.test('without a code there is nothing but the number to be held back', async (t) => {
  const { deliveries, claimed: id, make } = await openAttempt(t)
  await make({ kind: 'failed', reason: 'provider_error', vendorCode: 'undefined' }, { code: undefined })
  t.equal((await deliveries.find(id))?.attempts[0]?.vendorCode, 'undefined')
})
