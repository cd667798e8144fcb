import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { Environment } from '../../../src/config/read-settings.ts'
import { startSandbox, type Sandbox } from '../../../src/sandbox/sandbox.ts'
import { startBalancer } from './balancer.ts'
import { createCallers, type Heard } from './callers.ts'
import { openChaosDatabase, type ChaosDatabase } from './database.ts'
import { playFaults, type FaultReport } from './faults.ts'
import { createLogWatch } from './log-watch.ts'
import { messageOf, OTHERWISE, PACE, ROUTES, type CallerKind } from './messages.ts'
import { randomOf } from './random.ts'
import { createReplica, type Replica } from './replica.ts'

export interface ChaosOptions {
  /** Which faults are played, and whom they meet. */
  readonly seed: number
  /** How many messages are wished for, at least. */
  readonly messages: number
  /** For how long messages are wished for, at least. */
  readonly minutes: number
  readonly replicas: number
  /** Messages a second. */
  readonly rate: number
  /** URL of an empty database that is nobody else's. */
  readonly databaseUrl: string
  /** An empty folder. */
  readonly folder: string
  /** A free port, for each time that it is asked. */
  readonly freePort: () => Promise<number>
  /** Says how far it is. */
  readonly say: (line: string) => void
  /** Takes what the replicas write, to be looked at where something went wrong. */
  readonly keep: (line: string) => void
}

/** What came of it. */
export interface ChaosReport {
  readonly messages: number
  /** By who asked. */
  readonly callers: Readonly<Partial<Record<CallerKind, number>>>
  /** How often callers asked in all. */
  readonly tries: number
  /** Messages that some answer called accepted; that none called so but may be on their way; that none of both. */
  readonly told: { readonly accepted: number, readonly maybe: number, readonly notSent: number }
  /** What the vendors took. */
  readonly taken: { readonly texts: number, readonly calls: number, readonly verifications: number, readonly distinct: number }
  /** Messages that the vendors took more than once: must be empty. */
  readonly doubles: readonly string[]
  /** Messages that a caller was told are accepted, and no vendor has: must be empty. */
  readonly missing: readonly string[]
  /** Texts that do not hold the code of their number: must be empty. */
  readonly mixed: readonly string[]
  /** Messages of which a caller was told nothing worse than *maybe*, and no vendor has. */
  readonly vain: number
  readonly statuses: Readonly<Record<string, number>>
  /** What had not come to its end when patience did: must be nothing. */
  readonly unsettled: { readonly attempts: number, readonly deliveries: number, readonly due: number }
  /** The same, one line each. */
  readonly open: readonly string[]
  readonly faults: FaultReport
  /** Lines of the replicas' logs with a number or a code in them: must be empty. */
  readonly leaks: readonly string[]
  readonly lines: number
  readonly seconds: number
}

/** More than may be under way in any run: the sandbox remembers them all. */
const REMEMBERED = 1_000_000

/** The most milliseconds by which clocks run apart. */
const SKEW = 20_000

/** Long enough for a call to be over, and for every vendor to be asked, in milliseconds. */
const LONG = 5 * 60_000

/** How often time goes on by that much at the end, and the milliseconds in which housekeeping has its turn. */
const TURNS = 6
const TURN = 6000

const SECRET = 'the-secret-of-all-callers-of-the-chaos-test'
const MANY = '1000000/1h'

