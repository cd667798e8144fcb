import type { SensitiveText } from '../domain/sensitive.ts'
import type { FetchKeys } from '../tokens/remote-keys.ts'
import { createAuth0 } from './auth0.ts'
import { createAuth0SmsGateway } from './auth0-sms-gateway.ts'
import type { Dialect } from './dialect.ts'
import { createDirectText, createDirectVoice } from './direct.ts'
import { createGeneric } from './generic/generic.ts'
import type { GenericHook } from './generic/hooks-file.ts'
import { createKratos } from './kratos.ts'
import { createNumberReader } from './number.ts'
import { createOkta } from './okta.ts'
import type { OktaOAuth } from './okta-authentication.ts'
import { createSecretAuthentication, type CallerOf } from './secret-authentication.ts'
import { createSupabase } from './supabase.ts'
import { createZitadel } from './zitadel.ts'

/** What is set for each dialect; absent: it is not set up. */
export interface HookSettings {
  readonly okta: {
    /** The header that holds the secret. */
    readonly header: string
    /** How a message that was not sent is told. */
    readonly failure: 'error' | 'failed'
    /** Where Okta authenticates by tokens, and not by a secret. */
    readonly oauth: OktaOAuth | undefined
  }
  /** Secrets in base64. */
  readonly supabase: { readonly secrets: readonly SensitiveText[] } | undefined
  readonly zitadel: { readonly signingKeys: readonly SensitiveText[] } | undefined
  readonly auth0SmsGateway: { readonly secrets: readonly SensitiveText[], readonly audience: string | undefined } | undefined
  readonly generic: readonly GenericHook[]
}

export interface DialectCatalogDeps {
  readonly settings: HookSettings
  readonly callerOf: CallerOf
  readonly defaultCountry: string | undefined
  readonly fetchKeys: FetchKeys
  readonly now: () => number
}

/** A dialect, or the route of one that lacks a setting. */
export type CatalogEntry = { readonly dialect: Dialect } | { readonly route: string, readonly missing: string }

/** The only list of dialects. */
export const createDialects = ({ settings, callerOf, defaultCountry, fetchKeys, now }: DialectCatalogDeps): readonly CatalogEntry[] => {
  const { okta, supabase, zitadel, auth0SmsGateway, generic } = settings
  const numbers = createNumberReader(defaultCountry)
  const secret = createSecretAuthentication(callerOf)
  return [
    { dialect: createDirectText({ authentication: secret, numbers }) },
    { dialect: createDirectVoice({ authentication: secret, numbers }) },
    { dialect: createAuth0({ authentication: secret, numbers }) },
    auth0SmsGateway === undefined
      ? { route: '/hooks/auth0-sms-gateway', missing: 'AUTH0_SMS_GATEWAY_SECRET' }
      : { dialect: createAuth0SmsGateway({ ...auth0SmsGateway, numbers, now }) },
    { dialect: createOkta({ ...okta, callerOf, numbers, fetchKeys, now }) },
    supabase === undefined
      ? { route: '/hooks/supabase', missing: 'SUPABASE_HOOK_SECRET' }
      : { dialect: createSupabase({ ...supabase, numbers, now }) },
    zitadel === undefined
      ? { route: '/hooks/zitadel', missing: 'ZITADEL_SIGNING_KEY' }
      : { dialect: createZitadel({ ...zitadel, numbers, now }) },
    { dialect: createKratos({ callerOf, numbers, now }) },
    ...generic.map((hook) => ({ dialect: createGeneric({ hook, callerOf, numbers, now }) })),
    ...(generic.length === 0 ? [{ route: '/hooks/generic/:name', missing: 'HOOKS_FILE' }] : [])
  ]
}
