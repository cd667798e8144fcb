import t, { type Test } from 'tap'
import { Deadline } from '../../../src/domain/deadline.ts'
import type { Channel } from '../../../src/domain/message.ts'
import type { CodeOwner, Provider } from '../../../src/providers/provider.ts'
import { createVerifyOwner } from '../../../src/providers/twilio/verify-owner.ts'
import { startSandbox, type Sandbox } from '../../../src/sandbox/sandbox.ts'
import { SensitiveText } from '../../../src/domain/sensitive.ts'
import { codeOf } from '../../support/message.ts'
import { CODE, hidesAll, NUMBER, orderFor, printed, providerSuite } from '../suite.ts'
import { clientOf, closedUrl, SECRETS, sid, startVendor, VERIFICATION, type Vendor } from './vendor.ts'

const LONG = 30_000
const MINUTE = 60_000
const SERVICE = sid('VA')
const VE = sid('VE')

const ownerAt = (t: Test, url: URL): CodeOwner => createVerifyOwner({ client: clientOf(t, url), serviceSid: SERVICE })

const senderOf = ({ providers }: CodeOwner, channel: Channel = 'sms'): Provider => providers.find((provider) => provider.channel === channel) as Provider

for (const channel of ['sms', 'voice', 'whatsapp'] as const) {
  t.test(`codes that Twilio makes, ${channel}`, async (t) => {
    providerSuite(t, {
      name: 'twilio-verify',
      channel,
      expected: { 'says-503': { kind: 'unknown', reason: 'provider_error' } },
      async start (t) {
        const vendor = await startVendor(t, VERIFICATION)
        return { provider: senderOf(ownerAt(t, vendor.url), channel), secrets: SECRETS, become: vendor.become, requests: () => vendor.asked.length, made: vendor.made }
      },
      unreachable: async (t) => senderOf(ownerAt(t, await closedUrl()), channel)
    })
  })
}

const startWithVendor = async (t: Test): Promise<{ readonly owner: CodeOwner, readonly vendor: Vendor }> => {
  const vendor = await startVendor(t, VERIFICATION)
  return { owner: ownerAt(t, vendor.url), vendor }
}

t.test('no code goes out with the request, also where there is one', async (t) => {
  const { owner, vendor } = await startWithVendor(t)
  t.equal(owner.name, 'twilio-verify')
  for (const [channel, name] of [['sms', 'sms'], ['voice', 'call'], ['whatsapp', 'whatsapp']] as const) {
    const provider = senderOf(owner, channel)
    t.match(provider, { needsCode: false, feedback: undefined })
    t.equal(provider.inquiry?.search.shown({ text: undefined, code: undefined }), undefined)
    for (const code of [undefined, codeOf(CODE)]) {
      t.same(await provider.send(orderFor(channel, { code, text: undefined, locale: 'de' }), Deadline.in(LONG)), { kind: 'accepted', reference: sid('VL', 2), transaction: VE })
      t.match(vendor.asked.at(-1), { method: 'POST', path: `/v2/Services/${SERVICE}/Verifications`, body: `To=%2B15557654321&Channel=${name}&Locale=de` })
    }
  }
})

t.test('a check names the verification and the code, and reads the status', async (t) => {
  const { owner, vendor } = await startWithVendor(t)
  const cases = [
    ['approved', 'right'], ['pending', 'wrong'], ['canceled', 'over'], ['max_attempts_reached', 'over'], ['expired', 'over'], ['deleted', 'over'], ['failed', 'over'],
    ['APPROVED?', 'unknown'], [undefined, 'unknown'], [null, 'unknown'], [7, 'unknown']
  ] as const
  for (const [status, answer] of cases) {
    vendor.answer({ status: 201, body: { sid: VE, status } })
    t.equal(await owner.check(VE, codeOf(CODE), Deadline.in(LONG)), answer, String(status))
  }
  t.match(vendor.asked[0], { method: 'POST', path: `/v2/Services/${SERVICE}/VerificationCheck`, body: `Code=${CODE}&VerificationSid=${VE}` })
})

t.test('what Twilio refuses to check is over where it says so; else nobody knows', async (t) => {
  const { owner, vendor } = await startWithVendor(t)
  const cases = [
    [404, 20404, 'over'], [429, 60202, 'over'], [429, 20429, 'unknown'], [401, 20003, 'unknown'], [403, 20006, 'unknown'], [400, 60200, 'unknown'],
    [500, 20500, 'unknown'], [503, 20503, 'unknown'], [302, undefined, 'unknown']
  ] as const
  for (const [status, code, answer] of cases) {
    vendor.answer({ status, body: { code, message: `${NUMBER} ${CODE}`, status } })
    t.equal(await owner.check(VE, codeOf(CODE), Deadline.in(LONG)), answer, `${status} ${code}`)
  }
})

