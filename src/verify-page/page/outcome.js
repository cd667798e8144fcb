// Tells whoever sent the person here how it ended: the page around this one, the window that opened it, or an address.

/** What all messages to that page and from it bear. */
export const TYPE = 'phone-code-gateway'

/** The page around this one, or the window that opened it; `undefined` where there is neither. */
export const counterpart = () => (window.parent !== window ? window.parent : window.opener) ?? undefined

/** What there is to tell, and to whom. */
export const createOutcome = (session, embed) => {
  const { origin, returnUrl } = session
  const listener = origin === undefined ? undefined : counterpart()

  // Only ever to the page that the app named when it made the session.
  const post = message => { listener?.postMessage({ type: TYPE, ...message }, origin) }

  const address = ({ status, result }) => {
    const url = new window.URL(returnUrl)
    url.searchParams.set('status', status)
    if (result !== undefined) url.searchParams.set('result', result)
    return url.href
  }
  const leads = returnUrl !== undefined && window.parent === window && /^https?:\/\//i.test(returnUrl)

  return {
    /** Whether somebody waits for the end, so that leaving without one makes sense. */
    isAwaited: listener !== undefined || leads,
    /** Whether the person is led away at the end. */
    leads,
    /** How it stands. The listener may still be told otherwise: a person may begin again. */
    tell ({ id, status, result }) { post({ status, id, result }) },
    /** Something about how the page looks, for the dialog around it. */
    shape (message) { if (embed) post(message) },
    /** Ends it: nothing comes after this. */
    leave (end) {
      post({ status: end.status, id: end.id, result: end.result, isLast: true })
      if (leads) location.replace(address(end))
      else if (listener !== undefined && window.parent === window) window.close()
    },
    /** Hears that the dialog was closed. */
    onClose (heard) {
      window.addEventListener('message', event => {
        if (event.source === listener && event.origin === origin && event.data?.type === TYPE && event.data.action === 'cancel') heard()
      })
    }
  }
}
