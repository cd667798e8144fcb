import { randomInt } from 'node:crypto'
import t from 'tap'
import type { RequestFault } from '../../src/sandbox/sandbox.ts'
import { startTestGateway, type Reply, type TestGateway } from '../support/gateway.ts'

const MESSAGES = 1000
const AT_A_TIME = 40
const BUDGET = 2000
/** Longer than any provider is waited for. */
const TOO_LONG = 2500
/** The clock goes on by that much with each message, so that providers cool off, and no key comes free by itself. */
const TICK = 100

/** What a vendor does with one message. */
const FATES = [
  'works', 'works well', 'is slow', 'is too slow', 'refuses the number', '401', '403', '404', '429', '429 for a while', '503', '500',
  'hangs', 'drops it', 'drops the answer', 'answers half', 'answers with a page'
] as const
type Fate = typeof FATES[number]

const faultOf = (fate: Fate): RequestFault => {
  switch (fate) {
    case 'works':
    case 'works well':
    case 'refuses the number': return {}
    case 'is slow': return { delayMs: 30 }
    case 'is too slow': return { delayMs: TOO_LONG }
    case '401':
    case '403':
    case '404':
    case '429':
    case '503':
    case '500': return { httpError: { status: Number(fate) } }
    case '429 for a while': return { httpError: { status: 429, headers: { 'retry-after': '2' } } }
    case 'hangs': return { hang: true }
    case 'drops it': return { drop: 'before-read' }
    case 'drops the answer': return { drop: 'after-accept' }
    case 'answers half': return { malformed: 'broken-json' }
    case 'answers with a page': return { malformed: 'html' }
  }
}

const REFUSED = { httpStatusCode: 400, errorMessage: 'Invalid To phone number format.' }

/** Pseudo-random numbers from 0 to 1, the same for the same seed (mulberry32). */
const randomFrom = (seed: number) => (): number => {
  seed = (seed + 0x6D2B79F5) | 0
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}

interface Trial {
  readonly phoneNumber: string
  readonly azure: Fate
  readonly twilio: Fate
}

/** Every pair of fates as often as any other, in any order. */
const trialsFrom = (random: () => number): readonly Trial[] => {
  const pairs = Array.from({ length: MESSAGES }, (_, index) => ({
    azure: FATES[index % FATES.length] as Fate, twilio: FATES[Math.floor(index / FATES.length) % FATES.length] as Fate
  }))
  for (let last = pairs.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [pairs[last], pairs[other]] = [pairs[other] as Omit<Trial, 'phoneNumber'>, pairs[last] as Omit<Trial, 'phoneNumber'>]
  }
  return pairs.map((pair, index) => ({ ...pair, phoneNumber: `+1212555${String(index).padStart(4, '0')}` }))
}

type Outcome = 'accepted' | 'refused' | 'failed' | 'unknown'

/** Which of the four answers it is; `undefined`: none of them. */
const outcomeOf = ({ status, body }: Reply): Outcome | undefined => {
  const told = `${status} ${body.status === status ? body.code : body.status}`
  const outcomes: Readonly<Record<string, Outcome>> = {
    '200 accepted': 'accepted', '202 unknown': 'unknown', '422 recipient_refused': 'refused', '502 provider_failed': 'failed'
  }
  return outcomes[told]
}

interface Seen {
  readonly trial: Trial
  readonly first: Reply
  readonly twin: Reply
  readonly retry: Reply
}

/** Whether it was told of the other one, or would have been with more time. */
const isTold = ({ body }: Reply): boolean => body.status === 'duplicate' || body.code === 'under_way'

/** Sends one message, twice at the same time, and once more when both are answered. */
const sendOne = async ({ clock, post, sandbox }: TestGateway, trial: Trial): Promise<Seen> => {
  const { phoneNumber, azure, twilio } = trial
  sandbox.script(phoneNumber, {
    sms: { ...faultOf(azure), ...azure === 'refuses the number' && { recipientError: REFUSED }, report: 'none' },
    twilio: { message: { ...faultOf(twilio), ...twilio === 'refuses the number' && { error: { status: 400, code: 21211 } }, report: 'none' } }
  })
  const send = async (): Promise<Reply> => await post('/send-text-code', { phoneNumber, code: '482913' })
  const [one, other] = await Promise.all([send(), send()])
  const [first, twin] = isTold(one) ? [other, one] : [one, other]
  // What was not sent goes now; what was, or may have been, must not.
  const outcome = outcomeOf(first)
  if (outcome === 'failed' || outcome === 'refused') sandbox.script(phoneNumber, { sms: { report: 'none' }, twilio: { message: { report: 'none' } } })
  const retry = await send()
  clock.advance(TICK)
  return { trial, first, twin, retry }
}