/** Plays it: callers ask for messages, vendors fail, replicas die and databases hang; then all is calm, and the sums are done. */
export const runChaos = async (options: ChaosOptions): Promise<ChaosReport> => {
  const { seed, replicas: count, databaseUrl, folder, freePort, say, keep } = options
  const began = performance.now()
  const closing: Array<() => Promise<void>> = []
  try {
    const eventGridSecret = 'the-secret-of-event-grid-of-the-chaos-test'
    const sandbox = await startSandbox({ eventGridSecret, pace: PACE, remembers: REMEMBERED })
    closing.push(() => sandbox.close())
    sandbox.script('*', OTHERWISE)
    const supabase = randomBytes(32).toString('base64')
    // Nobody listens there yet: the same one may be given twice.
    const free = new Set<number>()
    while (free.size < 1 + count) free.add(await freePort())
    const [front, ...ports] = [...free] as [number, ...number[]]
    const log = createLogWatch(keep)
    const settings = settingsOf(sandbox, front, { databaseUrl, eventGridSecret, supabase })
    const skews = randomOf(seed, 'skews')
    const replicas = ports.map((port, index) => createReplica({
      name: `replica ${index + 1}`, port, folder, settings, skew: skews.whole(-SKEW, SKEW), read: (line) => { log.read(`replica ${index + 1}`, line) }
    }))
    closing.push(async () => { await Promise.all(replicas.map((replica) => replica.kill())) })
    // All at once: they find an empty database, and each wants to make its tables.
    await Promise.all(replicas.map((replica) => replica.start()))
    const balancer = await startBalancer(front, ports, randomOf(seed, 'balancer'))
    closing.push(() => balancer.close())
    await sandbox.subscribe(`http://127.0.0.1:${front}/events`)
    const database = await openChaosDatabase(databaseUrl)
    closing.push(() => database.close())
    const callers = createCallers(ports, { secret: SECRET, supabase })
    closing.push(() => callers.close())
    say(`${count} replicas are ready`)

    const player = playFaults(seed, replicas, database)
    closing.push(async () => { await player.stop().catch(() => {}) })
    const heard = await askForAll(options, async (index) => {
      const message = messageOf(seed, index)
      log.expect(message)
      sandbox.script(message.number, message.behaviour)
      return await callers.ask(message, randomOf(seed, 'caller', index))
    })
    const faults = await player.stop()
    say('all callers have their answers, and nothing fails any more')
    const unsettled = await settle(sandbox, database, heard, say)
    const [statuses, open] = [await database.statuses(), await database.openOnes()]
    await endAll(replicas)
    return { ...sumUp(heard, sandbox), unsettled, open, statuses, faults, leaks: log.leaks, lines: log.lines, seconds: Math.round((performance.now() - began) / 1000) }
  } finally {
    for (const close of closing.reverse()) await close()
  }
}

const settingsOf = (
  sandbox: Sandbox, port: number, { databaseUrl, eventGridSecret, supabase }: { readonly databaseUrl: string, readonly eventGridSecret: string, readonly supabase: string }
): Environment => ({
  ...sandbox.settingsFor(port),
  ...ROUTES,
  SECRET_HEADER: SECRET,
  ADMIN_SECRET: 'the-secret-of-the-admin-of-the-chaos-test',
  GATEWAY_KEYS: randomBytes(32).toString('base64'),
  EVENT_GRID_SECRET: eventGridSecret,
  SUPABASE_HOOK_SECRET: `v1,whsec_${supabase}`,
  STORE_URL: databaseUrl,
  STORE_POOL_SIZE: '6',
  SANDBOX: 'off',
  // Short, so that much happens in little time; a claim is held for five seconds longer.
  DIRECT_BUDGET_MS: '4000',
  VOICE_MAX_SECONDS: '30',
  BUDGET_NUMBER: MANY,
  BUDGET_PREFIX: MANY,
  BUDGET_COUNTRY: MANY,
  BUDGET_IP: MANY,
  BUDGET_USER: MANY,
  BUDGET_TOTAL: MANY
})

/** So many messages are under way at the most: who is slow gets no more to do, or a slow machine would only refuse. */
const UNDER_WAY = 80

