import type { Keys } from '../domain/keys.ts'
import type { Message } from '../domain/message.ts'
import type { Bus } from '../observability/bus.ts'
import type { Exchanges, NewExchange } from '../store/exchanges.ts'
import { maskJson } from './masking.ts'
import { sealMessage } from './sealed-message.ts'
import { secretsIn } from './secrets-in.ts'
import { createTokenBucket } from './token-bucket.ts'

/** A request to a hook, and its answer. */
export interface RecordedExchange {
  /** Id of the request. */
  readonly id: string
  /** The delivery that it began or repeated. */
  readonly delivery: string | undefined
  readonly hook: string
  /** The HTTP status of the answer. */
  readonly status: number
  readonly milliseconds: number
  /** The parsed body of the request, as it came: it is masked here, and must not be changed any more. */
  readonly body: unknown
  /** What was answered: a value that becomes JSON, or words. */
  readonly reply: unknown
  /** The message that was asked for, where it could be read. */
  readonly message: Message | undefined
}

/** Keeps what hooks were asked and answered, masked. */
export interface Recorder {
  /** Takes an exchange; beyond so many a second it is left out. It waits for nothing, and never throws. */
  note (exchange: RecordedExchange): void
}

export interface RunningRecorder extends Recorder {
  /** Writes down what it has, for a while at most. */
  stop (): Promise<void>
}

export interface RecorderDeps {
  readonly exchanges: Pick<Exchanges, 'add'>
  readonly keys: Keys
  readonly bus: Bus
  readonly now: () => number
  /** For how long a message can be sent again, in milliseconds; 0: never, and it is not kept. */
  readonly replayMs: number
  readonly pauses?: RecorderPauses
}

/** How long things take, in milliseconds. */
export interface RecorderPauses {
  /** What comes within that time is written as one. */
  readonly collect: number
  /** For the last ones, at the end. */
  readonly end: number
}

const PAUSES: RecorderPauses = { collect: 250, end: 2000 }

/** Looking for codes takes its time, and so does writing. */
const MOST_A_SECOND = 50

/** So many wait while the store is slow; what comes then is left out. */
const MOST_WAITING = 200

export const createRecorder = ({ exchanges, keys, bus, now, replayMs, pauses = PAUSES }: RecorderDeps): RunningRecorder => {
  const bucket = createTokenBucket({ perSecond: MOST_A_SECOND, burst: MOST_A_SECOND, now })
  const raw = new Set<NodeJS.Immediate>()
  let waiting: NewExchange[] = []
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> | undefined
  let isFailing = false

  const write = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      const failure = await exchanges.add(batch).then(() => undefined, (error: unknown) => ({ error }))
      // It is told once, and not for every batch of an outage.
      if (failure !== undefined && !isFailing) bus.emit({ type: 'work.failed', what: 'keeping what hooks were asked', error: failure.error })
      isFailing = failure !== undefined
    }
    writing = undefined
  }

  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    writing ??= write()
  }

  const keep = ({ id, delivery, hook, status, milliseconds, body, reply, message }: RecordedExchange, at: number): void => {
    const known = [...knownOf(message), ...secretsIn(body)]
    waiting.push({
      id,
      delivery,
      hook,
      status,
      milliseconds,
      request: JSON.stringify(maskJson(body, { known, withoutSentences: message?.code === undefined }) ?? null),
      reply: written(maskJson(reply, { known })),
      at,
      sealed: message === undefined || replayMs === 0 ? undefined : { text: sealMessage(message, id, keys), keepFor: replayMs }
    })
    timer ??= setTimeout(flush, pauses.collect).unref()
  }

  return {
    note (exchange) {
      if (waiting.length + raw.size >= MOST_WAITING || !bucket.take()) return
      const at = now() - exchange.milliseconds
      // Once the answer is on its way. Until then the body is held as it came, and no longer.
      const immediate = setImmediate(() => {
        raw.delete(immediate)
        try {
          keep(exchange, at)
        } catch (error) {
          bus.emit({ type: 'work.failed', what: 'masking what a hook was asked', error })
        }
      })
      raw.add(immediate)
    },
    async stop () {
      // What is yet to be masked is so after one more turn.
      await new Promise((resolve) => { setImmediate(resolve) })
      flush()
      let end: NodeJS.Timeout | undefined
      await Promise.race([writing, new Promise((resolve) => { end = setTimeout(resolve, pauses.end) })])
      clearTimeout(end)
    }
  }
}

/** What is not to be seen of a message, wherever it stands: its code, and who asks for it. */
const knownOf = (message: Message | undefined): string[] => {
  if (message === undefined) return []
  const { code, requester: { user, ip } } = message
  const account = user?.reveal()
  // `google-oauth2|annamiller`: what stands behind the last bar is the account there, and stands alone elsewhere.
  return [code?.reveal(), account, account?.split('|').at(-1), ip?.reveal()].filter((text) => text !== undefined)
}

const written = (reply: unknown): string | undefined => reply === undefined || typeof reply === 'string' ? reply : JSON.stringify(reply)
