// One delivery in all it went through, as it goes on; or another fact with all that is known of it.

import { api } from './api.js'
import { button, find, icon, linkTo, make, write } from './dom.js'
import { showExchanges } from './exchanges.js'
import { showJson } from './json-view.js'
import { duration, fullMoment } from './numbers.js'
import { chip } from './row-view.js'
import { standing } from './standing.js'
import { isNamed, showTimeline } from './timeline.js'
import { channelName, countryName, hookName, providerName, reasonWords, sentence } from './words.js'

/** It is asked for anew at most so often, in milliseconds, however much happens. */
const REST = 250

/** What was asked is written down a moment after what came of it: so young a delivery may still get it. In milliseconds. */
const YOUNG = 5_000

const pair = (name, value, className = '') => {
  const element = make('div', className, make('dt', '', name))
  const words = make('dd', className === 'wide' ? 'id' : '')
  words.append(value)
  element.append(words)
  return element
}

const factsOf = ({ delivery, verification, timeline }) => {
  const { id, channel, provider, country, hook, caller, route, createdAt, expiresAt, usedAt } = delivery
  const requests = new Set(timeline.map(({ request }) => request).filter(request => request))
  return make('dl', 'facts',
    pair('Channel', channelName(channel)),
    ...provider ? [pair('Provider', providerName(provider))] : [],
    ...country ? [pair('Country', `${countryName(country)} (${country})`)] : [],
    pair('Asked by', hookName(hook)),
    ...isNamed(caller) ? [pair('Caller', caller)] : [],
    ...route ? [pair('Route', String(route))] : [],
    pair('Asked for at', fullMoment(createdAt)),
    ...usedAt ? [pair('Used after', duration(usedAt - createdAt))] : expiresAt ? [pair('Code ends at', fullMoment(expiresAt))] : [],
    pair('Delivery', id, 'wide'),
    ...[...requests].map(request => pair('Request', request, 'wide')),
    ...verification ? [pair('Verification', linkTo(`#/?text=${encodeURIComponent(verification)}`, verification), 'wide')] : [])
}

/** All of it in one line. */
const summaryOf = ({ reason, usedAt, hook, provider, channel, country }) => sentence([
  usedAt ? '' : reasonWords(reason), hookName(hook), provider ? providerName(provider) : channelName(channel), country ? countryName(country) : ''
].filter(words => words !== '').join(' · '))

const part = (heading, ...children) => {
  const element = make('section', 'detail-part', ...heading === '' ? [] : [make('h3', '', heading)], ...children)
  return element
}

