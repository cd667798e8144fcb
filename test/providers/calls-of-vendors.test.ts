import t, { type Test } from 'tap'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import { createEventCredentials } from '../../src/providers/acs/event-credentials.ts'
import { createAcsEventReader } from '../../src/providers/acs/event-reader.ts'
import { createCallbackUrls } from '../../src/providers/callback-url.ts'
import { createTwilioCallbackReader } from '../../src/providers/twilio/callback-reader.ts'
import { startHttp } from './acs/stand.ts'
import { BASE, callParts } from './twilio/call-parts.ts'
import { sign } from './twilio/signature.ts'
import { sid, TOKEN } from './twilio/vendor.ts'

const CONNECTED = {
  id: '67cbe0d3-db27-456f-9ae9-5c12e97a4cec',
  source: 'calling/callConnections/08002180-296e-4cdf-947e-0f7e93fcdeed',
  type: 'Microsoft.Communication.CallConnected',
  data: { callConnectionId: '08002180-296e-4cdf-947e-0f7e93fcdeed' },
  specversion: '1.0'
}

/** Both vendors with the same keys, and one call's URL as each of them was given it. */
const start = (t: Test) => {
  const { clock, keys, urls, script, call } = callParts()
  const azureUrls = createCallbackUrls(new URL('https://gateway.example.com/events'), keys, clock, 'call')
  const credentials = createEventCredentials({ http: startHttp(t), now: clock, eventGridSecrets: [], entra: undefined, callbackToken: undefined })
  const azure = createAcsEventReader(credentials, azureUrls)
  const twilio = createTwilioCallbackReader({ authTokens: [new SensitiveText(TOKEN)], urls, script })
  const form = { CallSid: sid('CA'), CallStatus: 'in-progress', Digits: '1' }
  return {
    ofAzure: azureUrls.forCall(call).searchParams,
    ofTwilio: new URL(urls.forCall(call)({ kind: 'spoken' })).searchParams,
    atAzure: (query: URLSearchParams) => azure.read({ headers: {}, query: Object.fromEntries(query), body: [CONNECTED] }),
    atTwilio: (query: URLSearchParams) => {
      const headers = { 'x-twilio-signature': sign(TOKEN, `${BASE.href}/call?${query.toString()}`, form) }
      return twilio.read({ about: 'call', headers, search: `?${query.toString()}`, form })
    }
  }
}

t.test('each vendor\'s call is known by the URL that it was given', async (t) => {
  const { ofAzure, ofTwilio, atAzure, atTwilio } = start(t)
  t.match(await atAzure(ofAzure), { kind: 'signals', signals: [{ kind: 'call' }], ignored: [] })
  t.match(atTwilio(ofTwilio), { kind: 'signals', signals: [{ kind: 'report' }], ignored: [] })
})

t.test('the URL of a call of Twilio\'s carries no call of Azure\'s', async (t) => {
  const { ofTwilio, atAzure } = start(t)
  t.same(await atAzure(ofTwilio), { kind: 'unauthorized' })
  ofTwilio.delete('step')
  t.same(await atAzure(ofTwilio), { kind: 'unauthorized' })
})

t.test('the URL of a call of Azure\'s carries no call of Twilio\'s, even where Twilio has signed it', async (t) => {
  const { ofAzure, atTwilio } = start(t)
  for (const step of ['code:1', 'code:2', 'spoken', 'not-confirmed']) {
    ofAzure.set('step', step)
    t.match(atTwilio(ofAzure), { kind: 'signals', signals: [], ignored: ['foreign'] }, step)
  }
})
