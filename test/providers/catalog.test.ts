import t, { type Test } from 'tap'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import type { AcsSettings } from '../../src/providers/acs/acs.ts'
import { createProviders, type CatalogDeps } from '../../src/providers/catalog.ts'
import type { Providers } from '../../src/providers/provider.ts'
import type { TwilioSettings } from '../../src/providers/twilio/twilio.ts'
import { startHttp, testKeys } from './acs/stand.ts'
import { BASE, WORDS_OF_CALLS } from './twilio/call-parts.ts'

const ACCOUNT = { endpoint: new URL('https://acs.example.com/'), accessKey: new SensitiveText('a2V5') }
const NOTHING: AcsSettings = {
  account: ACCOUNT, sms: undefined, voice: undefined, ownNumbers: [], callbackToken: undefined, eventGrid: { secrets: [], entra: undefined }, trustRepeatability: false
}
const SMS = { sender: 'Acme', countrySenders: new Map() }
const VOICE = {
  sources: ['+15550100001'],
  cognitiveServicesEndpoint: new URL('https://speech.example.com/'),
  callbackUrl: new URL('https://gateway.example.com/events'),
  voiceNames: new Map()
}
const TWILIO: TwilioSettings = {
  accountSid: `AC${'0'.repeat(32)}`,
  credential: { username: `AC${'0'.repeat(32)}`, password: new SensitiveText('token') },
  authTokens: [],
  phoneNumber: '+15550100007',
  messagingServiceSid: undefined,
  whatsapp: undefined,
  verifySid: undefined,
  messageFeedback: false,
  region: undefined,
  edge: undefined,
  baseUrl: undefined,
  callbackUrl: BASE,
  voiceNames: new Map()
}

const create = (t: Test, vendors: Partial<Pick<CatalogDeps, 'acs' | 'twilio'>>): Promise<Providers> => createProviders({
  acs: undefined,
  twilio: undefined,
  voice: { repeats: 3, confirm: 'none', maxSeconds: 90 },
  words: WORDS_OF_CALLS,
  http: startHttp(t),
  keys: testKeys(),
  now: Date.now,
  ...vendors
})

t.test('where nothing is configured there is nothing', async (t) => {
  t.same(await create(t, {}), { providers: [], ownNumbers: [], calls: undefined, events: undefined, callbacks: undefined, codeOwners: [] })
})

t.test('there is what is configured of Azure, and no more', async (t) => {
  const cases: ReadonlyArray<readonly [Partial<AcsSettings>, string[], boolean]> = [
    [{}, [], false],
    [{ sms: SMS }, ['acs-sms'], false],
    [{ voice: VOICE }, ['acs-voice'], true],
    [{ sms: SMS, voice: VOICE }, ['acs-sms', 'acs-voice'], true]
  ]
  for (const [settings, names, calls] of cases) {
    const found = await create(t, { acs: { ...NOTHING, ...settings } })
    t.same(found.providers.map(({ name }) => name), names)
    t.equal(found.calls !== undefined, calls, `${names.join()}: calls`)
    t.ok(found.events, 'events are read')
    t.equal(found.callbacks, undefined, 'and no forms')
  }
})

t.test('Twilio alone has callbacks, and no events', async (t) => {
  const found = await create(t, { twilio: TWILIO })
  t.same(found.providers.map(({ name }) => name), ['twilio-sms', 'twilio-voice'])
  t.match(found, { ownNumbers: ['+15550100007'], calls: undefined, events: undefined })
  t.ok(found.callbacks)
})

t.test('two vendors beside each other keep what is theirs', async (t) => {
  const acs = { ...NOTHING, sms: SMS, voice: VOICE, ownNumbers: ['+15550100001', '+15550100007'] }
  const found = await create(t, { acs, twilio: TWILIO })
  t.same(found.providers.map(({ name }) => name), ['acs-sms', 'acs-voice', 'twilio-sms', 'twilio-voice'])
  t.same(found.ownNumbers, ['+15550100001', '+15550100007'], 'each number once')
  for (const part of ['calls', 'events', 'callbacks'] as const) t.ok(found[part], part)
})

t.test('without calls nothing that says to come from a call is believed', async (t) => {
  const { events } = await create(t, { acs: { ...NOTHING, sms: SMS } })
  const body = [{ type: 'Microsoft.Communication.CallConnected', source: 'calling/callConnections/c', data: { callConnectionId: 'c' } }]
  t.same(await events?.read({ headers: {}, query: {}, body }), { kind: 'unauthorized' })
})
