// JSON that can be folded, with its keys set off.

import { make } from './dom.js'

/** Levels that are open from the start, and values shown of each. */
const OPEN_LEVELS = 3
const MOST_VALUES = 200

const leaf = value => make('span', `json-${value === null ? 'null' : typeof value}`, typeof value === 'string' ? JSON.stringify(value) : String(value))

const line = (name, value, level) => {
  const key = name === undefined ? [] : [make('span', 'json-key', name), ': ']
  if (value === null || typeof value !== 'object') return make('div', 'json-line', ...key, leaf(value))
  const isList = Array.isArray(value)
  const entries = Object.entries(value)
  const [open, close] = isList ? ['[', ']'] : ['{', '}']
  if (entries.length === 0) return make('div', 'json-line', ...key, `${open}${close}`)
  const inside = entries.slice(0, MOST_VALUES).map(([name, inner]) => line(isList ? undefined : name, inner, level + 1))
  if (entries.length > MOST_VALUES) inside.push(make('div', 'json-line', `… ${entries.length - MOST_VALUES} more`))
  const size = make('span', 'json-size', ` ${entries.length} ${close}`)
  const element = make('details', 'json-group', make('summary', '', ...key, open, size), make('div', 'json-inside', ...inside), make('div', 'json-close', close))
  element.open = level < OPEN_LEVELS
  return element
}

const parsed = text => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Shows a value; text that is JSON is shown as what it says. */
export const showJson = value => {
  const shown = typeof value === 'string' ? parsed(value) : value
  return make('div', 'json', shown === undefined || shown === null ? make('span', 'soft', 'nothing') : typeof shown === 'string' ? make('div', 'json-line', shown) : line(undefined, shown, 0))
}
