import t, { type Test } from 'tap'
import type { Behaviour } from '../../src/sandbox/behaviour.ts'
import { createClock, startTestGateway, type TestGatewayOptions } from '../support/gateway.ts'
import { happened, MESSAGE, NUMBER, startTwilioGateway, tellUsed, WITHOUT_TOKEN, type TwilioGateway } from './twilio-stand.ts'

const VERIFY = { SMS_ROUTE: 'twilio-verify', VOICE_ROUTE: 'twilio-verify', WHATSAPP_ROUTE: 'twilio-verify' }
const CODE = MESSAGE.code

/** At which ages a message is looked for, as the time between. */
const LOOKS = [30_000, 90_000, 480_000]
const [FIRST, SECOND, THIRD] = LOOKS as [number, number, number]

type Lost = TwilioGateway & {
  readonly id: string
  /** Moves the clock, and does what is done from time to time. */
  later (milliseconds: number): Promise<void>
  /** The requests for lists. */
  lists (): string[]
}

/** A gateway that nobody calls back, and a message whose answer was lost. */
const losing = async (t: Test, behaviour: Behaviour['twilio'], wish: { readonly path?: string, readonly body?: object, readonly options?: TestGatewayOptions } = {}): Promise<Lost> => {
  const gateway = await startTwilioGateway(t, { ...WITHOUT_TOKEN, ...wish.options, settings: { ...WITHOUT_TOKEN.settings, ...wish.options?.settings } })
  gateway.sandbox.script(NUMBER, { twilio: behaviour ?? {} })
  const { body } = await gateway.post(wish.path ?? '/send-text-code', { ...MESSAGE, ...wish.body })
  await gateway.sandbox.settled()
  t.match(await gateway.delivery(body.id), { status: 'unknown' })
  return {
    ...gateway,
    id: body.id,
    async later (milliseconds) {
      gateway.clock.advance(milliseconds)
      await gateway.gateway.housekeeping.recover()
      await gateway.gateway.housekeeping.inquire()
    },
    lists: () => gateway.sandbox.requests.filter(({ method, path }) => method === 'GET' && /\/(Messages\.json|Calls\.json|Attempts)$/.test(path)).map(({ status }) => String(status))
  }
}

/** Nothing that tells the number, the code or the words. */
const tellsNothing = async (t: Test, { log, stored, sandbox }: Lost): Promise<void> => {
  for (const [what, text] of [['rows', await stored()], ['log', log.join('')], ['paths', JSON.stringify(sandbox.requests)]] as const) {
    t.notMatch(text, new RegExp(`${CODE}|${NUMBER.slice(1)}|verification code`), what)
  }
}

const LATER: ReadonlyArray<readonly [string, NonNullable<Behaviour['twilio']>, { readonly path?: string, readonly body?: object, readonly options?: TestGatewayOptions }, object]> = [
  ['a text', { message: { drop: 'after-accept' } }, {}, { status: 'delivered', attempts: [{ provider: 'twilio-sms', reference: /^SM/ }] }],
  ['a text that did not arrive', { message: { drop: 'after-accept', report: 'undelivered', errorCode: 30007 } }, {}, { status: 'undelivered', reason: 'carrier_blocked' }],
  ['a text of which nothing is known', { message: { malformed: 'broken-json', report: 'none' } }, {}, { status: 'accepted', timeline: [{}, {}, {}, { what: 'search.found' }] }],
  ['a text by number', { message: { malformed: 'html' } }, { options: { settings: { TWILIO_MESSAGING_SERVICE_SID: undefined } } }, { status: 'delivered' }],
  ['a WhatsApp message', { message: { drop: 'after-accept' } }, { body: { channel: 'whatsapp' } }, { status: 'delivered', attempts: [{ provider: 'twilio-whatsapp', reference: /^SM/ }] }],
  ['a call', { call: { drop: 'after-accept', outcome: 'busy' } }, { path: '/send-voice-code' }, { status: 'undelivered', reason: 'busy', attempts: [{ provider: 'twilio-voice', reference: /^CA/ }] }],
  ['a call that was answered', { call: { drop: 'after-accept' } }, { path: '/send-voice-code' }, { status: 'accepted' }],
  ['a text by Verify', { verification: { drop: 'after-accept' } }, { options: { settings: VERIFY } }, { status: 'delivered', attempts: [{ provider: 'twilio-verify', reference: /^VL/, transaction: /^VE/ }] }],
  ['a call by Verify', { verification: { drop: 'after-accept', report: 'undelivered' } }, { path: '/send-voice-code', options: { settings: VERIFY } }, { status: 'undelivered', reason: 'no_answer' }]
]

