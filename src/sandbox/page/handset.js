// The handset: follows the sandbox's stream, shows messages and calls, and does what a person with a phone does.

import { duration, make, nameOf, showCall, showDelivery, showMessage } from './inbox.js'
import { say } from './voice.js'

const MOST_SHOWN = 200
const KEYS = '123456789*0#'

const find = id => document.getElementById(id)
const calls = new Map()
const numbers = new Set()
// Calls that this page answered or made: it gives them its voice. Another open page shows captions only.
const mine = new Set()
let selected = ''
let speaking
let sound = true

const post = (path, body) => fetch(path, {
  method: 'POST',
  ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
})
const act = (call, action, body) => post(`/sandbox/calls/${call.id}/${action}`, body)

const personOf = call => call.direction === 'outbound' ? call.to : call.from
const gatewayOf = call => call.direction === 'outbound' ? call.from : call.to

const know = number => {
  if (numbers.has(number)) return
  numbers.add(number)
  find('number').append(new window.Option(number, number))
}

const entries = { inbox: new Map(), events: new Map() }

/** Shows a record in a list: new ones come first, known ones change where they are. */
const show = (list, { id, number = '', fresh }, children) => {
  const known = entries[list].get(id)
  const item = known ?? make('li', fresh ? 'fresh' : '')
  item.replaceChildren(...children)
  if (known !== undefined) return
  item.dataset.number = number
  item.hidden = selected !== '' && number !== '' && number !== selected
  entries[list].set(id, item)
  find(list).prepend(item)
  if (entries[list].size > MOST_SHOWN) {
    const [oldest, element] = entries[list].entries().next().value
    element.remove()
    entries[list].delete(oldest)
  }
}

const showEmpty = () => {
  find('empty').hidden = [...entries.inbox.values()].some(item => !item.hidden)
  find('no-events').hidden = entries.events.size > 0
}

/** The call that the phone is busy with, if any: the newest that a person has to do with. */
const busyWith = () => [...calls.values()].findLast(call =>
  call.attended && call.state !== 'disconnected' && (selected === '' || personOf(call) === selected))

const showTimer = () => {
  const call = busyWith()
  find('timer').textContent = call?.connectedAt === undefined ? '' : duration(Date.parse(call.connectedAt), Date.now())
}

/** Gives the running operation of a call its voice, and takes it away from one that has ended. */
const follow = call => {
  const operation = call?.operations.find(({ state }) => state === 'speaking')
  if (speaking !== undefined && speaking.id !== operation?.id) {
    speaking.controller.abort()
    speaking = undefined
  }
  if (operation === undefined || speaking !== undefined) return
  const controller = new window.AbortController()
  const { signal } = controller
  speaking = { id: operation.id, controller }
  const caption = words => { find('caption').textContent = words }
  const aloud = () => sound && mine.has(call.id)
  const speak = async () => {
    do await say(operation.speech, { aloud, caption, signal })
    while (operation.loop && operation.speech.length > 0 && !signal.aborted)
    if (!signal.aborted && mine.has(call.id)) await act(call, 'spoken', { operation: operation.id })
  }
  speak()
}

const showPhone = () => {
  const call = busyWith()
  const rings = call?.direction === 'outbound' && call.state === 'connecting'
  const talks = call !== undefined && !rings
  const wasRinging = !find('ringing').hidden
  find('ringing').hidden = !rings
  find('talking').hidden = !talks
  // What lies behind a call is not to be reached by keyboard or read out.
  find('home').inert = call !== undefined
  document.title = rings ? 'Incoming call · Handset' : talks ? 'In a call · Handset' : 'Handset'
  follow(call)
  if (rings) {
    find('ringing-number').textContent = call.from
    find('ringing-note').textContent = `for ${call.to} · ${nameOf(call)}`
    const typing = document.activeElement?.matches('input, select')
    if (!wasRinging && !typing) find('answer').focus()
  } else if (talks) {
    const connected = call.state === 'connected'
    const listening = call.operations.at(-1)?.state === 'listening'
    find('talking-number').textContent = gatewayOf(call)
    find('talking-note').textContent = connected ? `${personOf(call)} ·` : `calling from ${personOf(call)} …`
    find('talking-by').textContent = nameOf(call)
    if (call.operations.length === 0) find('caption').textContent = ''
    find('keypad').classList.toggle('wanted', listening)
    for (const key of find('keypad').children) key.disabled = !connected
    find('pressed').textContent = call.keys.slice(-16).join('')
    showTimer()
  }
}

