import type { IncomingHttpHeaders } from 'node:http'
import { RequestError } from '../../domain/errors.ts'
import type { SensitiveText } from '../../domain/sensitive.ts'
import { valueAt } from '../generic/field-path.ts'
import { readMoment } from '../moment.ts'
import type { OktaOAuth } from '../okta-authentication.ts'
import { readRequester } from '../requester.ts'
import { believeSecret, type CallerOf } from '../secret-authentication.ts'
import { MOST_LOGINS, type LoginTeller, type ToldLogin } from './login.ts'
import { parsed } from './parsed.ts'
import { phoneFactorIn } from './phone-word.ts'

export interface OktaEventsDeps {
  /** The header that holds the secret. */
  readonly header: string
  /** Where it is set, the inline hook's messages are those of who brings its tokens. */
  readonly oauth: OktaOAuth | undefined
  readonly callerOf: CallerOf
}

/**
 * `/hooks/okta/events`: an Event Hook of Okta's. It waits for three seconds, and tells once more after a failure of ours,
 * never after a 4xx; what it tells may come twice and in any order.
 * https://developer.okta.com/docs/concepts/event-hooks/
 */
export const createOktaEvents = ({ header, oauth, callerOf }: OktaEventsDeps): LoginTeller => ({
  hook: 'okta',
  route: '/hooks/okta/events',
  summary: 'Okta: an Event Hook tells of logins with a code',
  budgetMs: BUDGET_MS,
  examine: (headers) => believeSecret(header, [headers[header.toLowerCase()]].flat()[0], callerOf),
  // An Event Hook has no OAuth 2.0: it comes with the secret where the inline hook comes with tokens.
  senderOf: (caller) => oauth !== undefined && caller === OWN_CALLER ? TOKEN_CALLER : caller,
  verify,
  read (body) {
    const told = parsed(body)
    if (told === undefined) return undefined
    const events = valueAt(told, ['data.events'])
    return (Array.isArray(events) ? events : []).flatMap(readEvent).slice(0, MOST_LOGINS)
  }
})

const BUDGET_MS = 2500

/** The caller whose secret is SECRET_HEADER, and the one that tokens of the inline hook stand for. */
const OWN_CALLER = 'default'
const TOKEN_CALLER = 'okta'

/** Any value that a header can hold and a person would call one. */
const CHALLENGE = /^[\x21-\x7e]{1,512}$/

/**
 * Says back what Okta has put into a header. Whether the secret comes along is not documented, and nobody gains anything
 * by asking: it is not looked at.
 */
const verify = (headers: IncomingHttpHeaders): object => {
  const challenge = headers['x-okta-verification-challenge']
  if (typeof challenge !== 'string' || !CHALLENGE.test(challenge)) throw new RequestError('bad_request', 'There is no header x-okta-verification-challenge')
  return { verification: challenge }
}

/**
 * What tells of a code that was right, and whether that is believed where the factor is not told: second factors are checked
 * at logins and at the recovery of accounts, and any factor can be activated.
 * https://developer.okta.com/docs/reference/api/event-types/
 */
const TYPES: ReadonlyMap<unknown, { readonly withoutFactor: boolean }> = new Map([
  ['user.authentication.auth_via_mfa', { withoutFactor: true }],
  ['user.mfa.factor.activate', { withoutFactor: false }]
])

const readEvent = (event: unknown): ToldLogin[] => {
  const type = TYPES.get(valueAt(event, ['eventType']))
  if (type === undefined || valueAt(event, ['outcome.result']) !== 'SUCCESS') return []
  const factor = phoneFactorIn(wordsAboutFactor(event))
  const user = userOf(event)
  const at = readMoment(valueAt(event, ['published']))
  const isMeant = factor === 'phone' || (factor === 'untold' && type.withoutFactor)
  return isMeant && user !== undefined && at !== undefined ? [{ user, at }] : []
}

const targetsOf = (event: unknown): readonly unknown[] => {
  const targets = valueAt(event, ['target'])
  return Array.isArray(targets) ? targets : []
}

/**
 * Where Okta says which factor it was: `SMS_FACTOR`, `sms` or `call` in its debug data, by the kind of org; the method of the
 * enrolment that was used; and, of one that was activated, the reason. Which words it has for phones is documented in part only.
 * https://support.okta.com/help/s/article/how-to-locate-factor-information-in-okta-system-log
 */
const wordsAboutFactor = (event: unknown): unknown[] => [
  ...['debugContext.debugData.factor', 'debugContext.debugData.factorType', 'outcome.reason'].map((path) => valueAt(event, [path])),
  ...targetsOf(event).filter((target) => /^Authenticator/.test(String(valueAt(target, ['type']))))
    .flatMap((target) => ['detailEntry.methodTypeUsed', 'detailEntry.MethodTypeUsed', 'displayName'].map((path) => valueAt(target, [path])))
]

/** Whose login it was: an administrator may have acted for the person, who is a target then. */
const userOf = (event: unknown): SensitiveText | undefined => {
  const people = [...targetsOf(event), valueAt(event, ['actor'])].filter((one) => valueAt(one, ['type']) === 'User')
  return readRequester(people[0], { user: ['id'] }).user
}
