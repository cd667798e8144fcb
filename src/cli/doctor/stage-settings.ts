import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { COUNTRY_PREFIXES, isSet, type Environment } from '../../config/read-settings.ts'
import { SETTINGS, type Setting } from '../../config/settings.ts'

/** What belongs to vendors, and by which of them messages go: on the stage the sandbox is all of them. */
const OF_VENDORS = /^(ACS|TWILIO|EVENT_GRID|SMS_ROUTE|VOICE_ROUTE|WHATSAPP_ROUTE|SANDBOX)(_|$)/

const NAMES: ReadonlySet<string> = new Set(Object.entries(SETTINGS).flatMap(([name, { aliases = [] }]: [string, Setting]) => OF_VENDORS.test(name) ? [name, ...aliases] : []))
const PREFIXES: readonly string[] = COUNTRY_PREFIXES.filter((prefix) => OF_VENDORS.test(prefix))

/** Other names are left alone: the hooks file may refer to them. */
const isVendors = (name: string): boolean => NAMES.has(name) || PREFIXES.some((prefix) => name.startsWith(prefix))

/** The settings of a gateway in front of the sandbox whose hooks are set up as they are given. */
export const stageSettings = (given: Environment, ofSandbox: Environment, folder: string, jwksUrl: string): Environment => {
  const kept = Object.entries(given).filter(([name]) => !isVendors(name))
  return {
    ...Object.fromEntries(kept),
    ...ofSandbox,
    NODE_ENV: 'development',
    LOG_LEVEL: 'silent',
    SANDBOX: 'off',
    GATEWAY_KEYS: randomBytes(32).toString('base64'),
    STORE_URL: `sqlite:${join(folder, 'gateway.db')}`,
    // What a budget is too short for would look like a fault of the hook.
    DIRECT_BUDGET_MS: SETTINGS.DIRECT_BUDGET_MS.default,
    VOICE_CONFIRM: 'none',
    RETRY_SMS: '0',
    // The numbers and the people of the rehearsal are nobody's: what is allowed and counted has no say in it.
    GUARD_MODES: 'all=off',
    TEST_NUMBERS: undefined,
    INCOMING_CALLS: 'reject',
    ...(isSet(given.OKTA_ISSUER) ? { OKTA_JWKS_URL: jwksUrl } : {})
  }
}
