// The fields above the list.

import { find, notify } from './dom.js'
import { clean, FIELDS, isEmpty, isNumber } from './filter.js'
import { CHANNELS, channelName, hookName, providerName, STATUSES } from './words.js'

/** Milliseconds after the last key, before what was typed is looked for. */
const REST = 300

const NAMES = { status: name => STATUSES[name].word, channel: channelName, provider: providerName, hook: hookName }

/** The bar; `look` is called with each new filter. */
export const createFilterBar = ({ look }) => {
  let resting

  const read = () => clean({ text: find('text').value, ...Object.fromEntries(FIELDS.map(field => [field, find(field).value])) })

  const offer = (field, names) => {
    const select = find(field)
    const known = new Set([...select.options].map(({ value }) => value))
    for (const name of new Set(names)) if (!known.has(name)) select.append(new window.Option(NAMES[field]?.(name) ?? name, name))
  }

  const mark = filter => {
    for (const field of FIELDS) find(field).classList.toggle('chosen', filter[field] !== undefined)
    find('clear').hidden = isEmpty(filter)
  }

  const changed = () => {
    window.clearTimeout(resting)
    const filter = read()
    mark(filter)
    look(filter)
  }

  offer('status', Object.keys(STATUSES))
  offer('channel', Object.keys(CHANNELS))
  find('filter').addEventListener('submit', event => {
    event.preventDefault()
    changed()
  })
  for (const field of ['text', 'country']) {
    find(field).addEventListener('input', () => {
      window.clearTimeout(resting)
      if (field === 'country' && find('country').value.length === 1) return
      resting = window.setTimeout(changed, REST)
    })
  }
  for (const field of ['status', 'channel', 'provider', 'hook']) find(field).addEventListener('change', changed)
  find('clear').addEventListener('click', () => {
    for (const field of ['text', ...FIELDS]) find(field).value = ''
    changed()
    find('text').focus()
  })
  find('copy').addEventListener('click', async () => {
    const isPartial = isNumber(find('text').value)
    const isCopied = await navigator.clipboard.writeText(location.href).then(() => true, () => false)
    notify(!isCopied ? 'The browser did not allow it: copy the address itself.' : isPartial ? 'Copied, without the number: that stays out of links.' : 'Copied. Whoever opens it signs in first.')
  })

  return {
    /** What can be chosen, as the gateway knows it. */
    offer ({ providers = [], hooks = [] }) {
      offer('provider', providers.map(({ provider }) => provider))
      offer('hook', hooks)
    },
    /** Shows a filter that came otherwise, as by a link. */
    show (filter) {
      for (const field of FIELDS) if (filter[field] !== undefined && find(field).tagName === 'SELECT') offer(field, [filter[field]].filter(name => field !== 'status' || STATUSES[name] !== undefined))
      for (const field of ['text', ...FIELDS]) find(field).value = filter[field] ?? ''
      mark(filter)
    }
  }
}
