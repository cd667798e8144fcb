import type { Config } from '../../config/config.ts'
import { belowPublicUrl } from '../../config/public-url.ts'
import { fail, ok, skip, warn, type Finding } from '../../domain/finding.ts'
import type { GatewayAddress } from './gateway-address.ts'
import { challengesOf, meet, type Met } from './challenges.ts'
import { objectIn, type Probe } from './probe.ts'
import { JSON_TYPE } from './requests/rehearsal.ts'

export interface IdentityDeps {
  readonly address: GatewayAddress
  readonly config: Config
  readonly probe: Probe
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** How somebody without a secret is received. */
export type Reception =
  | { readonly kind: 'gateway', readonly requestId: string }
  | { readonly kind: 'draining' }
  /** Not as by a gateway; `status` is that of the last answer. */
  | { readonly kind: 'other', readonly status: number | undefined }

/** Asks hooks, without a secret, until one refuses that in the words of a gateway: proxies need not let all of them through. */
export const askUnknown = async ({ address: { base }, config, probe }: Omit<IdentityDeps, 'now'>): Promise<Reception> => {
  let status: number | undefined
  for (const route of routesOf(config)) {
    const found = await probe({ url: belowPublicUrl(base, route), method: 'POST', headers: JSON_TYPE, body: '{}' })
    if (found.kind === 'silence') break
    const { code, requestId } = objectIn(found)
    if (found.status === 401 && code === 'unauthorized' && isId(requestId)) return { kind: 'gateway', requestId }
    if (found.status === 503 && code === 'draining') return { kind: 'draining' }
    status = found.status
  }
  return { kind: 'other', status }
}

const routesOf = ({ hooks: { settings: { supabase, zitadel, generic } } }: Config): readonly string[] => [
  '/send-text-code', '/hooks/auth0', '/hooks/okta', '/hooks/kratos',
  ...(supabase === undefined ? [] : ['/hooks/supabase']),
  ...(zitadel === undefined ? [] : ['/hooks/zitadel']),
  // Some hooks of the file refuse in the words of their identity provider.
  ...generic.map(({ name }) => `/hooks/generic/${name}`)
]

const isId = (text: unknown): text is string => typeof text === 'string' && /^[0-9a-f-]{36}$/.test(text)

/**
 * Whether the gateway at an address is the one with these settings. No secret is sent to find out: whoever answers there may
 * be a stranger who only speaks like a gateway.
 */
export const askWhose = async ({ address, config, probe, now, requestId }: IdentityDeps & { readonly requestId: string }): Promise<readonly Finding[]> => {
  const { setting, base } = address
  const obstacle = await askReadiness(setting, base, probe)
  if (obstacle !== undefined) return [obstacle]
  const met = await Promise.all(challengesOf({ address, config, now }).map(async (challenge) => ({ name: challenge.setting, met: await meet(challenge, probe) })))
  const which = (wanted: Met): string => met.filter((one) => one.met === wanted).map(({ name }) => name).join(', ')
  const [known, unknown, believed] = [which('knows'), which('refuses'), which('believes')]
  if (believed !== '') return [fail(setting, `what answers there takes requests that are not signed by ${believed}: it is no gateway, or another one. See where the address leads.`)]
  if (unknown !== '') return [fail(setting, `a gateway answers, and does not know ${unknown}: it is another instance, or was started with other settings. Restart it, or see where the address leads.`)]
  if (known !== '') return [ok(setting, `it leads to the gateway with these settings: its answers show that it knows ${known}.`)]
  return [
    ok(setting, 'a gateway answers, and refuses requests without a secret.'),
    skip(setting, `whether it is the one with these settings was not asked: a secret would have to be sent there. If it is, its log has the request ${requestId}.`)
  ]
}

/** What `/readyz` tells everybody; where it does not get through, that says nothing. */
const askReadiness = async (setting: string, base: URL, probe: Probe): Promise<Finding | undefined> => {
  const found = await probe({ url: belowPublicUrl(base, '/readyz') })
  const status = found.kind === 'answer' ? objectIn(found).status : undefined
  if (status === 'draining') return shuttingDown(setting)
  return status === 'store_unavailable' ? fail(setting, 'the gateway there cannot reach its store: see STORE_URL, its disk and its log.') : undefined
}

/** What is told of a gateway that is on its way out. */
export const shuttingDown = (setting: string): Finding => warn(setting, 'the gateway there is shutting down: look again when it is back.')
