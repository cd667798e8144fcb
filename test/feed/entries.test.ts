import t from 'tap'
import type { GatewayEvent } from '../../src/domain/gateway-event.ts'
import { entryOf, isStrangers } from '../../src/feed/entries.ts'

const answered = (more: Partial<Extract<GatewayEvent, { type: 'hook.answered' }>>): GatewayEvent =>
  ({ type: 'hook.answered', request: 'r', hook: 'okta', status: 200, problem: undefined, detail: undefined, hint: undefined, delivery: 'd', milliseconds: 5, ...more })

t.test('a fact is kept as it stands, with its moment', async (t) => {
  t.same(entryOf({ type: 'delivery.used', delivery: 'd' }, 7), { at: 7, type: 'delivery.used', delivery: 'd' })
  t.same(JSON.parse(JSON.stringify(entryOf(answered({}), 7))), { at: 7, type: 'hook.answered', request: 'r', hook: 'okta', status: 200, delivery: 'd', milliseconds: 5 })
})

t.test('of an error nothing is kept but what failed', async (t) => {
  const entry = entryOf({ type: 'work.failed', what: 'looking', error: new Error('code 482913') }, 7)
  t.same(entry, { at: 7, type: 'work.failed', what: 'looking' })
  t.equal((entryOf({ type: 'work.failed', what: 'x'.repeat(900), error: 1 }, 7)?.what as string).length, 301)
})

t.test('words are bounded', async (t) => {
  const entry = entryOf({ type: 'callback.forged', vendor: 'twilio', hint: 'x'.repeat(10_000) }, 7)
  t.equal((entry?.hint as string).length, 301)
  t.equal(entry?.vendor, 'twilio')
})

t.test('what is no news is left out', async (t) => {
  t.equal(entryOf({ type: 'rows.purged', deliveries: 7 }, 7), undefined)
  t.equal(entryOf({ type: 'clock.skewed', milliseconds: 7 }, 7), undefined)
  t.equal(entryOf({ type: 'feed.lost', facts: 7 }, 7), undefined)
  t.equal(entryOf({ type: 'events.ignored', provider: 'acs', why: 'unknown', count: 1 }, 7), undefined)
  t.match(entryOf({ type: 'events.ignored', provider: 'acs', why: 'malformed', count: 1 }, 7), { why: 'malformed' })
  t.match(entryOf({ type: 'range.shut', range: 'block', country: 'DE', shown: '+49 151…', mode: 'shadow', cause: 'hour', unexplained: 9, threshold: 5, milliseconds: 1 }, 7), { range: 'block', mode: 'shadow' })
  t.match(entryOf({ type: 'provider.set-aside', provider: 'acs-sms', channel: 'sms', reason: 'timeout', failures: 5, milliseconds: 1 }, 7), { failures: 5 })
  t.match(entryOf({ type: 'provider.restored', provider: 'acs-sms', channel: 'sms' }, 7), { provider: 'acs-sms' })
})

t.test('it is known what strangers can bring about', async (t) => {
  t.equal(isStrangers({ type: 'callback.forged', vendor: 'twilio', hint: '' }), true)
  t.equal(isStrangers(answered({ delivery: undefined, problem: 'unauthorized', status: 401 })), true)
  t.equal(isStrangers(answered({ delivery: undefined, problem: 'unauthorized', status: 200 })), true, 'Supabase is told so by 200')
  t.equal(isStrangers(answered({ problem: 'provider_failed', status: 502 })), false)
  t.equal(isStrangers(answered({ delivery: undefined })), false)
  t.equal(isStrangers({ type: 'delivery.used', delivery: 'd' }), false)
})
