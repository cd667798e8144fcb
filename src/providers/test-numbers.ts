import { CHANNELS, type Channel } from '../domain/message.ts'
import type { Provider } from './provider.ts'

/** The name by which records tell that a message went to a test number, and so nowhere. */
export const TEST_PROVIDER = 'test-number'

/** The name by which records tell that a message was only rehearsed, and went nowhere. */
export const REHEARSAL = 'rehearsal'

const providerToNobody = (name: string) => (channel: Channel): Provider => ({
  name,
  channel,
  needsCode: false,
  isConducted: false,
  send: async () => ({ kind: 'accepted', reference: undefined }),
  hint: () => undefined,
  inquiry: undefined,
  feedback: undefined
})

/** What takes the messages to test numbers, by every channel: it sends nothing. */
export const TEST_PROVIDERS: readonly Provider[] = CHANNELS.map(providerToNobody(TEST_PROVIDER))

/** What takes messages in a rehearsal, by every channel: it sends nothing either. */
export const REHEARSAL_PROVIDERS: readonly Provider[] = CHANNELS.map(providerToNobody(REHEARSAL))

/** Whether what goes by a provider of that name reaches nobody. */
export const reachesNobody = (provider: string): boolean => provider === TEST_PROVIDER || provider === REHEARSAL
