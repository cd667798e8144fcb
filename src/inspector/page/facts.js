// Facts of the feed that are not about one delivery, or say more than its row can: each in plain words.

import { channelName, hookName, plain, problemWords, providerName, reasonWords, sentence } from './words.js'
import { duration, several } from './numbers.js'

const COME_IN = { rejected: 'was rejected', announced: 'was answered with words', 'called-back': 'is called back', ignored: 'was ignored' }
const VENDORS = { acs: 'Azure', twilio: 'Twilio', azure: 'Azure' }

const unusedCodes = (unexplained, threshold) => `${several(unexplained, 'code')} that nobody used, of ${threshold} allowed`

/** What is said of each; `undefined` where nothing is. */
const SAY = {
  'hook.answered': ({ hook, status, problem, detail, hint, delivery }) => problem === undefined || delivery !== undefined
    ? undefined
    : { tone: status >= 500 ? 'bad' : 'warn', icon: 'hook', title: `${hookName(hook)} was answered ${status}`, note: detail ?? hint ?? problemWords(problem) },
  'delivery.finished': ({ delivery, outcome, hook }) => delivery !== undefined
    ? undefined
    : { tone: 'warn', icon: 'hook', title: `Nothing was sent for ${hookName(hook)}`, note: outcome === 'key-reused' ? 'one Idempotency-Key was used for two messages' : plain(outcome) },
  'provider.set-aside': ({ provider, reason, failures, milliseconds }) =>
    ({ tone: 'bad', icon: 'failed', title: `${providerName(provider)} is set aside for ${duration(milliseconds)}`, note: `${several(failures, 'failure')} in a row: ${reasonWords(reason)}` }),
  'provider.restored': ({ provider }) => ({ tone: 'good', icon: 'delivered', title: `${providerName(provider)} works again`, note: 'it is back in its place' }),
  'range.shut': ({ shown, mode, unexplained, threshold, milliseconds }) => mode === 'enforce'
    ? { tone: 'bad', icon: 'refused', title: `Nothing is sent to ${shown} for ${duration(milliseconds)}`, note: `${unusedCodes(unexplained, threshold)}: it looks pumped` }
    : { tone: 'warn', icon: 'refused', title: `Codes to ${shown} look pumped`, note: `${unusedCodes(unexplained, threshold)}; only watched: they are sent` },
  'call.incoming': ({ answer }) => ({ tone: 'info', icon: 'voice', title: `A call came in and ${COME_IN[answer] ?? plain(answer)}`, note: '' }),
  capture: ({ source, status }) => ({ tone: status >= 400 ? 'bad' : 'info', icon: 'capture', title: sentence(plain(source ?? 'event')), note: status === undefined ? 'captured from outside' : `captured from outside, answered ${status}` }),
  'login.matched': ({ from }) => ({ tone: 'good', icon: 'used', title: `${sentence(plain(from))} saw a login with a code`, note: 'matched to its delivery' }),
  'webhook.failed': ({ tries, status, isGivenUp }) =>
    ({ tone: isGivenUp ? 'bad' : 'warn', icon: 'failed', title: isGivenUp ? 'A webhook was given up' : 'A webhook did not get through', note: `${status === undefined ? 'no answer' : `answered ${status}`}, ${several(tries, 'try', 'tries')}` }),
  'publishing.failed': ({ receiver, tries, status, pages }) =>
    ({ tone: 'warn', icon: 'failed', title: `Events do not reach ${plain(receiver)}`, note: `${status === undefined ? 'no answer' : `answered ${status}`}, ${several(tries, 'try', 'tries')}, ${several(pages, 'page')} waiting` }),
  'publishing.missed': ({ receiver, pages }) => ({ tone: 'bad', icon: 'failed', title: `${sentence(plain(receiver))} missed ${several(pages, 'page')} of events`, note: 'they were gone before it could be reached' }),
  'feed.lost': ({ facts }) => ({ tone: 'warn', icon: 'unknown', title: `${several(facts, 'fact')} could not be kept`, note: 'more happened than the feed takes; deliveries are on record all the same' }),
  'callback.forged': ({ vendor, hint }) => ({ tone: 'bad', icon: 'refused', title: `A callback is not from ${VENDORS[vendor] ?? vendor}`, note: hint }),
  'events.ignored': ({ provider, why, count }) => ({ tone: 'quiet', icon: 'unknown', title: `${several(count, 'event')} of ${VENDORS[provider] ?? provider} ignored`, note: why === 'foreign' ? 'of messages that are not ours' : why === 'malformed' ? 'they could not be read' : 'of a kind that is not known' }),
  'deliveries.recovered': ({ interrupted, unknown }) => ({ tone: 'warn', icon: 'unknown', title: 'A process had died', note: `${several(interrupted + unknown, 'message')} of it settled` }),
  'keys.disagree': () => ({ tone: 'bad', icon: 'failed', title: 'Processes disagree about the keys', note: 'GATEWAY_KEYS must be the same in all of them' }),
  'clock.skewed': ({ milliseconds }) => ({ tone: 'warn', icon: 'sending', title: `A clock is off by ${duration(Math.abs(milliseconds))}`, note: 'the store’s clock is what counts' }),
  'work.failed': ({ what }) => ({ tone: 'bad', icon: 'failed', title: `${sentence(String(what))} failed`, note: 'the log says more' }),
  'verification.started': ({ profile, channel, kind }) =>
    ({ tone: 'info', icon: 'verification', title: 'Verification started', note: `${plain(profile)}, by ${channelName(channel).toLowerCase()}${kind === 'decoy' ? '; nothing is sent' : ''}` }),
  'verification.sent': ({ state, reason }) => ({ tone: state === 'failed' ? 'bad' : 'info', icon: 'verification', title: state === 'failed' ? 'Verification: the code was not sent' : 'Verification: the code was sent', note: reasonWords(reason) }),
  'verification.resent': ({ channel }) => ({ tone: 'info', icon: 'verification', title: 'Verification: another code was asked for', note: `by ${channelName(channel).toLowerCase()}` }),
  'verification.checked': ({ valid }) => ({ tone: valid ? 'good' : 'warn', icon: 'verification', title: valid ? 'Verification: the right code' : 'Verification: a wrong code', note: '' }),
  'verification.ended': ({ status }) => ({ tone: status === 'approved' ? 'good' : status === 'failed' ? 'bad' : 'quiet', icon: 'verification', title: `Verification ${plain(status)}`, note: '' })
}

/** What is said of a fact: `{ tone, icon, title, note }`; `undefined` where it needs no row of its own. */
export const describe = entry => Object.hasOwn(SAY, entry.type) ? SAY[entry.type](entry) : undefined