t.test('an answer that was lost is unknown, whatever was asked', async (t) => {
  const { owner, vendor } = await startWithVendor(t)
  const all = async (deadline: Deadline): Promise<unknown[]> =>
    [await owner.check(VE, codeOf(CODE), deadline), await owner.isApproved(VE, deadline), await owner.cancel(VE, deadline)]
  for (const mood of ['answers-html', 'answers-broken-json', 'answers-too-long', 'drops-before', 'drops-after', 'says-500', 'says-401'] as const) {
    vendor.become(mood)
    t.same(await all(Deadline.in(LONG)), ['unknown', 'unknown', 'unknown'], mood)
  }
  vendor.become('silent')
  t.same(await all(Deadline.in(50)), ['unknown', 'unknown', 'unknown'], 'silent')
  const nowhere = ownerAt(t, await closedUrl())
  t.equal(await nowhere.check(VE, codeOf(CODE), Deadline.in(LONG)), 'unknown')
})

t.test('what is no name of a verification is asked of nobody', async (t) => {
  const { owner, vendor } = await startWithVendor(t)
  for (const transaction of ['', NUMBER, sid('VL'), `${VE}/../..`]) {
    t.equal(await owner.check(transaction, codeOf(CODE), Deadline.in(LONG)), 'over', transaction)
    t.equal(await owner.isApproved(transaction, Deadline.in(LONG)), false, transaction)
    t.equal(await owner.cancel(transaction, Deadline.in(LONG)), 'refused', transaction)
  }
  t.equal(vendor.asked.length, 0)
})

t.test('whether one was approved is read from its status', async (t) => {
  const { owner, vendor } = await startWithVendor(t)
  for (const [status, answer] of [['approved', true], ['pending', false], ['expired', false], ['canceled', false], ['strange', 'unknown'], [undefined, 'unknown']] as const) {
    vendor.answer({ body: { sid: VE, status } })
    t.equal(await owner.isApproved(VE, Deadline.in(LONG)), answer, String(status))
  }
  t.match(vendor.asked[0], { method: 'GET', path: `/v2/Services/${SERVICE}/Verifications/${VE}` })
})

t.test('where it is gone, its attempts are asked whether they led to an approval', async (t) => {
  const { owner, vendor } = await startWithVendor(t)
  const attempt = { sid: sid('VL'), verification_sid: VE, conversion_status: 'CONVERTED' }
  const told = async (attempts: unknown, status = 200): Promise<unknown> => {
    vendor.behave((response) => {
      const isList = vendor.asked.at(-1)?.path.startsWith('/v2/Attempts?') === true
      response.writeHead(isList ? status : 404, { 'content-type': 'application/json' })
      response.end(JSON.stringify(isList ? { meta: { key: 'attempts' }, attempts } : { code: 20404, status: 404 }))
    })
    return await owner.isApproved(VE, Deadline.in(LONG))
  }
  t.equal(await told([attempt]), true)
  t.equal(await told([{ ...attempt, conversion_status: 'unconverted' }, { ...attempt, conversion_status: 'converted' }]), true)
  t.match(vendor.asked.at(-1)?.path, `VerificationSid=${VE}`)
  t.equal(await told([{ ...attempt, conversion_status: 'UNCONVERTED' }]), 'unknown', 'it may not be on record yet')
  t.equal(await told([{ ...attempt, verification_sid: sid('VE', 2) }]), 'unknown', 'another one')
  t.equal(await told([]), 'unknown')
  for (const broken of ['x', null, [null], [7], {}]) t.equal(await told(broken), 'unknown', JSON.stringify(broken))
  for (const status of [401, 404, 429, 500]) t.equal(await told([attempt], status), 'unknown', String(status))
})

t.test('canceling what is over already is refused, and harmless', async (t) => {
  const { owner, vendor } = await startWithVendor(t)
  vendor.answer({ body: { ...VERIFICATION, status: 'canceled' } })
  t.equal(await owner.cancel(VE, Deadline.in(LONG)), 'taken')
  t.match(vendor.asked, [{ method: 'POST', path: `/v2/Services/${SERVICE}/Verifications/${VE}`, body: 'Status=canceled' }])
  for (const [status, answer] of [[404, 'refused'], [400, 'refused'], [429, 'unknown'], [503, 'unknown']] as const) {
    vendor.answer({ status, body: { code: 20404 } })
    t.equal(await owner.cancel(VE, Deadline.in(LONG)), answer, String(status))
  }
})

t.test('nothing that it gives prints a code, a number or a credential', async (t) => {
  for (const mood of ['echoes-400', 'echoes-500', 'drops-before', 'answers-broken-json'] as const) {
    const { owner, vendor } = await startWithVendor(t)
    vendor.become(mood)
    const given = [await owner.check(VE, codeOf(CODE), Deadline.in(LONG)), await owner.isApproved(VE, Deadline.in(LONG)), await owner.cancel(VE, Deadline.in(LONG)), owner]
    hidesAll(t, given.map(printed).join('\n'), [NUMBER, CODE, ...SECRETS], mood)
  }
})

interface Stand {
  readonly owner: CodeOwner
  readonly sandbox: Sandbox
  readonly clock: { now: number }
  /** Sends a code, and gives the name of its verification. */
  send (channel?: Channel): Promise<string>
  /** The code that came last. */
  code (): string
  check (transaction: string, code: string): ReturnType<CodeOwner['check']>
}

