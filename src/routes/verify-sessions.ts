import { randomUUID } from 'node:crypto'
import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { Type, type Static } from 'typebox'
import { readLocale } from '../dialects/locale.ts'
import { createNumberReader } from '../dialects/number.ts'
import { readRequester } from '../dialects/requester.ts'
import { RequestError } from '../domain/errors.ts'
import type { Profile } from '../domain/verification.ts'
import type { OfferedChannels } from '../verification/offered-channels.ts'
import type { Results } from '../verification/results.ts'
import type { Session, Sessions } from '../verification/session.ts'
import type { Authorization } from './authorization.ts'
import { readCountry } from './country.ts'
import { basePathOf, bearerOf, moment } from './verification-reply.ts'
import { readOrigin, readReturnUrl, type Origins } from './verify-origins.ts'

export interface VerifySessionDeps {
  readonly authorization: Pick<Authorization, 'callerOf'>
  readonly sessions: Sessions
  readonly results: Pick<Results, 'publicKeys'>
  /** By name; the first is taken where none is asked for. */
  readonly profiles: ReadonlyMap<string, Profile>
  readonly offeredChannels: OfferedChannels
  readonly brand: string | undefined
  readonly defaultCountry: string | undefined
  readonly origins: Origins
  /** Where the outside reaches the gateway; where nobody has said so, as whoever asks has reached it. */
  readonly publicUrl: URL | undefined
  /** The store's clock, milliseconds since 1970. */
  readonly now: () => number
}

/** A number, two addresses and a few words, in bytes. */
const BODY_LIMIT = 16 * 1024

const DEFAULT_TTL_SECONDS = 900

/** Browsers and servers take longer ones; a token must fit into a header with all that a session says. */
const LONGEST_URL = 1024

const Body = Type.Object({
  profile: Type.Optional(Type.String({ maxLength: 64, description: 'The kind of verification; where absent the profile with `default`, else `login`.' })),
  to: Type.Optional(Type.String({ maxLength: 64, description: 'The only number that may be verified; where absent the person enters one. With `+`, or as people of `country`, or else of `DEFAULT_COUNTRY`, write it.' })),
  country: Type.Optional(Type.String({ maxLength: 8, description: 'The country that the page offers first, as in ISO 3166.' })),
  locale: Type.Optional(Type.String({ maxLength: 64, description: 'The language of the page and of the messages, such as `de-DE`.' })),
  origin: Type.Optional(Type.String({ maxLength: LONGEST_URL, description: 'The origin of the page that shows ours in a frame, or opens it, and is told of the end. One of `VERIFY_ORIGINS`.' })),
  returnUrl: Type.Optional(Type.String({ maxLength: LONGEST_URL, description: 'Where the browser is led in the end, at one of `VERIFY_ORIGINS`.' })),
  reference: Type.Optional(Type.String({ pattern: '^[\\x20-\\x7e]{1,128}$', description: 'Your own word for what it is about, which comes back in the result.' })),
  ip: Type.Optional(Type.Unknown({ description: 'The address that the person asks from, for `BUDGET_IP`. What is no address of the internet is not looked at.' })),
  user: Type.Optional(Type.Unknown({ description: 'Your own id of the person\'s account, for `BUDGET_USER`: at most 256 characters. A longer one is not looked at.' })),
  ttlSeconds: Type.Optional(Type.Integer({ minimum: 60, maximum: 3600, description: 'How long verifications may be started and completed with it.' }))
}, {
  // A name that is misspelt could otherwise leave the person free to enter any number.
  additionalProperties: false,
  examples: [{ profile: 'login', origin: 'https://app.example.com', reference: 'order 4711' }]
})

const Created = Type.Object({ token: Type.String(), expiresAt: Type.String(), url: Type.String() })

