/* global Twilio */
/**
 * A Twilio Function that sends a code by the Phone Code Gateway, and reports to it what it has done: the report is seen in
 * the gateway's inspector. It runs on Node 18, 20 and 22 and needs no dependencies. README.md says how to set it up.
 *
 * A Function is over once `callback` is called, with all that is still under way: the report is therefore waited for, but
 * no longer than a moment. https://www.twilio.com/docs/serverless/functions-assets/functions/invocation
 */

/** A Function has 10 seconds. */
const SEND_MS = 8000

/** The gateway answers a report at once; where it does not, nobody waits for it. */
const REPORT_MS = 250

const post = (url, headers, body, milliseconds) => fetch(url, {
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
  signal: AbortSignal.timeout(milliseconds)
})

/** Sends the code. Whatever goes wrong is an answer too: 504 where nobody knows whether it was sent. */
const send = async ({ GATEWAY_URL, GATEWAY_SECRET }, message) => {
  try {
    const reply = await post(`${GATEWAY_URL}/send-text-code`, { authorization: `Bearer ${GATEWAY_SECRET}` }, message, SEND_MS)
    const body = await reply.json()
    return { status: reply.status, body: { id: body.id, status: body.status, code: body.code } }
  } catch (error) {
    console.error(`The gateway has not answered: ${error.name}`)
    return { status: 504, body: { code: 'no_answer' } }
  }
}

/** Reports what was done, masked by the gateway. It never fails. */
const report = async ({ GATEWAY_URL, DEMO_SECRET }, event) => {
  if (!DEMO_SECRET) return
  try {
    const reply = await post(`${GATEWAY_URL}/api/events/capture`, { 'x-demo-secret': DEMO_SECRET }, event, REPORT_MS)
    if (!reply.ok) console.warn(`The report was not taken: ${reply.status}`)
  } catch (error) {
    console.warn(`The report was not taken: ${error.name}`)
  }
}

exports.handler = async (context, event, callback) => {
  const begun = Date.now()
  const { to, code, locale } = event
  const answer = await send(context, { phoneNumber: to, code, locale })

  await report(context, {
    type: 'twilio-function.send-code',
    timestamp: new Date(begun).toISOString(),
    request: { to, code, locale },
    response: answer,
    metadata: { path: context.PATH, milliseconds: Date.now() - begun }
  })

  const response = new Twilio.Response()
  response.setStatusCode(answer.status)
  response.appendHeader('Content-Type', 'application/json')
  response.setBody(answer.body)
  callback(null, response)
}
