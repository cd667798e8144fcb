import type { GatewayEvent } from '../domain/gateway-event.ts'

export type Listener = (event: GatewayEvent) => void

/** Facts leave the pipeline here. Nobody who listens can slow or fail what tells them. */
export interface Bus {
  emit (event: GatewayEvent): void
  /** Hears every fact from now on; gives the function that stops it. */
  listen (listener: Listener): () => void
}

export const createBus = (): Bus => {
  const listeners = new Set<Listener>()
  return {
    emit (event) {
      for (const listener of listeners) {
        try {
          listener(event)
        } catch {
          // A listener's bug is its own; there is nobody here to tell.
        }
      }
    },
    listen (listener) {
      listeners.add(listener)
      return () => { listeners.delete(listener) }
    }
  }
}
