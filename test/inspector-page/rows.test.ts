import t from 'tap'
import { REASONS } from '../../src/domain/reason.ts'
import { deliveriesUntil, factsOf, idOf } from './believable.ts'

const FOLDER = new URL('../../src/inspector/page/', import.meta.url)
Object.assign(globalThis, { window: globalThis })
const load = async (file: string): Promise<any> => await import(new URL(file, FOLDER).href)
const { createRows } = await load('rows.js')
const { clean, isNumber, passing, readFragment, writeFragment } = await load('filter.js')
const { describe } = await load('facts.js')
const { duration, exactMoment, fullMoment, moment, money, share } = await load('numbers.js')
const { percentile, seriesOf } = await load('series.js')
const { channelName, countryName, hookName, plain, sentence, problemWords, providerName, reasonWords, statusOf } = await load('words.js')
const { standing, whyStanding } = await load('standing.js')

const everything = { passes: () => true, mark: Infinity, most: 200 }

t.test('a delivery is one row, however its facts come', async (t) => {
  const rows = createRows()
  const [attempt, finished, delivered] = factsOf(1, 1_000)
  t.same([...rows.take(attempt, '1.0')], [idOf(1)])
  t.same(rows.incomplete(), [idOf(1)], 'an attempt alone does not say whose it is')
  rows.take(finished, '1.1')
  t.same(rows.incomplete(), [])
  t.match(rows.get(idOf(1)), { status: 'accepted', number: '+49•••••••0001', hook: 'auth0', provider: 'acs-sms', at: 1_000 })
  rows.take(delivered, '2.0')
  t.match(rows.get(idOf(1)), { status: 'delivered', took: 1_800 })
  rows.take({ at: 9_000, type: 'delivery.used', delivery: idOf(1) }, '3.0')
  rows.take({ at: 9_500, type: 'delivery.finished', outcome: 'duplicate', delivery: idOf(1), number: '+49•••••••0001' }, '3.1')
  t.match(rows.get(idOf(1)), { usedAt: 9_000, repeats: 1, status: 'delivered' })
  t.equal(rows.window(everything).shown.length, 1)
})

t.test('what came first, and what went wrong, stays', async (t) => {
  const rows = createRows()
  const about = { at: 1, type: 'attempt.finished', delivery: 'one', attempt: 'a', provider: 'acs-sms', channel: 'sms' }
  rows.take({ ...about, result: 'failed', reason: 'provider_error' }, '1.0')
  t.match(rows.get('one'), { status: 'pending' })
  rows.take({ at: 2, type: 'delivery.finished', outcome: 'failed', delivery: 'one', hook: 'okta', caller: 'me', number: '+1••••', channel: 'sms', reason: 'provider_error' }, '1.1')
  t.match(rows.get('one'), { status: 'failed', reason: 'provider_error' })
  rows.take({ at: 3, type: 'delivery.guarded', delivery: 'two', rule: 'pumping', mode: 'shadow', reason: 'range_suspected' }, '1.2')
  rows.take({ at: 3, type: 'delivery.guarded', delivery: 'three', rule: 'pumping', mode: 'enforce', reason: 'range_suspected' }, '1.3')
  t.match([rows.get('two'), rows.get('three')], [{ status: 'pending', wouldRefuse: 'pumping' }, { status: 'refused', reason: 'range_suspected' }])
  rows.take({ at: 4, type: 'delivery.escalated', delivery: 'two', channel: 'voice', why: 'no_report' }, '1.4')
  rows.take({ at: 4, type: 'delivery.retried', delivery: 'two' }, '1.5')
  t.match(rows.get('two'), { channel: 'voice', isEscalated: true, isRetried: true })
  rows.take({ at: 5, type: 'delivery.updated', delivery: 'long ago', status: 'delivered', what: 'report.delivered' }, '1.6')
  rows.take({ at: 5, type: 'delivery.finished', outcome: 'duplicate', delivery: 'longer ago' }, '1.7')
  t.same([rows.get('long ago'), rows.get('longer ago')], [undefined, undefined], 'what is older than the list is not its beginning')
})