/** Wishes for messages at that rate, as long as not too many are under way. */
const askForAll = async (
  { messages, minutes, rate, say }: ChaosOptions, ask: (index: number) => Promise<Heard>
): Promise<Heard[]> => {
  const began = performance.now()
  const asked: Array<Promise<Heard>> = []
  const underWay = new Set<Promise<unknown>>()
  for (let index = 0; index < messages || performance.now() - began < minutes * 60_000; index += 1) {
    await wait(Math.max(0, began + index * 1000 / rate - performance.now()))
    while (underWay.size >= UNDER_WAY) await Promise.race(underWay)
    const one = ask(index)
    asked.push(one)
    const ended = one.then(() => {}, () => {}).finally(() => { underWay.delete(ended) })
    underWay.add(ended)
    if ((index + 1) % 500 === 0) say(`${index + 1} messages`)
  }
  return await Promise.all(asked)
}

/** Waits until nothing is open any more: reports have come, leases are over, vendors were asked. Gives what is open all the same. */
const settle = async (sandbox: Sandbox, database: ChaosDatabase, heard: readonly Heard[], say: ChaosOptions['say']): Promise<ChaosReport['unsettled']> => {
  for (const { message } of heard) sandbox.script(message.number, OTHERWISE)
  await Promise.race([sandbox.settled(), wait(2 * TURN)])
  for (let turn = 0; ; turn += 1) {
    const unsettled = await database.unsettled()
    say(`still open: ${JSON.stringify(unsettled)}`)
    if (turn === TURNS || Object.values(unsettled).every((open) => open === 0)) return unsettled
    await database.letTimePass(LONG)
    await wait(TURN)
  }
}

const endAll = async (replicas: readonly Replica[]): Promise<void> => {
  await Promise.all(replicas.map((replica) => replica.terminate()))
}

type Sums = Pick<ChaosReport, 'messages' | 'callers' | 'tries' | 'told' | 'taken' | 'doubles' | 'missing' | 'mixed' | 'vain'>

/** Compares what callers heard with what the vendors have. */
const sumUp = (heard: readonly Heard[], { messages, calls }: Sandbox): Sums => {
  const taken = new Map<string, string[]>()
  const note = (to: string, what: string): void => { taken.set(to, [...taken.get(to) ?? [], what]) }
  for (const { to, vendor, verification } of messages) note(to, `${vendor} ${verification === undefined ? 'text' : 'verification'}`)
  for (const { to, vendor, verification } of calls) note(to, `${vendor} ${verification === undefined ? 'call' : 'verification call'}`)
  const codes = new Map(heard.map(({ message: { number, code } }) => [number, code]))
  const best = (told: Heard['told']): 'accepted' | 'maybe' | 'notSent' => told.includes('accepted') ? 'accepted' : told.includes('maybe') ? 'maybe' : 'notSent'
  const nameOf = ({ message: { index, caller, number }, told }: Heard): string => `message ${index} of ${caller}: told ${told.join(', ')}; taken ${taken.get(number)?.join(', ') ?? 'by nobody'}`
  const by = (word: string): Heard[] => heard.filter(({ told }) => best(told) === word)
  const callers: Partial<Record<CallerKind, number>> = {}
  for (const { message: { caller } } of heard) callers[caller] = (callers[caller] ?? 0) + 1
  const isMissing = ({ message: { number } }: Heard): boolean => !taken.has(number)
  const verified = [...messages, ...calls].filter(({ verification }) => verification !== undefined).length
  return {
    messages: heard.length,
    callers,
    tries: heard.reduce((sum, { told }) => sum + told.length, 0),
    told: { accepted: by('accepted').length, maybe: by('maybe').length, notSent: by('notSent').length },
    taken: { texts: messages.length, calls: calls.length, verifications: verified, distinct: taken.size },
    doubles: heard.filter(({ message: { number } }) => (taken.get(number) ?? []).length > 1).map(nameOf),
    missing: by('accepted').filter(isMissing).map(nameOf),
    mixed: messages.filter(({ to, text }) => !text.includes(codes.get(to) ?? '\n')).map(({ to }) => to),
    vain: by('maybe').filter(isMissing).length
  }
}
