import type { Provider } from '../providers/provider.ts'
import { REHEARSAL_PROVIDERS } from '../providers/test-numbers.ts'
import { createDeliver, type Deliver, type DeliverDeps } from './deliver.ts'

const standInFor = ({ channel }: Provider): Provider => REHEARSAL_PROVIDERS.find((provider) => provider.channel === channel) as Provider

/**
 * The same pipeline up to the request to a provider: number, rules and plan are looked at as always, and what is refused is
 * refused. Nothing is sent, no budget is asked or taken, and nothing is kept to be sent later.
 */
export const createRehearsal = (deps: DeliverDeps): Deliver => createDeliver({
  ...deps,
  keepCodes: false,
  keepTexts: false,
  keepForEscalation: () => undefined,
  senderFor: standInFor,
  guard: { ...deps.guard, admit: deps.guard.rehearse }
})