t.test('what the search finds takes its place among what has come, and does not undo it', async (t) => {
  const rows = createRows()
  const found = deliveriesUntil(100_000_000, 20)
  for (const entry of factsOf(5_000, 100_000_000)) rows.take(entry, `1.${entry.type}`)
  rows.merge(found)
  rows.merge([{ ...found[0], id: idOf(5_000), status: 'accepted', createdAt: 99_999_990, updatedAt: 99_999_990 }])
  const { shown } = rows.window(everything)
  t.equal(shown.length, 21)
  t.match(shown[0], { id: idOf(5_000), status: 'delivered', took: 1_800 })
  t.same(shown.slice(1).map(({ id }: any) => id), found.map(({ id }) => id))
  t.match(rows.window({ ...everything, mark: shown[3].rank, most: 5 }), { newer: 3, older: 13, shown: { length: 5 } })
})

t.test('a row says after a reload what it said before', async (t) => {
  const rows = createRows()
  const summary = { id: 'one', caller: 'c', hook: 'okta', channel: 'sms', number: '+1••••', status: 'delivered', createdAt: 1_000, updatedAt: 9_000 }
  rows.merge([{ ...summary, deliveredIn: 1_400, usedAt: 8_000 }, { ...summary, id: 'two', createdAt: 2_000 }])
  t.same(rows.window(everything).shown.map(({ took }: any) => took), [undefined, 1_400], 'also where its code was used since')
  rows.take({ at: 9_000, type: 'delivery.updated', delivery: 'two', status: 'delivered', milliseconds: 700 }, '1.0')
  rows.merge([{ ...summary, id: 'three', deliveredIn: 700 }])
  t.same(rows.get('three').took, 700)
})

t.test('what was before has its place by time, and says nothing of deliveries', async (t) => {
  const rows = createRows()
  rows.merge(deliveriesUntil(100_000_000, 3).map((row, index) => ({ ...row, createdAt: 3_000 - index * 1_000 })))
  const [first, second] = [{ at: 500, type: 'capture', source: 'first' }, { at: 1_500, type: 'provider.restored', provider: 'acs-sms' }]
  t.same([...rows.takeOld(first, '1.0'), ...rows.takeOld(second, '2.0')], ['1.0', '2.0'])
  t.same([...factsOf(50, 2_500), { at: 2_600, type: 'delivery.finished', outcome: 'duplicate', delivery: idOf(3) }].flatMap((entry) => [...rows.takeOld(entry, 'x')]), [])
  t.same(rows.window(everything).shown.map(({ id }: any) => id), [idOf(3), idOf(2), '2.0', idOf(1), '1.0'])
  t.match(rows.get(idOf(3)), { repeats: 0 })
  t.same([...rows.takeOld({ ...second, at: 9_000 }, '3.0')], ['3.0'])
  t.equal(rows.window(everything).shown[0].id, '3.0')
})

t.test('how a delivery stands, and why', async (t) => {
  const all = [
    [{ status: 'accepted', provider: 'acs-sms' }, 'accepted', ''],
    [{ status: 'accepted', provider: 'test-number' }, 'accepted', ''],
    [{ status: 'accepted', provider: 'rehearsal' }, 'rehearsed', ''],
    [{ status: 'delivered', provider: 'rehearsal', usedAt: 5 }, 'rehearsed', ''],
    [{ status: 'failed', provider: 'rehearsal', reason: 'no_time_left' }, 'failed', 'there was no time left'],
    [{ status: 'delivered', provider: 'acs-sms', usedAt: 5 }, 'used', ''],
    [{ status: 'delivered', usedAt: null }, 'delivered', ''],
    [{ status: 'undelivered', reason: 'carrier_blocked' }, 'undelivered', 'the carrier blocked it'],
    [{ status: 'unknown' }, 'unknown', 'nobody knows whether it was sent'],
    [{ status: 'unknown', reason: 'provider_error' }, 'unknown', 'nobody knows whether it was sent']
  ] as const
  for (const [row, stands, why] of all) t.same([standing(row), whyStanding(row)], [stands, why], JSON.stringify(row))
  t.match([statusOf('rehearsed'), statusOf('brand new')], [{ word: 'Rehearsed' }, { word: 'brand new' }])
})

t.test('no more rows are kept than can be', async (t) => {
  const rows = createRows()
  for (let index = 0; index < 7_000; index++) rows.take(factsOf(index, index)[1], `${index}.0`)
  const { shown, older } = rows.window(everything)
  t.equal(shown[0].id, idOf(6_999))
  t.ok(older + shown.length <= 6_000)
  t.equal(rows.get(idOf(1)), undefined)
  rows.clear()
  t.same(rows.window(everything), { shown: [], newer: 0, older: 0 })
})

