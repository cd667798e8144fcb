import t, { type Test } from 'tap'
import { Deadline } from '../../../src/domain/deadline.ts'
import { SensitiveText } from '../../../src/domain/sensitive.ts'
import type { Findings, Inquiry, Provider, Search, Sought } from '../../../src/providers/provider.ts'
import { createTwilioSms } from '../../../src/providers/twilio/sms.ts'
import { createTwilioVerify } from '../../../src/providers/twilio/verify.ts'
import { createTwilioVoice } from '../../../src/providers/twilio/voice.ts'
import { createTwilioWhatsapp } from '../../../src/providers/twilio/whatsapp.ts'
import { CODE, hidesAll, NUMBER, numberOf, orderFor, printed, WORDS } from '../suite.ts'
import { ACCOUNT, clientOf, closedUrl, SECRETS, sid, startVendor, type Answer, type Vendor } from './vendor.ts'

const LONG = 30_000
const FROM = '+15550200001'
const SERVICE = sid('MG')
const VERIFY = sid('VA')
const OTHER = '+15557654322'

/** A moment within what is sought, and the bounds of that. */
const MADE = Date.UTC(2026, 10, 21, 8, 0, 5)
const [BEGUN, UNTIL] = [MADE - 5000, MADE + 10_000]
const MARGIN = 10 * 60_000

const longDate = (milliseconds: number): string => new Date(milliseconds).toUTCString().replace('GMT', '+0000')

/** A kind of record, and the provider that it is of. */
interface Kind {
  readonly name: string
  readonly path: string
  readonly query: string
  readonly provider: (t: Test, url: URL) => Provider
  /** A record that fits, of that number. */
  readonly record: (number?: number) => Record<string, unknown>
  readonly reference: (number?: number) => string
  readonly fits: 'words' | 'number'
  /** A page of a list, and what the next one is asked for by. */
  readonly page: (records: readonly unknown[], next?: string) => unknown
  /** The same moment as the record shows it. */
  readonly at: (milliseconds: number) => Record<string, unknown>
  readonly toOther: Record<string, unknown>
  /** Fields by which a record is none of ours. */
  readonly foreign: ReadonlyArray<Record<string, unknown>>
}

const ROOT = `/2010-04-01/Accounts/${ACCOUNT}`
const older = (name: string) => (records: readonly unknown[], next?: string): unknown =>
  ({ [name]: records, first_page_uri: '/x', next_page_uri: next === undefined ? null : `/anything${next}`, page: 0, page_size: 50, start: 0, end: records.length, previous_page_uri: null, uri: '/x' })

const message = (number = 1): Record<string, unknown> => ({
  sid: sid('SM', number), to: NUMBER, from: FROM, body: WORDS, direction: 'outbound-api', status: 'queued', error_code: null, date_created: longDate(MADE), date_sent: null, messaging_service_sid: null
})
const ofMessages = {
  path: `${ROOT}/Messages.json`,
  reference: (number?: number) => sid('SM', number),
  page: older('messages'),
  at: (milliseconds: number) => ({ date_created: longDate(milliseconds) })
}

