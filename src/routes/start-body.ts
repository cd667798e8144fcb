import { readLocale } from '../dialects/locale.ts'
import { createNumberReader } from '../dialects/number.ts'
import { readRequester } from '../dialects/requester.ts'
import { RequestError } from '../domain/errors.ts'
import type { PhoneNumber } from '../domain/phone-number.ts'
import type { Session } from '../verification/session.ts'
import type { Asker, StartRequest } from '../verification/service.ts'
import { readCountry } from './country.ts'
import type { StartFields } from './verification-schemas.ts'

/** What a session is not asked about: the app has settled it, or the profile. */
const FOR_APPS = ['profile', 'codeLength', 'ttlSeconds', 'maxAttempts', 'session', 'ip', 'user'] as const

/** Reads what is to be started. Throws `RequestError` for what is no number, and for what a session may not ask for. */
export const readStart = (body: StartFields, asker: Asker, defaultCountry: string | undefined): StartRequest => {
  const session = asker.kind === 'session' ? asker.session : undefined
  const forbidden = session && FOR_APPS.find((field) => body[field] !== undefined)
  if (forbidden !== undefined) throw new RequestError('invalid_body', `/${forbidden} is not for a session to say`)
  return {
    to: readNumber(body, session, defaultCountry),
    profile: body.profile,
    channel: body.channel,
    locale: readLocale(body.locale),
    codeLength: body.codeLength,
    lifetime: body.ttlSeconds === undefined ? undefined : body.ttlSeconds * 1000,
    maxAttempts: body.maxAttempts,
    session: body.session,
    ...readRequester(body, { ip: ['ip'], user: ['user'] })
  }
}

/** Where the app has named the number, it is that one and no other. */
const readNumber = ({ to, country }: StartFields, session: Session | undefined, defaultCountry: string | undefined): PhoneNumber => {
  if (to === undefined && session?.to !== undefined) return session.to
  const number = createNumberReader(readCountry(country) ?? session?.country ?? defaultCountry).strict(to)
  if (session?.to !== undefined && session.to.e164 !== number.e164) throw new RequestError('invalid_body', '/to must be the number of the session')
  return number
}
