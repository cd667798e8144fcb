import { randomUUID } from 'node:crypto'
import type { Config } from '../../../config/config.ts'
import type { OktaOAuth } from '../../../dialects/okta-authentication.ts'
import { objectIn } from '../probe.ts'
import { JSON_TYPE, secretFor, unconfigured, wordsWith, type Credential, type Rehearsal, type TestReply, type Unplayed } from './rehearsal.ts'

/** Signs a token as Okta's authorization server would, with keys of our own that the rehearsed gateway knows. */
export type SignToken = (claims: Readonly<Record<string, unknown>>, credential: Credential) => Promise<string>

/** How long a code of Okta's lives, in milliseconds. */
const LIFETIME = 5 * 60_000

/** The headers by which a request is let in, or is not. */
type Opening = (credential: Credential) => Promise<Readonly<Record<string, string>>>

/**
 * The telephony inline hook, for both of its channels. Okta takes 200 with the command `SUCCESSFUL` and nothing else.
 * https://developer.okta.com/docs/references/telephony-hook/
 */
export const oktaRehearsals = ({ hooks: { settings: { okta } } }: Config, secret: string | undefined, signToken: SignToken): ReadonlyArray<Rehearsal | Unplayed> => {
  if (okta.oauth !== undefined) return rehearsalsBy(byToken(okta.oauth, signToken), 'OKTA_ISSUER, OKTA_AUDIENCE, OKTA_CLIENT_ID and OKTA_SCOPE')
  return secret === undefined ? [unconfigured('okta', 'SECRET_HEADER')] : rehearsalsBy(bySecret(okta.header, secret), 'SECRET_HEADER and OKTA_HEADER')
}

const bySecret = (header: string, secret: string): Opening => async (credential) => ({ [header.toLowerCase()]: secretFor(secret, credential) })

/** As an application of the server gets them: `cid` says which, and no `uid` names a user. */
const byToken = ({ issuer, audience: [audience], clientIds: [clientId] = [], scope }: OktaOAuth, signToken: SignToken): Opening => async (credential) => {
  const claims = { iss: issuer, aud: audience, cid: clientId ?? 'doctor', ...(scope === undefined ? {} : { scp: [scope] }) }
  return { authorization: `Bearer ${await signToken(claims, credential)}` }
}

const rehearsalsBy = (open: Opening, settings: string): readonly Rehearsal[] =>
  ([['a text', 'SMS', 'text'], ['a spoken code', 'voice call', 'voice']] as const).map(([what, deliveryChannel, channel]) => ({
    hook: 'okta',
    what,
    channel,
    settings,
    request: async ({ to, code, now }, credential) => ({
      path: '/hooks/okta',
      headers: { ...JSON_TYPE, ...await open(credential) },
      body: JSON.stringify({
        eventId: randomUUID(),
        eventTime: new Date(now).toISOString(),
        eventType: 'com.okta.telephony.provider',
        eventTypeVersion: '1.0',
        contentType: 'application/json',
        cloudEventVersion: '0.1',
        source: 'https://doctor.example.com/api/v1/inlineHooks/doctor',
        requestType: 'com.okta.user.telephony.mfa-verification',
        data: {
          context: { request: { id: 'doctor', method: 'POST', ipAddress: '203.0.113.7' } },
          userProfile: { firstName: 'Test', lastName: 'User', login: 'test@example.com', userId: 'doctor' },
          messageProfile: {
            msgTemplate: wordsWith(code),
            phoneNumber: to,
            otpExpires: new Date(now + LIFETIME).toISOString(),
            deliveryChannel,
            otpCode: code,
            locale: 'EN-US'
          }
        }
      })
    }),
    isSuccess: isSuccessful
  }))

const isSuccessful = ({ status, body }: TestReply): boolean => {
  const [command] = [objectIn({ body }).commands].flat()
  const { type, value } = Object(command)
  return status === 200 && type === 'com.okta.telephony.action' && Array.isArray(value) && Object(value[0]).status === 'SUCCESSFUL'
}
