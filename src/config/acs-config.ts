import type { SensitiveText } from '../domain/sensitive.ts'
import type { AcsAccount } from './kinds.ts'
import { belowPublicUrl } from './public-url.ts'
import type { ReadSettings } from './read-settings.ts'
import type { SettingValues } from './settings.ts'

export interface EventGridConfig {
  readonly secrets: readonly SensitiveText[]
  /** Entra tokens are taken where tenant and audience are set. */
  readonly entra: { readonly tenantId: string, readonly audiences: readonly string[], readonly authority: URL } | undefined
}

export interface AcsConfig {
  readonly account: AcsAccount
  readonly sms: { readonly sender: string, readonly countrySenders: ReadonlyMap<string, string> } | undefined
  readonly voice: { readonly sources: readonly string[], readonly cognitiveServicesEndpoint: URL, readonly callbackUrl: URL } | undefined
  /** The numbers that are ours: a call-back never goes there. */
  readonly ownNumbers: readonly string[]
  readonly callbackToken: { readonly resourceId: string, readonly issuer: string, readonly jwksUrl: URL } | undefined
  readonly eventGrid: EventGridConfig
  readonly trustRepeatability: boolean
}

/** Where Azure reaches `/events`. */
const callbackUrlOf = (values: SettingValues): URL | undefined => {
  if (values.ACS_CALLBACK_URL !== undefined) return values.ACS_CALLBACK_URL
  return values.PUBLIC_URL && belowPublicUrl(values.PUBLIC_URL, '/events')
}

/** What is known of Azure; `undefined` where it is not configured. */
export const acsConfig = ({ values, countrySettings }: ReadSettings): AcsConfig | undefined => {
  if (values.ACS_CONNECTION_STRING === undefined) return undefined
  const countrySenders = countrySettings.ACS_SENDER_ID_
  const sources = values.ACS_SOURCE_PHONE_NUMBER ?? []
  const sender = values.ACS_SENDER_ID ?? sources[0]
  const callbackUrl = callbackUrlOf(values)
  const endpoint = values.ACS_COGNITIVE_SERVICES_ENDPOINT
  return {
    account: values.ACS_CONNECTION_STRING,
    sms: sender === undefined ? undefined : { sender, countrySenders },
    voice: sources.length > 0 && endpoint !== undefined && callbackUrl !== undefined
      ? { sources, cognitiveServicesEndpoint: endpoint, callbackUrl }
      : undefined,
    ownNumbers: [...sources, ...[values.ACS_SENDER_ID, ...countrySenders.values()].filter((own): own is string => own?.startsWith('+') === true)],
    callbackToken: values.ACS_RESOURCE_ID === undefined
      ? undefined
      : { resourceId: values.ACS_RESOURCE_ID, issuer: values.ACS_CALLBACK_ISSUER.href.replace(/\/$/, ''), jwksUrl: values.ACS_CALLBACK_JWKS_URL },
    eventGrid: {
      secrets: values.EVENT_GRID_SECRET ?? [],
      entra: values.EVENT_GRID_TENANT_ID !== undefined && values.EVENT_GRID_AUDIENCE !== undefined
        ? { tenantId: values.EVENT_GRID_TENANT_ID, audiences: values.EVENT_GRID_AUDIENCE, authority: values.EVENT_GRID_AUTHORITY }
        : undefined
    },
    trustRepeatability: values.ACS_TRUST_REPEATABILITY === 'on'
  }
}
