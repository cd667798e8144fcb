import { setTimeout as wait } from 'node:timers/promises'
import type { ChaosDatabase } from './database.ts'
import { randomOf, type Random } from './random.ts'
import type { Replica } from './replica.ts'

/** What goes wrong on our side. */
export type FaultKind = 'kill' | 'kill-all' | 'terminate' | 'freeze' | 'cut' | 'cut-all' | 'stall'

export interface Fault {
  readonly kind: FaultKind
  /** Milliseconds since the fault before. */
  readonly after: number
  /** Whom it meets, as a number; and for how many milliseconds it lasts. */
  readonly victim: number
  readonly lasts: number
}

/** The faults of a seed, one after the other, for ever. */
export function * faultsOf (seed: number): Generator<Fault, never> {
  const random = randomOf(seed, 'faults')
  for (;;) {
    const kind = random.weighted<FaultKind>([[34, 'kill'], [4, 'kill-all'], [10, 'terminate'], [10, 'freeze'], [26, 'cut'], [10, 'cut-all'], [6, 'stall']])
    yield { kind, after: random.whole(600, 4200), victim: random.whole(0, 2 ** 20), lasts: lengthOf(kind, random) }
  }
}

const lengthOf = (kind: FaultKind, random: Random): number => {
  switch (kind) {
    case 'kill':
    case 'kill-all':
    case 'terminate': return random.whole(100, 2000)
    // Longer than a claim without an attempt is held: who comes back then must find that it was taken over.
    case 'freeze': return random.chance(0.3) ? random.whole(10_000, 16_000) : random.whole(500, 4000)
    case 'stall': return random.chance(0.2) ? random.whole(3000, 4500) : random.whole(300, 2000)
    case 'cut':
    case 'cut-all': return 0
  }
}

/** What was done, by kind, and what went otherwise than it must. */
export interface FaultReport {
  readonly played: Readonly<Partial<Record<FaultKind, number>>>
  readonly sessionsCut: number
  /** Of each replica that was told to end: its exit code, where it was none of 0. */
  readonly badEnds: readonly string[]
  readonly slowestEnd: number
}

export interface FaultPlayer {
  /** Stops playing, and gives what was done once every replica is up. */
  stop (): Promise<FaultReport>
}

/** The share of the sessions that a `cut` ends. */
const CUT = 0.4

/** Plays the faults of a seed against the replicas and their database, until it is stopped. */
export const playFaults = (seed: number, replicas: readonly Replica[], database: ChaosDatabase | undefined): FaultPlayer => {
  const random = randomOf(seed, 'cuts')
  const played: Partial<Record<FaultKind, number>> = {}
  const busy = new Set<Replica>()
  const underWay = new Set<Promise<void>>()
  const failures: unknown[] = []
  const badEnds: string[] = []
  const stopped = new AbortController()
  let sessionsCut = 0
  let slowestEnd = 0

  /** Nobody meets two faults of its own at a time, and somebody is always there: a slow machine would only start them. */
  const alone = async (replica: Replica, work: () => Promise<void>): Promise<void> => {
    if (busy.has(replica) || busy.size >= Math.max(1, replicas.length - 1)) return
    busy.add(replica)
    await work().finally(() => { busy.delete(replica) })
  }
  const restart = async (replica: Replica, lasts: number): Promise<void> => {
    await replica.kill()
    await wait(lasts)
    await replica.start()
  }
  /** Whoever is away already comes back by itself. */
  const allAtOnce = async (lasts: number): Promise<void> => {
    const present = replicas.filter((replica) => !busy.has(replica))
    for (const replica of present) busy.add(replica)
    await Promise.all(present.map((replica) => restart(replica, lasts))).finally(() => { for (const replica of present) busy.delete(replica) })
  }
  const replace = (replica: Replica, lasts: number): Promise<void> => alone(replica, async () => {
    const { code, milliseconds } = await replica.terminate()
    slowestEnd = Math.max(slowestEnd, milliseconds)
    if (code !== 0) badEnds.push(`${replica.name}: ${code} after ${milliseconds} ms`)
    await wait(lasts)
    await replica.start()
  })
  const cut = async (isMeant: () => boolean): Promise<void> => { sessionsCut += await database?.terminate(isMeant) ?? 0 }

  const play = async ({ kind, victim, lasts }: Fault): Promise<void> => {
    const replica = replicas[victim % replicas.length] as Replica
    switch (kind) {
      case 'kill': return await alone(replica, () => restart(replica, lasts))
      case 'kill-all':
        await allAtOnce(lasts)
        return
      case 'terminate': return await replace(replica, lasts)
      case 'freeze': return await alone(replica, () => replica.freeze(lasts))
      case 'cut': return await cut(() => random.chance(CUT))
      case 'cut-all': return await cut(() => true)
      case 'stall': return await database?.stall(lasts)
    }
  }

  const run = async (): Promise<void> => {
    for (const fault of faultsOf(seed)) {
      await wait(fault.after, undefined, { signal: stopped.signal }).catch(() => {})
      if (stopped.signal.aborted) return
      played[fault.kind] = (played[fault.kind] ?? 0) + 1
      const work = play(fault).catch((error: unknown) => { failures.push(error) }).finally(() => { underWay.delete(work) })
      underWay.add(work)
    }
  }
  const running = run()

  return {
    async stop () {
      stopped.abort()
      await running
      await Promise.all(underWay)
      if (failures.length > 0) throw new AggregateError(failures, 'a fault could not be played')
      return { played, sessionsCut, badEnds, slowestEnd }
    }
  }
}
