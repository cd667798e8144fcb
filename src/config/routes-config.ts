import type { Channel } from '../domain/message.ts'
import { missingFor } from './provider-needs.ts'
import type { ReadSettings } from './read-settings.ts'
import type { ProviderName } from './settings.ts'

/** The providers of one channel in the order in which they are tried. All of them have their settings. */
export interface RouteConfig {
  readonly names: readonly string[]
  /** Routes of some countries, by ISO code, in place of the other. */
  readonly byCountry: ReadonlyMap<string, readonly string[]>
}

export type RoutesConfig = Readonly<Record<Channel, RouteConfig>>

/** The routes, without the providers that lack their settings. */
export const routesConfig = (settings: ReadSettings): RoutesConfig => {
  const { values, countrySettings } = settings
  const configured = (names: readonly ProviderName[]): readonly ProviderName[] => names.filter((name) => missingFor(name, settings).length === 0)
  const route = (names: readonly ProviderName[], byCountry: ReadonlyMap<string, readonly ProviderName[]>): RouteConfig =>
    ({ names: configured(names), byCountry: new Map([...byCountry].map(([country, names]) => [country, configured(names)])) })
  return {
    sms: route(values.SMS_ROUTE, countrySettings.SMS_ROUTE_),
    voice: route(values.VOICE_ROUTE, countrySettings.VOICE_ROUTE_),
    whatsapp: route(values.WHATSAPP_ROUTE, countrySettings.WHATSAPP_ROUTE_)
  }
}

/** A route as it is set, by the name of its setting. */
export interface GivenRoute {
  readonly setting: string
  readonly names: readonly ProviderName[]
}

/** Every route that the environment sets itself, those of countries too; without those that are wrong. */
export const givenRoutes = ({ values, given, countrySettings }: ReadSettings): readonly GivenRoute[] => [
  ...(['SMS_ROUTE', 'VOICE_ROUTE', 'WHATSAPP_ROUTE'] as const)
    .filter((setting) => given.has(setting) && values[setting] !== undefined)
    .map((setting) => ({ setting, names: values[setting] })),
  ...(['SMS_ROUTE_', 'VOICE_ROUTE_', 'WHATSAPP_ROUTE_'] as const)
    .flatMap((prefix) => [...countrySettings[prefix]].map(([country, names]) => ({ setting: `${prefix}${country}`, names })))
]

/** One sentence for each route that is set and of which no provider has its settings. */
export const emptyRoutes = (settings: ReadSettings): string[] => givenRoutes(settings)
  .filter(({ names }) => names.every((name) => missingFor(name, settings).length > 0))
  .map(({ setting, names }) => `${setting} is left without a provider: ${needsOf(names, settings)}.`)

/** What each provider still needs, in words. */
export const needsOf = (names: readonly ProviderName[], settings: ReadSettings): string =>
  names.map((name) => `${name} needs ${listed(missingFor(name, settings))}`).join('; ')

const listed = (items: readonly string[]): string => new Intl.ListFormat('en-GB').format(items)
