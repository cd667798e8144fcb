import type { Config } from '../../config/config.ts'
import { Deadline } from '../../domain/deadline.ts'
import { skip, type Finding } from '../../domain/finding.ts'
import { createAccountChecks } from '../../providers/catalog.ts'
import { createHttpClient } from '../../providers/http-client.ts'

export interface AccountsDeps {
  readonly config: Config
  /** The settings that are wrong, and that the configuration therefore does not have. */
  readonly leftOut: ReadonlySet<string>
  /** Milliseconds that each vendor has to answer. */
  readonly timeoutMs: number
}

/** Asks each vendor that is configured about its account. */
export const examineAccounts = async ({ config: { acs, twilio, voice, routes }, leftOut, timeoutMs }: AccountsDeps): Promise<readonly Finding[]> => {
  const wrong = [...leftOut].filter((name) => (acs === undefined && name.startsWith('ACS_')) || (twilio === undefined && name.startsWith('TWILIO_')))
  const unasked = wrong.length === 0 ? [] : [skip('providers', `not asked: see what is said above of ${wrong.join(', ')}.`)]
  if (acs === undefined && twilio === undefined) return unasked.length > 0 ? unasked : [skip('providers', 'none is configured: in development the sandbox stands in for them.')]
  const http = createHttpClient()
  try {
    const used = new Set(Object.values(routes).flatMap(({ names, byCountry }) => [...names, ...[...byCountry.values()].flat()]))
    const checks = await createAccountChecks({
      acs: acs && { ...acs, voice: acs.voice && { ...acs.voice, voiceNames: voice.names } }, twilio, http, used
    })
    return [...unasked, ...(await Promise.all(checks.map((check) => check.check(Deadline.in(timeoutMs))))).flat()]
  } finally {
    await http.close()
  }
}
