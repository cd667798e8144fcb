// The socket: comes back by itself, and goes on from the page after the last one.

import { addressOf, api } from './api.js'

const FIRST_WAIT = 400
const LONGEST_WAIT = 5_000
const SESSION_OVER = 4401
const TOO_MANY = 1013
/** Where it begins the first time: so many pages before the newest, to show what happened before anybody looked. */
const HISTORY = -300
/** Nothing for so long, with pings every 20 seconds: asked whether it is still there by connecting anew. */
const OPENING_MS = 10_000

/**
 * Follows the feed. `on.page` gets each page once and in order, with `isOld` where it is from before the first time; `on.hello`
 * what the gateway says first, and whether it is the first time; `on.upToDate`, once, that all of the old ones are there;
 * `on.missed` that something is gone; `on.state` one of `live`, `away`, `reconnecting`, `full`, `signed-out`.
 */
export const follow = on => {
  let socket
  let last
  // The newest page when this store was first followed.
  let began
  let isUpToDate = false
  let waits = 0
  let waiting
  let isOver = false

  const end = () => {
    isOver = true
    window.clearTimeout(waiting)
    on.state('signed-out')
  }

  const later = state => {
    on.state(state)
    const wait = state === 'full' ? 10_000 : Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** waits) * (0.7 + Math.random() * 0.6)
    waits += 1
    waiting = window.setTimeout(connect, wait)
  }

  /** A browser does not say why a socket was refused. */
  const lost = async ({ code }) => {
    socket = undefined
    if (isOver) return
    if (code === SESSION_OVER) return end()
    const problem = await api.state().then(() => undefined, problem => problem)
    if (isOver || socket !== undefined) return
    if (problem?.status === 401) return end()
    later(code === TOO_MANY ? 'full' : 'reconnecting')
  }

  const arriveAt = id => {
    last = Math.max(last, id)
    if (isUpToDate || last < began) return
    isUpToDate = true
    on.upToDate()
  }

  const TAKE = {
    hello (told) {
      waits = 0
      // A store that knows less than we do is another one.
      const isAnother = last !== undefined && told.newest < last
      const isFirst = last === undefined
      if (isFirst || isAnother) {
        last = told.after
        began = told.newest
      }
      on.state('live')
      on.hello(told, isFirst, isAnother)
      arriveAt(last)
    },
    page (page) {
      if (page.id <= last) return
      on.page({ ...page, isOld: page.id <= began })
      arriveAt(page.id)
    },
    missed ({ to }) {
      arriveAt(to)
      // That there is no more of what was before is no news.
      if (to > began) on.missed()
    },
    away: () => on.state('away'),
    back: () => on.state('live')
  }

  const connect = () => {
    window.clearTimeout(waiting)
    const address = addressOf(`socket?after=${last ?? HISTORY}`)
    address.protocol = address.protocol.replace('http', 'ws')
    const opened = new window.WebSocket(address)
    socket = opened
    const patience = window.setTimeout(() => opened.close(), OPENING_MS)
    opened.onmessage = ({ data }) => {
      const told = JSON.parse(data)
      if (socket === opened && Object.hasOwn(TAKE, told.kind)) TAKE[told.kind](told)
    }
    opened.onopen = () => window.clearTimeout(patience)
    opened.onclose = event => {
      window.clearTimeout(patience)
      if (socket === opened) lost(event)
    }
  }

  const now = () => {
    if (socket === undefined && !isOver) {
      waits = 0
      connect()
    }
  }
  window.addEventListener('online', now)
  document.addEventListener('visibilitychange', () => { if (!document.hidden) now() })
  connect()
  return {
    /** Ends it for good: the session is over. */
    end () {
      end()
      socket?.close()
    }
  }
}
