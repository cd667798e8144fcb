// Tables of how it goes by provider, channel and country, and how the providers stand.

import { chip } from './row-view.js'
import { icon, make } from './dom.js'
import { count, duration, money, several, share } from './numbers.js'
import { channelName, providerName, reasonWords, sentence } from './words.js'

const cell = (tag, className, ...children) => make(tag, className, ...children)

const head = names => {
  const row = make('tr', '')
  for (const [index, name] of names.entries()) {
    const element = cell('th', index === 0 ? '' : 'amount', name)
    element.scope = 'col'
    row.append(element)
  }
  return make('thead', '', row)
}

/** A part of a whole, as a bar with its words. */
const bar = (part, whole, tone) => {
  const line = make('span', 'bar')
  line.dataset.tone = tone
  line.style.setProperty('--part', whole > 0 ? Math.min(1, part / whole) : 0)
  return cell('td', 'amount', make('span', 'bar-words', share(part, whole)), line)
}

const seconds = value => value === undefined || value === null ? '–' : duration(value * 1000)

/** A table of one thing that messages are told apart by; `nameOf` says what one is called. */
export const showBreakdown = ({ title, what, rows, nameOf, currency }) => {
  const hasMoney = currency !== undefined && rows.some(({ cost }) => cost !== undefined)
  const most = Math.max(1, ...rows.map(({ sent, failed }) => sent + failed))
  const body = rows.map(row => {
    const name = cell('th', 'name', make('span', '', row.name === '' ? 'None' : nameOf(row.name)))
    name.scope = 'row'
    const sent = make('span', 'bar')
    sent.dataset.tone = 'quiet'
    sent.style.setProperty('--part', row.sent / most)
    return make('tr', '', name,
      cell('td', 'amount', make('span', 'bar-words', count(row.sent)), sent),
      bar(row.delivered, row.sent, 'good'),
      bar(row.used, row.sent, 'info'),
      bar(row.undelivered, row.sent, 'bad'),
      bar(row.failed, row.sent + row.failed, 'bad'),
      cell('td', 'amount', seconds(row.median)),
      cell('td', 'amount', seconds(row.percentile95)),
      ...hasMoney ? [cell('td', 'amount', row.cost === undefined ? '–' : money(row.cost, currency))] : [])
  })
  const table = make('table', 'numbers', head([what, 'Sent', 'Delivered', 'Used', 'Not delivered', 'Failed attempts', 'Median', '95th', ...hasMoney ? ['Money'] : []]), make('tbody', '', ...body))
  const scroll = make('div', 'numbers-place', rows.length === 0 ? make('p', 'soft', 'Nothing was sent in this time.') : table)
  scroll.tabIndex = 0
  scroll.setAttribute('role', 'region')
  scroll.setAttribute('aria-label', title)
  return make('section', 'plot', make('h2', '', title), scroll)
}

const CIRCUITS = {
  closed: { tone: 'good', icon: 'delivered', word: 'Works' },
  'half-open': { tone: 'warn', icon: 'sending', word: 'Tried next' },
  open: { tone: 'bad', icon: 'failed', word: 'Set aside' }
}

/** How each provider stands in the process that was asked. */
export const showHealth = (providers, now) => make('section', 'plot health', make('h2', '', 'Providers'), make('ul', 'circuits', ...providers.map(({ provider, channel, state, failures, reason, retryAt }) => {
  const { tone, icon: picture, word } = CIRCUITS[state] ?? CIRCUITS.closed
  const sign = make('span', 'chip', icon(picture), make('span', '', word))
  sign.dataset.tone = tone
  const why = failures === 0 ? channelName(channel) : `${channelName(channel)} · failed ${count(failures)} × in a row: ${reasonWords(reason)}`
  const until = retryAt !== undefined && retryAt !== null && retryAt > now ? `, again in ${duration(retryAt - now)}` : ''
  return make('li', 'circuit', make('div', '', make('strong', '', providerName(provider)), make('p', 'soft', `${why}${until}`)), sign)
})))

const MEASURES = {
  delivered: ['are delivered', part => share(part * 100, 100)],
  failed: ['fail', part => share(part * 100, 100)],
  slower: ['arrive in time', part => share(part * 100, 100)],
  used: ['are used', part => share(part * 100, 100)]
}

const showOne = ({ provider, channel, country, measure, now, usual, count: amount, since, within }, nameOf) => {
  const [known, write] = MEASURES[measure] ?? MEASURES.failed
  const words = measure === 'slower' && within !== undefined ? `arrive within ${duration(within * 1000)}` : known
  const who = [country === undefined ? '' : nameOf(country), provider === undefined ? channel === undefined ? '' : channelName(channel) : providerName(provider)].filter(part => part !== '').join(' · ')
  const minutes = since === undefined ? '' : ` since ${new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' }).format(since)}`
  return make('li', 'worse-one', icon('failed'),
    make('div', '', make('strong', '', who === '' ? 'All together' : who), make('p', '', sentence(`${write(now)} ${words}, usually ${write(usual)}`)), make('p', 'soft', `${count(amount)} messages${minutes}`)))
}

/** What has just become worse: the answer first. */
export const showWorse = (worse, nameOf) => {
  const isCalm = worse.length === 0
  const sign = make('span', 'worse-sign', icon(isCalm ? 'calm' : 'failed'))
  const answer = isCalm ? 'Nothing stands out.' : worse.length === 1 ? 'One way goes worse than usual.' : `${worse.length} ways go worse than usual.`
  const element = make('section', 'worse', make('div', 'worse-top', sign, make('div', '', make('h2', '', 'What has just become worse?'), make('p', 'worse-answer', answer))),
    ...isCalm ? [] : [make('ul', 'worse-list', ...worse.map(one => showOne(one, nameOf)))])
  element.dataset.tone = isCalm ? 'good' : 'bad'
  return element
}

/** All of it in a few large numbers. */
export const showTotals = (totals, currency) => {
  const card = (name, value, note, status) => make('div', 'card', make('dt', '', ...status === undefined ? [name] : [chip(status)]), make('dd', '', make('strong', '', value), make('span', 'soft', note)))
  const { sent, delivered, undelivered, failed, used, median, percentile95, cost } = totals
  return make('dl', 'cards',
    card('', count(sent), 'messages', 'accepted'),
    card('', share(delivered, sent), `${count(delivered)} of them`, 'delivered'),
    card('', share(used, sent), `${count(used)} of them`, 'used'),
    card('', share(undelivered, sent), `${count(undelivered)} of them`, 'undelivered'),
    // One message is tried more than once where a provider fails: these are not as many that did not arrive.
    card('', share(failed, sent + failed), `${count(failed)} of ${several(sent + failed, 'attempt')}`, 'failed'),
    card('Time to delivery', seconds(median), `95th: ${seconds(percentile95)}`),
    ...currency === undefined || cost === undefined ? [] : [card('Money', money(cost, currency), 'by your prices')])
}
