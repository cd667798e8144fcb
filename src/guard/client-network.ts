import { BlockList, isIPv4, isIPv6 } from 'node:net'

/**
 * Networks of IPv6 in whose addresses an IPv4 one stands, by their first groups, and where it stands: whoever has the one
 * has all of the other. https://www.rfc-editor.org/rfc/rfc6052, https://www.rfc-editor.org/rfc/rfc3056
 */
const HOLDS_IPV4: ReadonlyArray<readonly [groups: readonly number[], at: number]> = [
  // Mapped, translated, and those of NAT64 and 6to4.
  [[0, 0, 0, 0, 0, 0xffff], 6],
  [[0, 0, 0, 0, 0xffff, 0], 6],
  [[0x64, 0xff9b, 0, 0, 0, 0], 6],
  [[0x2002], 1],
  // Compatible: written so long ago that nothing else is left there but `::` and `::1`.
  [[0, 0, 0, 0, 0, 0], 6]
]

/**
 * Networks that no person asks from: of this machine, of one wire, of tests, of many receivers, and of nobody.
 * https://www.iana.org/assignments/iana-ipv4-special-registry/, https://www.iana.org/assignments/iana-ipv6-special-registry/
 */
const NOBODYS = new BlockList()
for (const [network, prefix] of [['0.0.0.0', 8], ['198.18.0.0', 15], ['224.0.0.0', 4], ['240.0.0.0', 4]] as const) NOBODYS.addSubnet(network, prefix, 'ipv4')
for (const [network, prefix] of [['::', 127], ['fe80::', 10], ['ff00::', 8]] as const) NOBODYS.addSubnet(network, prefix, 'ipv6')

/** A person has all the addresses of one such network, and may ask from each. */
const NETWORK_GROUPS = 4
const GROUPS = 8

/**
 * What an address that a person asks from is counted by: an IPv4 address itself, also where it stands in an IPv6 one; else
 * of an IPv6 address the first 64 bits. `undefined` for what is no address, or none that a person can have.
 */
export const clientNetwork = (text: string): string | undefined => {
  const address = text.trim()
  if (isIPv4(address)) return NOBODYS.check(address, 'ipv4') ? undefined : address
  // One with a zone is of the machine that wrote it.
  if (!isIPv6(address) || address.includes('%') || NOBODYS.check(address, 'ipv6')) return undefined
  const groups = groupsOf(address)
  const [, at] = HOLDS_IPV4.find(([network]) => network.every((group, index) => groups[index] === group)) ?? []
  if (at !== undefined) return clientNetwork(groups.slice(at, at + 2).flatMap((group) => [group >> 8, group & 0xff]).join('.'))
  return `${groups.slice(0, NETWORK_GROUPS).map((group) => group.toString(16)).join(':')}::/64`
}

/** The eight groups of an IPv6 address. */
const groupsOf = (address: string): number[] => {
  // The URL standard writes all of them in one way.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [head, tail = []] = canonical.split('::').map((part) => part === '' ? [] : part.split(':')) as [string[], string[]?]
  const zeros = Array.from({ length: GROUPS - head.length - tail.length }, () => '0')
  return [...head, ...zeros, ...tail].map((group) => parseInt(group, 16))
}
