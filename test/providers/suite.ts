import { inspect } from 'node:util'
import { pino } from 'pino'
import type { Test } from 'tap'
import { Deadline } from '../../src/domain/deadline.ts'
import { timeOrderedId } from '../../src/domain/identifier.ts'
import { OneTimeCode } from '../../src/domain/one-time-code.ts'
import type { SendResult } from '../../src/domain/outcome.ts'
import { PhoneNumber } from '../../src/domain/phone-number.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import type { Order, Provider } from '../../src/providers/provider.ts'

export const NUMBER = '+15557654321'
export const CODE = '493021'
export const WORDS = `Your code is ${CODE}.`

/** Longer than anything here takes. */
const LONG = 30_000

/** What a vendor may do with a request. */
export type Mood =
  /** Takes it. */
  | 'well'
  /** Says that there is no such recipient. */
  | 'refuses-recipient'
  /** Says no, by the HTTP status. */
  | 'says-400' | 'says-401' | 'says-403' | 'says-404' | 'says-429' | 'says-503'
  /** Answers, but nobody can tell what it did. */
  | 'says-500' | 'says-502' | 'says-307' | 'answers-empty' | 'answers-html' | 'answers-broken-json' | 'answers-too-long'
  /** Ends the connection, before or after it has done what it was asked. */
  | 'drops-before' | 'drops-after'
  /** Never answers. */
  | 'silent'
  /** Says no, and repeats all that it knows. */
  | 'echoes-400' | 'echoes-500'

/** A provider in front of a vendor that does as it is told. */
export interface VendorStand {
  readonly provider: Provider
  /** Credentials that must never be printed. */
  readonly secrets: readonly string[]
  /** How the vendor treats messages to `NUMBER` from now on; `false` where this vendor has no such thing. */
  become (mood: Mood): boolean
  /** Requests to send that reached the vendor. */
  requests (): number
  /** Messages that the vendor made of them. */
  made (): number
}

type Expected = Readonly<Partial<Record<Mood, Partial<SendResult>>>>

export interface ProviderSuite {
  readonly name: string
  readonly channel: Provider['channel']
  /** Whether the gateway conducts its calls; it does not, where this is absent. */
  readonly isConducted?: boolean
  /** What answers of this vendor mean where they mean something else than elsewhere. */
  readonly expected?: Expected
  start (t: Test): Promise<VendorStand>
  /** A provider whose vendor cannot be connected to. */
  unreachable (t: Test): Promise<Provider>
}

export const numberOf = (text: string): PhoneNumber => {
  const number = PhoneNumber.parse(text)
  if (!(number instanceof PhoneNumber)) throw new Error(`${text}: ${number}`)
  return number
}

/** An order as the gateway makes it, for the channel. */
export const orderFor = (channel: Provider['channel'], more: Partial<Order> = {}): Order => {
  const startedAt = Date.now()
  return {
    delivery: timeOrderedId(startedAt),
    attempt: timeOrderedId(startedAt),
    startedAt,
    to: numberOf(NUMBER),
    text: channel === 'sms' ? new SensitiveText(WORDS) : undefined,
    code: OneTimeCode.parse(CODE),
    locale: 'en-US',
    expiresAt: startedAt + 300_000,
    ...more
  }
}

/** A value in every way in which it may be printed. */
export const printed = (value: unknown): string => {
  const lines: string[] = []
  const log = pino({ level: 'trace' }, { write: (line: string) => { lines.push(line) } })
  log.error(value)
  log.info({ err: value, error: value, value }, 'a value')
  return [...lines, String(value), JSON.stringify(value), JSON.stringify({ value }), inspect(value, { depth: 10, showHidden: true }), inspect({ value }, { depth: 10 })].join('\n')
}

/** Checks that none of the texts can be read in what is printed, in no form that can be read back. */
export const hidesAll = (t: Test, text: string, secrets: readonly string[], what: string): void => {
  const found = secrets.filter((secret) => text.includes(secret) || text.includes(encodeURIComponent(secret)))
  t.same(found, [], `${what}: nothing secret is printed`)
}

