import t from 'tap'
import { send } from './gateway.ts'
import { startTwilioWorld, type Answer, type Heard, type TwilioWorld } from './twilio-world.ts'

const TO = '+15551234567'

/** Calls, and gives the call as it is when it is over. */
const hear = async ({ client, sandbox }: TwilioWorld, twiml: string, more: object = {}) => {
  const { sid } = await client.calls.create({ to: TO, from: sandbox.twilio.phoneNumber, twiml: `<Response>${twiml}</Response>`, ...more })
  await sandbox.settled()
  return sandbox.calls.find(({ id }) => id === sid)!
}
const document = (verbs: string): Answer => ({ body: `<?xml version="1.0" encoding="UTF-8"?><Response>${verbs}</Response>` })

t.test('what is said', async t => {
  const world = await startTwilioWorld(t)
  const speech = async (say: string) => {
    const { operations, warnings } = await hear(world, say)
    return warnings ?? operations.flatMap(one => one.speech)
  }
  const words = (text: string, locale = 'en-US', rate = 1) => ({ kind: 'say', text, locale, rate })
  t.same(await speech('<Say>Hello &amp; welcome</Say>'), [words('Hello & welcome')])
  t.same(await speech('<Say voice="woman" language="de">Hallo</Say>'), [words('Hallo', 'de')])
  t.same(await speech('<Say voice="Google.de-DE-Neural2-B">Hallo</Say>'), [words('Hallo', 'de-DE')])
  t.same(await speech('<Say voice="Google.de-DE-Neural2-B" language="de-DE">Hallo</Say>'), [words('Hallo', 'de-DE')])
  t.same(await speech('<Say voice="Polly.Vicki-Neural" language="de-DE">Ihr Code ist <prosody rate="80%"><say-as interpret-as="digits">123</say-as></prosody><break time="1s"/></Say>'),
    [words('Ihr Code ist', 'de-DE'), words('1 2 3', 'de-DE', 0.8), { kind: 'pause', milliseconds: 1_000 }])
  t.same(await speech('<Say voice="Google.fil-ph-Neural2-A" language="fil-PH">Kumusta</Say>'), [words('Kumusta', 'fil-PH')])
  t.same(await speech('<Say voice="Polly.Léa-Neural" language="fr-FR">Salut</Say>'), [words('Salut', 'fr-FR')])
  t.equal((await speech('<Say loop="3">Hi</Say>')).length, 3)
  t.equal((await speech('<Say loop="x">Hi</Say>')).length, 1)
  const { played } = await hear(world, '<Say voice="Polly.Vicki" language="de-DE">a &lt; <s>b</s></Say>')
  t.same(played, ['<Say voice="Polly.Vicki" language="de-DE">a &#60; <s>b</s></Say>'])

  for (const say of [
    '<Say>Your code is <break time="1s"/></Say>',
    '<Say voice="alice"><say-as interpret-as="digits">123</say-as></Say>',
    '<Say voice="Polly.Vicki"><say-as interpretAs="digits">123</say-as></Say>',
    '<Say voice="Polly.Vicki"><s><voice>123</voice></s></Say>',
    '<Say voice="en-US-JennyNeural">Hello</Say>',
    '<Say voice="Google.de-DE-Neural2-B" language="en-US">Hello</Say>',
    '<Say language="German, please">Hello</Say>',
    '<Say> </Say>',
    '<Say/>'
  ]) t.same(await speech(say), [13520], say)
  world.receiver.answer = () => document(`<Say>${'x'.repeat(4_097)}</Say><Say voice="Polly.Vicki">${'x'.repeat(3_001)}</Say><Say voice="Google.de-DE-Neural2-B">${'x'.repeat(5_001)}</Say>`)
  t.same(await speech(`<Redirect>${world.receiver.url}</Redirect>`), [13521, 13521, 13521])
  t.match(await hear(world, '<Say><break/></Say><Pause length="2"/><Say>Goodbye</Say>'), { warnings: [13520], spoken: ['Goodbye'], status: 'completed' }, 'the call goes on')
})