t.test('what is about no delivery has its own words, and a verification one row', async (t) => {
  const rows = createRows()
  rows.take({ at: 1, type: 'verification.started', verification: 'v', profile: 'login', channel: 'sms', number: '+49•', kind: 'new' }, '1.0')
  rows.take({ at: 2, type: 'verification.checked', verification: 'v', valid: false, status: 'pending' }, '1.1')
  rows.take({ at: 3, type: 'verification.ended', verification: 'v', status: 'approved' }, '1.2')
  t.match(rows.window(everything).shown, [{ kind: 'fact', title: 'Verification approved', tone: 'good', number: '+49•', entries: { length: 3 } }])
  const facts: any[] = [
    { type: 'hook.answered', hook: 'auth0', status: 401, problem: 'unauthorized' }, { type: 'hook.answered', hook: 'auth0', status: 500, problem: 'internal' },
    { type: 'delivery.finished', outcome: 'key-reused', hook: 'direct' }, { type: 'provider.set-aside', provider: 'acs-sms', reason: 'timeout', failures: 5, milliseconds: 30_000 },
    { type: 'provider.restored', provider: 'acs-sms' }, { type: 'range.shut', range: 'block', shown: '+4930…', unexplained: 20, threshold: 10, milliseconds: 3_600_000 },
    { type: 'range.shut', mode: 'enforce', range: 'country', shown: 'GB', unexplained: 1, threshold: 1, milliseconds: 3_600_000 },
    { type: 'call.incoming', answer: 'rejected' }, { type: 'capture', source: 'twilio.function', status: 500 }, { type: 'capture' }, { type: 'login.matched', from: 'okta-events' },
    { type: 'webhook.failed', tries: 1, isGivenUp: false }, { type: 'webhook.failed', tries: 9, status: 500, isGivenUp: true },
    { type: 'publishing.failed', receiver: 'webhook', tries: 2, pages: 3 }, { type: 'publishing.missed', receiver: 'webhook', pages: 1 }, { type: 'feed.lost', facts: 12 },
    { type: 'callback.forged', vendor: 'twilio', hint: 'signature' }, { type: 'events.ignored', provider: 'acs', why: 'foreign', count: 1 },
    { type: 'deliveries.recovered', interrupted: 1, unknown: 1 }, { type: 'keys.disagree' }, { type: 'clock.skewed', milliseconds: -3_000 }, { type: 'work.failed', what: 'purging' },
    { type: 'verification.sent', verification: 'v', state: 'failed', reason: 'opted_out' }, { type: 'verification.resent', channel: 'voice' }, { type: 'verification.checked', valid: true }
  ]
  for (const fact of facts) {
    const said = describe(fact)
    t.match(said, { tone: /^(good|info|warn|bad|quiet)$/, icon: /^\w+$/, title: /^[A-Z0-9]/ }, fact.type)
    t.notMatch(`${said.title} ${said.note}`, /undefined|null|NaN/, fact.type)
  }
  t.match(describe({ type: 'hook.answered', hook: 'okta', status: 401, problem: 'unauthorized', hint: 'there is no header Authorization' }), { note: 'there is no header Authorization' }, 'the operator is told what to look at')
  t.same([describe({ type: 'hook.answered', status: 200 }), describe({ type: 'rows.purged' }), describe({ type: 'constructor' })], [undefined, undefined, undefined])
})

t.test('only what is enforced is said to be', async (t) => {
  const fact = { type: 'range.shut', range: 'block', shown: '+1 41…', unexplained: 20, threshold: 10, milliseconds: 900_000 }
  t.match(describe({ ...fact, mode: 'shadow' }), { tone: 'warn', title: 'Codes to +1 41… look pumped', note: '20 codes that nobody used, of 10 allowed; only watched: they are sent' })
  t.match(describe({ ...fact, mode: 'enforce' }), { tone: 'bad', title: 'Nothing is sent to +1 41… for 15 min', note: '20 codes that nobody used, of 10 allowed: it looks pumped' })
})