const EXPECTED: Expected = {
  'refuses-recipient': { kind: 'refused', reason: 'number_invalid' },
  'says-400': { kind: 'failed', reason: 'configuration' },
  'says-401': { kind: 'failed', reason: 'credentials' },
  'says-403': { kind: 'failed', reason: 'credentials' },
  'says-404': { kind: 'failed', reason: 'configuration' },
  'says-429': { kind: 'failed', reason: 'rate_limited' },
  'says-503': { kind: 'failed', reason: 'provider_error' },
  'says-500': { kind: 'unknown', reason: 'provider_error' },
  'says-502': { kind: 'unknown', reason: 'provider_error' },
  'says-307': { kind: 'unknown', reason: 'provider_error' },
  'answers-empty': { kind: 'unknown', reason: 'provider_error' },
  'answers-html': { kind: 'unknown', reason: 'provider_error' },
  'answers-broken-json': { kind: 'unknown', reason: 'provider_error' },
  'answers-too-long': { kind: 'unknown', reason: 'connection' },
  'drops-before': { kind: 'unknown', reason: 'connection' },
  'drops-after': { kind: 'unknown', reason: 'connection' }
}

/** What vendors do although their answer does not say so. */
const MADE: readonly Mood[] = ['answers-empty', 'answers-html', 'answers-broken-json', 'answers-too-long', 'drops-after']

/** What holds for every provider: what it says of an attempt is true, it asks once, in time, and prints nothing. */
export const providerSuite = (t: Test, suite: ProviderSuite): void => {
  const expected: Expected = { ...EXPECTED, ...suite.expected }

  t.test('it has its name and its channel, and says whether its calls are conducted', async (t) => {
    const { provider } = await suite.start(t)
    t.match(provider, { name: suite.name, channel: suite.channel, isConducted: suite.isConducted ?? false })
  })

  t.test('it has no hint for what is no code of its vendor', async (t) => {
    const { provider } = await suite.start(t)
    for (const code of ['', '1', '99999999', 'constructor', '<b>']) t.equal(provider.hint(code, 'ES'), undefined, code)
  })

  t.test('asked about what it never sent it knows nothing, and asks nobody', async (t) => {
    const { provider, requests } = await suite.start(t)
    for (const reference of ['', '../Messages', 'Outgoing_1', timeOrderedId(Date.now())]) {
      t.equal(await provider.inquiry?.ask(reference, Deadline.in(LONG)), undefined, reference)
      t.equal(await provider.feedback?.used(reference, Deadline.in(LONG)) ?? 'refused', 'refused', reference)
    }
    t.equal(requests(), 0)
  })

  t.test('a message that is taken is accepted, by its reference, and was asked for once', async (t) => {
    const stand = await suite.start(t)
    stand.become('well')
    const result = await stand.provider.send(orderFor(suite.channel), Deadline.in(LONG))
    t.match(result, { kind: 'accepted', reference: /^[^ ]{10,}$/ })
    t.equal(stand.requests(), 1)
    t.equal(stand.made(), 1)
  })

  t.test('each answer means what it says, and no answer brings a second request', async (t) => {
    for (const [mood, result] of Object.entries(expected) as Array<[Mood, Partial<SendResult>]>) {
      const stand = await suite.start(t)
      if (!stand.become(mood)) continue
      t.match(await stand.provider.send(orderFor(suite.channel), Deadline.in(LONG)), result, mood)
      t.equal(stand.requests(), 1, `${mood}: one request`)
      t.equal(stand.made(), MADE.includes(mood) ? 1 : 0, `${mood}: what the vendor made of it`)
    }
  })

  t.test('a vendor that is slower than the deadline may have taken it', async (t) => {
    const stand = await suite.start(t)
    stand.become('silent')
    const deadline = Deadline.in(300)
    t.same(await stand.provider.send(orderFor(suite.channel), deadline), { kind: 'unknown', reason: 'timeout' })
    t.ok(deadline.remaining < 40, 'the time was used')
    t.equal(stand.requests(), 1)
  })

  t.test('a deadline that has passed already is kept', async (t) => {
    const stand = await suite.start(t)
    stand.become('silent')
    t.match(await stand.provider.send(orderFor(suite.channel), Deadline.in(0)), { reason: 'timeout' })
  })

  t.test('a vendor that cannot be connected to has taken nothing', async (t) => {
    const provider = await suite.unreachable(t)
    t.same(await provider.send(orderFor(suite.channel), Deadline.in(LONG)), { kind: 'failed', reason: 'connection' })
  })

  t.test('nothing that a provider gives prints a number, a code, words or a credential', async (t) => {
    const moods: Mood[] = [...Object.keys(EXPECTED) as Mood[], 'well', 'echoes-400', 'echoes-500']
    for (const mood of moods) {
      const stand = await suite.start(t)
      if (!stand.become(mood)) continue
      const order = orderFor(suite.channel)
      const result = await stand.provider.send(order, Deadline.in(LONG))
      const text = [result, order, stand.provider].map(printed).join('\n')
      hidesAll(t, text, [NUMBER, NUMBER.slice(1), CODE, WORDS, 'HMAC-SHA256', 'Signature=', ...stand.secrets], mood)
    }
  })
}
