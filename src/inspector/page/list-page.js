// The list and what holds it: rows come in, are written down once a frame, and wait where somebody reads.

import { api } from './api.js'
import { announce, find, notify, write } from './dom.js'
import { hasFields, isEmpty, isWholeNumber, passing } from './filter.js'
import { createList } from './list.js'
import { count, several } from './numbers.js'
import { createRows } from './rows.js'

/** Deliveries of which too little is known are looked up, so many at a time. */
const MOST_LOOKUPS = 5
const PAGE = 50
/** A number is looked for again so long after something came that may be for it, in milliseconds. */
const AGAIN = 500
/** What was before is waited for so long, in milliseconds, so that the list is shown once and does not jump. */
const PATIENCE = 1_500

/** The list; `open` is called with the row that somebody chose. */
export const createListPage = ({ now, open }) => {
  const rows = createRows()
  const list = createList({ rows, now, open, wake: () => wake() })
  const changed = new Set()
  const asked = new Set()
  let filter = {}
  let passes = () => true
  let found = new Set()
  let isPaused = false
  let mark
  let waits = false
  let search = 0
  let hasMore = false
  let isReady = false
  // The list begins as soon as it has what happened before; facts older than this wait for the deliveries of their time.
  let hasBegun = false
  let isUpToDate = false
  let floor = -Infinity
  let again
  let answered

  const showCount = ({ newer, older, shown }) => {
    const news = find('news')
    news.hidden = newer === 0 && !isPaused
    write(news, isPaused ? `Paused${newer > 0 ? ` · ${count(newer)} new` : ''} · go on` : `${count(newer)} new`)
    find('older').hidden = older === 0 && !hasMore
    write(find('older'), older > 0 ? `${several(older, 'older row')} — load more` : 'Load older ones')
    find('end').hidden = shown === 0 || older > 0 || hasMore
    write(find('end'), 'Nothing is older than this.')
    find('empty').hidden = shown > 0 || newer > 0 || !isReady
    write(find('empty-title'), isEmpty(filter) ? 'Quiet so far' : 'Nothing fits')
    write(find('empty-note'), isEmpty(filter) ? 'Deliveries appear here as soon as a hook asks for one. Send a test code to see how it goes.' : 'What comes and fits is shown as it comes. Clear the search to see everything.')
  }

  const render = () => {
    waits = false
    if (!hasBegun) return
    const isHeld = isPaused || list.isHeld()
    mark = isHeld ? mark ?? rows.top() : undefined
    showCount(list.show({ passes: row => (row.kind === 'delivery' || row.rank >= floor) && passes(row), mark: mark ?? Infinity, changed: isPaused ? [] : changed }))
    if (!isPaused) changed.clear()
  }

  /** Writes down what has come, in the next frame: however much comes, it is one time. */
  const wake = () => {
    if (waits) return
    waits = true
    window.requestAnimationFrame(render)
  }

  /** Holds where it is before more comes, where somebody reads. */
  const hold = () => {
    if (isPaused || list.isHeld()) mark ??= rows.top()
  }

  const begin = () => {
    hasBegun = true
    wake()
  }

  /** Whose number it is no row says: the gateway is asked again, as something may have come for it. */
  const lookAgain = async () => {
    again = undefined
    const wanted = filter
    const answer = await api.search(wanted).catch(() => {})
    if (answer === undefined || wanted !== filter) return
    for (const { id } of answer.deliveries) found.add(id)
    adopt(answer.deliveries)
  }

  const mayBeFound = id => {
    const row = rows.get(id)
    return row?.kind === 'delivery' && !found.has(id) && hasFields(filter, row)
  }

  const complete = async () => {
    const wanted = rows.incomplete().filter(id => !asked.has(id)).slice(0, MOST_LOOKUPS)
    for (const id of wanted) asked.add(id)
    const answers = await Promise.all(wanted.map(id => api.search({ text: id }).catch(() => ({ deliveries: [] }))))
    for (const { deliveries } of answers) adopt(deliveries)
  }

  const adopt = deliveries => {
    rows.merge(deliveries)
    for (const { id } of deliveries) changed.add(id)
    wake()
  }

  /** Looks for what the filter says, from the newest, or from before a delivery. */
  const load = async before => {
    search += 1
    const mine = search
    const answer = await api.search({ ...filter, ...before === undefined ? {} : { before } }).catch(problem => {
      if (mine === search) notify(problem.message)
    })
    if (answer === undefined || mine !== search) return
    for (const { id } of answer.deliveries) found.add(id)
    floor = answer.deliveries.at(-1)?.createdAt ?? floor
    hasMore = answer.until !== undefined || answer.deliveries.length >= PAGE
    if (!hasMore) floor = -Infinity
    answered = filter
    isReady = true
    if (isUpToDate) begin()
    adopt(answer.deliveries)
    return answer.deliveries.length
  }

  const release = () => {
    list.toTop()
    mark = undefined
    wake()
  }

  const pause = wanted => {
    isPaused = wanted
    if (isPaused) mark ??= rows.top()
    else release()
    find('pause').setAttribute('aria-pressed', String(isPaused))
    write(find('pause-word'), isPaused ? 'Go on' : 'Pause')
    find('pause').querySelector('use').setAttribute('href', isPaused ? '#icon-play' : '#icon-pause')
    announce(isPaused ? 'Paused' : 'Going on')
    wake()
  }

  find('pause').addEventListener('click', () => pause(!isPaused))
  find('news').addEventListener('click', () => isPaused ? pause(false) : release())
  find('older').addEventListener('click', async () => {
    hold()
    const last = list.last()
    list.more()
    if (hasMore) await load(last)
    wake()
  })
  find('scroller').addEventListener('scroll', wake, { passive: true })
  find('layer').addEventListener('focusout', wake)
  window.setTimeout(begin, PATIENCE)
  window.setInterval(() => { if (!isPaused) complete() }, 1_000)

  return {
    /** Takes a page of the feed. */
    take ({ id, entries, isOld }) {
      if (!isOld) hold()
      const taken = new Set(entries.flatMap((entry, index) => [...(isOld ? rows.takeOld : rows.take)(entry, `${id}.${index}`)]))
      for (const row of taken) changed.add(row)
      if (answered === filter && filter.text !== undefined && isWholeNumber(filter.text) && [...taken].some(mayBeFound)) again ??= window.setTimeout(lookAgain, AGAIN)
      wake()
    },
    /** All that was before is there. */
    begin () {
      isUpToDate = true
      if (isReady) begin()
    },
    load,
    /** Everything anew, as where something was missed. */
    async reload () {
      rows.clear()
      mark = undefined
      found = new Set()
      await load()
    },
    /** Looks for something else. Gives how many were found. */
    async look (wanted) {
      filter = wanted
      found = new Set()
      floor = -Infinity
      window.clearTimeout(again)
      again = undefined
      passes = passing(filter, found)
      list.toTop()
      mark = isPaused ? rows.top() : undefined
      wake()
      const amount = await load()
      if (amount !== undefined && !isEmpty(filter)) announce(`${several(amount, 'delivery', 'deliveries')} found`)
    },
    togglePause: () => pause(!isPaused),
    select (id) {
      list.select(id)
      list.reveal(id)
    },
    list,
    rowOf: id => rows.get(id)
  }
}
