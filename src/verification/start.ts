import { MOST_AT_VENDOR, type CodeMaker } from '../domain/code-maker.ts'
import { timeOrderedId } from '../domain/identifier.ts'
import type { Keys } from '../domain/keys.ts'
import type { Channel, Requester } from '../domain/message.ts'
import { numberDigest } from '../domain/number-digest.ts'
import { OneTimeCode } from '../domain/one-time-code.ts'
import type { Profile } from '../domain/verification.ts'
import type { Bus } from '../observability/bus.ts'
import type { VerificationRequest, Verifications } from '../store/verifications.ts'
import { done, refused } from './answered.ts'
import type { Background } from './background.ts'
import { codeDigest, sealCode, sealNumber } from './sealed-code.ts'
import type { Asker, StartRequest, VerificationService } from './service.ts'
import { callerOf, starterOf } from './starter.ts'
import { leastLife, sendWithin } from './timing.ts'
import type { ToView } from './view.ts'
import type { FindWay } from './way.ts'

export interface StartDeps {
  readonly keys: Keys
  readonly verifications: Pick<Verifications, 'start'>
  /** By name; the first is taken where none is asked for. */
  readonly profiles: ReadonlyMap<string, Profile>
  /** Codes of the numbers to which nothing is sent, by E.164 form. */
  readonly testNumbers: ReadonlyMap<string, OneTimeCode>
  readonly findWay: FindWay
  readonly toView: ToView
  readonly background: Pick<Background, 'begin'>
  readonly randomDigits: (length: number) => string
  readonly budgetMs: number
  readonly bus: Bus
  readonly now: () => number
}

/** A person who cannot be reached by so many tries and numbers will not be by more. */
const STARTS_OF_A_SESSION = 10

/** Starts a verification. What could not be sent is refused before anything is kept. */
export const createStart = (deps: StartDeps): VerificationService['start'] => {
  const { verifications, profiles, findWay, toView, background, bus } = deps

  return async (asked, asker) => {
    const request = asker.kind === 'session' ? ofSession(asked, asker) : asked
    const profile = request.profile === undefined ? [...profiles.values()][0] : profiles.get(request.profile)
    if (profile === undefined) return refused('profile_unknown')
    const channel = request.channel ?? profile.channels[0] as Channel
    if (!profile.channels.includes(channel)) return refused('channel_not_offered')
    const made = makeCode(deps, request, profile)
    const way = findWay({ ...made, to: request.to, channel, requester: requesterOf(request), caller: callerOf(asker) })
    if (way.kind === 'refused') return way

    const started = await verifications.start(toRequest(deps, { request, asker, profile, made, channel: way.value }))
    switch (started.kind) {
      case 'too-many-attempts': return refused('too_many_attempts', started.retryAfter)
      case 'too-many-starts': return refused('too_many_starts')
      case 'too-soon': return refused('resend_too_early', started.retryAfter)
      case 'started': {
        const { verification, isNew } = started
        const { id, caller, isDecoy, numberMasked } = verification
        bus.emit({
          type: 'verification.started',
          verification: id,
          caller,
          profile: profile.name,
          channel: verification.channel,
          number: numberMasked,
          kind: isDecoy ? 'decoy' : isNew ? 'new' : 'taken-over'
        })
        // What was taken over may have been sent, or be being sent: then it is only noted here that it was.
        background.begin(id)
        return done(toView(verification, asker))
      }
    }
  }
}

/** Of what a browser asks, no more counts than that. */
const ofSession = ({ to, channel, locale }: StartRequest, { session }: Extract<Asker, { kind: 'session' }>): StartRequest => ({
  to,
  profile: session.profile,
  channel,
  locale: locale ?? session.locale,
  codeLength: undefined,
  lifetime: undefined,
  maxAttempts: undefined,
  ip: session.ip,
  user: session.user,
  session: undefined
})

const requesterOf = ({ ip, user }: StartRequest): Requester => ({ ip, user })

interface MadeCode {
  readonly codeMaker: CodeMaker
  readonly code: OneTimeCode | undefined
  readonly codeLength: number
}

/** Numbers for tests have codes of their own, whoever makes the others. */
const makeCode = ({ testNumbers, randomDigits }: StartDeps, { to, codeLength }: StartRequest, profile: Profile): MadeCode => {
  const fixed = testNumbers.get(to.e164)
  if (fixed !== undefined) return { codeMaker: 'gateway', code: fixed, codeLength: fixed.reveal().length }
  if (profile.codeMaker !== 'gateway') return { codeMaker: profile.codeMaker, code: undefined, codeLength: profile.codeLength }
  const length = codeLength ?? profile.codeLength
  return { codeMaker: 'gateway', code: OneTimeCode.parse(randomDigits(length)), codeLength: length }
}

interface Beginning {
  readonly request: StartRequest
  readonly asker: Asker
  readonly profile: Profile
  readonly made: MadeCode
  readonly channel: Channel
}

const toRequest = ({ keys, budgetMs, now }: StartDeps, { request, asker, profile, made, channel }: Beginning): VerificationRequest => {
  const { to, locale, lifetime: wanted = profile.lifetime, maxAttempts: tries = profile.maxAttempts, session } = request
  const { code, codeLength, codeMaker } = made
  // A vendor's code lives no longer than the vendor has it, by which the profile goes.
  const lifetime = codeMaker === 'gateway' ? wanted : Math.min(wanted, profile.lifetime)
  const maxAttempts = codeMaker === 'gateway' ? tries : Math.min(tries, MOST_AT_VENDOR)
  const id = timeOrderedId(now())
  return {
    id,
    caller: callerOf(asker),
    starter: starterOf(keys, asker, session),
    profile: profile.name,
    numberDigest: numberDigest(keys, to),
    numberMasked: to.masked,
    country: to.country,
    sealedNumber: sealNumber(to, id, keys, asker.kind === 'session' ? asker.session.reference : undefined),
    sealed: sealCode({ to, code, codeLength, locale, purpose: profile.purpose, requester: requesterOf(request) }, id, keys),
    codeHash: code && codeDigest(code, id, keys),
    codeMaker,
    channel,
    lifetime,
    maxAttempts,
    cooldown: profile.cooldown,
    maxSends: profile.maxSends,
    maxStarts: asker.kind === 'session' ? STARTS_OF_A_SESSION : undefined,
    sendWithin: sendWithin(budgetMs),
    leastLife: leastLife(lifetime)
  }
}
