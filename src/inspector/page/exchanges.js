// What a hook asked and was answered, and the button that sends it once more.

import { button, make } from './dom.js'
import { showJson } from './json-view.js'
import { duration, exactMoment, moment } from './numbers.js'
import { hookName } from './words.js'

const whyNot = ({ replayableUntil }, now) => {
  if (replayableUntil === undefined || replayableUntil === null) return 'The message is not kept, so it cannot be sent again: REPLAY_MINUTES says for how long it is.'
  return replayableUntil <= now ? 'The message is not kept any more.' : undefined
}

/** `14:03`, or `21 Nov, 14:03`: seconds are more than anybody wants to know. */
const untilWords = (at, now) => moment(at, now).replace(/^(\d\d:\d\d):\d\d$/, '$1')

const half = (heading, value) => {
  const json = showJson(value)
  // It may be longer than its place: who has no mouse can scroll it all the same.
  json.tabIndex = 0
  json.setAttribute('role', 'group')
  json.setAttribute('aria-label', heading)
  return make('div', '', make('h4', '', heading), json)
}

const showExchange = (exchange, { now, replay }) => {
  const { hook, status, milliseconds, at, request, reply } = exchange
  const why = whyNot(exchange, now())
  const again = button('secondary', 'Send again', () => { if (why === undefined) replay(exchange) }, 'again')
  const note = make('p', 'exchange-why', why ?? `Can be sent again until ${untilWords(exchange.replayableUntil, now())}`)
  if (why !== undefined) {
    note.id = `why-${exchange.id}`
    again.setAttribute('aria-disabled', 'true')
    again.setAttribute('aria-describedby', note.id)
  }
  const answered = make('span', 'chip', make('span', '', `answered ${status} in ${duration(milliseconds)}`))
  answered.dataset.tone = status < 400 ? 'good' : status < 500 ? 'warn' : 'bad'
  return make('div', 'exchange',
    make('div', 'exchange-top', make('span', '', hookName(hook)), answered, make('time', 'soft', exactMoment(at)), make('div', 'exchange-again', note, again)),
    make('div', 'two', half('Asked', request), half('Answered', reply)))
}

/** Shows exchanges; `replay` is called with the one that is to be sent again. `isOurs`: this page asked for the delivery. */
export const showExchanges = (exchanges, how) => exchanges.length === 0
  ? [make('p', 'soft', how.isOurs ? 'Nothing was recorded: it was asked for on this page.' : 'Nothing was recorded: the gateway sent it by itself, or more was asked at once than is recorded.')]
  : exchanges.map(exchange => showExchange(exchange, how))
