import type { Config } from '../../../config/config.ts'
import { auth0Rehearsals } from './auth0.ts'
import { auth0SmsGatewayRehearsals } from './auth0-sms-gateway.ts'
import { directRehearsals } from './direct.ts'
import { genericRehearsals } from './generic.ts'
import { kratosRehearsals } from './kratos.ts'
import { oktaRehearsals, type SignToken } from './okta.ts'
import { callerSecretOf, unconfigured, type Rehearsal, type Unplayed } from './rehearsal.ts'
import { supabaseRehearsals } from './supabase.ts'
import { zitadelRehearsals } from './zitadel.ts'

/** Every way in which the gateway may be asked with these settings, and the hooks that are not played. */
export const rehearsalsOf = (config: Config, signToken: SignToken): ReadonlyArray<Rehearsal | Unplayed> => {
  const secret = callerSecretOf(config)
  return [
    ...(secret === undefined
      ? ['direct', 'auth0', 'kratos'].map((hook) => unconfigured(hook, 'SECRET_HEADER'))
      : [...directRehearsals(secret), ...auth0Rehearsals(secret), ...kratosRehearsals(secret)]),
    ...auth0SmsGatewayRehearsals(config),
    ...oktaRehearsals(config, secret, signToken),
    ...supabaseRehearsals(config),
    ...zitadelRehearsals(config),
    ...genericRehearsals(config, secret)
  ]
}