/** The panel; `closed` is called when it goes, `replay` with a delivery and an exchange. */
export const createDetail = ({ closed, replay, now }) => {
  const panel = find('detail')
  let shown
  let last = ''
  let steps = 0
  let waiting
  let isAsking = false
  let isStale = false

  const frame = title => {
    const heading = make('h2', '', title)
    heading.id = 'detail-title'
    heading.tabIndex = -1
    const close = button('tool', '', () => closed(), 'close')
    close.setAttribute('aria-label', 'Close')
    close.title = 'Close (Esc)'
    const body = make('div', 'detail-body')
    panel.replaceChildren(make('div', 'detail-top', heading, close), body)
    panel.hidden = false
    find('list-view').classList.add('with-detail')
    panel.scrollTop = 0
    heading.focus({ preventScroll: true })
    return { heading, body }
  }

  const wait = (body, text) => body.replaceChildren(make('div', 'loading', make('p', '', text)))

  const draw = answer => {
    const { delivery, timeline, exchanges } = answer
    write(shown.heading, delivery.number ?? 'Delivery')
    const items = showTimeline(timeline)
    if (steps > 0) for (const item of items.slice(steps)) item.classList.add('fresh')
    steps = items.length
    const headline = make('div', 'headline', chip(standing(delivery)), make('span', 'headline-words', summaryOf(delivery)))
    const first = [part('', headline), part('What happened', make('ol', 'timeline', ...items))]
    // What was asked and answered stays as it is, with what somebody has folded, where nothing of it is new.
    const seen = JSON.stringify(exchanges)
    if (shown.exchanges === undefined || shown.seen !== seen) {
      shown.exchanges = part('Asked and answered', ...showExchanges(exchanges, { now, isOurs: delivery.hook === 'inspector', replay: exchange => replay(delivery, exchange) }))
      shown.seen = seen
      shown.facts = part('About it', factsOf(answer))
      shown.body.replaceChildren(...first, shown.exchanges, shown.facts)
    } else {
      while (shown.body.firstChild !== shown.exchanges) shown.body.firstChild.remove()
      shown.exchanges.before(...first)
      shown.facts.replaceChildren(...part('About it', factsOf(answer)).childNodes)
    }
  }

  const refetch = async () => {
    if (isAsking) {
      isStale = true
      return
    }
    isAsking = true
    isStale = false
    const mine = shown
    const answer = await api.delivery(mine.id).catch(problem => {
      if (mine === shown && last === '') wait(mine.body, problem.status === 404 ? 'There is no such delivery, or it is kept no longer.' : problem.message)
    })
    isAsking = false
    if (mine === shown && answer !== undefined) {
      const text = JSON.stringify(answer)
      if (text !== last) draw(answer)
      last = text
      if (answer.exchanges.length === 0 && now() - answer.delivery.createdAt < YOUNG) later()
    }
    if (isStale && shown?.id !== undefined) later()
  }

  const later = () => { waiting ??= window.setTimeout(() => { waiting = undefined; if (shown?.id !== undefined) refetch() }, REST) }

  return {
    /** Opens a delivery. */
    open (id) {
      if (shown?.id === id) return
      last = ''
      steps = 0
      shown = { id, ...frame('Delivery') }
      wait(shown.body, 'Looking it up …')
      if (isAsking) isStale = true
      else refetch()
    },
    /** Opens something else that happened. */
    openFact (row) {
      shown = { row: row.id, ...frame(row.title) }
      const { entries, note, number, delivery, verification } = row
      const links = [
        ...delivery ? [linkTo(`#/deliveries/${delivery}`, 'Open the delivery', 'secondary')] : [],
        ...verification ? [linkTo(`#/?text=${encodeURIComponent(verification)}`, 'Find its deliveries', 'secondary')] : []
      ]
      const said = [number, note].filter(words => words !== undefined && words !== '').join(' · ')
      const tone = make('span', 'chip', icon(row.icon), make('span', '', fullMoment(row.at)))
      tone.dataset.tone = row.tone
      shown.body.replaceChildren(
        part('', make('div', 'headline', tone, make('span', 'headline-words', said)), ...links.length === 0 ? [] : [make('div', 'buttons', ...links)]),
        ...entries.map(entry => entry.type === 'capture'
          ? part('', make('div', 'exchange', make('div', 'two', make('div', '', make('h4', '', 'Asked'), showJson(entry.request)), make('div', '', make('h4', '', 'Answered'), showJson(entry.response)))),
            make('div', 'exchange', make('div', 'two', make('div', '', make('h4', '', 'About it'), showJson(entry.metadata)))))
          : part('', make('div', 'exchange', make('div', 'two', make('div', '', make('h4', '', fullMoment(entry.at)), showJson(entry))))))
      )
    },
    /** Something happened to a delivery. */
    told (id) { if (shown?.id !== undefined && shown.id === id) later() },
    /** Everything may be another by now. */
    again () { if (shown?.id !== undefined) later() },
    close () {
      const wasOpen = shown?.id ?? shown?.row
      shown = undefined
      panel.hidden = true
      find('list-view').classList.remove('with-detail')
      panel.replaceChildren()
      return wasOpen
    },
    isOpen: () => shown !== undefined,
    isFact: () => shown?.row !== undefined
  }
}
