import { BlockList, isIPv4, isIPv6 } from 'node:net'
import type { Requester } from '../domain/message.ts'
import { hidden } from '../domain/sensitive.ts'
import { valueAt } from './generic/field-path.ts'

/** Where in a body it stands for whom a message is asked: paths, of which the first that has something counts. */
export interface RequesterPaths {
  /** The address that the person asks from. */
  readonly ip?: readonly string[]
  /** The sender's own id of the person's account. */
  readonly user?: readonly string[]
}

/**
 * Reads for whom a message is asked. What can be no address, or no id, says nothing, and so does an address by which nobody
 * can be told from others. Nobody goes without a code for it: it never throws.
 */
export const readRequester = (body: unknown, { ip = [], user = [] }: RequesterPaths): Requester =>
  ({ ip: hidden(addressIn(valueAt(body, ip))), user: hidden(accountIn(valueAt(body, user))) })

/** The longest address: IPv6 with the last four bytes written as IPv4. */
const LONGEST_ADDRESS = 45

const addressIn = (given: unknown): string | undefined => {
  const text = typeof given === 'string' && given.length <= LONGEST_ADDRESS ? given.trim() : ''
  const family = familyOf(text)
  return family === undefined || SHARED.check(text, family) ? undefined : text
}

/** A zone is a name of the sender's own machine. */
const familyOf = (text: string): 'ipv4' | 'ipv6' | undefined => {
  if (isIPv4(text)) return 'ipv4'
  return isIPv6(text) && !text.includes('%') ? 'ipv6' : undefined
}

/**
 * Networks whose addresses are those of proxies and machines in between: all people behind them would be counted as one, and
 * nobody could log in. https://www.iana.org/assignments/iana-ipv4-special-registry/
 */
const SHARED = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8], ['10.0.0.0', 8], ['100.64.0.0', 10], ['127.0.0.0', 8], ['169.254.0.0', 16], ['172.16.0.0', 12], ['192.168.0.0', 16]
] as const) SHARED.addSubnet(network, prefix, 'ipv4')
for (const [network, prefix] of [['::', 127], ['fc00::', 7], ['fe80::', 10]] as const) SHARED.addSubnet(network, prefix, 'ipv6')

/** No sender has longer ids. */
const LONGEST_ACCOUNT = 256

const accountIn = (given: unknown): string | undefined => {
  const text = typeof given === 'number' && Number.isSafeInteger(given) ? String(given) : given
  return typeof text === 'string' && text.length <= LONGEST_ACCOUNT && !/\p{Cc}/u.test(text) ? text.trim() : undefined
}
