import t from 'tap'
import type { Channel } from '../../src/domain/message.ts'
import type { Provider } from '../../src/providers/provider.ts'
import { createOfferedChannels } from '../../src/verification/offered-channels.ts'
import { providerOf } from '../support/provider.ts'

const CHANNELS: readonly Channel[] = ['voice', 'sms', 'whatsapp']

const byRoutes = (routes: Readonly<Record<string, readonly Channel[]>>, vendors: readonly Channel[] = []) => {
  const asked: boolean[] = []
  const offered = createOfferedChannels({
    plan: {
      for (channel, country, hasCode, codeMaker) {
        asked.push(hasCode)
        const ways = codeMaker === undefined ? routes[country ?? 'elsewhere'] ?? [] : vendors
        return ways.includes(channel) ? [by(channel)] : []
      }
    }
  })
  return { offered, asked }
}

const by = (channel: Channel): Provider => providerOf(`acs-${channel}`, undefined, { channel })

t.test('the ways of a profile by which somebody sends are offered, in its order', async (t) => {
  const { offered, asked } = byRoutes({ DE: ['sms', 'voice'], elsewhere: ['whatsapp'] })
  t.same(offered({ channels: CHANNELS, codeMaker: 'gateway' }, 'DE'), ['voice', 'sms'])
  t.same(offered({ channels: CHANNELS, codeMaker: 'gateway' }, undefined), ['whatsapp'])
  t.same(offered({ channels: CHANNELS, codeMaker: 'gateway' }, 'US'), [])
  t.same(offered({ channels: ['sms'], codeMaker: 'gateway' }, 'DE'), ['sms'], 'and no other')
  t.ok(asked.every((hasCode) => hasCode), 'those count too that send nothing but codes')
})

t.test('where a vendor makes the codes, only its own ways are offered, whatever the routes say', async (t) => {
  const profile = { channels: CHANNELS, codeMaker: 'twilio-verify' } as const
  t.same(byRoutes({ DE: ['sms', 'voice'] }).offered(profile, 'DE'), [])
  const { offered, asked } = byRoutes({ DE: [] }, ['whatsapp', 'sms'])
  t.same(offered(profile, 'DE'), ['sms', 'whatsapp'])
  t.same(offered({ ...profile, codeMaker: 'gateway' }, 'DE'), [], 'and the other way round')
  t.same(asked, [false, false, false, true, true, true], 'with no code of ours')
})
