// Asks the gateway, which is where this page came from.

const LONGEST_MS = 15_000

/** Something went wrong. `code` is one of the gateway's, or `offline`, or `unreadable`; the message is for people. */
export class Problem extends Error {
  constructor (status, code, words) {
    super(words)
    this.status = status
    this.code = code
  }
}

/** Where something of the inspector is, whatever comes before it in the address. */
export const addressOf = path => new window.URL(`../${path}`, import.meta.url)

const problemOf = async response => {
  const body = await response.json().catch(() => ({}))
  const words = [body.title, body.detail].filter(part => typeof part === 'string').join(' ')
  return new Problem(response.status, typeof body.code === 'string' ? body.code : 'unreadable', words === '' ? `The gateway answered ${response.status}.` : words)
}

/** Asks, and gives what the gateway answered, or throws a `Problem`. */
export const ask = async (method, path, body) => {
  let response
  try {
    response = await fetch(addressOf(path), {
      method,
      headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: 'no-store',
      credentials: 'same-origin',
      redirect: 'error',
      signal: window.AbortSignal.timeout(LONGEST_MS)
    })
  } catch {
    throw new Problem(0, 'offline', 'The gateway cannot be reached right now.')
  }
  if (!response.ok) throw await problemOf(response)
  if (response.status === 204) return undefined
  return await response.json().catch(() => { throw new Problem(response.status, 'unreadable', 'The gateway’s answer could not be read.') })
}

const of = id => `api/deliveries/${encodeURIComponent(id)}`

/** All that the page asks. */
export const api = {
  state: () => ask('GET', 'api/state'),
  search: query => ask('POST', 'api/search', query),
  delivery: id => ask('GET', of(id)),
  statistics: span => ask('GET', `api/statistics?span=${encodeURIComponent(span)}`),
  replay: (id, request) => ask('POST', `${of(id)}/replay`, request),
  test: request => ask('POST', 'api/test', request),
  session: () => ask('GET', 'session'),
  signIn: proof => ask('POST', 'session', proof),
  signOut: () => ask('DELETE', 'session')
}
