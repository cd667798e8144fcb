import { baseUrl, isLoopback } from '../../config/kinds.ts'
import { belowPublicUrl } from '../../config/public-url.ts'
import type { Environment } from '../../config/read-settings.ts'
import { Refusal } from '../refusal.ts'
import { withoutRoute } from '../route-tail.ts'

export interface GatewayUrl {
  /** Without a `/` at its end, and safe wherever it is written: in JSON, YAML, HCL, TOML and between a shell's quotes. */
  readonly text: string
  readonly warnings: readonly string[]
}

/** What a host may have besides would mean something to a shell. */
const SAFE = /^[A-Za-z0-9:/._~[\]-]+$/

/** Where the identity provider reaches the gateway: as typed, or else by the settings. Throws `Refusal`. */
export const readGatewayUrl = (typed: string | undefined, environment: Environment): GatewayUrl => {
  const name = typed === undefined ? 'PUBLIC_URL' : '--url'
  const given = (typed ?? environment['PUBLIC_URL'] ?? '').trim()
  if (given === '') throw new Refusal('Where is the gateway reached? Say it by --url https://…, or set PUBLIC_URL.', 2)
  const url = baseUrl.read(given)
  if (url === undefined) throw new Refusal(`${name} must be ${baseUrl.says}.`, 2)
  const base = belowPublicUrl(url, '').href.replace(/\/+$/, '')
  if (!SAFE.test(base)) throw new Refusal(`${name} must have a host of letters, digits and . _ - only.`, 2)
  const text = withoutRoute(base)
  return {
    text,
    warnings: [
      ...(text === base ? [] : [`${name} ends with a route of the gateway, which was left out: the files have ${text}, and so should PUBLIC_URL.`]),
      ...(isLoopback(url) ? [`${text} is this machine itself: an identity provider elsewhere cannot reach it.`] : [])
    ]
  }
}
