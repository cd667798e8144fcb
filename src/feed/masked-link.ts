import { MASK } from './mask.ts'

const CODE_SEGMENT = /^(?:code|otp|pin|token|key|verify|confirm|magic|reset|invite|l|s)$/

/** Host and port, without labels that have more than a few digits; and nothing of somebody's name and password. */
const maskHost = (host: string): string => host.includes('@')
  ? MASK
  : host.split(/([.:])/).map((part) => /^(?:[a-z-]{0,63}[0-9]{0,2}[a-z-]{0,63}|[0-9]{2,4})$/i.test(part) || /^[.:]$/.test(part) ? part : MASK).join('')

/** A link with its host and what of its path is plain words; codes and tokens stand in the rest. */
export const maskLink = (link: string): string => {
  const [, scheme, host, path, rest] = /^(https?:\/\/)([^/?#]*)([^?#]*)(.*)$/isu.exec(link) as unknown as [string, string, string, string, string]
  const segments = path.split('/')
  const shown = segments.map((segment, index) => {
    const before = segments[index - 1] ?? ''
    // What a vendor's page on an error is called. https://www.twilio.com/docs/api/errors
    if (before === 'errors' && /^[0-9]{5}$/.test(segment)) return segment
    return segment === '' || (/^[a-z]{1,20}(?:[._-][a-z]{1,20}){0,5}$/.test(segment) && !CODE_SEGMENT.test(before)) ? segment : MASK
  })
  return `${scheme}${maskHost(host)}${shown.join('/')}${rest === '' ? '' : `${rest.charAt(0)}${MASK}`}`
}
