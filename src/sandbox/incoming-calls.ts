import { randomUUID } from 'node:crypto'
import type { Calls, OpenCall } from './calls.ts'
import type { EventGrid } from './event-grid.ts'
import type { SandboxCall } from './records.ts'

/** Calls that somebody makes to the gateway. */
export interface IncomingCalls {
  /** Starts a call, and tells the gateway by an event. */
  start (from: string, to: string): SandboxCall
  /** The call that still rings of which the gateway was told with this context. */
  find (incomingCallContext: unknown): OpenCall | undefined
}

export interface IncomingCallsDeps {
  readonly calls: Calls
  readonly eventGrid: Pick<EventGrid, 'publish'>
  readonly now: () => number
}

const identifier = (number: string) =>
  ({ kind: 'phoneNumber', rawId: `4:${number}`, phoneNumber: { value: number } })

/** Makes the way in for calls. */
export const createIncomingCalls = ({ calls, eventGrid, now }: IncomingCallsDeps): IncomingCalls => ({
  start (from, to) {
    const call = calls.ring(from, to)
    eventGrid.publish([{
      id: randomUUID(),
      type: 'Microsoft.Communication.IncomingCall',
      subject: `/caller/4:${from}/recipient/4:${to}`,
      at: now(),
      data: {
        to: identifier(to),
        from: identifier(from),
        serverCallId: call.serverCallId,
        callerDisplayName: '',
        incomingCallContext: Buffer.from(JSON.stringify({ callConnectionId: call.id })).toString('base64url'),
        correlationId: call.correlationId
      }
    }])
    return call
  },
  find (incomingCallContext) {
    try {
      const text = Buffer.from(String(incomingCallContext), 'base64url').toString()
      const call = calls.find((JSON.parse(text) as { callConnectionId: string }).callConnectionId)
      const rings = call?.record.direction === 'inbound' && call.record.callbackUri === undefined
      return rings ? call : undefined
    } catch {
      return undefined
    }
  }
})
