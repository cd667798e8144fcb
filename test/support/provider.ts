import type { Circuits } from '../../src/delivery/circuits.ts'
import { createPlan, type Plan, type PlanDeps } from '../../src/delivery/plan.ts'
import type { SendResult } from '../../src/domain/outcome.ts'
import type { Provider, Search } from '../../src/providers/provider.ts'

export const ACCEPTED: SendResult = { kind: 'accepted', reference: 'message-1' }
export const FAILED: SendResult = { kind: 'failed', reason: 'connection' }
export const REFUSED: SendResult = { kind: 'refused', reason: 'number_invalid' }
export const UNKNOWN: SendResult = { kind: 'unknown', reason: 'timeout' }

/** The records of a vendor that cannot be read. */
export const NO_SEARCH: Search = { shown: () => undefined, find: async () => undefined }

/** A provider of text messages that sends as the test says, and can do nothing else unless the options say so. */
export const providerOf = (name: string, send: Provider['send'] | SendResult = ACCEPTED, options: Partial<Provider> = {}): Provider => ({
  name,
  channel: 'sms',
  needsCode: false,
  isConducted: false,
  send: typeof send === 'function' ? send : async () => send,
  hint: () => undefined,
  inquiry: undefined,
  feedback: undefined,
  ...options
})

/** A plan by which every channel has all of these providers, in their order, unless the options say otherwise. */
export const planOf = (providers: readonly Provider[], circuits: Circuits, options: Partial<PlanDeps> = {}): Plan => {
  const route = { names: providers.map(({ name }) => name), byCountry: new Map() }
  return createPlan({ providers, codeOwners: [], circuits, routes: { sms: route, voice: route, whatsapp: route }, ...options })
}
