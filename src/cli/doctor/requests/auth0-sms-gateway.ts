import { SignJWT } from 'jose'
import type { Config } from '../../../config/config.ts'
import { JSON_TYPE, secretFor, wordsWith, unconfigured, type Rehearsal, type Unplayed } from './rehearsal.ts'

const HOOK = 'auth0-sms-gateway'

/**
 * The SMS gateway of Auth0's older passwordless connection, which signs a token and counts 200 alone.
 * https://auth0.com/docs/authenticate/passwordless/authentication-methods/use-sms-gateway-passwordless
 */
export const auth0SmsGatewayRehearsals = ({ hooks: { settings } }: Config): ReadonlyArray<Rehearsal | Unplayed> => {
  const configured = settings.auth0SmsGateway
  const [secret] = configured?.secrets ?? []
  if (configured === undefined || secret === undefined) return [unconfigured(HOOK, 'AUTH0_SMS_GATEWAY_SECRET')]
  return [{
    hook: HOOK,
    what: 'a text',
    channel: 'text',
    settings: 'AUTH0_SMS_GATEWAY_SECRET and AUTH0_SMS_GATEWAY_AUDIENCE',
    async request ({ to, code, now }, credential) {
      const token = await new SignJWT(configured.audience === undefined ? {} : { aud: configured.audience })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setSubject('doctor')
        .setIssuedAt(Math.floor(now / 1000))
        .sign(Buffer.from(secretFor(secret.reveal(), credential)))
      return {
        path: '/hooks/auth0-sms-gateway',
        headers: { ...JSON_TYPE, authorization: `Bearer ${token}` },
        body: JSON.stringify({ recipient: to, body: wordsWith(code), sender: '+15550100001', req: { ip: '203.0.113.7', 'user-agent': 'doctor' } })
      }
    },
    isSuccess: ({ status }) => status === 200
  }]
}
