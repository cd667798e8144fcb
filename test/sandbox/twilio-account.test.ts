import t, { type Test } from 'tap'
import type { SandboxOptions } from '../../src/sandbox/sandbox.ts'
import { createSid } from '../../src/sandbox/twilio/account.ts'
import { clientOf, startTwilioWorld, type TwilioWorld } from './twilio-world.ts'

/** The real client, with every host of it at the sandbox. */
const start = async (t: Test, options: Partial<SandboxOptions> = {}): Promise<TwilioWorld> => {
  const world = await startTwilioWorld(t, options)
  world.client.messaging.baseUrl = world.client.content.baseUrl = world.sandbox.url
  return world
}

t.test('the account, and what belongs to it', async (t) => {
  const { client, sandbox } = await start(t)
  const { accountSid, phoneNumber, messagingServiceSid, verifySid, contentSid } = sandbox.twilio
  t.match(await client.api.v2010.accounts(accountSid).fetch(), { sid: accountSid, status: 'active', type: 'Full' })
  t.match(await client.incomingPhoneNumbers.list({ phoneNumber }), [{ phoneNumber, accountSid, capabilities: { sms: true, voice: true, mms: false } }])
  t.match(await client.incomingPhoneNumbers.list(), [{ phoneNumber }], 'all of them, where none is named')
  t.same(await client.incomingPhoneNumbers.list({ phoneNumber: '+15559999999' }), [])
  t.match(await client.messaging.v1.services(messagingServiceSid).fetch(), { sid: messagingServiceSid, accountSid })
  t.match(await client.verify.v2.services(verifySid).fetch(), { sid: verifySid, accountSid, customCodeEnabled: true })
  const template = await client.content.v1.contents(contentSid).fetch()
  t.match(template, { sid: contentSid, accountSid })
  t.same(Object.keys(template.types), ['whatsapp/authentication'])
  t.match(await client.content.v1.contents(contentSid).approvalFetch().fetch(), { sid: contentSid, whatsapp: { status: 'approved', category: 'AUTHENTICATION' } })
  t.same([...sandbox.messages, ...sandbox.calls], [], 'nothing was sent')
  t.ok(sandbox.requests.every(({ vendor, status }) => vendor === 'twilio' && status === 200))
})

t.test('what is odd about the account is said', async (t) => {
  const { client, sandbox } = await start(t, {
    twilio: { customCodes: false, standing: { status: 'suspended', type: 'Trial', capabilities: { sms: false, voice: true }, approval: 'rejected' } }
  })
  const { accountSid, phoneNumber, verifySid, contentSid } = sandbox.twilio
  t.match(await client.api.v2010.accounts(accountSid).fetch(), { status: 'suspended', type: 'Trial' })
  t.match(await client.incomingPhoneNumbers.list({ phoneNumber }), [{ capabilities: { sms: false, voice: true } }])
  t.match(await client.verify.v2.services(verifySid).fetch(), { customCodeEnabled: false })
  t.match(await client.content.v1.contents(contentSid).approvalFetch().fetch(), { whatsapp: { status: 'rejected' } })
})

t.test('what is of another account is not there', async (t) => {
  const { client } = await start(t)
  const requests: ReadonlyArray<Promise<unknown>> = [
    client.api.v2010.accounts(createSid('AC')).fetch(),
    client.messaging.v1.services(createSid('MG')).fetch(),
    client.verify.v2.services(createSid('VA')).fetch(),
    client.content.v1.contents(createSid('HX')).fetch(),
    client.content.v1.contents(createSid('HX')).approvalFetch().fetch(),
    client.messaging.v1.services(createSid('MG')).phoneNumbers.list()
  ]
  for (const asked of requests) await t.rejects(asked, { status: 404, code: 20404 })
})

t.test('nothing is said without the credential', async (t) => {
  const { sandbox } = await start(t)
  const { accountSid, messagingServiceSid } = sandbox.twilio
  const client = clientOf(sandbox, accountSid, 'wrong')
  client.messaging.baseUrl = sandbox.url
  const requests: ReadonlyArray<Promise<unknown>> = [
    client.api.v2010.accounts(accountSid).fetch(), client.incomingPhoneNumbers.list(), client.messaging.v1.services(messagingServiceSid).fetch()
  ]
  for (const asked of requests) await t.rejects(asked, { status: 401, code: 20003 })
})

t.test('a standard key may read everything but the account itself', async (t) => {
  const { sandbox } = await start(t)
  const { accountSid, apiKey, phoneNumber } = sandbox.twilio
  const client = clientOf(sandbox, apiKey.sid, apiKey.secret)
  await t.rejects(client.api.v2010.accounts(accountSid).fetch(), { status: 401, code: 20003 })
  t.match(await client.incomingPhoneNumbers.list({ phoneNumber }), [{ phoneNumber }])
})
