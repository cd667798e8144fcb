// The way of a delivery, from top to bottom, with the time that passed between.

import { chip } from './row-view.js'
import { icon, make } from './dom.js'
import { duration, exactMoment } from './numbers.js'
import { channelName, hookName, plain, providerName, reasonWords, sentence, STATUSES, statusOf } from './words.js'

/** A pause that is worth seeing, in milliseconds. */
const GAP = 5_000

const EVENTS = {
  'report.delivered': 'The carrier reports: delivered',
  'report.accepted': 'The carrier took it',
  'report.undelivered': 'The carrier reports: not delivered',
  'report.failed': 'The provider reports: failed',
  'report.refused': 'The provider reports: refused',
  'report.read': 'It was read',
  'call.connected': 'The call was answered',
  'call.speaking': 'The code is being spoken',
  'call.spoken': 'The code was spoken',
  'call.speech-failed': 'The code could not be spoken',
  'call.key-pressed': 'A key was pressed',
  'call.no-key': 'No key was pressed',
  'call.not-confirmed': 'Nobody pressed a key',
  'call.not-placed': 'The call was not placed',
  'call.ended': 'The call is over',
  'call.ended-by-us': 'The gateway ended the call',
  'search.found': 'The provider was asked, and knows it',
  'search.absent': 'The provider was asked, and does not know it'
}

const reasonOf = ({ reason, vendorCode, hint }) => [reasonWords(reason), vendorCode === undefined || vendorCode === null ? '' : `code ${vendorCode}`, hint ?? ''].filter(part => part !== '').join(' · ')

const toneOf = status => status === undefined || status === null ? 'quiet' : statusOf(status).tone

/** Whether a caller is one that somebody gave a name. */
export const isNamed = caller => ![undefined, null, '', 'default', 'inspector'].includes(caller)

/** What is said of each item: its title, the words under it, its shape and its colour. */
const SAY = {
  hook: ({ hook, caller, milliseconds }) => ({ title: `${hookName(hook)} asked for it`, note: [isNamed(caller) ? `caller ${caller}` : '', milliseconds === undefined ? '' : `answered in ${duration(milliseconds)}`].filter(part => part !== '').join(' · '), icon: 'hook', tone: 'info' }),
  plan: ({ plan }) => ({ title: 'The plan', note: (plan ?? []).map(providerName).join(', then '), icon: 'plan', tone: 'quiet' }),
  decision: ({ rule, mode, reason }) => ({ title: mode === 'enforce' ? `Refused by the rule ${plain(rule)}` : `The rule ${plain(rule)} would refuse it`, note: mode === 'enforce' ? reasonWords(reason) : 'only watched: it was let go', icon: 'refused', tone: mode === 'enforce' ? 'bad' : 'warn' }),
  attempt: ({ provider, channel }) => ({ title: `${providerName(provider)} is asked`, note: channel === undefined ? '' : channelName(channel), icon: 'sending', tone: 'quiet' }),
  answer: item => ({ title: `${providerName(item.provider)} answered`, note: [reasonOf(item), item.reference ?? ''].filter(part => part !== '').join(' · '), icon: statusOf(item.status).icon, tone: toneOf(item.status) }),
  used: () => ({ title: 'The code was used', note: '', icon: 'used', tone: 'good' })
}

/** Colours of what happens in a call. */
const IN_CALLS = { 'call.spoken': 'good', 'call.key-pressed': 'good', 'call.speech-failed': 'bad', 'call.not-placed': 'bad', 'call.not-confirmed': 'warn', 'call.no-key': 'warn', 'call.connected': 'info', 'call.speaking': 'info' }

const ofEvent = item => {
  const [about, what] = item.what.split('.')
  const status = item.status ?? (about === 'report' && Object.hasOwn(STATUSES, what) ? what : undefined)
  return {
    title: EVENTS[item.what] ?? sentence(plain(item.what)),
    note: reasonOf(item),
    icon: about === 'call' ? 'voice' : status === undefined ? 'unknown' : statusOf(status).icon,
    tone: IN_CALLS[item.what] ?? toneOf(status)
  }
}

const showItem = (item, before, start) => {
  const said = Object.hasOwn(SAY, item.what) ? SAY[item.what](item) : ofEvent(item)
  const passed = item.at - before
  const element = make('li', 'step')
  element.dataset.tone = said.tone
  if (passed >= GAP) element.append(make('p', 'gap', `${duration(passed)} later`))
  const time = make('time', 'step-time', exactMoment(item.at))
  const since = make('span', 'step-since', item.at === start ? 'start' : `+${duration(item.at - start)}`)
  const title = make('div', 'step-title', make('span', '', said.title))
  if (item.what !== 'hook' && item.milliseconds !== undefined && item.milliseconds !== null) title.append(make('span', 'took', duration(item.milliseconds)))
  if (item.status !== undefined && item.status !== null && item.what === 'answer') title.append(chip(item.status))
  const words = make('div', 'step-words', title, ...said.note === '' ? [] : [make('p', 'step-note', said.note)])
  element.append(make('div', 'step-body', make('span', 'step-dot', icon(said.icon)), words, make('div', 'step-when', since, time)))
  return element
}

/** Shows the items of a timeline, in the order in which they come. */
export const showTimeline = items => {
  const start = items[0]?.at
  return items.map((item, index) => showItem(item, items[index - 1]?.at ?? item.at, start))
}
