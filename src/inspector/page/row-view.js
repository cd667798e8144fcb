// What one row looks like: a delivery, or something else that happened.

import { icon, make, setIcon, write } from './dom.js'
import { duration, fullMoment, moment, several } from './numbers.js'
import { standing, whyStanding } from './standing.js'
import { channelName, countryName, hookName, plain, providerName, statusOf } from './words.js'

const cell = (className, ...children) => {
  const element = make('div', className, ...children)
  element.setAttribute('role', 'cell')
  return element
}

/** A chip with a shape and a word. */
export const chip = status => {
  const { word, tone, icon: picture } = statusOf(status)
  const element = make('span', 'chip', icon(picture), make('span', 'word', word))
  element.dataset.tone = tone
  return element
}

const setChip = (element, { word, tone, icon: picture }) => {
  element.dataset.tone = tone
  setIcon(element.firstChild, picture)
  write(element.lastChild, word)
}

/** What is remarkable about a delivery beside how it stands. */
const noteOf = row => [
  whyStanding(row),
  row.isEscalated ? 'another channel' : '',
  row.isRetried ? 'sent again' : '',
  row.repeats > 0 ? `asked ${several(row.repeats + 1, 'time')}` : '',
  row.wouldRefuse === undefined ? '' : `${plain(row.wouldRefuse)} would refuse it`
].filter(part => part !== '').join(', ')

const makeDelivery = row => {
  const open = make('a', 'open')
  open.href = `#/deliveries/${row.id}`
  const parts = {
    open,
    when: cell('when'),
    chip: chip('pending'),
    country: make('span', 'country'),
    channel: icon('sms'),
    channelWord: make('span', 'word'),
    provider: cell('provider'),
    hook: cell('hook'),
    note: cell('note'),
    took: cell('took')
  }
  const element = make('div', 'row', parts.when, cell('status', parts.chip), cell('to', parts.country, open),
    cell('channel', parts.channel, parts.channelWord), parts.provider, parts.hook, parts.note, parts.took)
  return { element, parts }
}

const writeDelivery = ({ parts }, row, now) => {
  write(parts.when, moment(row.at, now))
  parts.when.title = fullMoment(row.at)
  setChip(parts.chip, statusOf(standing(row)))
  write(parts.open, row.number === '' ? '…' : row.number)
  write(parts.country, row.country ?? '')
  parts.country.title = row.country === undefined ? '' : countryName(row.country)
  setIcon(parts.channel, row.channel ?? 'unknown')
  write(parts.channelWord, channelName(row.channel))
  write(parts.provider, providerName(row.provider))
  write(parts.hook, hookName(row.hook))
  write(parts.note, noteOf(row))
  write(parts.took, row.took === undefined ? '' : duration(row.took))
}

const makeFact = row => {
  const open = make('button', 'open')
  open.type = 'button'
  const parts = { open, when: cell('when'), icon: icon('unknown'), note: make('span', 'fact-note') }
  const said = cell('said', parts.icon, open, parts.note)
  said.setAttribute('aria-colspan', '7')
  return { element: make('div', 'row fact', parts.when, said), parts }
}

const writeFact = ({ element, parts }, row, now) => {
  write(parts.when, moment(row.at, now))
  parts.when.title = fullMoment(row.at)
  element.dataset.tone = row.tone
  setIcon(parts.icon, row.icon)
  write(parts.open, row.title)
  write(parts.note, [row.number, row.note].filter(part => part !== undefined && part !== '').join(' · '))
}

/** Makes the view of a row: `element`, `open` that takes the focus, and `update` with what is known now. */
export const createRowView = (row, now) => {
  const isFact = row.kind === 'fact'
  const view = isFact ? makeFact(row) : makeDelivery(row)
  view.element.setAttribute('role', 'row')
  view.element.dataset.id = row.id
  view.parts.open.tabIndex = -1
  const write = isFact ? writeFact : writeDelivery
  write(view, row, now)
  return { element: view.element, open: view.parts.open, update: (row, now) => write(view, row, now) }
}
