import { deadEnds } from './hooks-rules.ts'
import { CALLBACKS, isAnyVendorGiven, isVendorGiven, missingFor } from './provider-needs.ts'
import type { ReadSettings } from './read-settings.ts'
import { emptyRoutes, givenRoutes, needsOf, type GivenRoute } from './routes-config.ts'
import type { ProviderName } from './settings.ts'
import { callbackObstacle } from './twilio-config.ts'

/** What works, but not as somebody may expect; one sentence each, names and never values. */
export const findWarnings = (settings: ReadSettings): string[] => {
  const { values, given, unknown } = settings
  const warnings = unknown.map((name) => `${name} is not a setting of the gateway: is it misspelt?`)
  if (!isAnyVendorGiven(given)) return warnings
  warnings.push(...emptyRoutes(settings), ...deadEnds(settings), ...givenRoutes(settings).flatMap((route) => leftOut(route, settings)))
  if (!given.has('SMS_ROUTE')) warnings.push(...ownRoute('Text messages are off', { setting: 'SMS_ROUTE', names: values.SMS_ROUTE }, settings))
  if (!given.has('VOICE_ROUTE')) warnings.push(...ownRoute('Calls are off', { setting: 'VOICE_ROUTE', names: values.VOICE_ROUTE }, settings))
  if (values.INCOMING_CALLS !== 'reject' && !isConfigured('acs-voice', settings)) {
    warnings.push('INCOMING_CALLS does nothing: only numbers of Azure are answered, and acs-voice is not configured.')
  }
  if (isConfigured('acs-voice', settings) && !given.has('ACS_RESOURCE_ID')) {
    warnings.push('Call callbacks are checked by their sealed token alone: set ACS_RESOURCE_ID to have Azure\'s signature checked as well.')
  }
  // Verify has no callbacks.
  const obstacle = TOLD_BY_CALLBACKS.some((name) => isConfigured(name, settings)) ? callbackObstacle(settings) : undefined
  if (obstacle !== undefined) warnings.push(obstacle)
  warnings.push(...ofEscalation(settings), ...ofBudgets(settings))
  if (values.DEFAULT_COUNTRY === undefined) warnings.push('Numbers without + are refused, but where a hook may leave it out of a valid one: set DEFAULT_COUNTRY to read them as numbers of that country.')
  return warnings
}

const ROUTE_OF_CHANNEL = { sms: 'SMS_ROUTE', voice: 'VOICE_ROUTE', whatsapp: 'WHATSAPP_ROUTE' } as const

const ofEscalation = (settings: ReadSettings): string[] => {
  const { ESCALATE_SMS: channels = [], ESCALATE_HOOKS: hooks = [] } = settings.values
  if (channels.length > 0 && hooks.length === 0) return ['ESCALATE_SMS does nothing: set ESCALATE_HOOKS to the hooks whose codes may go by another channel.']
  if (channels.length === 0 && hooks.length > 0) return ['ESCALATE_HOOKS does nothing: set ESCALATE_SMS to the channels that codes go on by.']
  return channels
    .filter((channel) => !settings.values[ROUTE_OF_CHANNEL[channel]].some((name) => isConfigured(name, settings)))
    .map((channel) => `ESCALATE_SMS leaves ${channel} out: ${ROUTE_OF_CHANNEL[channel]} has no provider with its settings.`)
}

/** A bill without a bound is nobody's wish. */
const ofBudgets = ({ values }: ReadSettings): string[] => {
  const isBounded = values.BUDGET_TOTAL !== undefined && values.GUARD_MODES['total-budget'] === 'enforce'
  return isBounded || values.GUARD_MODES.pumping === 'enforce' || values.NODE_ENV !== 'production'
    ? []
    : ['Nothing bounds how many messages are sent in all: set BUDGET_TOTAL, or GUARD_MODES=pumping=enforce once its shadow has shown what it would refuse.']
}

const TOLD_BY_CALLBACKS: readonly ProviderName[] = ['twilio-sms', 'twilio-voice', 'twilio-whatsapp']

const isConfigured = (name: ProviderName, settings: ReadSettings): boolean => missingFor(name, settings).length === 0

/** A provider that would surprise by its absence: it has everything that is its own. */
const isConfiguredButForCallbacks = (name: ProviderName, settings: ReadSettings): boolean =>
  missingFor(name, settings).every((missing) => missing === CALLBACKS)

/** Of a route that is empty this is not told a second time. */
const leftOut = ({ setting, names }: GivenRoute, settings: ReadSettings): string[] => {
  if (!names.some((name) => isConfigured(name, settings))) return []
  return names.filter((name) => !isConfigured(name, settings)).map((name) => `A provider is left out of ${setting}: ${needsOf([name], settings)}.`)
}

/** Of a route that nobody has set, providers are left out in silence, unless that may surprise. */
const ownRoute = (nothingLeft: string, { setting, names }: GivenRoute, settings: ReadSettings): string[] =>
  names.some((name) => isConfigured(name, settings))
    ? leftOut({ setting, names: names.filter((name) => isConfiguredButForCallbacks(name, settings)) }, settings)
    : [`${nothingLeft}: ${needsOf(names.filter((name) => isVendorGiven(name, settings.given)), settings)}.`]
