export interface HostsDeps {
  /** Where the outside reaches the gateway. */
  readonly publicUrl: URL | undefined
  /** Further names by which browsers reach it, as they send them: `gateway.internal:8000`. */
  readonly hosts: readonly string[]
}

/** Under which names the inspector answers. A page of somebody else whose name leads here (DNS rebinding) brings its own name. */
export interface Hosts {
  /** Whether it answers to that header `Host`, which is given as often as it came. */
  allows (host: readonly string[]): boolean
  /**
   * Whether the page that asks, by its header `Origin`, is ours: one at that `Host`, which was allowed. At the host of
   * `publicUrl` it has the scheme and the port of that; of other names nobody knows whether a proxy ends TLS.
   */
  isOwn (origin: string, host: string): boolean
}

/** The names of this machine, by whatever port. */
const LOCAL_NAMES: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

interface Name {
  readonly name: string
  /** Empty where it is the usual one. */
  readonly port: string
}

/** The usual port of each scheme. A host alone does not tell by which one it was asked, nor does a proxy that names its own port. */
const PORTS = { http: '80', https: '443' } as const

export const createHosts = ({ publicUrl, hosts }: HostsDeps): Hosts => {
  const published = publicUrl && writtenHost(publicUrl.host)
  const publishedPage = publicUrl && writtenPage(pageOf(publicUrl.origin))
  const known = new Set([...published === undefined ? [] : [published], ...hosts.map(writtenHost)])
  return {
    allows ([host = '', ...others]) {
      const parsed = parse(host, Object.values(PORTS))
      return others.length === 0 && parsed !== undefined && (LOCAL_NAMES.has(parsed.name) || known.has(written(parsed)))
    },
    isOwn (origin, host) {
      const page = pageOf(origin)
      const at = writtenHost(host)
      return page !== undefined && written(page) === at && (at !== published || writtenPage(page) === publishedPage)
    }
  }
}

/** Reads a host as browsers write it: a name, an address, or an IPv6 address in brackets, and perhaps a port. */
const parse = (host: string, usual: readonly string[]): Name | undefined => {
  const [, name = '', port = ''] = /^([a-z0-9_-][a-z0-9._-]{0,252}|\[[0-9a-f:.]{2,45}\])(?::([0-9]{1,5}))?$/i.exec(host) ?? []
  // The dot at the end of a full name says nothing more.
  return name === '' ? undefined : { name: name.toLowerCase().replace(/\.$/, ''), port: usual.includes(port) ? '' : port }
}

interface Page extends Name {
  readonly scheme: keyof typeof PORTS
}

/** Where a page is, by its origin. */
const pageOf = (origin: string): Page | undefined => {
  const scheme = origin.startsWith('https:') ? 'https' : 'http'
  const start = `${scheme}://`
  const name = origin.startsWith(start) ? parse(origin.slice(start.length), [PORTS[scheme]]) : undefined
  return name && { ...name, scheme }
}

const written = (parsed: Name | undefined): string => `${parsed?.name}:${parsed?.port}`

const writtenHost = (host: string): string => written(parse(host, Object.values(PORTS)))

const writtenPage = (page: Page | undefined): string => `${page?.scheme}://${written(page)}`
