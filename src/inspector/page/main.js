// Ties it together: the address says what is shown, the socket what happens.

import { addressOf, api } from './api.js'
import { askReplay, askTest } from './dialogs.js'
import { createDetail } from './detail.js'
import { announce, find, notify, write } from './dom.js'
import { createFilterBar } from './filter-bar.js'
import { isEmpty, readFragment, writeFragment } from './filter.js'
import { listenToKeys } from './keys.js'
import { createListPage } from './list-page.js'
import { createPlots } from './plots.js'
import { follow } from './socket.js'

/** What the gateway is set up as is asked anew so often, in milliseconds. */
const STATE_EVERY = 15_000

const SIGNS = { connecting: 'Connecting…', live: 'Live', reconnecting: 'Reconnecting…', away: 'Store away…', full: 'Too many viewers', 'signed-out': 'Signed out' }

let shown = { view: 'list', filter: {} }
let setup = { sandbox: false, channels: {}, providers: [], hooks: [] }
let skew = 0
/** What the list was last asked for. */
let looked = {}

/** The gateway's clock. */
const now = () => Date.now() + skew

const go = (place, isNew) => {
  const fragment = writeFragment(place)
  const before = location.hash
  if (isNew) window.history.pushState(null, '', fragment)
  else window.history.replaceState(null, '', fragment)
  if (before !== location.hash || isNew) show(place)
}

const openRow = row => {
  if (row.kind === 'delivery') return go({ ...shown, view: 'list', delivery: row.id }, shown.delivery === undefined)
  if (shown.delivery !== undefined) go({ ...shown, delivery: undefined }, false)
  page.select(row.id)
  detail.openFact(row)
}

const page = createListPage({ now, open: openRow })

const close = () => {
  const isKnown = shown.delivery !== undefined
  const id = detail.close()
  page.select(undefined)
  if (isKnown) go({ ...shown, delivery: undefined }, false)
  page.list.focus(id)
}

const detail = createDetail({
  now,
  closed: close,
  replay: (delivery, exchange) => askReplay({ delivery, exchange, isSandbox: setup.sandbox })
})

const plots = createPlots({ now, setup: () => setup, choose: span => go({ view: 'plots', span, filter: {} }, false) })

const bar = createFilterBar({
  look (filter) {
    shown = { ...shown, filter }
    looked = filter
    window.history.replaceState(null, '', writeFragment(shown))
    page.look(filter)
  }
})

/** Shows what the address says, from what was shown before. */
const show = place => {
  const before = shown
  shown = place
  const isPlots = place.view === 'plots'
  find('list-view').hidden = isPlots
  find('plots-view').hidden = !isPlots
  for (const [id, isCurrent] of [['to-list', !isPlots], ['to-plots', isPlots]]) {
    if (isCurrent) find(id).setAttribute('aria-current', 'page')
    else find(id).removeAttribute('aria-current')
  }
  find('pause').hidden = isPlots
  document.title = `${isPlots ? 'Plots' : 'Deliveries'} · Inspector`
  if (isPlots) return plots.show(place.span)
  plots.hide()
  // Coming back from the plots, the list is as it was; and a number that is looked for stands in no address.
  const isSame = (before.view === 'plots' && isEmpty(place.filter)) || writeFragment({ filter: place.filter }) === writeFragment({ filter: looked })
  shown = { ...place, filter: isSame ? looked : place.filter }
  if (!isSame) {
    looked = place.filter
    bar.show(looked)
    page.look(looked)
  }
  if (place.delivery !== undefined) detail.open(place.delivery)
  else if (!detail.isFact()) detail.close()
  if (!detail.isFact()) page.select(place.delivery)
}

const takeState = state => {
  setup = state
  skew = state.now - Date.now()
  bar.offer(state)
  find('sandbox').hidden = !state.sandbox
  find('handset').hidden = !/^https?:/.test(state.handset ?? '')
  if (state.handset !== undefined) find('handset').href = state.handset
}

/** Where the session is over, it is so in this window, too. */
const refreshState = () => api.state().then(takeState, problem => { if (problem.status === 401) connection.end() })

const leave = () => {
  // The page itself asks who comes; the address stays, so that one is back here after.
  window.setTimeout(() => location.reload(), 900)
}

const connection = follow({
  state (name) {
    const sign = find('connection')
    if (sign.dataset.state === name) return
    sign.dataset.state = name
    write(find('connection-word'), SIGNS[name])
    if (name === 'signed-out') leave()
  },
  hello (told, isFirst, isAnother) {
    skew = told.now - Date.now()
    if (isFirst) page.load()
    else if (isAnother) page.reload()
    detail.again()
    refreshState()
  },
  upToDate: () => page.begin(),
  page (told) {
    page.take(told)
    for (const { delivery } of told.entries) detail.told(delivery)
    plots.told()
  },
  missed () {
    notify('More happened than could be followed. The list was loaded anew.')
    page.reload()
    detail.again()
  }
})

/** Windows of one browser have one session; so they end together. */
const windows = new window.BroadcastChannel(`signed out of ${addressOf('').pathname}`)
windows.addEventListener('message', () => connection.end())

find('test').addEventListener('click', () => askTest({ isSandbox: setup.sandbox, channels: setup.channels ?? {} }))
find('sign-out').addEventListener('click', async () => {
  const problem = await api.signOut().then(() => undefined, problem => problem)
  if (problem !== undefined) return notify(problem.message)
  announce('Signed out')
  windows.postMessage('signed-out')
  connection.end()
})
window.addEventListener('popstate', () => show(readFragment(location.hash)))
listenToKeys({ page, detail, close, openRow, isList: () => shown.view === 'list' })
window.setInterval(() => { if (!document.hidden) refreshState() }, STATE_EVERY)
refreshState()

const first = readFragment(location.hash)
// The address is what it means: a link for signing in that was not needed does not stay in it.
window.history.replaceState(null, '', writeFragment(first))
show(first)
page.load()
