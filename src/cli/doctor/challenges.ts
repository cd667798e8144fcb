import { createHmac, randomInt, randomUUID } from 'node:crypto'
import type { Config } from '../../config/config.ts'
import { belowPublicUrl } from '../../config/public-url.ts'
import type { SensitiveText } from '../../domain/sensitive.ts'
import type { GatewayAddress } from './gateway-address.ts'
import { objectIn, type Probe, type ProbeRequest, type Probed } from './probe.ts'
import { JSON_TYPE, secretFor, type Credential } from './requests/rehearsal.ts'
import { supabaseSignature } from './requests/supabase.ts'
import { zitadelSignature } from './requests/zitadel.ts'

/** Requests that mean nothing, signed by a secret that itself stays here: only who knows it can tell them from others. */
export interface Challenge {
  /** The setting that holds the secret. */
  readonly setting: string
  request (credential: Credential): ProbeRequest
  /** Whether an answer is that to a request whose signature holds. */
  isTaken (answer: Answer): boolean
}

type Answer = Extract<Probed, { kind: 'answer' }>

export interface ChallengeDeps {
  readonly address: GatewayAddress
  readonly config: Config
  readonly now: () => number
}

/** What the settings have to sign with. */
export const challengesOf = ({ address, config, now }: ChallengeDeps): readonly Challenge[] =>
  [...byTwilio(address, config), ...bySupabase(address, config, now), ...byZitadel(address, config, now)]

/** Twilio signs the public URL itself, so that no other address can be asked so. */
const byTwilio = ({ setting }: GatewayAddress, { twilio, publicUrl }: Config): readonly Challenge[] => {
  const [token] = twilio?.authTokens ?? []
  if (token === undefined || twilio?.callbackUrl === undefined || publicUrl === undefined || setting !== 'PUBLIC_URL') return []
  const url = belowPublicUrl(publicUrl, '/events/twilio/message')
  return [{
    setting: 'TWILIO_AUTH_TOKEN',
    request (credential) {
      const id = randomUUID()
      // https://www.twilio.com/docs/usage/security#validating-requests
      const signature = createHmac('sha1', secretFor(token.reveal(), credential)).update(`${url.href}MessageSid${id}`).digest('base64')
      return { url, method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': signature }, body: `MessageSid=${id}` }
    },
    isTaken: ({ status }) => status === 204
  }]
}

const bySupabase = (address: GatewayAddress, { hooks: { settings } }: Config, now: () => number): readonly Challenge[] =>
  bySignature({ setting: 'SUPABASE_HOOK_SECRET', route: '/hooks/supabase', secret: settings.supabase?.secrets[0], sign: supabaseSignature, statusOfTaken: 200 }, address, now)

const byZitadel = (address: GatewayAddress, { hooks: { settings } }: Config, now: () => number): readonly Challenge[] =>
  bySignature({ setting: 'ZITADEL_SIGNING_KEY', route: '/hooks/zitadel', secret: settings.zitadel?.signingKeys[0], sign: zitadelSignature, statusOfTaken: 400 }, address, now)

/** A hook that is signed. */
interface SignedHook {
  readonly setting: string
  readonly route: string
  /** Absent: it is not set up. */
  readonly secret: SensitiveText | undefined
  sign (secret: string, body: string, now: number): Readonly<Record<string, string>>
  /** The answer to a body that is believed, and asks for nothing. */
  readonly statusOfTaken: number
}

const bySignature = ({ setting, route, secret, sign, statusOfTaken }: SignedHook, { base }: GatewayAddress, now: () => number): readonly Challenge[] =>
  secret === undefined
    ? []
    : [{
        setting,
        request (credential) {
          const body = nothingToSend()
          return { url: belowPublicUrl(base, route), method: 'POST', headers: { ...JSON_TYPE, ...sign(secretFor(secret.reveal(), credential), body, now()) }, body }
        },
        isTaken: ({ status }) => status === statusOfTaken
      }]

/** No number, no code; and another one each time, or equal signatures would tell which are right. */
const nothingToSend = (): string => JSON.stringify({ doctor: randomUUID() })

/**
 * What came of a challenge: the other side knows the secret; it refuses all, having another one or none; it takes what
 * nobody signed; or it did not come to an answer.
 */
export type Met = 'knows' | 'refuses' | 'believes' | 'unclear'

/** Of each kind. Who guesses is right once in 70 times. */
const ROUNDS = 4

/** Has the other side tell signed requests from others, which come in no order. */
export const meet = async ({ request, isTaken }: Challenge, probe: Probe): Promise<Met> => {
  const verdicts = await Promise.all(inNoOrder().map(async (credential) => {
    const found = await probe(request(credential))
    if (found.kind === 'silence') return undefined
    const says = isTaken(found) ? 'right' : isRefused(found) ? 'wrong' : undefined
    return says && { says, isTrue: says === credential }
  }))
  if (verdicts.includes(undefined)) return 'unclear'
  if (verdicts.every((verdict) => verdict?.isTrue)) return 'knows'
  return verdicts.every((verdict) => verdict?.says === 'wrong') ? 'refuses' : 'believes'
}

const inNoOrder = (): Credential[] => (['right', 'wrong'] as const)
  .flatMap((credential) => Array.from({ length: ROUNDS }, () => ({ credential, at: randomInt(2 ** 32) })))
  .sort((one, other) => one.at - other.at)
  .map(({ credential }) => credential)

/** A gateway without the setting has no such route, or says that it is not set up. */
const REFUSALS: ReadonlySet<unknown> = new Set(['unauthorized', 'signature_invalid', 'hook_not_configured', 'not_found'])

const isRefused = (answer: Answer): boolean => REFUSALS.has(objectIn(answer).code)
