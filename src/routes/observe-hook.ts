import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Message } from '../domain/message.ts'
import type { Origin } from '../domain/origin.ts'
import type { Recorder } from '../feed/recorder.ts'
import type { Bus } from '../observability/bus.ts'
import type { Tracing } from '../observability/tracing.ts'

/** A request to a hook, looked on at while it is answered. */
export interface WatchedHook {
  readonly origin: Origin
  /** It asks for this message. */
  asksFor (message: Message): void
  /** This is what it is answered. */
  replies (body: unknown): void
  /** Its answer has been written. */
  answered (reply: FastifyReply): void
}

/** Begins to look on at a request to a hook. Whoever looks on slows and fails nothing. */
export type ObserveHook = (hook: string, request: FastifyRequest) => WatchedHook

export interface ObserveHookDeps {
  readonly tracing: Tracing
  readonly recorder: Recorder
  readonly bus: Bus
}

/** Tells of each answered hook: a span, a fact, and of those who were believed what was asked and answered. */
export const createObserveHook = ({ tracing, recorder, bus }: ObserveHookDeps): ObserveHook => (hook, request) => {
  const { id } = request
  const span = tracing.begin(request.routeOptions.url as string, request.headers.traceparent)
  let message: Message | undefined
  let replied: unknown
  return {
    origin: { request: id, trace: span.context },
    asksFor (asked) { message = asked },
    replies (body) { replied = body },
    answered ({ statusCode: status, elapsedTime }) {
      const { problem, detail, hint, delivery, caller, body } = request
      const milliseconds = Math.round(elapsedTime)
      span.end({ status, problem, delivery, caller })
      bus.emit({ type: 'hook.answered', request: id, hook, status, problem, detail, hint, delivery, milliseconds })
      // What strangers send is not kept.
      if (caller !== '') recorder.note({ id, delivery, hook, status, milliseconds, body, reply: replied ?? problem, message })
    }
  }
}
