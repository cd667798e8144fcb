// Questions before something is sent: once more, or as a test.

import { api } from './api.js'
import { button, find, linkTo, make, notify, write } from './dom.js'
import { CHANNELS, hookName, providerName } from './words.js'

const option = (type, name, value, words, more, className = '') => {
  const input = make('input', '')
  Object.assign(input, { type, name, value })
  const label = make('label', `option ${className}`, input, make('span', '', words, make('small', '', more)))
  return { label, input }
}

/** Asks by a dialog. `send` gives what to say, or throws a `Problem`; `why` says what is missing, if anything. */
const askBy = ({ title, text, parts, word, why, send }) => {
  const dialog = find('dialog')
  const heading = make('h2', '', title)
  heading.id = 'dialog-title'
  const problem = make('p', 'problem')
  problem.setAttribute('role', 'alert')
  const go = button('primary', word(), async () => {
    const missing = why()
    write(problem, missing ?? '')
    if (missing !== undefined || go.getAttribute('aria-disabled') === 'true') return
    go.setAttribute('aria-disabled', 'true')
    const answer = await send().catch(refusal => { write(problem, refusal.message) })
    go.removeAttribute('aria-disabled')
    if (answer === undefined) return
    dialog.close()
    notify(answer.text, answer.id === undefined ? undefined : linkTo(`#/deliveries/${answer.id}`, 'Open it'))
  })
  const form = make('form', '', heading, make('p', '', text), ...parts, problem, make('div', 'buttons', button('secondary', 'Cancel', () => dialog.close()), go))
  go.type = 'submit'
  form.method = 'dialog'
  form.noValidate = true
  form.addEventListener('submit', event => event.preventDefault())
  form.addEventListener('input', () => {
    write(go.firstChild, word())
    write(problem, '')
  })
  dialog.replaceChildren(form)
  dialog.showModal()
}

const OUTCOMES = { accepted: 'It is on its way.', refused: 'It was refused.', failed: 'It could not be sent.', unknown: 'Nobody knows whether it was sent.', duplicate: 'It was sent before.', 'under-way': 'It is being sent.', 'key-reused': 'It was not sent.' }

/** Of a rehearsal nothing is on its way, whatever came of it. */
const REHEARSED = { refused: 'Rehearsed: it would be refused.', failed: 'Rehearsed: it could not be sent.', duplicate: 'It was rehearsed before.' }

const outcome = ({ id, outcome }) => ({ id, text: OUTCOMES[outcome] ?? 'It is on its way.' })
const rehearsed = ({ id, outcome }) => ({ id, text: REHEARSED[outcome] ?? 'Rehearsed: nothing was sent.' })

/** Asks whether a recorded message is sent again, and to whom. */
export const askReplay = ({ delivery, exchange, isSandbox }) => {
  const rehearse = option('radio', 'to', 'sandbox', 'As a rehearsal', 'It goes all the way but the last step: nobody gets it, and nothing is taken from a budget.')
  const real = option('radio', 'to', 'providers', 'To the real providers', `It reaches ${delivery.number}, and costs money.`, 'danger')
  const sure = option('checkbox', 'sure', 'yes', 'Yes, it reaches a real person and costs money', 'The person gets the same code again.', 'danger')
  rehearse.input.checked = true
  const isReal = () => real.input.checked
  // With the sandbox there is nothing to choose.
  const parts = isSandbox ? [] : [make('div', 'part', rehearse.label, real.label, sure.label)]
  const showSure = () => { sure.label.hidden = !isReal() }
  for (const { input } of [rehearse, real]) input.addEventListener('change', showSure)
  showSure()
  askBy({
    title: 'Send it again?',
    text: `What ${hookName(exchange.hook)} asked for is sent once more, as a delivery of its own.${isSandbox ? ' It arrives at the handset, and nothing leaves this machine.' : ''}`,
    parts,
    word: () => isReal() ? 'Send to the person' : 'Send again',
    why: () => isReal() && !sure.input.checked ? 'Say that you are sure.' : undefined,
    async send () {
      const say = isSandbox || isReal() ? outcome : rehearsed
      return say(await api.replay(delivery.id, { exchange: exchange.id, to: isReal() ? 'providers' : 'sandbox', ...isReal() ? { confirmed: true } : {} }))
    }
  })
}

/** Asks for a number, and sends a test code to it. */
export const askTest = ({ isSandbox, channels }) => {
  const number = make('input', '')
  Object.assign(number, { id: 'test-to', type: 'tel', autocomplete: 'off', placeholder: '+49 1511 2345678', maxLength: 32 })
  const label = make('label', '', 'Number, with its country code')
  label.htmlFor = 'test-to'
  const offered = Object.keys(CHANNELS).filter(name => (channels[name] ?? []).length > 0)
  const ways = (offered.length === 0 ? ['sms'] : offered).map((name, index) => {
    const way = option('radio', 'channel', name, CHANNELS[name], (channels[name] ?? []).map(providerName).join(', then '))
    way.input.checked = index === 0
    return way
  })
  const sure = option('checkbox', 'sure', 'yes', 'Yes, it reaches a real person and costs money', 'A random code that opens nothing.', 'danger')
  const group = make('div', 'part', ...ways.map(({ label }) => label))
  group.setAttribute('role', 'radiogroup')
  group.setAttribute('aria-label', 'Channel')
  askBy({
    title: 'Send a test code',
    text: isSandbox ? 'A random code, by the sandbox: it arrives at the handset, and nothing leaves this machine.' : 'A random code, by the real providers.',
    parts: [make('div', 'part', label, number), group, ...isSandbox ? [] : [make('div', 'part', sure.label)]],
    word: () => 'Send',
    why: () => number.value.replace(/\D/g, '').length < 5 ? 'Write the number as +491511…' : !isSandbox && !sure.input.checked ? 'Say that you are sure.' : undefined,
    send: async () => outcome(await api.test({ to: number.value.trim(), channel: ways.find(({ input }) => input.checked).input.value, ...isSandbox ? {} : { confirmed: true } }))
  })
  number.focus()
}
