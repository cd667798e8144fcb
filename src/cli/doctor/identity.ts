import type { Config } from '../../config/config.ts'
import { belowPublicUrl } from '../../config/public-url.ts'
import { fail, ok, warn, type Finding } from '../../domain/finding.ts'
import type { Address } from './address.ts'
import { objectIn, type Probe } from './probe.ts'

export interface IdentityDeps {
  readonly address: Address
  readonly config: Config
  readonly probe: Probe
  /** Whether `/readyz` does not get through. */
  readonly withoutProbes?: boolean
}

/** Whether the gateway at an address is the one with these settings: it takes our secrets. */
export const askWhose = async (deps: IdentityDeps): Promise<Finding> => {
  const found = deps.withoutProbes === true ? undefined : await askAdmin(deps)
  return found ?? await askCaller(deps)
}

const OTHER_SECRETS = 'a gateway answers, and not with these settings: it is another instance, or was started with other secrets. Restart it, or see where the address leads.'

/** Every probe tells the admin of the providers; `undefined` where it does not tell enough. */
const askAdmin = async ({ address: { setting, base }, config: { adminSecret }, probe }: IdentityDeps): Promise<Finding | undefined> => {
  if (adminSecret === undefined) return undefined
  const found = await probe({ url: belowPublicUrl(base, '/readyz'), headers: { authorization: `Bearer ${adminSecret.reveal()}` } })
  if (found.kind === 'silence') return undefined
  const { status, providers } = objectIn(found)
  if (status === 'draining') return warn(setting, 'the gateway there is shutting down: look again when it is back.')
  if (status === 'store_unavailable') return fail(setting, 'the gateway there cannot reach its store: see STORE_URL, its disk and its log.')
  if (status !== 'ready') return undefined
  return Array.isArray(providers) ? ok(setting, 'it leads to the gateway with these settings.') : fail(setting, OTHER_SECRETS)
}

/** A request without a number sends nothing; whether it comes that far tells whether the secret is known. */
const askCaller = async ({ address: { setting, base }, config: { callers }, probe }: IdentityDeps): Promise<Finding> => {
  const [secret] = [...callers.values()].flat()
  if (secret === undefined) return warn(setting, 'a gateway answers; without SECRET_HEADER nobody can tell whether it has these settings.')
  const found = await probe({
    url: belowPublicUrl(base, '/send-text-code'),
    method: 'POST',
    headers: { authorization: `Bearer ${secret.reveal()}`, 'content-type': 'application/json' },
    body: '{}'
  })
  const code = found.kind === 'answer' ? objectIn(found).code : undefined
  switch (code) {
    case 'number_missing': return ok(setting, 'it leads to a gateway that knows these secrets.')
    case 'unauthorized': return fail(setting, OTHER_SECRETS)
    case 'draining': return warn(setting, 'the gateway there is shutting down: look again when it is back.')
    default: return warn(setting, 'a gateway answers, and its hooks do not: see what the proxy lets through.')
  }
}