t.test('things have names that people know', async (t) => {
  t.same(['direct', 'verifications', 'inspector', 'my-own'].map(hookName), ['Your app', 'Codes of our own', 'Inspector', 'my-own'])
  t.same(['rehearsal', 'test-number', 'acs-sms'].map(providerName), ['Nobody (rehearsed)', 'Nobody (test number)', 'Azure text'])
  t.same(['sms.sent', 'whatsapp-OTP', 'twilio.function', 'constructor'].map(plain), ['SMS sent', 'WhatsApp OTP', 'twilio function', 'constructor'])
  t.equal(describe({ type: 'capture', source: 'sms.sent' }).title, 'SMS sent')
  t.equal(describe({ type: 'hook.answered', hook: 'direct', status: 400, problem: 'number_impossible' }).note, 'no phone number looks like that one')
  t.equal(describe({ type: 'hook.answered', hook: 'direct', status: 400, problem: 'number_impossible', detail: 'The field is "to".' }).note, 'The field is "to".')
  t.equal(problemWords('brand_new'), 'brand new')
})

t.test('every reason has words', async (t) => {
  for (const reason of REASONS) t.notMatch(reasonWords(reason), /_/, reason)
  t.equal(reasonWords('brand_new'), 'brand new')
  t.equal(reasonWords(undefined), '')
  t.equal(countryName('not a country'), 'not a country')
})

t.test('rows are chosen by what is looked for', async (t) => {
  const row = { id: idOf(1), kind: 'delivery', number: '+49•••••••5678', status: 'failed', channel: 'sms', country: 'DE' }
  const passes = (filter: object, found: string[] = []): boolean => passing(clean(filter), new Set(found))(row)
  for (const text of ['5678', '+49•••••••5678', '+49*******5678', '+49xxxxxxx5678', '+49.......5678', idOf(1)]) t.ok(passes({ text }), text)
  for (const text of ['5679', '+43•••••••5678', '678', 'nobody', idOf(2)]) t.notOk(passes({ text }), text)
  t.ok(passes({ text: 'SM123' }, [idOf(1)]), 'what the gateway found by its own means')
  // Two numbers may end alike, so that of a whole one nothing is guessed.
  for (const text of ['+4915112345678', '0049 1511 234-5678', '+49 (151) 12345678']) t.same([passes({ text }), passes({ text }, [idOf(1)])], [false, true], text)
  t.ok(passes({ status: 'failed', country: 'de', text: '  ' }))
  t.notOk(passes({ status: 'used' }))
  t.ok(passing({ status: 'used' }, new Set())({ ...row, status: 'delivered', usedAt: 1 }))
  t.notOk(passing({ status: 'used' }, new Set())({ ...row, kind: 'fact', usedAt: 1 }))
  t.notOk(passes({ status: 'failed', country: 'at' }))
  t.ok(passing({ text: 'Set Aside' }, new Set())({ id: 'x', kind: 'fact', title: 'Azure is set aside' }))
})

t.test('an address holds what is shown, but no number', async (t) => {
  for (const place of [
    { view: 'list', delivery: undefined, filter: {} }, { view: 'list', delivery: idOf(1), filter: { status: 'failed', country: 'DE' } },
    { view: 'list', delivery: undefined, filter: { text: '5678' } }, { view: 'plots', span: 'week', filter: {} }, { view: 'plots', span: 'day', filter: {} }, { view: 'plots', span: 'hour', filter: {} }
  ]) t.same(readFragment(writeFragment(place)), place)
  for (const text of ['+4915112345678', '015112345678', '0049 1511 2345-678', '(415) 555-0123']) {
    t.ok(isNumber(text), text)
    t.equal(writeFragment({ view: 'list', filter: { text } }), '#/')
  }
  t.notOk(isNumber('5678'))
  t.notOk(isNumber('SM9a6127c04be1d5f2a8'))
  for (const odd of ['', '#', '#enter=abc', '#/deliveries/../x', '#/deliveries/<b>', '#/nothing?status=']) t.same(readFragment(odd), { view: 'list', delivery: undefined, filter: {} }, odd)
  t.match(readFragment('#/plots?span=year'), { view: 'plots', span: 'hour' })
})

t.test('amounts read as people say them', async (t) => {
  t.same([0, 840, 2_400, 8_000, 42_000, 99_999, 200_000, 7_500_000, 7_200_000, 900_000_000].map(duration), ['0 ms', '840 ms', '2.4 s', '8 s', '42 s', '1 min 40 s', '3 min 20 s', '2 h 5 min', '2 h', '10 days'])
  t.same([share(0, 0), share(1, 2), share(974, 1000), share(300, 300)], ['–', '50%', '97.4%', '100%'])
  t.match([moment(1_000, 2_000), moment(0, 900_000_000)], [/^\d\d:\d\d:01$/, /^\d+ \w+, \d\d:\d\d$/])
  t.same([money(12.4, 'EUR'), money(0.0613, 'EUR'), money(1, 'credits')], ['€12.40', '€0.0613', '1.00 credits'])
})

