// Asks the gateway how a verification stands: it may end elsewhere, and its message takes its time.

const EVERY_MS = 3_000
const WHILE_SENDING_MS = 1_000

/** Asks while the page is in sight. `take` gets what the gateway says; `lose` gets a problem that asking again will not cure. */
export const createWatch = ({ ask, clock, take, lose }) => {
  let watched
  let timer
  let expiryAsked

  const askNow = async () => {
    window.clearTimeout(timer)
    const id = watched?.id
    if (id === undefined) return
    if (document.visibilityState === 'visible') {
      await ask(id).then(take, problem => {
        if (id === watched?.id && (problem.status === 401 || problem.status === 404)) lose(problem)
      })
    }
    askLater()
  }

  const askLater = () => {
    window.clearTimeout(timer)
    if (watched === undefined) return
    timer = window.setTimeout(askNow, watched.message.state === 'sending' ? WHILE_SENDING_MS : EVERY_MS)
  }

  document.addEventListener('visibilitychange', askNow)
  window.addEventListener('online', askNow)

  return {
    /** Begins with a verification, or goes on with what is known of it by now. */
    follow (view) {
      const isSooner = view.id !== watched?.id || (view.message.state === 'sending' && watched.message.state !== 'sending')
      watched = view
      if (isSooner) askLater()
    },
    leave () {
      window.clearTimeout(timer)
      watched = undefined
    },
    /** When the time is over the answer is wanted at once. */
    tick () {
      if (watched === undefined || expiryAsked === watched.expiresAt || clock.secondsUntil(watched.expiresAt) > 0) return
      expiryAsked = watched.expiresAt
      askNow()
    }
  }
}
