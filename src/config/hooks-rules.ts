import type { Channel } from '../domain/message.ts'
import type { GenericHook } from '../dialects/generic/hooks-file.ts'
import { missingFor } from './provider-needs.ts'
import type { ReadSettings } from './read-settings.ts'
import { tooShort } from './secret-length.ts'
import type { ProviderName, SettingName } from './settings.ts'

/** The hooks whose texts may travel otherwise, besides those of the hooks file. */
const HOOKS = ['auth0', 'auth0-sms-gateway', 'okta', 'supabase', 'zitadel', 'kratos'] as const

/** What refines Okta's tokens, and is nothing without them. */
const OF_OKTA_TOKENS: readonly SettingName[] = ['OKTA_AUDIENCE', 'OKTA_CLIENT_ID', 'OKTA_SCOPE', 'OKTA_JWKS_URL']

const WHOSE_TOKENS = 'OKTA_CLIENT_ID or OKTA_SCOPE must be set with OKTA_ISSUER: else a token of any of its applications would open the hook.'

/** What is wrong with the settings of hooks taken together, in whatever mode. */
export const hookProblems = ({ values, given }: ReadSettings, generic: readonly GenericHook[]): string[] => {
  const known = [...HOOKS, ...generic.map(({ name }) => `generic/${name}`)]
  const strangers = [...values.HOOK_CHANNELS?.keys() ?? []].filter((name) => !known.some((hook) => hook === name))
  const withoutIssuer = OF_OKTA_TOKENS.filter((name) => given.has(name))
  return [
    ...(strangers.length === 0 ? [] : [`HOOK_CHANNELS names a hook that there is not; there are ${known.join(', ')}.`]),
    ...(given.has('OKTA_ISSUER') || withoutIssuer.length === 0 ? [] : [`OKTA_ISSUER must be set: there is ${withoutIssuer.join(', ')}.`]),
    ...(given.has('OKTA_ISSUER') && !given.has('OKTA_CLIENT_ID') && !given.has('OKTA_SCOPE') ? [WHOSE_TOKENS] : [])
  ]
}

/** What production asks of the hooks that are set up. */
export const hookProductionProblems = ({ values }: ReadSettings): string[] => [
  ...tooShort('ZITADEL_SIGNING_KEY', values.ZITADEL_SIGNING_KEY),
  ...tooShort('AUTH0_SMS_GATEWAY_SECRET', values.AUTH0_SMS_GATEWAY_SECRET)
]

/** One sentence for each setting that sends texts by a channel of which no provider is configured. */
export const deadEnds = (settings: ReadSettings): string[] => {
  const { values, countrySettings } = settings
  const wanted: Array<readonly [string, Channel]> = [
    ...[...values.HOOK_CHANNELS?.values() ?? []].map((channel) => ['HOOK_CHANNELS', channel] as const),
    ...[...countrySettings.HOOK_CHANNEL_].map(([country, channel]) => [`HOOK_CHANNEL_${country}`, channel] as const)
  ]
  const providers: Readonly<Record<Channel, readonly ProviderName[]>> = { sms: values.SMS_ROUTE, voice: values.VOICE_ROUTE, whatsapp: values.WHATSAPP_ROUTE }
  const dead = wanted.filter(([, channel]) => providers[channel].every((name) => missingFor(name, settings).length > 0))
  return [...new Set(dead.map(([setting, channel]) => `${setting} wants ${channel}, of which no provider is configured.`))]
}