t.test('keys lead to the next document', async t => {
  const world = await startTwilioWorld(t)
  const { sandbox, receiver } = world
  receiver.answer = ({ fields }) => document(`<Say>You pressed ${fields.Digits}.</Say>`)
  const gather = (attributes: string, then = '<Say>Nothing.</Say>') =>
    `<Gather ${attributes} action="${receiver.url.replace('&', '&amp;')}"><Say>Press a key.</Say><Pause length="1"/><Say>Now.</Say></Gather>${then}`
  const call = await hear(world, gather('numDigits="1" timeout="5"'))
  t.match(call, { spoken: ['Press a key. Now.', 'You pressed 1.'], transcript: ['Press a key.', 'Now.', 'You pressed 1.'], keys: ['1'], operations: [{ kind: 'recognize', keys: ['1'], state: 'completed' }, { kind: 'play' }] })
  t.match(receiver.heard, [{ method: 'POST', genuine: true, headers: { 'i-twilio-idempotency-token': String } }])
  t.match(receiver.heard[0]!.fields, {
    Digits: '1', FinishedOnKey: '', msg: 'Gather End', CallSid: call.id, CallStatus: 'in-progress', AccountSid: sandbox.twilio.accountSid, Direction: 'outbound-api', To: TO, From: sandbox.twilio.phoneNumber
  })
  t.match(sandbox.deliveries, [{ via: 'twiml', type: 'Gather', status: 200, attempt: 1, subject: call.id }])

  const pressed = async (keys: string, attributes: string) => {
    sandbox.script(TO, { twilio: { call: { keys: [keys] } } })
    const { spoken } = await hear(world, gather(attributes))
    return spoken.slice(1)
  }
  t.same(await pressed('482#9', ''), ['You pressed 482.'])
  t.equal(receiver.heard.at(-1)!.fields['FinishedOnKey'], '#')
  t.same(await pressed('482*', 'finishOnKey="*"'), ['You pressed 482.'])
  t.same(await pressed('48#', 'finishOnKey=""'), ['You pressed 48#.'], 'after the silence')
  t.same(await pressed('4829', 'numDigits="2"'), ['You pressed 48.'])
  t.same(await pressed('', 'timeout="0"'), ['Nothing.'])
  t.same(await pressed('#', ''), ['Nothing.'])
  t.same(await pressed('', 'actionOnEmptyResult="true"'), ['You pressed.'])
  t.same(await pressed('1', 'method="GET"'), ['You pressed undefined.'])
  const { method, url, genuine } = receiver.heard.at(-1)!
  t.match([method, url, genuine], ['GET', /^\/told\?of=test&AccountSid=.*&Digits=1/, true])
})

t.test('a person presses keys', async t => {
  const world = await startTwilioWorld(t)
  const { sandbox, receiver, client } = world
  sandbox.script(TO, { twilio: { call: { outcome: 'manual' } } })
  receiver.answer = ({ fields }) => document(`<Say>You pressed ${fields.Digits}.</Say><Hangup/>`)
  const { sid } = await client.calls.create({
    to: TO, from: sandbox.twilio.phoneNumber, twiml: `<Response><Gather numDigits="1" timeout="600" action="${receiver.url}"/></Response>`
  })
  const act = (action: string, body?: object) =>
    send(`${sandbox.url}/sandbox/calls/${sid}/${action}`, 'POST', body === undefined ? {} : { 'content-type': 'application/json' }, body && JSON.stringify(body))
  await act('answer')
  await sandbox.waitFor('call', ({ operations }) => operations[0]?.state === 'listening')
  await sandbox.settled()
  await act('keys', { tone: '7' })
  t.match(await sandbox.waitFor('call', ({ state }) => state === 'disconnected'), { spoken: ['You pressed 7.'] })
})

