import t from 'tap'
import { startTestGateway } from '../support/gateway.ts'
import { startChild } from './child-stand.ts'
import { addKillTests, askerOf } from './verification-kill-suite.ts'

addKillTests(t, async (t, options) => {
  const child = await startChild(t, options)
  return {
    child,
    ask: askerOf(child),
    async goOn (clock) {
      await child.kill()
      return await startTestGateway(t, { after: child.left, clock })
    }
  }
})
