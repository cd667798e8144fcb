// Turns records of the sandbox into list entries. Text only ever goes through textContent.

/** Makes an element with a class and children. */
export const make = (tag, className, ...children) => {
  const element = document.createElement(tag)
  element.className = className
  element.append(...children)
  return element
}

const CODE = /(?<![\p{L}\p{N}])(?=[A-Z]*[0-9])[A-Z0-9]{4,10}(?![\p{L}\p{N}])/u
const STATES = {
  pending: ['sending', 'wait'],
  delivered: ['delivered', 'good'],
  undelivered: ['not delivered', 'bad'],
  failed: ['not delivered', 'bad'],
  none: ['', '']
}

const time = iso => new Date(iso).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })

/** Minutes and seconds between two moments. */
export const duration = (from, to) => {
  const seconds = Math.max(0, Math.round((to - from) / 1_000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

/** Who brought it, and how where that looks different to the person. A verification comes by Twilio too, but in words of its own. */
export const nameOf = ({ vendor, channel, verification }) => {
  const name = vendor === 'azure' ? 'Azure' : verification === undefined ? 'Twilio' : 'Twilio Verify'
  return channel === 'whatsapp' ? `WhatsApp · ${name}` : name
}

const meta = (left, right, kind = '') => make('div', 'meta', make('span', '', left), make('span', `state ${kind}`.trim(), right))
const heading = (whom, record, at) => [
  make('div', 'meta', make('span', 'by', nameOf(record)), make('span', 'state', time(at))),
  make('div', 'meta', make('span', '', whom))
]

const codeButton = text => {
  const code = CODE.exec(text)?.[0]
  if (code === undefined) return []
  const button = make('button', 'code', code)
  button.type = 'button'
  button.title = 'Copy'
  button.setAttribute('aria-label', `Copy the code ${[...code].join(' ')}`)
  button.addEventListener('click', () => navigator.clipboard?.writeText(code))
  return [button]
}

/** What a message looks like in the list. */
export const showMessage = message => [
  ...heading(`To ${message.to}`, message, message.acceptedAt),
  make('p', 'text', message.text),
  ...codeButton(message.text),
  meta(`From ${message.from}`, ...(message.status === 'read' ? ['read', 'good'] : STATES[message.report]))
]

const ENDS = { 560486: 'busy', 560480: 'not answered', 560603: 'declined', 560404: 'unreachable', 560487: 'cancelled', 560403: 'failed' }
const TWILIO_ENDS = { busy: 'busy', 'no-answer': 'not answered', canceled: 'cancelled', failed: 'failed' }

/** What a call that is over looks like in the list. */
export const showCall = call => {
  const { from, to, direction, transcript, keys, startedAt, connectedAt, end, status } = call
  const missed = TWILIO_ENDS[status] ?? ENDS[end.subCode] ?? 'over'
  return [
    ...heading(direction === 'outbound' ? `Call to ${to}` : `Call from ${from}`, call, startedAt),
    ...transcript.map(line => make('p', 'text line', `“${line}”`)),
    meta(keys.length === 0 ? '' : `Keys ${keys.join(' ')}`,
      connectedAt === undefined ? missed : 'answered', connectedAt === undefined ? 'bad' : 'good')
  ]
}

// `MessageStatus=delivered` reads as a message that was delivered.
const typeOf = type => type.replace('Microsoft.Communication.', '').replace(/^(Message|Call)Status=/, '$1 ')
const subjectOf = ({ via, subject }) => {
  if (via === 'event-grid') return subject
  return `${subject.startsWith('SM') ? 'Message' : 'Call'} ${subject.slice(0, 8)}`
}
const good = status => status >= 200 && status < 300

/** What an attempt to tell the gateway something looks like. */
export const showDelivery = delivery => {
  const { type, status, attempt } = delivery
  return [
    make('span', '', typeOf(type)),
    make('span', `status ${status === 'pending' ? 'wait' : good(status) ? 'good' : 'bad'}`, status === 'pending' ? '…' : String(status)),
    make('span', 'about', subjectOf(delivery)),
    make('span', 'about', attempt === 1 ? '' : `attempt ${attempt}`)
  ]
}
