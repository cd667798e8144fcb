import type { GatewayEvent } from '../../src/domain/gateway-event.ts'
import { createBus, type Bus } from '../../src/observability/bus.ts'

export interface RecordedBus {
  readonly bus: Bus
  /** Every fact that was told. */
  readonly events: GatewayEvent[]
  /** Settles with the next fact of that kind that is told from now on. */
  next<T extends GatewayEvent['type']> (type: T): Promise<Extract<GatewayEvent, { type: T }>>
}

export const recordBus = (): RecordedBus => {
  const bus = createBus()
  const events: GatewayEvent[] = []
  bus.listen((event) => { events.push(event) })
  return {
    bus,
    events,
    next: (type) => new Promise((resolve) => {
      const stop = bus.listen((event) => {
        if (event.type !== type) return
        stop()
        resolve(event as Extract<GatewayEvent, { type: typeof type }>)
      })
    })
  }
}
