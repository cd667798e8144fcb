import t from 'tap'
import { SmsClient } from '@azure/communication-sms'
import { error, send, signed, startWorld } from './gateway.ts'

const KEY = Buffer.from('a key of the test').toString('base64')
const DENIED = { error: { code: 'Denied', message: 'Denied by the resource provider.' } }

t.test('a client with another key is denied', async t => {
  const { sandbox } = await startWorld(t)
  const client = new SmsClient(sandbox.connectionString.replace(/accesskey=.*/, `accesskey=${KEY}`), { allowInsecureConnection: true })
  await t.rejects(client.send({ from: '+15550100001', to: ['+15551234567'], message: 'x' }), error({ statusCode: 401, code: 'Denied' }))
  t.match(sandbox.requests, [{ method: 'POST', path: '/sms', status: 401 }])
})

t.test('the signature covers date, body and address', async t => {
  const { sandbox } = await startWorld(t, { accessKey: KEY })
  const url = `${sandbox.url}/sms?api-version=2021-03-07`
  const body = '[]'
  const good = signed(KEY, url, 'POST', body)
  const accepted = await send(url, 'POST', { ...good, 'content-type': 'application/json' }, body)
  t.match([accepted.status, accepted.json], [400, { error: { code: 'BadRequest' } }], 'signed, and then read')
  const { 'x-ms-date': _date, ...undated } = good
  for (const [what, headers, sent] of [
    ['no date', undated, body],
    ['another date', { ...good, 'x-ms-date': 'Sat, 21 Nov 2026 02:39:56 GMT' }, body],
    ['another body', good, '{}'],
    ['another host', { ...good, host: 'sandbox.example' }, body],
    ['another signature', { ...good, authorization: `${good.authorization}=` }, body],
    ['no signature', { ...good, authorization: '' }, body],
    ['no authorization', { 'x-ms-date': good['x-ms-date'], 'x-ms-content-sha256': good['x-ms-content-sha256'] }, body],
    ['nothing', {}, body]
  ] as const) {
    const response = await send(url, 'POST', headers, sent)
    t.match([response.status, response.json], [401, DENIED], what)
  }
  const { status } = await send(`${url}&more`, 'POST', good, body)
  t.equal(status, 401, 'another address')
})

t.test('bodies that are no JSON object', async t => {
  const { sandbox } = await startWorld(t, { accessKey: KEY })
  for (const path of ['/sms', '/calling/callConnections', '/calling/callConnections:answer', '/calling/callConnections:reject']) {
    const url = `${sandbox.url}${path}?v=1`
    for (const body of ['', '{', 'null', '1', '[]']) {
      const response = await send(url, 'POST', signed(KEY, url, 'POST', body), body)
      t.match([response.status, response.json], [400, { error: { code: 'BadRequest' } }], `${path} ${body}`)
    }
  }
})

t.test('bodies of the wrong shape', async t => {
  const { sandbox } = await startWorld(t, { accessKey: KEY })
  const post = async (path: string, body: object) => {
    const url = `${sandbox.url}${path}`
    return send(url, 'POST', signed(KEY, url, 'POST', JSON.stringify(body)), JSON.stringify(body))
  }
  const from = '+15550100001'
  t.match((await post('/sms', { from, message: 'x', smsRecipients: [null] })).json,
    { value: [{ successful: false, httpStatusCode: 400 }] })
  t.match((await post('/sms', { from, message: 'x' })).json, { SmsRecipients: [String] })
  t.match((await post('/sms', { from, message: 'x', smsRecipients: [{ to: '+15551234567', repeatabilityRequestId: 'a', repeatabilityFirstSent: 'b' }] })).json,
    { value: [{ repeatabilityResult: 'rejected', httpStatusCode: 400 }] })
  t.match((await post('/sms', { from, message: 'x', smsRecipients: [{ to: '+15551234567', repeatabilityRequestId: 'a' }] })).json,
    { value: [{ repeatabilityResult: 'rejected' }] })
  t.match((await post('/sms', { from, message: 'x', smsRecipients: [{ to: '+15551234567' }] })).json,
    { value: [{ successful: true }] }, 'no repeatability id is no problem')

  const call = { callbackUri: 'https://gateway.example/callbacks' }
  t.match((await post('/calling/callConnections', call)).json, { error: { message: 'The field Targets is invalid.' } })
  const source = { sourceCallerIdNumber: { value: from }, targets: [{ phoneNumber: { value: '+15551234567' } }] }
  sandbox.script('+15551234567', { call: { outcome: 'manual' } })
  for (let calls = 1; calls <= 2; calls += 1) {
    t.equal((await post('/calling/callConnections', { ...call, ...source })).status, 201)
    t.equal(sandbox.calls.length, calls, 'no repeatability id, no repetition')
  }
})

t.test('bodies are bounded', async t => {
  const { sandbox } = await startWorld(t)
  const { status, json } = await send(`${sandbox.url}/sms`, 'POST', {}, 'x'.repeat(65 * 1024))
  t.match([status, json], [413, { error: { code: 'BadRequest' } }])
})
