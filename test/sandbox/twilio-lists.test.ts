import t from 'tap'
import { error } from './gateway.ts'
import { clientOf, startTwilioWorld } from './twilio-world.ts'

const TO = '+15551234567'
const OTHER = '+15557654321'
const DAY = 24 * 60 * 60_000
const NOON = Date.parse('2026-11-21T12:00:00Z')

const sids = (items: ReadonlyArray<{ readonly sid: string }>): string[] => items.map(({ sid }) => sid)

t.test('messages are listed, newest first, by number and by day', async t => {
  const clock = { now: NOON }
  const { sandbox, client } = await startTwilioWorld(t, { now: () => clock.now })
  const { phoneNumber, whatsappNumber, contentSid, verifySid } = sandbox.twilio
  const sent: string[] = []
  for (const to of [TO, OTHER, TO]) {
    sent.unshift((await client.messages.create({ to, from: phoneNumber, body: 'Your code is 123456' })).sid)
    await sandbox.settled()
    clock.now += DAY
  }
  const [third, second, first] = sent as [string, string, string]
  t.same(sids(await client.messages.list({})), sent)
  t.same(sids(await client.messages.list({ to: TO })), [third, first])
  t.same(sids(await client.messages.list({ from: phoneNumber, to: OTHER })), [second])
  t.same(await client.messages.list({ from: '+15550009999' }), [])
  t.match((await client.messages.list({ to: TO }))[0], { to: TO, body: 'Your code is 123456', status: 'delivered', direction: 'outbound-api', dateCreated: new Date(NOON + 2 * DAY) })

  const evening = new Date(Date.parse('2026-11-22T23:00:00Z'))
  t.same(sids(await client.messages.list({ dateSent: evening })), [second], 'a day, whatever the hour')
  t.same(sids(await client.messages.list({ dateSentAfter: evening })), [third, second])
  t.same(sids(await client.messages.list({ dateSentBefore: evening })), [second, first])
  t.same(sids(await client.messages.list({ dateSentAfter: evening, dateSentBefore: evening })), [second])

  const whatsapp = await client.messages.create({ to: `whatsapp:${TO}`, from: `whatsapp:${whatsappNumber}`, contentSid, contentVariables: '{"1":"482913"}' })
  t.same(sids(await client.messages.list({ to: `whatsapp:${TO}` })), [whatsapp.sid])
  t.same(sids(await client.messages.list({ to: TO })), [third, first], 'the number alone is that of texts')

  await client.verify.v2.services(verifySid).verifications.create({ to: OTHER, channel: 'sms', customCode: '482913' })
  await client.calls.create({ to: OTHER, from: phoneNumber, twiml: '<Response/>' })
  t.same(sids(await client.messages.list({ to: OTHER })), [second], 'nothing of Verify, and no call')
})

t.test('a message that waits was not sent on any day, and is listed where no day is asked for', async t => {
  const { sandbox, client } = await startTwilioWorld(t, { pace: 100, now: () => NOON })
  const { sid } = await client.messages.create({ to: TO, messagingServiceSid: sandbox.twilio.messagingServiceSid, body: 'x' })
  t.match(await client.messages.list({ to: TO }), [{ sid, status: 'accepted', dateSent: null }])
  t.same(await client.messages.list({ to: TO, dateSentAfter: new Date(NOON) }), [])
})

t.test('calls are listed, newest first, by number and by the day on which they were answered', async t => {
  const clock = { now: NOON }
  const { sandbox, client } = await startTwilioWorld(t, { now: () => clock.now })
  const { phoneNumber, verifySid } = sandbox.twilio
  const call = async (to: string) => {
    const { sid } = await client.calls.create({ to, from: phoneNumber, twiml: '<Response/>' })
    await sandbox.settled()
    return sid
  }
  const first = await call(TO)
  clock.now += DAY
  sandbox.script(OTHER, { twilio: { call: { outcome: 'busy' } } })
  const [busy, second] = [await call(OTHER), await call(TO)]
  t.same(sids(await client.calls.list({})), [second, busy, first])
  t.same(sids(await client.calls.list({ to: TO, from: phoneNumber })), [second, first])
  t.same(await client.calls.list({ from: '+15550009999' }), [])
  t.same(sids(await client.calls.list({ startTimeAfter: new Date(NOON + DAY) })), [second])
  t.same(sids(await client.calls.list({ startTimeBefore: new Date(NOON) })), [first])
  t.same(sids(await client.calls.list({ startTime: new Date(NOON) })), [first])
  t.match((await client.calls.list({ to: OTHER }))[0], { to: OTHER, from: phoneNumber, status: 'busy', startTime: null, direction: 'outbound-api' })

  await client.verify.v2.services(verifySid).verifications.create({ to: TO, channel: 'call', customCode: '482913' })
  await sandbox.settled()
  t.same(sids(await client.calls.list({ to: TO })), [second, first], 'nothing of Verify')
})

t.test('a list goes on page after page, and what is added meanwhile shifts nothing', async t => {
  const { sandbox, client } = await startTwilioWorld(t)
  const send = async (): Promise<string> => (await client.messages.create({ to: TO, from: sandbox.twilio.phoneNumber, body: 'x' })).sid
  const sent = [await send(), await send(), await send(), await send(), await send()].reverse()
  await sandbox.settled()
  t.same(sids(await client.messages.list({ to: TO, pageSize: 2 })), sent)
  const first = await client.messages.page({ to: TO, pageSize: 2 })
  t.same(sids(first.instances), sent.slice(0, 2))
  t.match(first.nextPageUrl, /[?&]Page=1&PageToken=PASM/)
  await send()
  const second = await first.nextPage()
  t.same(sids(second?.instances ?? []), sent.slice(2, 4))
  const third = await second?.nextPage()
  t.same([sids(third?.instances ?? []), third?.nextPageUrl], [sent.slice(4), undefined])
  t.equal((await client.messages.page({ to: TO, pageNumber: 7, pageSize: 0 })).instances.length, 6, 'a size that is none is the usual one')
  await client.calls.create({ to: TO, from: sandbox.twilio.phoneNumber, twiml: '<Response/>' })
  t.equal((await client.calls.page({ to: TO, pageSize: 1 })).nextPageUrl, undefined)
})

t.test('who may list, and what goes wrong', async t => {
  const { sandbox, client } = await startTwilioWorld(t)
  const stranger = clientOf(sandbox, sandbox.twilio.accountSid, 'wrong')
  await t.rejects(stranger.messages.list({ to: TO }), error({ status: 401, code: 20003 }))
  await t.rejects(stranger.calls.list({ to: TO }), error({ status: 401, code: 20003 }))
  const lists: ReadonlyArray<() => Promise<unknown[]>> = [() => client.messages.list({ to: TO }), () => client.calls.list({ to: TO }), () => client.verify.v2.verificationAttempts.list({ 'channelData.to': TO })]
  for (const list of lists) {
    sandbox.script(TO, { twilio: { later: { error: { status: 429, code: 20429 }, times: 1 } } })
    await t.rejects(list(), error({ status: 429, code: 20429 }))
    t.same(await list(), [])
    sandbox.script(TO, { twilio: { later: { malformed: 'empty-object' } } })
    await t.rejects(list())
  }
  sandbox.script(OTHER, { twilio: { later: { drop: 'after-accept' } } })
  await t.rejects(client.messages.list({ to: `whatsapp:${OTHER}` }), 'the script of a number holds for its WhatsApp too')
})
