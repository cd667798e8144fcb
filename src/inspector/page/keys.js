// The keyboard: up and down through the list, and the few keys that are worth one.

import { find } from './dom.js'

const STEPS = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }

/** Listens to keys. Whoever types, or answers a question, is left alone. */
export const listenToKeys = ({ page, detail, close, openRow, isList }) => {
  const move = row => {
    if (row === undefined) return
    if (detail.isOpen()) {
      openRow(row)
      page.list.reveal(row.id)
    } else page.list.focus(row.id)
  }

  const isElsewhere = target => target.closest('input, select, textarea, dialog') !== null || find('dialog').open

  document.addEventListener('keydown', event => {
    const { key, target, ctrlKey, metaKey, altKey } = event
    if (ctrlKey || metaKey || altKey || isElsewhere(target) || !isList()) {
      if (key === 'Escape' && target.closest('input') !== null) target.blur()
      return
    }
    const isArrow = key.startsWith('Arrow')
    // Arrows scroll what somebody reads; j and k always go through the list.
    if (isArrow && target.closest('.detail .json, .tabs') !== null) return
    if (Object.hasOwn(STEPS, key)) move(page.list.next(STEPS[key]))
    else if ((key === 'Home' || key === 'End') && page.list.hasFocus()) move(page.list.edge(key === 'End'))
    else if (key === 'Escape' && detail.isOpen()) close()
    else if (key === ' ' && (target.closest('button, a, summary') === null || target.matches('a.open'))) page.togglePause()
    else if (key === '/') find('text').focus()
    else return
    event.preventDefault()
  })
}
