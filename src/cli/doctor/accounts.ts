import type { Config } from '../../config/config.ts'
import { Deadline } from '../../domain/deadline.ts'
import { skip, type Finding } from '../../domain/finding.ts'
import { createAccountChecks } from '../../providers/catalog.ts'
import { createHttpClient } from '../../providers/http-client.ts'

/** Asks each vendor that is configured about its account. */
export const examineAccounts = async ({ acs, twilio, voice, routes }: Config, timeoutMs: number): Promise<readonly Finding[]> => {
  if (acs === undefined && twilio === undefined) return [skip('providers', 'none is configured: in development the sandbox stands in for them.')]
  const http = createHttpClient()
  try {
    const used = new Set(Object.values(routes).flatMap(({ names, byCountry }) => [...names, ...[...byCountry.values()].flat()]))
    const checks = await createAccountChecks({
      acs: acs && { ...acs, voice: acs.voice && { ...acs.voice, voiceNames: voice.names } }, twilio, http, used
    })
    return (await Promise.all(checks.map((check) => check.check(Deadline.in(timeoutMs))))).flat()
  } finally {
    await http.close()
  }
}
