'use strict'
/**
 * Auth0 Action for the trigger `custom-phone-provider` (runtime Node 22, no dependencies): hands each phone message to
 * the Phone Code Gateway. Paste this whole file into the editor and set the secrets GATEWAY_URL and GATEWAY_SECRET.
 *
 * Event and api: https://auth0.com/docs/customize/actions/explore-triggers/custom-phone-provider-trigger
 * An Action that neither drops nor retries has sent the message, so silence is kept for a 2xx alone.
 */

// ---- The same in both Actions, to the letter ----

// Auth0 advises less than 10 s for an outbound request; the Action itself is ended after 20 s. Covers the body too.
const TIMEOUT_MS = 9500
const MAX_BODY_BYTES = 16_384

const ROUTE = 'hooks/auth0'
const PROBLEM_CODE = /^[a-z_]{1,64}$/
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/** Longer ids are none; Auth0's have some thirty characters. */
const MOST_CHARACTERS = 256

/**
 * Whether the same message may yet go through: after a status that passes. The gateway deduplicates, so a retry sends no
 * second one. Where it says itself that too many were asked for it does not pass: what Auth0 tries again in the next minutes
 * is refused again or, once there is room, takes the place of the newer code that the person has asked for by then.
 */
const isWorthRetrying = (status, problem) => (status === 408 || status === 429 || status >= 500) && problem !== 'too_many_messages'

/** Why a message was not taken, in a sentence for the tenant log, and whether it is worth another try. */
const drop = (reason) => ({ action: 'drop', reason })
const retry = (reason) => ({ action: 'retry', reason })

const textOf = (value) => typeof value === 'string' ? value.trim() : ''

/** An id or an address, by which the gateway counts; absent where there is none. */
const nameOf = (value) => {
  const text = textOf(value)
  return text === '' || text.length > MOST_CHARACTERS ? undefined : text
}

/** For whom the message is: the address of the request, and the id of the user. */
const requesterOf = ({ request, user }) => ({ ip: nameOf(request?.ip), user: nameOf(user?.user_id) })

/** The named fields of an object. What is absent, or null, stays absent: JSON leaves it out. */
const pick = (object, names) => Object.fromEntries(names.map((name) => [name, object[name] ?? undefined]))

/** The gateway's address and key out of the Action's secrets, or the verdict that names the secret to mend. */
const readSecrets = (secrets) => {
  // VOICE_API_URL is what the address was called when it was that of one endpoint.
  const name = textOf(secrets?.GATEWAY_URL) === '' && textOf(secrets?.VOICE_API_URL) !== '' ? 'VOICE_API_URL' : 'GATEWAY_URL'
  const address = textOf(secrets?.[name])
  if (address === '') return drop('The secret GATEWAY_URL is missing.')

  let url
  try {
    url = new URL(address)
  } catch {
    return drop(`The secret ${name} is not a URL.`)
  }
  const encrypted = url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname))
  if (!encrypted) return drop(`The secret ${name} must begin with https://.`)
  if (url.username !== '' || url.password !== '') return drop(`The secret ${name} must not contain a user name or password.`)
  url.hash = ''
  const base = url.pathname.replace(/\/+$/, '').replace(/\/+(?:send-(?:voice|text)-code|hooks\/+auth0)$/, '').replace(/\/+$/, '')
  url.pathname = `${base}/${ROUTE}`

  const key = textOf(secrets?.GATEWAY_SECRET)
  if (key === '') return drop('The secret GATEWAY_SECRET is missing.')
  // Anything else cannot stand in a header, and fetch would fail as if the network had.
  if (!/^[\x20-\x7e]+$/.test(key)) return drop('The secret GATEWAY_SECRET has characters other than plain ASCII.')
  return { url, key }
}

/** The `code` of a problem document, where the answer is one of moderate size. Whatever goes wrong, there is none. */
const readProblemCode = async (response) => {
  try {
    const decoder = new TextDecoder()
    let text = ''
    let size = 0
    for await (const chunk of response.body) {
      size += chunk.byteLength
      if (size > MAX_BODY_BYTES) return undefined // leaving the loop cancels the rest
      text += decoder.decode(chunk, { stream: true })
    }
    const code = JSON.parse(text).code
    return typeof code === 'string' && PROBLEM_CODE.test(code) ? code : undefined
  } catch {
    return undefined
  }
}

/** Hands a message over. Undefined when the gateway took it, else the verdict. `code` is the message's own. */
const hand = async ({ secrets, body, code }) => {
  const gateway = readSecrets(secrets)
  if (gateway.action !== undefined) return gateway

  let response
  try {
    response = await fetch(gateway.url, {
      method: 'POST',
      headers: { authorization: `Bearer ${gateway.key}`, 'content-type': 'application/json', accept: 'application/json, application/problem+json' },
      body: JSON.stringify(body),
      redirect: 'manual', // the key and the code are for this address alone
      signal: AbortSignal.timeout(TIMEOUT_MS)
    })
  } catch (error) {
    return error?.name === 'TimeoutError' ? retry('The gateway did not answer in time.') : retry('The gateway could not be reached.')
  }

  if (response.ok) {
    await response.body?.cancel().catch(() => {})
    return undefined
  }
  const problem = await readProblemCode(response)
  // Where the URL leads to something that echoes the request, its `code` is the user's.
  const isNamed = problem !== undefined && problem !== code && problem !== gateway.key
  const reason = `The gateway answered ${response.status}${isNamed ? ` (${problem})` : ''}.`
  return isWorthRetrying(response.status, problem) ? retry(reason) : drop(reason)
}

// ---- End of what is the same ----

const FIELDS = ['recipient', 'delivery_method', 'message_type', 'as_text', 'as_voice', 'code', 'locale']

/** What the gateway is told of the event: these fields, and nothing else of it leaves Auth0. */
const toBody = (event) => ({ tenant: event.tenant?.id, ...requesterOf(event), notification: pick(event.notification, FIELDS) })

exports.onExecuteCustomPhoneProvider = async (event, api) => {
  // What Auth0 does after an Action throws is not documented: this one does not.
  try {
    const verdict = await hand({ secrets: event.secrets, body: toBody(event), code: event.notification.code })
    if (verdict !== undefined) api.notification[verdict.action](verdict.reason)
  } catch {
    try {
      api.notification.drop('The Action could not read the event.')
    } catch {}
  }
}
