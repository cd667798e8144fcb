// What is looked for, and how it stands in the address.

/** What rows can be chosen by, beside words. */
export const FIELDS = ['status', 'channel', 'provider', 'hook', 'country']

const SPACING = /[\s().\-/]/g

/** Whether a text may be somebody's number, or much of it. Such a one never goes into an address. */
export const isNumber = text => /^(?:\+|00)?\d{5,}$/.test(text.replace(SPACING, ''))

/** Whether a text is a number and nothing of it is hidden: who has it, the gateway alone can tell. */
export const isWholeNumber = text => isNumber(text) && !/\.{2}/.test(text)

/** Whether nothing is looked for. */
export const isEmpty = filter => filter.text === undefined && FIELDS.every(field => filter[field] === undefined)

/** Only what is given, and nothing else. */
export const clean = filter => Object.fromEntries(['text', ...FIELDS].flatMap(name => {
  const value = String(filter[name] ?? '').trim().slice(0, 200)
  return value === '' ? [] : [[name, name === 'country' ? value.toUpperCase() : value]]
}))

const MASK = /[•*x.]/i

/** Whether a masked number may be the one that is looked for: by its last digits, and those at its beginning. */
const isNumberLike = (text, masked) => {
  const sought = text.replace(/[\s()\-/]/g, '').replace(/^00/, '+')
  const end = /\d+$/.exec(sought)?.[0] ?? ''
  if (end.length < 4 || !masked.endsWith(end.slice(-4))) return false
  if (!sought.startsWith('+')) return true
  const start = MASK.test(sought) ? sought.slice(0, sought.search(MASK)) : sought
  const known = masked.slice(0, masked.search('•'))
  return start.startsWith(known) || known.startsWith(start)
}

/** Whether what is known of a row can hold the text. */
const hasText = (text, row) => [row.id, row.delivery, row.verification].includes(text.toLowerCase()) ||
  (row.number !== undefined && isNumberLike(text, row.number)) ||
  (row.kind === 'fact' && row.title.toLowerCase().includes(text.toLowerCase()))

const hasField = (row, field, value) => field === 'status' && value === 'used'
  ? row.kind === 'delivery' && row.usedAt !== undefined && row.usedAt !== null
  : row[field] === value

/** Whether a row has all that is chosen, whatever the text is. */
export const hasFields = (filter, row) => FIELDS.every(field => filter[field] === undefined || hasField(row, field, filter[field]))

/** Makes the test of rows by a filter. `found`: ids that the gateway itself has found by its text. */
export const passing = (filter, found) => {
  if (isEmpty(filter)) return () => true
  const { text } = filter
  const isFound = text === undefined ? () => true : isWholeNumber(text) ? row => found.has(row.id) : row => found.has(row.id) || hasText(text, row)
  return row => hasFields(filter, row) && isFound(row)
}

const ID = /^[0-9A-Za-z-]{1,64}$/

/** Reads an address: `{ view, delivery, span, filter }`. Whatever it holds, it is one that can be shown. */
export const readFragment = fragment => {
  const [path, query = ''] = fragment.replace(/^#\/?/, '').split('?', 2)
  const given = new window.URLSearchParams(query)
  const filter = clean(Object.fromEntries(given))
  const [view, id] = path.split('/')
  if (view === 'plots') return { view: 'plots', span: ['hour', 'day', 'week'].includes(given.get('span')) ? given.get('span') : 'hour', filter: {} }
  return { view: 'list', delivery: view === 'deliveries' && ID.test(id ?? '') ? id : undefined, filter }
}

/** The address of what is shown. A number stays out of it. */
export const writeFragment = ({ view, delivery, span, filter }) => {
  if (view === 'plots') return `#/plots${span === 'hour' ? '' : `?span=${span}`}`
  const { text, ...others } = filter
  const query = new window.URLSearchParams({ ...others, ...text === undefined || isNumber(text) ? {} : { text } }).toString()
  return `#/${delivery === undefined ? '' : `deliveries/${delivery}`}${query === '' ? '' : `?${query}`}`
}