t.test('1,000 messages with both providers failing at random: each ends in one way, and none is sent twice', { timeout: 55_000 }, async (t) => {
  const seed = Number(process.env.RANDOM_FAILURES_SEED ?? randomInt(2 ** 31))
  t.comment(`RANDOM_FAILURES_SEED=${seed}`)
  const gateway = await startTestGateway(t, {
    twilio: 'too', settings: { SMS_ROUTE: 'acs-sms,twilio-sms', DIRECT_BUDGET_MS: String(BUDGET), LOG_LEVEL: 'warn' }, sandbox: { pace: 1 }
  })
  const { delivery, sandbox } = gateway
  const waiting = [...trialsFrom(randomFrom(seed))]
  const seen: Seen[] = []
  const work = async (): Promise<void> => {
    for (let trial = waiting.pop(); trial !== undefined; trial = waiting.pop()) seen.push(await sendOne(gateway, trial))
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, work))
  await sandbox.settled()

  t.equal(seen.length, MESSAGES)
  t.ok(sandbox.messages.length < MESSAGES, 'the sandbox remembers all that it took')
  const taken = new Map<string, number>()
  for (const { to } of sandbox.messages) taken.set(to, (taken.get(to) ?? 0) + 1)

  const counts: Record<Outcome, number> = { accepted: 0, refused: 0, failed: 0, unknown: 0 }
  const wrong: object[] = []
  for (const { trial, first, twin, retry } of seen) {
    const check = (isRight: boolean, what: string): void => {
      if (!isRight) wrong.push({ what, ...trial, taken: taken.get(trial.phoneNumber), first: first.body, twin: twin.body, retry: retry.body })
    }
    const outcome = outcomeOf(first)
    check(outcome !== undefined, 'the answer is one of four')
    if (outcome === undefined) continue
    counts[outcome] += 1
    const arrived = taken.get(trial.phoneNumber) ?? 0
    const { attempts, plan } = await delivery(first.body.id)
    check(attempts.length > 0 && attempts.length <= plan.length, 'each provider is asked once at most')
    check(attempts.slice(0, -1).every(({ status }: any) => status === 'refused' || status === 'failed'), 'another is asked only after a definite no')
    switch (outcome) {
      case 'accepted':
        check(arrived === 1, 'accepted: one message')
        check(retry.body.status === 'duplicate' && retry.body.id === first.body.id, 'accepted: a retry is told')
        break
      case 'unknown':
        check(arrived <= 1, 'unknown: one message at most')
        check(attempts.length === 1 || attempts[0].provider !== attempts[1].provider, 'unknown: nobody was asked twice')
        check(retry.body.status === 'duplicate' && retry.body.id === first.body.id, 'unknown: a retry is told')
        break
      case 'failed':
      case 'refused':
        // On a busy machine the short time may be up before the retry is answered.
        // The other one tries by itself then, in what is left of its time.
        if (outcomeOf(twin) === 'unknown') {
          check(arrived <= 1 && retry.body.id === twin.body.id, 'not sent: a retry is told of the other one')
          break
        }
        check(['accepted', 'unknown'].includes(retry.body.status) && retry.body.id !== first.body.id, 'not sent: a retry is sent')
        check(arrived === 1 || retry.body.status === 'unknown', 'not sent: the retry alone was')
        check(!plan.some((_name: string, index: number) => attempts[index] === undefined), 'not sent: all were asked')
    }
    // Of two at the same time the other is told of the first; only where that has failed by then is it one of its own.
    check(isTold(twin) ? twin.body.id === first.body.id : outcome === 'failed' || outcome === 'refused', 'its twin is told of it')
  }
  t.same(wrong, [])
  t.comment(JSON.stringify(counts))
  for (const [outcome, count] of Object.entries(counts)) t.ok(count > 0, `${outcome}: ${count}`)
  t.equal([...taken.values()].filter((count) => count > 1).length, 0, 'none was sent twice')
  t.equal((await fetch(`${gateway.url}/readyz`)).status, 200)
})
