import { pino, type DestinationStream, type LogFn, type Logger } from 'pino'
import type { GatewayEvent } from '../domain/gateway-event.ts'
import { Sensitive } from '../domain/sensitive.ts'
import { describeError } from './scrub.ts'

export interface LoggerOptions {
  readonly level: string
  /** Where lines go; JSON to the standard output where absent. */
  readonly destination: DestinationStream | undefined
}

/** Names under which a secret might be logged by mistake. */
const HIDDEN = ['authorization', 'secret', 'code', 'otpCode', 'phoneNumber', 'text', 'token', 'key']

const described = (value: unknown): unknown => {
  if (value instanceof Error) return describeError(value)
  return value instanceof Sensitive ? value.masked : value
}

/** What stands where an error is expected may hold as much, and is not shown either. */
const describedFact = ([name, fact]: [string, unknown]): [string, unknown] =>
  [name, name === 'err' || name === 'error' ? describeError(fact) : described(fact)]

/** Describes every error, wherever it stands in the line. An error's own message is no line's: pino then takes the described one. */
const withErrorsDescribed = (line: unknown[]): unknown[] => {
  const [first, message, ...others] = line
  if (typeof first !== 'object' || first === null) return line.map(described)
  const facts = first instanceof Error ? { err: first } : first as Record<string, unknown>
  const isErrorsOwn = Object.values(facts).some((fact) => fact instanceof Error && fact.message === message)
  const safe = Object.fromEntries(Object.entries(facts).map(describedFact))
  return [safe, ...(message === undefined || isErrorsOwn ? [] : [message, ...others.map(described)])]
}

/** Makes the logger: JSON lines, errors described without what hangs on them, suspicious names hidden. */
export const createLogger = ({ level, destination }: LoggerOptions): Logger => {
  const options = {
    level,
    base: null,
    redact: { paths: [...HIDDEN, ...HIDDEN.map((name) => `*.${name}`)], censor: '[hidden]' },
    // What `hooks` has described is not to be described again.
    serializers: { err: (described: unknown) => described },
    hooks: {
      logMethod (this: Logger, args: unknown[], method: LogFn) { method.apply(this, withErrorsDescribed(args) as Parameters<LogFn>) }
    }
  }
  return destination === undefined ? pino(options) : pino(options, destination)
}

/** Writes a fact to the log, at the level that it deserves. */
export const logEvent = (logger: Logger, event: GatewayEvent): void => {
  const { type, ...facts } = event
  switch (event.type) {
    case 'delivery.finished':
      if (event.outcome === 'failed' || event.outcome === 'unknown') logger.warn(facts, type)
      else logger.info(facts, type)
      return
    case 'delivery.updated':
      // Where something can be done about it, somebody should read it.
      if (event.hint === undefined) logger.info(facts, type)
      else logger.warn(facts, type)
      return
    case 'delivery.guarded':
    case 'delivery.retried':
    case 'delivery.escalated':
    case 'delivery.used':
    case 'login.matched':
    case 'verification.started':
    case 'verification.sent':
    case 'verification.resent':
    case 'verification.checked':
    case 'verification.ended':
    case 'provider.restored':
    case 'call.incoming':
    case 'rows.purged':
      logger.info(facts, type)
      return
    case 'callback.forged':
    case 'clock.skewed':
    case 'deliveries.recovered':
    case 'provider.set-aside':
    case 'range.shut':
    case 'webhook.failed':
    case 'publishing.failed':
    case 'publishing.missed':
    case 'feed.lost':
      logger.warn(facts, type)
      return
    case 'attempt.finished':
      if (event.result === 'accepted') logger.debug(facts, type)
      else logger.warn(facts, type)
      return
    case 'call.event':
    case 'hook.answered':
      logger.debug(facts, type)
      return
    case 'events.ignored':
      if (event.why === 'unknown') logger.debug(facts, type)
      else logger.warn(facts, type)
      return
    case 'keys.disagree':
    case 'work.failed':
      logger.error(facts, type)
  }
}
