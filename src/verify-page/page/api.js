// Asks the gateway, which is where this page came from.

const LONGEST_MS = 15_000

/** Something went wrong. `code` is one of the gateway's, or `offline`, or `unreadable`; `retryAfter` is in seconds. */
export class Problem extends Error {
  constructor (status, code, retryAfter) {
    super(code)
    this.status = status
    this.code = code
    this.retryAfter = retryAfter
  }
}

const problemOf = async response => {
  const body = await response.json().catch(() => ({}))
  const seconds = Number(body.retryAfter ?? response.headers.get('retry-after') ?? NaN)
  return new Problem(response.status, typeof body.code === 'string' ? body.code : 'unreadable', Number.isFinite(seconds) ? Math.max(1, Math.ceil(seconds)) : undefined)
}

/** All that a session may ask for. Each gives what the gateway answered, or throws a `Problem`. */
export const createApi = (token, clock) => {
  const ask = async (method, path, body, { keepalive = false } = {}) => {
    let response
    try {
      response = await fetch(new window.URL(path, document.baseURI), {
        method,
        headers: { authorization: `Bearer ${token}`, accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        body: body === undefined ? undefined : JSON.stringify(body),
        cache: 'no-store',
        credentials: 'omit',
        redirect: 'error',
        keepalive,
        signal: window.AbortSignal.timeout(LONGEST_MS)
      })
    } catch {
      throw new Problem(0, 'offline')
    }
    if (!response.ok) throw await problemOf(response)
    const answer = await response.json().catch(() => { throw new Problem(response.status, 'unreadable') })
    clock.sync(answer.now)
    return answer
  }
  const of = id => `verifications/${encodeURIComponent(id)}`
  return {
    session: () => ask('GET', 'verify/session'),
    start: request => ask('POST', 'verifications', request),
    status: id => ask('GET', of(id)),
    check: (id, code) => ask('POST', `${of(id)}/check`, { code }),
    resend: (id, channel) => ask('POST', `${of(id)}/resend`, { channel }),
    cancel: id => ask('DELETE', of(id), undefined, { keepalive: true })
  }
}
