import { CHANNELS, type Channel } from '../domain/message.ts'
import type { Provider } from './provider.ts'

/** The name by which records tell that a message went to a test number, and so nowhere. */
export const TEST_PROVIDER = 'test-number'

const testProvider = (channel: Channel): Provider => ({
  name: TEST_PROVIDER,
  channel,
  needsCode: false,
  isConducted: false,
  send: async () => ({ kind: 'accepted', reference: undefined }),
  hint: () => undefined,
  inquiry: undefined,
  feedback: undefined
})

/** What takes the messages to test numbers, by every channel: it sends nothing. */
export const TEST_PROVIDERS: readonly Provider[] = CHANNELS.map(testProvider)
