import type { HookSettings } from '../catalog.ts'
import type { CallerOf } from '../secret-authentication.ts'
import { createAuth0Logs } from './auth0-logs.ts'
import type { LoginTeller } from './login.ts'
import { createOktaEvents } from './okta-events.ts'

export interface LoginTellersDeps {
  readonly okta: Pick<HookSettings['okta'], 'header' | 'oauth'>
  readonly callerOf: CallerOf
}

/** The only list of those that tell of logins. */
export const createLoginTellers = ({ okta, callerOf }: LoginTellersDeps): readonly LoginTeller[] =>
  [createOktaEvents({ ...okta, callerOf }), createAuth0Logs({ callerOf })]