/** The owner in front of a Twilio that makes and checks codes. */
const start = async (t: Test): Promise<Stand> => {
  const clock = { now: Date.now() }
  const sandbox = await startSandbox({ eventGridSecret: 'event-grid-secret', pace: 0, now: () => clock.now })
  t.teardown(() => sandbox.close())
  const { accountSid, authToken, baseUrl, verifySid } = sandbox.twilio
  const credential = { username: accountSid, password: new SensitiveText(authToken) }
  const owner = createVerifyOwner({ client: clientOf(t, new URL(baseUrl), { accountSid, credential }), serviceSid: verifySid })
  return {
    owner,
    sandbox,
    clock,
    async send (channel = 'sms') {
      const sent = await senderOf(owner, channel).send(orderFor(channel, { code: undefined, text: undefined }), Deadline.in(LONG))
      return (sent as { transaction: string }).transaction
    },
    code: () => /(\d{6})$/.exec(sandbox.messages.at(-1)?.text ?? '')?.[1] as string,
    check: async (transaction, code) => await owner.check(transaction, codeOf(code), Deadline.in(LONG))
  }
}

/** Another code of as many digits. */
const wrong = (code: string): string => String((Number(code) + 1) % 1_000_000).padStart(6, '0')

t.test('a code that Twilio made is right once, and known to have been', async (t) => {
  const { owner, send, code, check } = await start(t)
  const transaction = await send()
  t.equal(await check(transaction, wrong(code())), 'wrong')
  t.equal(await owner.isApproved(transaction, Deadline.in(LONG)), false)
  t.equal(await check(transaction, code()), 'right')
  t.equal(await check(transaction, code()), 'over')
  t.equal(await owner.isApproved(transaction, Deadline.in(LONG)), true)
  t.equal(await owner.cancel(transaction, Deadline.in(LONG)), 'refused')
})

t.test('also where Twilio forgets what it has approved', async (t) => {
  const { owner, sandbox, send, code, check } = await start(t)
  sandbox.script(NUMBER, { twilio: { verification: { forgetsEnded: true } } })
  const transaction = await send()
  t.equal(await check(transaction, code()), 'right')
  t.equal(await owner.isApproved(transaction, Deadline.in(LONG)), true, 'by its attempts')
  const canceled = await send()
  t.not(canceled, transaction)
  t.equal(await owner.cancel(canceled, Deadline.in(LONG)), 'taken')
  t.equal(await owner.isApproved(canceled, Deadline.in(LONG)), 'unknown')
})

t.test('of right codes at the same time one is right', async (t) => {
  const { send, code, check } = await start(t)
  const transaction = await send()
  const answers = await Promise.all(Array.from({ length: 5 }, () => check(transaction, code())))
  t.equal(answers.filter((answer) => answer === 'right').length, 1)
  t.same([...new Set(answers)].sort(), ['over', 'right'])
})

t.test('what is sent once more has the same code, by whichever channel, and lives no longer', async (t) => {
  const { sandbox, clock, send, code, check } = await start(t)
  const transaction = await send()
  const first = code()
  clock.now += 5 * MINUTE
  t.equal(await send('whatsapp'), transaction)
  t.equal(code(), first)
  t.equal(await send('voice'), transaction)
  t.match(sandbox.calls, [{ verification: { verificationSid: transaction } }])
  clock.now += 5 * MINUTE
  t.equal(await check(transaction, first), 'over')
  t.not(await send(), transaction)
})

t.test('five checks are made, whatever comes after', async (t) => {
  const { owner, send, code, check } = await start(t)
  const transaction = await send()
  for (let time = 1; time <= 5; time += 1) t.equal(await check(transaction, wrong(code())), 'wrong', String(time))
  t.equal(await check(transaction, code()), 'over')
  t.equal(await owner.isApproved(transaction, Deadline.in(LONG)), false)
})

t.test('what was canceled is over, and the next code is another one\'s', async (t) => {
  const { owner, send, code, check } = await start(t)
  const transaction = await send()
  t.equal(await owner.cancel(transaction, Deadline.in(LONG)), 'taken')
  t.equal(await check(transaction, code()), 'over')
  t.equal(await owner.isApproved(transaction, Deadline.in(LONG)), false)
  t.not(await send(), transaction)
})

t.test('an answer that was lost may have approved, which can be asked for', async (t) => {
  const { owner, sandbox, send, code, check } = await start(t)
  const transaction = await send()
  sandbox.script(NUMBER, { twilio: { later: { drop: 'after-accept', times: 1 } } })
  t.equal(await check(transaction, code()), 'unknown')
  t.equal(await check(transaction, code()), 'over')
  t.equal(await owner.isApproved(transaction, Deadline.in(LONG)), true)
  const next = await send()
  sandbox.script(NUMBER, { twilio: { later: { drop: 'before-read', times: 1 } } })
  t.equal(await check(next, code()), 'unknown')
  t.equal(await check(next, code()), 'right', 'it had not')
})