t.test('verbs', async t => {
  const world = await startTwilioWorld(t)
  const { receiver } = world
  const answers: Record<string, Answer> = {
    '/first': document('<Say>First.</Say><Redirect method="POST">second?a=1&amp;b=2</Redirect><Say>Never.</Say>'),
    '/second?a=1&b=2': document('<Say>Second.</Say><Gather numDigits="1"/>')
  }
  receiver.answer = ({ url, fields }) => fields['Digits'] === undefined ? answers[url] ?? document('<Say>By GET.</Say>') : document('<Say>Again.</Say>')
  const origin = new URL(receiver.url).origin
  t.match(await hear(world, `<Redirect>${origin}/first</Redirect>`), { spoken: ['First.', 'Second.', 'Again.'], status: 'completed' })
  t.same(receiver.heard.map(({ url, genuine }) => [url, genuine]), [['/first', true], ['/second?a=1&b=2', true], ['/second?a=1&b=2', true]], 'without an action it is the same document')
  t.match(await hear(world, '', { twiml: undefined, url: `${origin}/first` }), { spoken: ['First.', 'Second.', 'Again.'] })
  t.match(await hear(world, '', { twiml: undefined, url: `${origin}/first`, method: 'GET' }), { spoken: ['By GET.'] })
  t.match(receiver.heard.at(-1), { method: 'GET', genuine: true })
  t.match(await hear(world, '<Say>One.</Say><Hangup/><Say>Two.</Say>'), { spoken: ['One.'] })
  t.match(await hear(world, '<Reject/><Say>Two.</Say>'), { spoken: [] })
  t.match(await hear(world, '<Dial>+15550000000</Dial><Gather finishOnKey="1"><Dial/></Gather><Say>Two.</Say>'), { spoken: ['Two.'], warnings: [12200, 12200], keys: ['1'] })
  t.match(await hear(world, '<Pause/><Pause length="x"/>'), { spoken: [], status: 'completed' })
})

t.test('a document that cannot be had', async t => {
  const world = await startTwilioWorld(t)
  const { receiver } = world
  const fails = async (name: string, answer: Answer, code: number, path = receiver.url) => {
    receiver.answer = () => answer
    const call = await hear(world, `<Say>Wait.</Say><Redirect>${path}</Redirect>`)
    t.match(call, { spoken: ['Wait.', 'We are sorry. An application error has occurred. Goodbye.'], warnings: [code], status: 'completed' }, name)
  }
  await fails('an error', { status: 500 }, 11200)
  await fails('a redirect', { status: 302 }, 11200)
  await fails('a page', { type: 'text/html', body: '<Response/>' }, 12300)
  await fails('no type', { type: '', body: '<Response/>' }, 12300)
  await fails('nonsense', { body: 'nonsense' }, 12100)
  await fails('not closed', { body: '<Response>' }, 12100)
  await fails('too deep', { body: `<Response>${'<s>'.repeat(9_000)}${'</s>'.repeat(9_000)}</Response>` }, 12100)
  await fails('another document', { body: '<Speak/>' }, 12100)
  await fails('nothing', { status: 204 }, 12100)
  await fails('too much', { body: `<Response><!--${'x'.repeat(70_000)}--></Response>` }, 11205)
  await fails('nobody', {}, 11205, 'http://127.0.0.1:1/')
  await fails('no address', {}, 11100, 'relative')
  await fails('not the web', {}, 11100, 'ftp://127.0.0.1/')
  await fails('nowhere', {}, 11100, '')
  t.match(await hear(world, '', { twiml: 'nonsense' }), { warnings: [12100], spoken: [/application error/] })
  t.match(await hear(world, '<Gather numDigits="1"/>'), { warnings: [11100] }, 'no document to come back to')
  receiver.heard.length = 0
  await fails('a ring', document(`<Redirect>${receiver.url}</Redirect>`), 11200)
  t.equal(receiver.heard.length, 100)
})

t.test('a call that ends while the gateway thinks', async t => {
  const world = await startTwilioWorld(t)
  const { sandbox, receiver, client } = world
  const arrived = new Promise<Heard>(resolve => {
    receiver.answer = heard => {
      resolve(heard)
      return { silent: true }
    }
  })
  const { sid } = await client.calls.create({
    to: TO, from: sandbox.twilio.phoneNumber, twiml: `<Response><Redirect>${receiver.url}#rt=100</Redirect></Response>`
  })
  await arrived
  await client.calls(sid).update({ status: 'completed' })
  await sandbox.settled()
  t.match(sandbox.calls, [{ status: 'completed', spoken: [] }])
  t.notOk('warnings' in sandbox.calls[0]!)
  t.match(sandbox.deliveries, [{ status: 'timeout' }])
})
