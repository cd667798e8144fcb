import { ACCOUNTS } from './provider-needs.ts'
import type { ReadSettings } from './read-settings.ts'
import { tooShort } from './secret-length.ts'
import type { SettingValues } from './settings.ts'

/** What is wrong with the settings of Azure taken together, in whatever mode. Without Azure none of them counts. */
export const acsProblems = (given: ReadSettings['given']): string[] =>
  !given.has(ACCOUNTS.acs) || given.has('EVENT_GRID_TENANT_ID') === given.has('EVENT_GRID_AUDIENCE')
    ? []
    : ['EVENT_GRID_TENANT_ID and EVENT_GRID_AUDIENCE must be set together.']

/** What production asks of Azure, where it is configured. */
export const acsProductionProblems = (values: SettingValues, given: ReadSettings['given']): string[] => {
  const problems: string[] = tooShort('EVENT_GRID_SECRET', values.EVENT_GRID_SECRET)
  const voice = given.has('ACS_COGNITIVE_SERVICES_ENDPOINT')
  if (!given.has('ACS_SENDER_ID') && !given.has('ACS_SOURCE_PHONE_NUMBER')) {
    problems.push('ACS_SENDER_ID or ACS_SOURCE_PHONE_NUMBER must be set: messages need a sender.')
  }
  if (voice && !given.has('ACS_SOURCE_PHONE_NUMBER')) problems.push('ACS_SOURCE_PHONE_NUMBER must be set: calls need a number to come from.')
  if (voice && !given.has('ACS_CALLBACK_URL') && !given.has('PUBLIC_URL')) {
    problems.push('PUBLIC_URL or ACS_CALLBACK_URL must be set: calls need callbacks.')
  }
  const name = given.has('ACS_CALLBACK_URL') ? 'ACS_CALLBACK_URL' : 'PUBLIC_URL'
  if (voice && values[name]?.protocol === 'http:') problems.push(`${name} must be https in production.`)
  if (!given.has('EVENT_GRID_SECRET') && !given.has('EVENT_GRID_TENANT_ID')) {
    problems.push('EVENT_GRID_SECRET, or EVENT_GRID_TENANT_ID with EVENT_GRID_AUDIENCE, must be set: delivery reports need a credential.')
  }
  return problems
}