const KINDS: readonly Kind[] = [
  {
    ...ofMessages,
    name: 'texts',
    query: 'To=%2B15557654321&PageSize=50',
    provider: (t, url) => createTwilioSms({ client: clientOf(t, url), from: { phoneNumber: FROM }, statusCallback: undefined, withFeedback: false }),
    record: message,
    fits: 'words',
    toOther: { to: OTHER },
    foreign: [{ direction: 'inbound' }, { direction: null }, { body: 'Your code is 493022.' }, { body: '', from: OTHER }]
  },
  {
    ...ofMessages,
    name: 'texts of a Messaging Service',
    query: 'To=%2B15557654321&PageSize=50',
    provider: (t, url) => createTwilioSms({ client: clientOf(t, url), from: { messagingServiceSid: SERVICE }, statusCallback: undefined, withFeedback: false }),
    record: (number) => ({ ...message(number), from: null, messaging_service_sid: SERVICE }),
    fits: 'words',
    toOther: { to: OTHER },
    foreign: [{ direction: 'inbound' }, { body: '', messaging_service_sid: sid('MG', 2) }]
  },
  {
    ...ofMessages,
    name: 'WhatsApp',
    query: 'To=whatsapp%3A%2B15557654321&PageSize=50',
    provider: (t, url) => createTwilioWhatsapp({ client: clientOf(t, url), number: FROM, contentSid: sid('HX'), statusCallback: undefined }),
    record: (number) => ({ ...message(number), to: `whatsapp:${NUMBER}`, from: `whatsapp:${FROM}`, body: `${CODE} is your verification code.` }),
    fits: 'words',
    toOther: { to: NUMBER },
    foreign: [{ body: '493022 is your verification code.' }, { body: '14930215 is your verification code.' }, { body: '', from: FROM }]
  },
  {
    name: 'calls',
    path: `${ROOT}/Calls.json`,
    query: 'To=%2B15557654321&PageSize=50',
    provider: (t, url) => createTwilioVoice({
      client: clientOf(t, url), from: FROM, script: { code: () => new SensitiveText('') } as never, plan: { confirm: 'none', urls: undefined }, maxSeconds: 60
    }),
    record: (number) => ({ sid: sid('CA', number), to: NUMBER, from: FROM, direction: 'outbound-api', status: 'queued', date_created: longDate(MADE), start_time: null }),
    reference: (number) => sid('CA', number),
    fits: 'number',
    page: older('calls'),
    at: (milliseconds) => ({ date_created: longDate(milliseconds) }),
    toOther: { to: OTHER },
    foreign: [{ direction: 'inbound' }, { direction: 'outbound-dial' }, { from: OTHER }]
  },
  {
    name: 'attempts of Verify',
    path: '/v2/Attempts',
    query: `DateCreatedAfter=2026-11-21T07%3A50%3A00Z&DateCreatedBefore=2026-11-21T08%3A10%3A15Z&ChannelData.To=%2B15557654321&VerifyServiceSid=${VERIFY}&PageSize=50`,
    provider: (t, url) => createTwilioVerify({ client: clientOf(t, url), serviceSid: VERIFY, channel: 'voice', codes: 'ours' }),
    record: (number) => ({ sid: sid('VL', number), verification_sid: sid('VE', number), channel: 'call', channel_data: { to: NUMBER, call_status: 'queued' }, date_created: new Date(MADE).toISOString() }),
    reference: (number) => sid('VL', number),
    fits: 'number',
    page: (attempts, next) => ({ meta: { key: 'attempts', page: 0, page_size: 50, next_page_url: next === undefined ? null : `https://elsewhere.example/anything${next}` }, attempts }),
    at: (milliseconds) => ({ date_created: new Date(milliseconds).toISOString() }),
    toOther: { channel_data: { to: OTHER } },
    foreign: []
  }
]

const searchOf = (provider: Provider): Search => (provider.inquiry as Inquiry).search

const soughtBy = (provider: Provider): Sought =>
  ({ to: numberOf(NUMBER), shown: searchOf(provider).shown(orderFor(provider.channel === 'sms' ? 'sms' : provider.channel)), from: BEGUN, until: UNTIL })