const take = {
  message (message, fresh) {
    know(message.to)
    show('inbox', { id: message.id, number: message.to, fresh }, showMessage(message))
  },
  call (call, fresh) {
    if (call.state === 'disconnected') calls.delete(call.id)
    else calls.set(call.id, call)
    know(personOf(call))
    if (call.state === 'disconnected') show('inbox', { id: call.id, number: personOf(call), fresh }, showCall(call))
  },
  delivery (delivery, fresh) {
    show('events', { id: delivery.id, fresh }, showDelivery(delivery))
  }
}

const begin = ({ sourcePhoneNumbers, messages, calls: known, deliveries }) => {
  for (const list of ['inbox', 'events']) {
    entries[list].clear()
    find(list).replaceChildren()
  }
  calls.clear()
  find('dial-to').replaceChildren(...sourcePhoneNumbers.map(number => new window.Option(number, number)))
  const since = record => Date.parse(record.acceptedAt ?? record.startedAt)
  const inbox = [
    ...messages.map(message => ['message', message]), ...known.map(call => ['call', call])
  ].sort(([, one], [, other]) => since(one) - since(other))
  for (const [kind, record] of inbox) take[kind](record, false)
  for (const delivery of deliveries) take.delivery(delivery, false)
}

const connect = () => {
  const stream = new EventSource('/sandbox/stream')
  const shown = (text, kind) => {
    find('connection').textContent = text
    find('connection').className = `pill ${kind}`
  }
  const listen = (name, work) => stream.addEventListener(name, ({ data }) => {
    work(JSON.parse(data))
    showEmpty()
    showPhone()
  })
  stream.onopen = () => shown('connected', 'good')
  stream.onerror = () => {
    shown('not connected', 'bad')
    // A browser gives up for good when it was refused; whoever restarts the sandbox wants the page to come back.
    if (stream.readyState === EventSource.CLOSED) window.setTimeout(connect, 3_000)
  }
  listen('state', begin)
  for (const kind of Object.keys(take)) listen(kind, record => take[kind](record, true))
}

const press = key => {
  const call = busyWith()
  if (call?.state === 'connected') act(call, 'keys', { tone: key })
}

for (const key of KEYS) {
  const button = make('button', '', key)
  button.type = 'button'
  button.addEventListener('click', () => press(key))
  find('keypad').append(button)
}
find('answer').addEventListener('click', () => {
  const call = busyWith()
  mine.add(call.id)
  act(call, 'answer')
})
find('decline').addEventListener('click', () => act(busyWith(), 'decline'))
find('hang-up').addEventListener('click', () => act(busyWith(), 'hang-up'))
find('sound').addEventListener('click', () => {
  sound = !sound
  find('sound').setAttribute('aria-pressed', String(sound))
  if (!sound) window.speechSynthesis?.cancel()
})
find('number').addEventListener('change', ({ target }) => {
  selected = target.value
  for (const item of entries.inbox.values()) item.hidden = selected !== '' && item.dataset.number !== selected
  showEmpty()
  showPhone()
})
find('dialler').addEventListener('submit', async event => {
  event.preventDefault()
  const response = await post('/sandbox/incoming-calls', { from: find('dial-from').value, to: find('dial-to').value })
  const answer = await response.json()
  find('dial-problem').textContent = response.ok ? '' : answer.detail
  if (response.ok) mine.add(answer.id)
})
document.addEventListener('keydown', ({ key, target, ctrlKey, metaKey, altKey }) => {
  const typing = target.matches('input, select')
  if (!typing && !ctrlKey && !metaKey && !altKey && KEYS.includes(key)) press(key)
})
window.setInterval(showTimer, 500)
connect()
