import type { Config } from '../../config/config.ts'
import { isLoopback } from '../../config/kinds.ts'
import { belowPublicUrl } from '../../config/public-url.ts'
import { fail, skip, warn, type Finding } from '../../domain/finding.ts'
import { withoutRoute } from '../route-tail.ts'
import { examineAddress } from './address.ts'
import { examineCallbackRoutes } from './callback-routes.ts'
import type { GatewayAddress } from './gateway-address.ts'
import type { Probe } from './probe.ts'

export interface AddressesDeps {
  readonly config: Config
  /** The settings that are wrong, and that the configuration therefore does not have. */
  readonly leftOut: ReadonlySet<string>
  readonly probe: Probe
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** The addresses at which the outside reaches the gateway: where they lead, and whether callbacks get through. */
export const examineAddresses = async ({ config, leftOut, probe, now }: AddressesDeps): Promise<readonly Finding[]> => {
  const addresses = addressesOf(config)
  const found = await Promise.all(addresses.map(async (address) => {
    const tooLong = withRoute(address)
    if (tooLong !== undefined) return [tooLong]
    const { findings, leadsHere } = await examineAddress({ address, config, probe, now })
    return leadsHere ? [...findings, ...await examineCallbackRoutes({ address, config, probe })] : findings
  }))
  return [...withoutPublicUrl(config, leftOut), ...found.flat(), ...onThisMachine(addresses, config)]
}

const EVENTS = /\/events\/?$/

/** An address stands for what is below it; two settings that lead to the same place are one. */
const addressesOf = ({ publicUrl, acs }: Config): readonly GatewayAddress[] => {
  const outside: GatewayAddress[] = publicUrl === undefined ? [] : [{ setting: 'PUBLIC_URL', base: belowPublicUrl(publicUrl, '') }]
  const callbackUrl = acs?.voice?.callbackUrl
  if (callbackUrl === undefined || !EVENTS.test(callbackUrl.pathname)) return outside
  const base = new URL(callbackUrl.origin + callbackUrl.pathname.replace(EVENTS, ''))
  return outside.some((address) => address.base.href === base.href) ? outside : [...outside, { setting: 'ACS_CALLBACK_URL', base }]
}

/** Whatever answers there, nobody means to be reached below a route. */
const withRoute = ({ setting, base }: GatewayAddress): Finding | undefined => {
  const given = base.href.replace(/\/$/, '')
  const meant = withoutRoute(given)
  return given === meant ? undefined : fail(setting, `it ends with a route of the gateway, below which nobody looks for the others: drop the path, and set it to ${meant}.`)
}

const withoutPublicUrl = ({ publicUrl, acs, twilio }: Config, leftOut: ReadonlySet<string>): readonly Finding[] => {
  if (publicUrl !== undefined) return []
  if (leftOut.has('PUBLIC_URL')) return [skip('PUBLIC_URL', 'not looked at: see what is said above of it.')]
  if (acs === undefined && twilio === undefined) return [skip('PUBLIC_URL', 'not set: the sandbox needs none. An identity provider needs an address that it can reach.')]
  const consequences = [
    ...(twilio === undefined ? [] : ['Twilio is asked for the status instead of calling back']),
    ...(acs === undefined || acs.voice !== undefined ? [] : ['calls of Azure need it, or ACS_CALLBACK_URL']),
    'whether identity providers reach the gateway was not looked at'
  ]
  return [warn('PUBLIC_URL', `not set: ${consequences.join('; ')}.`)]
}

/** What only this machine can reach is of use where the vendors are on it, too. */
const onThisMachine = (addresses: readonly GatewayAddress[], { acs, twilio }: Config): readonly Finding[] => {
  const vendors = [acs?.account.endpoint, ...(twilio === undefined ? [] : [twilio.baseUrl ?? new URL('https://api.twilio.com')])]
  const isOutside = vendors.some((vendor) => vendor !== undefined && !isLoopback(vendor))
  return addresses.filter(({ base }) => isOutside && isLoopback(base))
    .map(({ setting }) => warn(setting, 'it leads to this machine only: no vendor and no identity provider reaches it. Set it to the address of a tunnel or a proxy.'))
}
