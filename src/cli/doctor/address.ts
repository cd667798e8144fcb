import type { Config } from '../../config/config.ts'
import { belowPublicUrl } from '../../config/public-url.ts'
import { fail, ok, type Finding } from '../../domain/finding.ts'
import type { GatewayAddress } from './gateway-address.ts'
import { askUnknown, askWhose, shuttingDown } from './identity.ts'
import { objectIn, type Probe, type Probed } from './probe.ts'

export interface AddressDeps {
  readonly address: GatewayAddress
  readonly config: Config
  readonly probe: Probe
  readonly now: () => number
}

export interface AddressFindings {
  readonly findings: readonly Finding[]
  /** Whether a gateway answers there, be it this one or not. */
  readonly leadsHere: boolean
}

type Answer = Extract<Probed, { kind: 'answer' }>

/** Clocks that are further apart than this, in milliseconds, make signatures look old or forged. */
const MOST_DIFFERENCE = 60_000

/** Goes to an address as the outside would: without a secret, since whoever is there may be a stranger. */
export const examineAddress = async (deps: AddressDeps): Promise<AddressFindings> => {
  const { address: { setting, base }, probe, now } = deps
  const found = await probe({ url: belowPublicUrl(base, '/livez') })
  if (found.kind === 'silence') return { findings: [fail(setting, wordsForSilence(found.why, base))], leadsHere: false }
  const clock = examineClock(setting, found, now())
  // Not every proxy lets the probes through, and behind a path that a proxy leaves they are not found.
  if (!isAlive(found) && found.status !== 404) return { findings: [...clock, fail(setting, wordsForStranger(found, base))], leadsHere: false }
  const reception = await askUnknown(deps)
  switch (reception.kind) {
    case 'gateway': return { findings: [...clock, ...await askWhose({ ...deps, requestId: reception.requestId })], leadsHere: true }
    case 'draining': return { findings: [...clock, shuttingDown(setting)], leadsHere: true }
    case 'other': return { findings: [...clock, fail(setting, isAlive(found) ? wordsForPretender(reception.status) : wordsForStranger(found, base))], leadsHere: false }
  }
}

const isAlive = (found: Answer): boolean => found.status === 200 && objectIn(found).status === 'ok'

/** Many a server says that it is well. */
const wordsForPretender = (status: number | undefined): string =>
  `/livez answers as a gateway's does, and the hooks do not (${status ?? 'no answer'}): see that the proxy lets them through, and that the address is still yours.`

const wordsForSilence = (why: Extract<Probed, { kind: 'silence' }>['why'], { host, hostname }: URL): string => {
  switch (why) {
    case 'name': return `the name ${hostname} does not resolve: see that it is spelt right and has a DNS record.`
    case 'refused': return `nobody listens at ${host}: start the gateway, or the proxy or tunnel in front of it.`
    case 'tls': return `no secure connection to ${host}: see that its certificate is valid, complete and for this name, and that https is spoken there.`
    case 'timeout': return `${host} does not answer in time: see that the firewall lets this port through, and that the gateway runs.`
    case 'connection': return `the connection to ${host} breaks: see the proxy or tunnel there, and that the gateway runs.`
  }
}

const wordsForStranger = (found: Answer, { host, pathname }: URL): string => {
  const { status, headers } = found
  if (status >= 300 && status < 400) return `it redirects to ${placeOf(headers.location)}: set it to where the gateway is. Vendors and identity providers do not follow.`
  if (isTunnelPage(found)) return `the tunnel at ${host} has no other end (${status}): start it, and see that it leads to the gateway's port.`
  if (status === 502 || status === 503 || status === 504) return `the proxy at ${host} does not reach the gateway (${status}): start the gateway, and see the port that the proxy leads to.`
  if (status === 401 || status === 403) return `something in front of the gateway asks for a credential (${status}): let the routes of the gateway through.`
  if (status === 404 && pathname !== '/') return `nothing of the gateway is below ${pathname}: see that the proxy leads this path to it.`
  return `another server answers at ${host} (${status}, ${typeOf(headers['content-type'])}): set it to the gateway's address, or lead that one to the gateway.`
}

/** Without what may be secret in it. */
const placeOf = (location: string | undefined): string => {
  if (location === undefined) return 'nowhere'
  if (!URL.canParse(location)) return 'another path'
  const { origin, pathname } = new URL(location)
  return `${origin}${pathname}`
}

const typeOf = (contentType: string | undefined): string => /^[a-z0-9.+-]+\/[a-z0-9.+-]+/i.exec(contentType ?? '')?.[0] ?? 'of no type'

/** https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-1xxx-errors/, https://ngrok.com/docs/errors/ */
const isTunnelPage = ({ status, headers, body }: Answer): boolean =>
  (status >= 520 && status <= 530) || headers['ngrok-error-code'] !== undefined || /error code: 10[0-9]{2}/i.test(body)

/** A proxy on another machine writes its own time; one that is off on this machine, or there, breaks signatures. */
const examineClock = (setting: string, { headers }: Answer, now: number): readonly Finding[] => {
  const difference = Date.parse(headers.date ?? '') - now
  if (Number.isNaN(difference)) return []
  const seconds = Math.round(Math.abs(difference) / 1000)
  return Math.abs(difference) > MOST_DIFFERENCE
    ? [fail('clock', `${setting} is ${seconds} s ${difference > 0 ? 'ahead of' : 'behind'} this machine: signatures of hooks and vendors would be refused. Have both set their time by NTP.`)]
    : [ok('clock', `the same as at ${setting}.`)]
}
