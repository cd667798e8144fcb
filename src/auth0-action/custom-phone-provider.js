'use strict'
/**
 * Auth0 Action for the trigger `custom-phone-provider` (runtime Node 22, no dependencies): hands each phone message to
 * the Phone Code Gateway. Paste this whole file into the editor and set the secrets GATEWAY_URL and GATEWAY_SECRET.
 *
 * Event and api: https://auth0.com/docs/customize/actions/explore-triggers/custom-phone-provider-trigger
 * An Action that neither drops nor retries has sent the message, so silence is kept for a 2xx alone.
 */

// Auth0 advises less than 10 s for an outbound request; the Action itself is ended after 20 s. Covers the body too.
const TIMEOUT_MS = 9500
const MAX_BODY_BYTES = 16_384

const CODE = /^[A-Za-z0-9]{4,10}$/
const LOCALE = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/
const PROBLEM_CODE = /^[a-z_]{1,64}$/
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/** Statuses after which the same message may yet go through. The gateway deduplicates, so a retry sends no second one. */
const isWorthRetrying = (status) => status === 408 || status === 429 || status >= 500

/** A settled answer to the message: what to call on `api.notification`, and what the tenant log shall say. */
const drop = (reason) => ({ action: 'drop', reason })
const retry = (reason) => ({ action: 'retry', reason })

const textOf = (value) => typeof value === 'string' ? value.trim() : ''

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
  url.pathname = url.pathname.replace(/\/+$/, '').replace(/\/+send-(?:voice|text)-code$/, '').replace(/\/+$/, '') + '/'

  const key = textOf(secrets?.GATEWAY_SECRET)
  if (key === '') return drop('The secret GATEWAY_SECRET is missing.')
  // Anything else cannot stand in a header, and fetch would fail as if the network had.
  if (!/^[\x20-\x7e]+$/.test(key)) return drop('The secret GATEWAY_SECRET has characters other than plain ASCII.')
  return { url, key }
}

/** What to post for this message and where, or the verdict that it cannot be sent. */
const toRequest = (notification) => {
  const phoneNumber = textOf(notification?.recipient)
  if (phoneNumber === '') return drop('The message has no recipient.')

  const code = CODE.test(textOf(notification?.code)) ? textOf(notification.code) : undefined
  const tag = textOf(notification?.locale).replaceAll('_', '-') // Auth0 writes en_US
  const locale = LOCALE.test(tag) ? tag : undefined

  // Some messages have no code that could be read out (blocked_account, password_breach): those go out as text.
  if (notification.delivery_method === 'voice' && code !== undefined) {
    return { route: 'send-voice-code', body: { phoneNumber, code, locale } }
  }
  if (textOf(notification.as_text) === '') return drop('The message has no text.')
  return { route: 'send-text-code', body: { phoneNumber, text: notification.as_text, code, locale } }
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

/** Hands the message over. Undefined when the gateway took it, else the verdict. */
const send = async ({ notification, secrets }) => {
  const gateway = readSecrets(secrets)
  if (gateway.action !== undefined) return gateway
  const request = toRequest(notification)
  if (request.action !== undefined) return request

  gateway.url.pathname += request.route
  let response
  try {
    response = await fetch(gateway.url, {
      method: 'POST',
      headers: { authorization: `Bearer ${gateway.key}`, 'content-type': 'application/json', accept: 'application/json, application/problem+json' },
      body: JSON.stringify(request.body),
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
  const isNamed = problem !== undefined && problem !== request.body.code && problem !== gateway.key
  const reason = `The gateway answered ${response.status}${isNamed ? ` (${problem})` : ''}.`
  return isWorthRetrying(response.status) ? retry(reason) : drop(reason)
}

exports.onExecuteCustomPhoneProvider = async (event, api) => {
  // What Auth0 does after an Action throws is not documented: this one does not.
  try {
    const verdict = await send({ notification: event?.notification, secrets: event?.secrets })
    if (verdict !== undefined) api.notification[verdict.action](verdict.reason)
  } catch {
    try {
      api.notification.drop('The Action could not read the event.')
    } catch {}
  }
}
