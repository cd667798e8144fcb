import t from 'tap'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import type { AcsSettings } from '../../src/providers/acs/acs.ts'
import { createProviders } from '../../src/providers/catalog.ts'
import { startHttp, testKeys } from './acs/stand.ts'

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

t.test('where nothing is configured there is nothing', async (t) => {
  const providers = await createProviders({ acs: undefined, http: startHttp(t), keys: testKeys(), now: Date.now })
  t.same(providers, { providers: [], ownNumbers: [], calls: undefined, events: undefined })
})

t.test('there is what is configured, and no more', async (t) => {
  const cases: ReadonlyArray<readonly [Partial<AcsSettings>, string[], boolean]> = [
    [{}, [], false],
    [{ sms: SMS }, ['acs-sms'], false],
    [{ voice: VOICE }, ['acs-voice'], true],
    [{ sms: SMS, voice: VOICE }, ['acs-sms', 'acs-voice'], true]
  ]
  for (const [settings, names, calls] of cases) {
    const found = await createProviders({ acs: { ...NOTHING, ...settings }, http: startHttp(t), keys: testKeys(), now: Date.now })
    t.same(found.providers.map(({ name }) => name), names)
    t.equal(found.calls !== undefined, calls, `${names.join()}: calls`)
    t.ok(found.events, 'events are read')
  }
})

t.test('without calls nothing that says to come from a call is believed', async (t) => {
  const { events } = await createProviders({ acs: { ...NOTHING, sms: SMS }, http: startHttp(t), keys: testKeys(), now: Date.now })
  const body = [{ type: 'Microsoft.Communication.CallConnected', source: 'calling/callConnections/c', data: { callConnectionId: 'c' } }]
  t.same(await events?.read({ headers: {}, query: {}, body }), { kind: 'unauthorized' })
})