for (const [name, behaviour, wish, found] of LATER) {
  t.test(`${name} whose answer was lost is found, and what became of it is told`, async (t) => {
    const lost = await losing(t, behaviour, wish)
    await tellsNothing(t, lost)
    await lost.later(FIRST - 1)
    t.same(lost.lists(), [], 'not at once')
    await lost.later(1)
    t.same(lost.lists(), ['200'])
    t.match(await lost.delivery(lost.id), found)
    await tellsNothing(t, lost)
    t.match(await lost.stored(), /"sought":null/)
    t.notMatch(await lost.stored(), /"sought":"/)
    const posts = lost.sandbox.requests.filter(({ method }) => method === 'POST').length
    await lost.later(THIRD)
    t.same(lost.lists(), ['200'], 'it is looked for no more')
    t.equal(lost.sandbox.requests.filter(({ method }) => method === 'POST').length, posts, 'and nothing is sent again')
  })
}

t.test('a message that Twilio never read has failed in the end', async (t) => {
  const kinds = [
    [{ message: { drop: 'before-read' } }, {}],
    [{ message: { drop: 'before-read' } }, { body: { channel: 'whatsapp' } }],
    [{ call: { drop: 'before-read' } }, { path: '/send-voice-code' }],
    [{ verification: { drop: 'before-read' } }, { options: { settings: VERIFY } }]
  ] as const
  for (const [behaviour, wish] of kinds) {
    const lost = await losing(t, behaviour, wish)
    for (const look of [FIRST, SECOND]) {
      await lost.later(look)
      t.match(await lost.delivery(lost.id), { status: 'unknown' })
    }
    await lost.later(THIRD)
    const found = await lost.delivery(lost.id)
    t.match(found, { status: 'failed', reason: 'not_taken', attempts: [{ reason: 'not_taken' }] })
    t.ok(happened(found).includes('search.absent'))
    t.same(lost.lists(), ['200', '200', '200'])
    t.match(lost.events.at(-1), { type: 'delivery.updated', delivery: lost.id, status: 'failed', reason: 'not_taken' })
    t.same([lost.sandbox.messages.length, lost.sandbox.calls.length], [0, 0])
    await tellsNothing(t, lost)
  }
})

t.test('what a process left behind that died in the middle is found', async (t) => {
  let isDead = true
  const clock = createClock()
  const gateway = await startTestGateway(t, {
    ...WITHOUT_TOKEN,
    twilio: 'alone',
    clock,
    wrapSql: (sql) => ({
      read: (step) => sql.read(step),
      follow: (topic, wake) => sql.follow(topic, wake),
      check: () => sql.check(),
      close: () => sql.close(),
      // Nothing is written down any more of what was sent.
      write: (steps) => isDead && steps.some(({ text }) => text.includes('finished_at')) ? new Promise(() => {}) : sql.write(steps)
    })
  })
  const { body } = await gateway.post('/send-text-code', MESSAGE)
  await gateway.sandbox.settled()
  isDead = false
  t.match(await gateway.delivery(body.id), { status: 'pending' })
  clock.advance(120_000)
  await gateway.gateway.housekeeping.recover()
  t.match(await gateway.delivery(body.id), { status: 'unknown', reason: 'interrupted' })
  await gateway.gateway.housekeeping.inquire()
  t.match(await gateway.delivery(body.id), { status: 'delivered', attempts: [{ reference: gateway.sandbox.messages[0]?.id }] })
})

t.test('a list that cannot be had proves nothing, and is asked for again', async (t) => {
  const faults = [
    { error: { status: 429, code: 20429 } }, { httpError: { status: 503 } }, { drop: 'before-read' }, { drop: 'after-accept' },
    { malformed: 'empty-object' }, { malformed: 'html' }, { malformed: 'broken-json' }, { malformed: 'huge' }
  ] as const
  for (const later of faults) {
    const lost = await losing(t, { message: { drop: 'after-accept' }, later: { ...later, times: 3 } })
    for (const look of LOOKS) await lost.later(look)
    t.match(await lost.delivery(lost.id), { status: 'unknown' }, JSON.stringify(later))
    t.equal(lost.lists().length, 3)
    await tellsNothing(t, lost)
    await lost.later(600_000)
    t.match(await lost.delivery(lost.id), { status: 'delivered' })
  }
})

t.test('a message of which there is no word in a list that fails until after ten minutes has failed by the next', async (t) => {
  const lost = await losing(t, { message: { drop: 'before-read' }, later: { malformed: 'html', times: 3 } })
  for (const look of LOOKS) await lost.later(look)
  t.match(await lost.delivery(lost.id), { status: 'unknown' })
  await lost.later(600_000)
  t.match(await lost.delivery(lost.id), { status: 'failed', reason: 'not_taken' })
})

t.test('two messages of the same words to one number are tied to neither, and those of other words each to its own', async (t) => {
  const lost = await losing(t, { message: { drop: 'after-accept' } })
  const same = await lost.post('/send-text-code', MESSAGE, { 'idempotency-key': 'another wish' })
  const other = await lost.post('/send-text-code', { ...MESSAGE, code: '777555' }, { 'idempotency-key': 'a third' })
  await lost.sandbox.settled()
  t.equal(lost.sandbox.messages.length, 3)
  for (const look of [...LOOKS, 600_000]) await lost.later(look)
  t.match(await lost.delivery(lost.id), { status: 'unknown' })
  t.match(await lost.delivery(same.body.id), { status: 'unknown' })
  t.match(await lost.delivery(other.body.id), { status: 'delivered', attempts: [{ reference: lost.sandbox.messages[2]?.id }] })
})

t.test('the message before, of the same words to the same number, is not taken for the one that was lost', async (t) => {
  const gateway = await startTwilioGateway(t, WITHOUT_TOKEN)
  const first = await gateway.post('/send-text-code', MESSAGE)
  await gateway.sandbox.settled()
  gateway.sandbox.script(NUMBER, { twilio: { message: { drop: 'before-read' } } })
  const second = await gateway.post('/send-text-code', MESSAGE, { 'idempotency-key': 'another wish' })
  for (const look of LOOKS) {
    gateway.clock.advance(look)
    await gateway.gateway.housekeeping.inquire()
  }
  t.match(await gateway.delivery(first.body.id), { status: 'delivered' })
  t.match(await gateway.delivery(second.body.id), { status: 'failed', reason: 'not_taken' })
})

t.test('where the code was used meanwhile, Verify is told once the verification is found', async (t) => {
  const lost = await losing(t, { verification: { drop: 'after-accept' } }, { options: { settings: VERIFY } })
  await tellUsed(lost, lost.id)
  await lost.later(FIRST)
  await lost.gateway.housekeeping.runDue()
  t.match(lost.sandbox.requests.at(-1), { method: 'POST', path: /\/Verifications\/VE/, status: 200 })
})

t.test('a callback that comes late is no less true than a list in which nothing was', async (t) => {
  const gateway = await startTwilioGateway(t)
  gateway.sandbox.script(NUMBER, { twilio: { message: { drop: 'before-read' } } })
  const { body } = await gateway.post('/send-text-code', MESSAGE)
  for (const look of LOOKS) {
    gateway.clock.advance(look)
    await gateway.gateway.housekeeping.inquire()
  }
  const found = await gateway.delivery(body.id)
  t.match(found, { status: 'failed' })
  const sid = `SM${'7'.repeat(32)}`
  const url = `${gateway.url}/events/twilio/message?attempt=${String(found.attempts[0].id)}`
  const { status } = await gateway.callBack(url, { MessageSid: sid, MessageStatus: 'delivered' })
  t.equal(status, 204)
  t.match(await gateway.delivery(body.id), { status: 'delivered', attempts: [{ reference: sid }] })
})
