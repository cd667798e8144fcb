import t from 'tap'
import type { FinalStatus } from '../../src/domain/verification.ts'
import { randomDigits } from '../../src/verification/random-code.ts'
import type { Asker } from '../../src/verification/service.ts'
import { starterOf } from '../../src/verification/starter.ts'
import type { Session } from '../../src/verification/session.ts'
import { KEYS } from '../delivery/deliver-stand.ts'
import { OPEN_GUARD } from '../support/guard.ts'
import { codeOf, numberOf } from '../support/message.ts'
import { providerOf } from '../support/provider.ts'
import { DELIVERY, openService, profilesOf, SHOP, startOf, valueOf } from './service-stand.ts'

const SESSION: Session = {
  id: 'a session', caller: 'shop', profile: 'login', to: undefined, country: undefined, locale: undefined, origin: undefined, returnUrl: undefined, reference: 'a reference', ip: undefined, user: undefined, expiresAt: 0
}
const BROWSER = { kind: 'session', session: SESSION } as const

t.test('codes are as likely as each other', async (t) => {
  const counts = Array.from({ length: 10 }, () => 0)
  for (const digit of randomDigits(100_000)) counts[Number(digit)]!++
  // By chance one is so far off once in many millions of runs.
  for (const [digit, count] of counts.entries()) t.ok(Math.abs(count - 10_000) < 700, `${digit}: ${count}`)
  for (const length of [4, 6, 10]) t.match(randomDigits(length), new RegExp(`^[0-9]{${length}}$`))
})

t.test('a channel that the profile does not offer is refused', async (t) => {
  const { service, clock, begin, idle, messages } = await openService(t)
  t.match(await service.start(startOf({ channel: 'whatsapp' }), SHOP), { kind: 'refused', code: 'channel_not_offered' })
  const id = await begin()
  clock.advance(30_000)
  t.match(await service.resend(id, 'whatsapp', SHOP), { kind: 'refused', code: 'channel_not_offered' })
  await idle()
  t.equal(messages.length, 1)
})

t.test('a profile that is gone from the settings starts nothing, and what it started goes on', async (t) => {
  const { begin, another, clock, idle } = await openService(t)
  const id = await begin()
  await idle()
  const other = another({ profiles: profilesOf({ name: 'another' }) })
  t.match(await other.service.start(startOf(), BROWSER), { kind: 'refused', code: 'profile_unknown' })
  t.match(valueOf(await other.service.find(id, SHOP)), { profile: 'login', codeLength: 6 })
  t.match(await other.service.resend(id, undefined, SHOP), { kind: 'refused', code: 'resend_too_early', retryAfter: 30_000 })
  clock.advance(30_000)
  t.match(await other.service.resend(id, 'voice', SHOP), { kind: 'refused', code: 'channel_not_offered' })
  t.match(await other.service.resend(id, undefined, SHOP), { kind: 'done', value: { resendAt: clock() + 30_000, channel: 'sms' } })
  await other.idle()
})

t.test('without profiles there is none', async (t) => {
  const { service } = await openService(t, { profiles: new Map() })
  t.match(await service.start(startOf(), SHOP), { kind: 'refused', code: 'profile_unknown' })
})

t.test('what the guard would refuse by then is refused before it is asked for again', async (t) => {
  const { begin, another, clock, idle, verifications } = await openService(t)
  const id = await begin()
  await idle()
  clock.advance(30_000)
  for (const [reason, code] of [['country_not_allowed', 'recipient_not_allowed'], ['number_not_mobile', 'recipient_refused']] as const) {
    const guard = { judge: (message: Parameters<typeof OPEN_GUARD.judge>[0]) => ({ ...OPEN_GUARD.judge(message), findings: [{ rule: 'number-types', mode: 'enforce', reason, retryAfter: undefined } as const] }) }
    t.match(await another({ guard }).service.resend(id, undefined, SHOP), { kind: 'refused', code })
  }
  t.match(await another({ plan: { for: () => [] } }).service.resend(id, undefined, SHOP), { kind: 'refused', code: 'no_provider' })
  t.match(await verifications.find(id), { sends: 1 })
})

t.test('a vendor without a way sends nothing', async (t) => {
  const { service } = await openService(t, {
    profiles: profilesOf({ codeMaker: 'twilio-verify' }),
    plan: { for: (channel, _country, _hasCode, codeMaker) => codeMaker === undefined || channel === 'voice' ? [providerOf('acs', undefined, { channel })] : [] }
  })
  t.match(await service.start(startOf(), SHOP), { kind: 'refused', code: 'no_provider' })
  t.match(await service.start(startOf({ channel: 'voice' }), SHOP), { kind: 'done' })
})

