// The list: the newest on top, in rows of one height. Rows stand still where they are; what moves is the layer they are on,
// so that a row that comes is one change to the page, however many there are.

import { find } from './dom.js'
import { createRowView } from './row-view.js'

/** Rows in the page before anybody asks for older ones. */
const MOST_SHOWN = 200
const MORE = 50
/** A new row is set off only where few come: else the whole list would flicker. */
const FEW = 4
/** Places are counted from anew before they are more pixels than a browser can count. */
const FARTHEST = 200_000

/** Shows rows. `open` is called with the row that somebody chose, `wake` where it may go on; `now` is the gateway's clock. */
export const createList = ({ rows, now, open, wake }) => {
  const [scroller, layer] = [find('scroller'), find('layer')]
  const views = new Map()
  let order = []
  let first = 0
  let most = MOST_SHOWN
  let active
  let selected
  let isPressed = false

  const place = (id, at) => views.get(id).element.style.setProperty('top', `calc(${at} * var(--row))`)

  const setActive = id => {
    if (active !== undefined && views.has(active)) views.get(active).open.tabIndex = -1
    active = id
    if (views.has(id)) views.get(id).open.tabIndex = 0
  }

  const setSelected = id => {
    views.get(selected)?.element.removeAttribute('aria-selected')
    selected = id
    views.get(id)?.element.setAttribute('aria-selected', 'true')
  }

  const viewOf = row => {
    const known = views.get(row.id)
    if (known !== undefined) return known
    const view = createRowView(row, now())
    if (row.id === selected) view.element.setAttribute('aria-selected', 'true')
    views.set(row.id, view)
    return view
  }

  const drop = id => {
    views.get(id).element.remove()
    views.delete(id)
  }

  /** All rows anew, as when something else is looked for. Whoever has the focus keeps it, where the row is still there. */
  const rebuild = shown => {
    const focused = layer.contains(document.activeElement) ? active : undefined
    const wanted = new Set(shown.map(({ id }) => id))
    for (const id of order) if (!wanted.has(id)) drop(id)
    layer.replaceChildren(...shown.map(row => viewOf(row).element))
    first = 0
    for (const [index, { id }] of shown.entries()) place(id, index)
    if (focused !== undefined) views.get(focused)?.open.focus({ preventScroll: true })
  }

  /** How many rows are new at the top, where the others are the same in the same order; else -1. */
  const comeOnTop = shown => {
    if (order.length === 0) return shown.length
    const fresh = shown.findIndex(({ id }) => id === order[0])
    if (fresh < 0) return -1
    for (let index = fresh; index < shown.length && index - fresh < order.length; index++) {
      if (shown[index].id !== order[index - fresh]) return -1
    }
    return fresh
  }

  const arrange = shown => {
    const fresh = comeOnTop(shown)
    if (fresh < 0 || first - fresh < -FARTHEST) return rebuild(shown)
    const isCalm = fresh > 0 && fresh <= FEW && order.length > 0
    const top = shown.slice(0, fresh).map(viewOf)
    for (const { element } of top) element.classList.toggle('fresh', isCalm)
    layer.prepend(...top.map(({ element }) => element))
    first -= fresh
    for (let index = 0; index < fresh; index++) place(shown[index].id, first + index)
    const kept = shown.length - fresh
    for (const id of order.slice(kept)) drop(id)
    const below = shown.slice(fresh + order.length)
    layer.append(...below.map(row => viewOf(row).element))
    for (const [index, { id }] of below.entries()) place(id, first + fresh + order.length + index)
  }

  /** What is read stays where it is, where older rows come in above it. */
  const keepPlace = (before, after) => {
    if (scroller.scrollTop <= 4 || before.length === 0) return
    const height = views.get(after[0]?.id)?.element.offsetHeight ?? 0
    const from = Math.min(before.length - 1, Math.floor(scroller.scrollTop / height))
    const to = after.findIndex(({ id }) => id === before[from])
    if (to > from) scroller.scrollTop += (to - from) * height
  }

  const isHeld = () => isPressed || scroller.scrollTop > 4 || (layer.contains(document.activeElement) && document.activeElement.matches(':focus-visible'))

  const idOf = target => target.closest?.('.row')?.dataset.id

  // What is pressed stays under the finger until it is let go: else another row would be there by then, and none be chosen.
  layer.addEventListener('pointerdown', () => { isPressed = true })
  for (const event of ['pointerup', 'pointercancel']) {
    window.addEventListener(event, () => window.setTimeout(() => {
      isPressed = false
      wake()
    }))
  }
  layer.addEventListener('focusin', ({ target }) => setActive(idOf(target)))
  layer.addEventListener('click', event => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return
    const id = idOf(event.target)
    if (id === undefined) return
    event.preventDefault()
    open(rows.get(id))
  })

  return {
    isHeld,
    /** Shows what passes, up to the mark; rows of these ids are others now. Gives how many are newer, and how many are older. */
    show ({ passes, mark, changed }) {
      const { shown, newer, older } = rows.window({ passes, mark, most })
      arrange(shown)
      const before = order
      order = shown.map(({ id }) => id)
      for (const id of changed) if (views.has(id)) views.get(id).update(rows.get(id), now())
      // No property of its own for these: every row would inherit it, and be styled anew in each frame.
      layer.style.setProperty('transform', `translateY(calc(${-first} * var(--row)))`)
      find('sizer').style.setProperty('height', `calc(${order.length} * var(--row))`)
      keepPlace(before, shown)
      if (active === undefined || !views.has(active)) setActive(order[0])
      return { newer, older, shown: order.length }
    },
    /** The moments that say the day are written anew. */
    refresh () { for (const [id, view] of views) view.update(rows.get(id), now()) },
    /** Marks the row of what is open. */
    select: setSelected,
    /** The row after or before the one that is selected, or has the focus. */
    next (step) {
      const from = order.indexOf(selected ?? active)
      return rows.get(order[Math.min(order.length - 1, Math.max(0, selected === undefined && !layer.contains(document.activeElement) ? 0 : from + step))])
    },
    edge: isLast => rows.get(isLast ? order.at(-1) : order[0]),
    focus (id) {
      const view = views.get(id)
      view?.open.focus({ preventScroll: true })
      view?.element.scrollIntoView({ block: 'nearest' })
      return view !== undefined
    },
    reveal (id) { views.get(id)?.element.scrollIntoView({ block: 'nearest' }) },
    hasFocus: () => layer.contains(document.activeElement),
    last: () => order.findLast(id => rows.get(id).kind === 'delivery'),
    more () { most += MORE },
    /** Back to the newest. */
    toTop () {
      most = MOST_SHOWN
      if (layer.contains(document.activeElement)) document.activeElement.blur()
      scroller.scrollTo({ top: 0 })
    }
  }
}
