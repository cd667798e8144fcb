// The session that the app has given: it comes in the fragment, which browsers send to nobody, and leaves the address at once.

const KEY = 'phone-code-session'

const keep = value => {
  // A frame may be forbidden to keep anything. Then a reload has to begin anew.
  try {
    if (value === undefined) window.sessionStorage.removeItem(KEY)
    else window.sessionStorage.setItem(KEY, JSON.stringify(value))
  } catch {}
}

const kept = () => {
  try {
    return JSON.parse(window.sessionStorage.getItem(KEY)) ?? undefined
  } catch {
    return undefined
  }
}

/**
 * Takes the session out of the address, or that of before the reload: `{ token, embed, verification }`, or `undefined`. The
 * last is the id of its newest verification, which only this window knows: the token alone tells it to nobody.
 */
export const takeSession = () => {
  const fragment = new window.URLSearchParams(location.hash.slice(1))
  const token = fragment.get('session')
  if (location.hash !== '') window.history.replaceState(window.history.state, '', location.pathname + location.search)
  if (!token) return kept()
  const before = kept()
  const session = { token, embed: fragment.get('embed') === '1', verification: before?.token === token ? before.verification : undefined }
  keep(session)
  return session
}

/** Keeps the id of the verification that has begun, for a reload. */
export const keepVerification = (session, id) => { keep({ ...session, verification: id }) }

/** Forgets a session that is over. */
export const forgetSession = () => { keep(undefined) }

// Another link to this page was followed in the same window.
window.addEventListener('hashchange', () => {
  if (location.hash.startsWith('#session=')) location.reload()
})