/**
 * `POST /verify/sessions`: an app lets one browser verify a number. `GET /verify/session`: what the page shows that has such
 * a session. Nothing of its verifications is told there: their ids are known to the browser alone that has started them, so
 * that who has no more than the token cannot take their ends for his own. `GET /verify/keys`: what results are checked with.
 */
export const verifySessionRoutes = (deps: VerifySessionDeps): FastifyPluginAsync => async (app) => {
  const { authorization, sessions, results, now } = deps
  const hide = app.prefix !== ''

  app.post<{ Body: Static<typeof Body> }>('/verify/sessions', {
    bodyLimit: BODY_LIMIT,
    schema: { summary: 'Let one browser verify a number', tags: ['verifications'], security: [{ secret: [] }], body: Body, response: { 201: Created }, hide },
    onRequest: async (request, reply) => {
      reply.header('cache-control', 'no-store')
      request.caller = authorization.callerOf(request.headers.authorization) ?? refuse()
    }
  }, async (request, reply) => {
    const session = readSession(request.body, request.caller, deps)
    const token = sessions.seal(session)
    return reply.code(201).send({ token, expiresAt: moment(session.expiresAt), url: `${baseUrl(request, deps.publicUrl)}/verify#session=${token}` })
  })

  app.get('/verify/session', { schema: { hide: true } }, async ({ headers }, reply) => {
    reply.header('cache-control', 'no-store')
    const session = sessions.open(bearerOf(headers.authorization)) ?? refuse()
    const profile = deps.profiles.get(session.profile)
    if (profile === undefined) throw new RequestError('profile_unknown')
    return {
      profile: profileReply(profile, session, deps),
      to: session.to?.masked,
      country: session.country ?? deps.defaultCountry,
      // Where the app does not know it, the browser knows its person's language better than we do.
      locale: session.locale,
      brand: deps.brand,
      origin: session.origin,
      returnUrl: session.returnUrl,
      expiresAt: moment(session.expiresAt),
      now: moment(now())
    }
  })

  app.get('/verify/keys', { schema: { summary: 'The keys that results are signed with', tags: ['verifications'], security: [], hide } }, async (_request, reply) =>
    reply.header('cache-control', 'public, max-age=300').send(results.publicKeys()))
}

const refuse = (): never => {
  throw new RequestError('unauthorized')
}

/** Throws `RequestError` for what no session can be made of. */
const readSession = (body: Static<typeof Body>, caller: string, { profiles, defaultCountry, origins, now }: VerifySessionDeps): Session => {
  const [first] = profiles.keys()
  const profile = body.profile ?? first as string
  if (!profiles.has(profile)) throw new RequestError('profile_unknown')
  const country = readCountry(body.country)
  return {
    id: randomUUID(),
    caller,
    profile,
    to: body.to === undefined ? undefined : createNumberReader(country ?? defaultCountry).strict(body.to),
    country,
    locale: readLocale(body.locale),
    origin: body.origin === undefined ? undefined : readOrigin(body.origin, origins),
    returnUrl: body.returnUrl === undefined ? undefined : readReturnUrl(body.returnUrl, origins),
    reference: body.reference,
    ...readRequester(body, { ip: ['ip'], user: ['user'] }),
    expiresAt: now() + (body.ttlSeconds ?? DEFAULT_TTL_SECONDS) * 1000
  }
}

const baseUrl = ({ protocol, host }: FastifyRequest, publicUrl: URL | undefined): string =>
  publicUrl === undefined ? `${protocol}://${host}` : `${publicUrl.origin}${basePathOf(publicUrl)}`

/** What the page must know of a profile. Ways without a provider are not offered. */
const profileReply = (profile: Profile, { to, country }: Session, { offeredChannels }: VerifySessionDeps): object => ({
  name: profile.name,
  codeLength: profile.codeLength,
  channels: offeredChannels(profile, to === undefined ? country : to.country),
  cooldownSeconds: profile.cooldown / 1000,
  lifetimeSeconds: profile.lifetime / 1000
})