t.test('statistics become lines', async (t) => {
  const none = Array.from({ length: 12 }, () => 0)
  t.equal(percentile(none, 0.5), null)
  t.equal(percentile([0, 10, ...none.slice(2)], 0.5), 1.5)
  t.equal(percentile([...none.slice(1), 1], 0.95), 300)
  const row = { bucket: 3_600_000, sent: 4, delivered: 3, undelivered: 1, failed: 2, used: 2, times: [3, ...none.slice(1)] }
  const { moments, amounts, times } = seriesOf({ span: 'day', from: 0, until: 3 * 3_600_000, rows: [row, { ...row, bucket: 90 * 3_600_000 }, row] })
  t.same(moments, [0, 3_600, 7_200])
  t.same(amounts, [[0, 8, 0], [0, 6, 0], [0, 4, 0], [0, 2, 0], [0, 4, 0]])
  t.same(times[0], [null, 0.5, null])
})

t.test('every fact has words, whatever it lacks', async (t) => {
  const said = (type: string, facts: object): string => Object.values(describe({ type, ...facts })).join(' | ')
  for (const [type, facts, words] of [
    ['hook.answered', { hook: 'okta', status: 500, problem: 'internal' }, /^bad \| hook \| Okta was answered 500/],
    ['delivery.finished', { hook: 'okta', outcome: 'key-reused' }, /one Idempotency-Key was used/],
    ['delivery.finished', { hook: 'okta', outcome: 'failed' }, /Nothing was sent for Okta \| failed/],
    ['call.incoming', { answer: 'ignored' }, /was ignored/],
    ['call.incoming', { answer: 'put-through' }, /A call came in and put through/],
    ['capture', {}, /^info \| capture \| Event \| captured from outside$/],
    ['capture', { source: 'sms.sent', status: 500 }, /^bad .* answered 500/],
    ['webhook.failed', { tries: 1, isGivenUp: false }, /^warn .*did not get through \| no answer, 1 try/],
    ['webhook.failed', { tries: 10, status: 500, isGivenUp: true }, /^bad .*given up \| answered 500, 10 tries/],
    ['publishing.failed', { receiver: 'event-grid', tries: 2, pages: 1 }, /no answer, 2 tries, 1 page waiting/],
    ['publishing.failed', { receiver: 'event-grid', tries: 2, status: 503, pages: 3 }, /answered 503/],
    ['callback.forged', { vendor: 'twilio', hint: 'look there' }, /not from Twilio \| look there/],
    ['callback.forged', { vendor: 'another', hint: '' }, /not from another/],
    ['events.ignored', { provider: 'acs', why: 'foreign', count: 1 }, /1 event of Azure ignored \| of messages that are not ours/],
    ['events.ignored', { provider: 'other', why: 'malformed', count: 2 }, /2 events of other ignored \| they could not be read/],
    ['events.ignored', { provider: 'acs', why: 'unknown', count: 2 }, /of a kind that is not known/],
    ['verification.started', { profile: 'login', channel: 'sms', kind: 'decoy' }, /nothing is sent/],
    ['verification.started', { profile: 'login', channel: 'sms', kind: 'new' }, /Verification started/],
    ['verification.sent', { state: 'failed', reason: 'timeout' }, /the code was not sent/],
    ['verification.sent', { state: 'sent' }, /the code was sent/],
    ['verification.checked', { valid: true }, /^good .*the right code/],
    ['verification.checked', { valid: false }, /^warn .*a wrong code/],
    ['verification.ended', { status: 'approved' }, /^good/],
    ['verification.ended', { status: 'failed' }, /^bad/],
    ['verification.ended', { status: 'expired' }, /^quiet/]
  ] as const) t.match(said(type, facts), words, `${type} ${JSON.stringify(facts)}`)
})

t.test('what has no name, or no time, is shown all the same', async (t) => {
  t.same([channelName(undefined), channelName('pigeon'), providerName(undefined), providerName('mine'), hookName(undefined), hookName('generic/logto')], ['', 'pigeon', '', 'mine', '', 'generic/logto'])
  t.same([sentence(''), sentence('one')], ['', 'One'])
  t.match([fullMoment(0), exactMoment(42)], [/1970, /, /\.042$/])
  t.equal(percentile([1], 1.5), 300, 'more than all of them')
  t.equal(percentile([...Array.from({ length: 11 }, () => 0), 2], 0.5), 300, 'the last group has no bound')
})