/** Asks a vendor that answers so, one answer after the other, the last one again and again. */
const foundBy = async (t: Test, kind: Kind, ...answers: readonly [Answer, ...Answer[]]): Promise<{ readonly findings: Findings | undefined, readonly vendor: Vendor }> => {
  const vendor = await startVendor(t)
  let count = 0
  vendor.behave((response) => {
    const { status = 200, body } = answers[Math.min(count, answers.length - 1)] as Answer
    count += 1
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  const provider = kind.provider(t, vendor.url)
  return { vendor, findings: await searchOf(provider).find(soughtBy(provider), Deadline.in(LONG)) }
}

const page = (kind: Kind, ...records: ReadonlyArray<Record<string, unknown>>): Answer => ({ body: kind.page(records) })

for (const kind of KINDS) {
  t.test(kind.name, async (t) => {
    const read = async (change: Record<string, unknown>): Promise<Findings['traces'] | undefined> =>
      (await foundBy(t, kind, page(kind, { ...kind.record(), ...change }))).findings?.traces

    t.test('the one that was sent is found, by its number and its time', async (t) => {
      const { findings, vendor } = await foundBy(t, kind, page(kind, kind.record()))
      t.match(findings, { reach: 'all', traces: [{ reference: kind.reference(), fits: kind.fits, word: undefined }] })
      t.equal(findings?.traces[0]?.transaction, kind.path === '/v2/Attempts' ? sid('VE') : undefined)
      t.same(vendor.asked.map(({ method, path }) => `${method} ${path}`), [`GET ${kind.path}?${kind.query}`])
    })

    t.test('where there is none, that was all', async (t) => {
      t.same((await foundBy(t, kind, page(kind))).findings, { traces: [], reach: 'all' })
    })

    t.test('the time must be that of the attempt; what is a little beside it may be', async (t) => {
      for (const at of [BEGUN, UNTIL]) t.match(await read(kind.at(at)), [{ fits: kind.fits }], `${at}`)
      for (const at of [BEGUN - 1000, UNTIL + 1000, BEGUN - MARGIN, UNTIL + MARGIN]) t.match(await read(kind.at(at)), [{ fits: 'maybe' }], `${at}`)
      for (const at of [BEGUN - MARGIN - 1000, UNTIL + MARGIN + 1000]) t.same(await read(kind.at(at)), [], `${at}`)
      t.match(await read({ date_created: 'some day' }), [{ fits: 'maybe' }], 'no date that can be read')
      t.match(await read({ date_created: null }), [{ fits: 'maybe' }])
    })

    t.test('what shows another number may be it', async (t) => {
      t.match(await read(kind.toOther), [{ fits: 'maybe' }])
    })

    t.test('what is not ours is passed over', async (t) => {
      for (const change of kind.foreign) t.same(await read(change), [], JSON.stringify(change))
    })

    t.test('a record without a name of its kind cannot be read, and so nothing can be told', async (t) => {
      for (const name of [undefined, null, '', 7, sid('XX'), `${kind.reference()}/../x`]) {
        const { findings } = await foundBy(t, kind, page(kind, kind.record(2), { ...kind.record(), sid: name }))
        t.same(findings, { traces: [], reach: 'part' }, String(name))
      }
    })

    t.test('a list goes on page after page; what it shows twice is one', async (t) => {
      const { findings, vendor } = await foundBy(t, kind,
        { body: kind.page([kind.record(1), kind.record(2)], '?Page=1&PageToken=PA1&To=nobody') }, page(kind, kind.record(2), kind.record(3)))
      t.same(findings?.traces.map(({ reference }) => reference), [1, 2, 3].map(kind.reference))
      t.equal(findings?.reach, 'all')
      t.same(vendor.asked.map(({ path }) => path), [`${kind.path}?${kind.query}`, `${kind.path}?${kind.query}&Page=1&PageToken=PA1`], 'to the same place')
    })

    t.test('a list without an end is not read to it', async (t) => {
      const endless = (made: Record<string, unknown>): Answer => ({ body: kind.page([{ ...kind.record(), ...made }], '?Page=1&PageToken=PA1') })
      for (const [made, reach] of [[{}, 'part'], [kind.at(BEGUN - MARGIN - 1000), 'window'], [{ date_created: null }, 'part']] as const) {
        const { findings, vendor } = await foundBy(t, kind, endless(made))
        t.equal(findings?.reach, reach)
        t.equal(vendor.asked.length, 6)
      }
      t.equal((await foundBy(t, kind, { body: kind.page([], '?Page=1') })).findings?.reach, 'part', 'of empty pages')
      const { findings, vendor } = await foundBy(t, kind, { body: kind.page([kind.record()], '?PageToken=PA1') })
      t.equal(findings?.reach, 'part', 'nor one that does not say where it goes on')
      t.equal(vendor.asked.length, 1)
    })

    t.test('an answer that is no list gives nothing', async (t) => {
      const bodies: readonly unknown[] = [{}, '', '[]', '<html>', '{"messages":[', { x: 1 }, { messages: null }, { meta: { key: 'nothing' } }, kind.page(['text'] as never), kind.page([null])]
      for (const body of bodies) {
        const { findings } = await foundBy(t, kind, { body })
        t.ok(findings === undefined || findings.reach === 'part', JSON.stringify(body))
        t.same(findings?.traces ?? [], [])
      }
      for (const status of [201, 302, 400, 401, 404, 429, 500, 503]) t.equal((await foundBy(t, kind, { status, body: kind.page([]) })).findings, undefined, String(status))
      const second = await foundBy(t, kind, { body: kind.page([kind.record()], '?Page=1&PageToken=PA1') }, { status: 500, body: {} })
      t.equal(second.findings, undefined, 'on no page of it')
    })

    t.test('a vendor that hangs, drops, pours or cannot be reached gives nothing, in its time', async (t) => {
      for (const mood of ['silent', 'drops-before', 'answers-too-long'] as const) {
        const vendor = await startVendor(t)
        vendor.become(mood)
        const provider = kind.provider(t, vendor.url)
        const deadline = Deadline.in(mood === 'silent' ? 200 : LONG)
        t.equal(await searchOf(provider).find(soughtBy(provider), deadline), undefined, mood)
        t.equal(vendor.asked.length, 1)
      }
      const provider = kind.provider(t, await closedUrl())
      t.equal(await searchOf(provider).find(soughtBy(provider), Deadline.in(LONG)), undefined)
    })

    t.test('nothing that is found prints a number, a code or words', async (t) => {
      const { findings } = await foundBy(t, kind, page(kind, kind.record(), { ...kind.record(2), ...kind.toOther, body: `x ${WORDS}` }))
      const provider = kind.provider(t, await closedUrl())
      hidesAll(t, [findings, soughtBy(provider), provider].map(printed).join('\n'), [NUMBER, NUMBER.slice(1), CODE, WORDS, ...SECRETS], kind.name)
    })
  })
}

const kindOf = (name: string): Kind => KINDS.find((kind) => kind.name === name) as Kind

t.test('what became of it is told, where it is final', async (t) => {
  const told: ReadonlyArray<readonly [string, Record<string, unknown>, unknown]> = [
    ['texts', { status: 'delivered' }, { status: 'delivered' }],
    ['texts', { status: 'undelivered', error_code: 30003 }, { status: 'undelivered', reason: 'number_unreachable', vendorCode: '30003' }],
    ['texts', { status: 'sent' }, undefined],
    ['WhatsApp', { status: 'read' }, { status: 'delivered' }],
    ['calls', { status: 'busy' }, { status: 'undelivered', reason: 'busy' }],
    ['calls', { status: 'completed' }, undefined],
    ['attempts of Verify', { channel_data: { to: NUMBER, call_status: 'NO-ANSWER' } }, { status: 'undelivered', reason: 'no_answer' }],
    ['attempts of Verify', { channel_data: { to: NUMBER, call_status: 'COMPLETED' } }, undefined]
  ]
  for (const [name, change, word] of told) {
    const kind = kindOf(name)
    const { findings } = await foundBy(t, kind, page(kind, { ...kind.record(), ...change }))
    if (word === undefined) t.equal(findings?.traces[0]?.word, undefined)
    else t.match(findings?.traces, [{ fits: kind.fits, word }])
  }
})

t.test('words are the same, however Twilio writes their signs, and with what a trial account puts before them', async (t) => {
  const kind = kindOf('texts')
  for (const [body, fits] of [
    [`Sent from your Twilio trial account - ${WORDS}`, 'words'], ['Your code is\n493021 .', 'words'], ['Ｙour code is 493021', 'words'],
    ['', 'number'], [null, 'number'], [7, 'number'], ['***', 'number'], [`${WORDS} And more.`, undefined], [CODE, undefined]
  ] as const) {
    const { findings } = await foundBy(t, kind, page(kind, { ...kind.record(), body }))
    t.same(findings?.traces.map((trace) => trace.fits), fits === undefined ? [] : [fits], String(body))
  }
  const other = await foundBy(t, kind, page(kind, { ...kind.record(), from: OTHER }))
  t.match(other.findings?.traces, [{ fits: 'maybe' }], 'the same words from elsewhere may be ours: a sender can change')
})

t.test('of a template the code tells; where it shows no digits, nothing does', async (t) => {
  const kind = kindOf('WhatsApp')
  for (const [body, fits] of [[`*${CODE}*`, 'words'], ['{{1}} is your verification code.', 'number'], ['', 'number'], ['Within 12 minutes', 'number'], ['Code: 1234', undefined]] as const) {
    const { findings } = await foundBy(t, kind, page(kind, { ...kind.record(), body }))
    t.same(findings?.traces.map((trace) => trace.fits), fits === undefined ? [] : [fits], body)
  }
})

t.test('Verify may have gone by another channel: that may be it', async (t) => {
  const kind = kindOf('attempts of Verify')
  for (const change of [{ channel: 'sms' }, { channel: 'rbm' }, { channel_data: null }, { channel_data: undefined }]) {
    const { findings } = await foundBy(t, kind, page(kind, { ...kind.record(), ...change }))
    t.match(findings, { reach: 'all', traces: [{ fits: 'maybe' }] }, JSON.stringify(change))
  }
})

t.test('what is kept to find a message is what Twilio shows of it', async (t) => {
  const shown = async (name: string, order: Parameters<Search['shown']>[0]): Promise<string | undefined> =>
    searchOf(kindOf(name).provider(t, await closedUrl())).shown(order)?.reveal()
  const { text, code } = orderFor('sms')
  t.equal(await shown('texts', { text, code }), WORDS)
  t.equal(await shown('texts', { text: undefined, code }), undefined)
  t.equal(await shown('WhatsApp', { text, code }), CODE)
  t.equal(await shown('WhatsApp', { text, code: undefined }), undefined)
  t.equal(await shown('calls', { text, code }), undefined)
  t.equal(await shown('attempts of Verify', { text, code }), undefined)
  const kind = kindOf('texts')
  const vendor = await startVendor(t)
  vendor.answer({ body: kind.page([kind.record()]) })
  const search = searchOf(kind.provider(t, vendor.url))
  const findings = await search.find({ to: numberOf(NUMBER), shown: new SensitiveText('\u{1F44D}'), from: BEGUN, until: UNTIL }, Deadline.in(LONG))
  t.match(findings?.traces, [{ fits: 'number' }], 'words without a letter cannot be compared')
})

t.test('a text that was found names a transaction where feedback is given, which falls due for that', async (t) => {
  const vendor = await startVendor(t)
  const [texts] = KINDS as [Kind, ...Kind[]]
  vendor.answer({ status: 200, body: texts.page([texts.record(1)]) })
  const provider = createTwilioSms({ client: clientOf(t, vendor.url), from: { phoneNumber: FROM }, statusCallback: undefined, withFeedback: true })
  t.match(await searchOf(provider).find(soughtBy(provider), Deadline.in(LONG)), { traces: [{ reference: sid('SM'), transaction: sid('SM') }] })
})
