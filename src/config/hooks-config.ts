import type { HookSettings } from '../dialects/catalog.ts'
import type { TextChannels } from '../dialects/to-message.ts'
import type { GenericHook } from '../dialects/generic/hooks-file.ts'
import type { ReadSettings } from './read-settings.ts'

/** What the hooks of identity providers need. */
export interface HooksConfig {
  readonly settings: HookSettings
  readonly textChannels: TextChannels
  readonly defaultLocale: string | undefined
}

/** What is known of the hooks; `generic` are those of the hooks file. */
export const hooksConfig = ({ values, countrySettings }: ReadSettings, generic: readonly GenericHook[]): HooksConfig => {
  const { OKTA_ISSUER: issuer } = values
  return {
    settings: {
      okta: {
        header: values.OKTA_HEADER,
        failure: values.OKTA_FAILURE,
        oauth: issuer && {
          issuer: issuer.href.replace(/\/$/, ''),
          audience: values.OKTA_AUDIENCE,
          clientIds: values.OKTA_CLIENT_ID,
          scope: values.OKTA_SCOPE,
          jwksUrl: values.OKTA_JWKS_URL ?? new URL(`${issuer.href.replace(/\/$/, '')}/v1/keys`)
        }
      },
      supabase: values.SUPABASE_HOOK_SECRET && { secrets: values.SUPABASE_HOOK_SECRET },
      zitadel: values.ZITADEL_SIGNING_KEY && { signingKeys: values.ZITADEL_SIGNING_KEY },
      auth0SmsGateway: values.AUTH0_SMS_GATEWAY_SECRET && { secrets: values.AUTH0_SMS_GATEWAY_SECRET, audience: values.AUTH0_SMS_GATEWAY_AUDIENCE },
      generic
    },
    textChannels: { byCountry: countrySettings.HOOK_CHANNEL_, byHook: values.HOOK_CHANNELS ?? new Map() },
    defaultLocale: values.DEFAULT_LOCALE
  }
}
