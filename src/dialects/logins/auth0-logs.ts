import { valueAt } from '../generic/field-path.ts'
import { readMoment } from '../moment.ts'
import { readRequester } from '../requester.ts'
import { believeSecret, type CallerOf } from '../secret-authentication.ts'
import { MOST_LOGINS, type LoginTeller, type ToldLogin } from './login.ts'
import { parsed } from './parsed.ts'
import { phoneFactorIn } from './phone-word.ts'

/**
 * `/hooks/auth0/logs`: a log stream of Auth0's, as a custom webhook, in each of its formats: a list, lines, or one object. A log
 * is told up to three times in a row, and again later, until it is taken; it may come twice.
 * https://auth0.com/docs/customize/log-streams/custom-log-streams
 */
export const createAuth0Logs = ({ callerOf }: { readonly callerOf: CallerOf }): LoginTeller => ({
  hook: 'auth0',
  route: '/hooks/auth0/logs',
  summary: 'Auth0: a log stream tells of logins with a code',
  budgetMs: BUDGET_MS,
  examine: ({ authorization }) => believeSecret('Authorization', authorization, callerOf),
  senderOf: (caller) => caller,
  verify: undefined,
  read: (body) => logsIn(body)?.flatMap(readLog).slice(0, MOST_LOGINS)
})

const BUDGET_MS = 10_000

/** The most lines that are looked at. */
const MOST_LINES = 5000

/** Whether one object holds one log or all of them, under `logs`, is not documented. */
const logsIn = (body: string): readonly unknown[] | undefined => {
  const whole = parsed(body)
  if (whole !== undefined) return [valueAt(whole, ['logs']) ?? whole].flat()
  const lines = body.split('\n', MOST_LINES).filter((line) => line.trim() !== '').map(parsed).filter((line) => line !== undefined)
  return lines.length === 0 ? undefined : lines
}

/** The log itself stands within an envelope with its id. */
const readLog = (item: unknown): ToldLogin[] => {
  const log = valueAt(item, ['data']) ?? item
  const { user } = readRequester(log, { user: ['user_id'] })
  const at = readMoment(valueAt(log, ['date']))
  return user !== undefined && at !== undefined && isLoginWithPhone(log) ? [{ user, at }] : []
}

/**
 * What tells of a code that was right. A second factor that was passed counts where it is not said which; one that was enrolled
 * only where it is said to be a phone, and a login only by the connection that has no other way.
 * https://auth0.com/docs/deploy-monitor/logs/log-event-type-codes, https://github.com/auth0/auth0-log-schemas
 */
const isLoginWithPhone = (log: unknown): boolean => {
  switch (valueAt(log, ['type'])) {
    case 'gd_auth_succeed': return authenticatorOf(log) !== 'other'
    case 'gd_enrollment_complete': return authenticatorOf(log) === 'phone'
    case 's':
    case 'sepotpft': return [valueAt(log, ['strategy']), valueAt(log, ['connection'])].includes('sms')
    default: return false
  }
}

/**
 * Which words Auth0 has for an authenticator is not documented; ids begin with its kind, `sms|dev_…`. `oob` is any that gets
 * something sent: then the number tells, which only phones have.
 */
const authenticatorOf = (log: unknown): ReturnType<typeof phoneFactorIn> => {
  const hasNumber = valueAt(log, ['details.authenticator.phone_number', 'details.enrollment.phone_number'])
  const [type, id] = [valueAt(log, ['details.authenticator.type']), valueAt(log, ['details.authenticator.id'])]
  const kind = typeof id === 'string' && id.includes('|') ? id.split('|')[0] : undefined
  const told = phoneFactorIn([type === 'oob' ? undefined : type, kind])
  return told === 'untold' && typeof hasNumber === 'string' ? 'phone' : told
}