t.test('a code of a vendor is checked by the vendor', async (t) => {
  const asked: string[] = []
  let status: 'pending' | FinalStatus | undefined
  const { service, begin, idle, events } = await openService(t, {
    profiles: profilesOf({ codeMaker: 'twilio-verify' }),
    checkByVendor: async ({ id }, code) => {
      asked.push(`${id} ${code.reveal()}`)
      return status === undefined ? { kind: 'refused', code: 'verification_unavailable' } : { kind: 'done', value: { valid: status === 'approved', status, attemptsLeft: 3 } }
    }
  })
  const id = await begin()
  await idle()
  t.same(await service.check(id, codeOf('123456'), SHOP), { kind: 'refused', code: 'verification_unavailable' })
  t.notOk(events.some(({ type }) => type === 'verification.checked'))
  status = 'pending'
  t.match(await service.check(id, codeOf('123456'), SHOP), { value: { valid: false, status, attemptsLeft: 3, result: undefined } })
  status = 'approved'
  t.match(await service.check(id, codeOf('123456'), SHOP), { value: { valid: true, status } })
  t.same(asked, Array.from({ length: 3 }, () => `${id} 123456`))
  t.match(await service.check(id, undefined, SHOP), { kind: 'refused', code: 'code_invalid' })
  t.equal(asked.length, 3)
})

t.test('a vendor checks no code more than five times, whatever is asked for', async (t) => {
  const { service, idle } = await openService(t, { profiles: profilesOf({ codeMaker: 'twilio-verify' }) })
  const attempts = async (number: string, maxAttempts: number): Promise<number> => valueOf(await service.start(startOf({ to: numberOf(number), maxAttempts }), SHOP)).attemptsLeft
  t.equal(await attempts('+4915112345678', 10), 5)
  t.equal(await attempts('+4915112345679', 2), 2)
  await idle()
})

t.test('a test number has its own code, whoever makes the others', async (t) => {
  const to = numberOf('+15005550006')
  const { service, begin, idle, messages } = await openService(t, {
    profiles: profilesOf({ codeMaker: 'twilio-verify' }),
    testNumbers: new Map([[to.e164, codeOf('4711')]]),
    guard: { judge: (message) => ({ ...OPEN_GUARD.judge(message), isTest: true }) }
  })
  const id = await begin({ to })
  await idle()
  t.equal(messages[0]?.code?.reveal(), '4711')
  t.match(await service.check(id, codeOf('4711'), SHOP), { value: { valid: true } })
})

t.test('a session is shown how it ended', async (t) => {
  const { service, idle } = await openService(t)
  const { id, result, to, reference } = valueOf(await service.start(startOf(), BROWSER))
  t.same([result, to, reference], [undefined, undefined, undefined])
  await idle()
  t.match(valueOf(await service.cancel(id, BROWSER)), { status: 'canceled', result: 'signed canceled' })
  t.match(valueOf(await service.find(id, BROWSER)), { id, result: 'signed canceled' })
  t.match(valueOf(await service.find(id, SHOP)), { reference: 'a reference', result: undefined })
})

t.test('an app learns by which deliveries its verification was sent once it is approved, and nobody else does', async (t) => {
  const { service, idle, messages } = await openService(t)
  const { id } = valueOf(await service.start(startOf(), BROWSER))
  await idle()
  const shown = async (asker: Asker): Promise<unknown> => valueOf(await service.find(id, asker)).deliveries
  t.equal(await shown(SHOP), undefined, 'by that a decoy could be told apart')
  t.match(await service.check(id, messages[0]?.code, BROWSER), { value: { valid: true } })
  t.same(await shown(SHOP), [DELIVERY])
  t.equal(await shown(BROWSER), undefined)
  const { id: canceled } = valueOf(await service.start(startOf(), SHOP))
  await idle()
  t.equal(valueOf(await service.cancel(canceled, SHOP)).deliveries, undefined)
})

t.test('who starts is known by a digest that tells nothing', async (t) => {
  const starters = [
    starterOf(KEYS, SHOP), starterOf(KEYS, SHOP, 'one'), starterOf(KEYS, { kind: 'caller', caller: 'bank' }), starterOf(KEYS, { kind: 'caller', caller: 'bank' }, 'one'),
    starterOf(KEYS, BROWSER), starterOf(KEYS, { kind: 'session', session: { ...SESSION, id: 'one' } }), starterOf(KEYS, { kind: 'session', session: { ...SESSION, caller: 'bank' } })
  ]
  t.equal(new Set(starters).size, starters.length)
  t.equal(starterOf(KEYS, SHOP, ''), starterOf(KEYS, SHOP))
  for (const starter of starters) t.match(starter, /^[A-Za-z0-9_-]{43}$/)
})

t.test('what is no id is not looked for', async (t) => {
  const { service, verifications } = await openService(t)
  verifications.find = async () => { throw new Error('nobody should look') }
  for (const id of ['', 'x', '01A1FCB4-0000-7000-8000-000000000000']) {
    t.match(await service.find(id, SHOP), { code: 'not_found' })
    t.match(await service.check(id, codeOf('123456'), SHOP), { code: 'not_found' })
    t.match(await service.resend(id, undefined, SHOP), { code: 'not_found' })
    t.match(await service.cancel(id, SHOP), { code: 'not_found' })
  }
})