t.test('an outcome that says nothing of how it stands changes nothing, and what is filtered away is not counted', async (t) => {
  const rows = createRows()
  const finished = { at: 1, type: 'delivery.finished', delivery: 'one', hook: 'okta', caller: 'me', number: '+49•••••••0001', channel: 'sms' }
  rows.take({ ...finished, outcome: 'something-new' }, '1.0')
  t.match(rows.get('one'), { status: 'pending' })
  rows.take({ ...finished, outcome: 'unknown', reason: 'timeout' }, '1.1')
  t.match(rows.get('one'), { status: 'unknown', reason: 'timeout' })
  rows.take({ ...finished, outcome: 'unknown' }, '1.2')
  t.match(rows.get('one'), { reason: 'timeout' }, 'a reason stays')
  const { shown, newer, older } = rows.window({ passes: () => false, mark: 0, most: 10 })
  t.same([shown, newer, older], [[], 0, 0])
})

t.test('a search that chooses nothing takes every row, and an address without an id is that of the list', async (t) => {
  t.ok(passing({}, new Set())({ id: 'any' }))
  t.match(readFragment('#/deliveries'), { view: 'list', delivery: undefined })
  const row = { id: 'one', kind: 'delivery', number: '+49•••••••5678' }
  for (const [text, isFound] of [['+49••5678', true], ['+1••5678', false], ['5678', true], ['+4915', false]] as const) t.equal(passing({ text }, new Set())(row), isFound, text)
  t.ok(passing({ text: '+4915112345678' }, new Set(['one']))(row), 'a whole number is for the gateway to find')
})

t.test('what is told later belongs to its row, and an emptied list begins anew', async (t) => {
  const rows = createRows()
  rows.take({ at: 1, type: 'delivery.finished', outcome: 'accepted', delivery: 'one', hook: 'okta', caller: 'me', number: '+49•••••••0001', channel: 'sms' }, '1.0')
  rows.take({ at: 2, type: 'delivery.retried', delivery: 'one' }, '1.1')
  rows.take({ at: 3, type: 'delivery.escalated', delivery: 'one', channel: 'voice' }, '1.2')
  rows.take({ at: 4, type: 'login.matched', delivery: 'one', from: 'okta' }, '1.3')
  rows.take({ at: 5, type: 'verification.sent', delivery: 'one', verification: 'two', state: 'sent' }, '1.4')
  t.match(rows.get('one'), { isRetried: true, isEscalated: true, channel: 'voice', usedAt: 4, verification: 'two' })
  const summary = { id: 'one', hook: 'okta', caller: 'me', number: '+49•••••••0001', channel: 'sms', status: 'delivered', createdAt: 1, updatedAt: 9, deliveredIn: 700, usedAt: 8 }
  rows.merge([summary])
  t.match(rows.get('one'), { took: 700, usedAt: 4 }, 'what was seen first stays')
  rows.take({ at: 6, type: 'delivery.finished', outcome: 'accepted', delivery: 'three', hook: 'okta', caller: 'me', number: '+49•••••••0001', channel: 'sms' }, '1.5')
  rows.take({ at: 7, type: 'delivery.updated', delivery: 'three', status: 'delivered', channel: 'sms', milliseconds: 300 }, '1.6')
  rows.merge([{ ...summary, id: 'three' }])
  t.match(rows.get('three'), { took: 300, usedAt: 8 })
  t.ok(rows.top() > 0)
  rows.clear()
  t.same([rows.get('one'), rows.top()], [undefined, 0])
})

t.test('each span has points of its own length', async (t) => {
  for (const [span, length] of [['hour', 60_000], ['day', 3_600_000], ['week', 3 * 3_600_000]] as const) {
    t.equal(seriesOf({ span, from: 0, until: 4 * length, rows: [] }).moments.length, 4, span)
  }
})

t.test('a number that is typed in part chooses nothing that it cannot be', async (t) => {
  const row = { id: 'one', kind: 'delivery', number: '+49•••••••5678' }
  t.notOk(passing({ text: '+5678' }, new Set())(row))
  t.ok(passing({ text: '+49..5678' }, new Set())(row))
})
