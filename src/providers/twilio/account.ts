import { fail, ok, skip, warn, type Finding } from '../../domain/finding.ts'
import type { Deadline } from '../../domain/deadline.ts'
import { findingOfHttpFailure, type AccountCheck } from '../account.ts'
import type { HttpClient } from '../http-client.ts'
import { createTwilioClient, TwilioRefusal, type TwilioClient } from './client.ts'
import type { TwilioSettings } from './twilio.ts'

export interface TwilioAccountDeps {
  readonly settings: TwilioSettings
  readonly http: HttpClient
  /** The names of the providers that stand on a route: of what no provider uses, little is asked. */
  readonly used: ReadonlySet<string>
}

type Sdk = Parameters<Parameters<TwilioClient['within']>[1]>[0]

/** Asks for one thing, and says what its answer means. */
type Ask = <T>(about: string, request: (sdk: Sdk) => Promise<T>, read: (answer: T) => Finding, missing: string) => Promise<Finding>

/** Reads the account and what belongs to it: the number, the messaging service, the Verify service, the template. */
export const createTwilioAccountCheck = ({ settings, http, used }: TwilioAccountDeps): AccountCheck => ({
  vendor: 'twilio',
  async check (deadline) {
    const { accountSid, credential, authTokens: [token], phoneNumber, messagingServiceSid, whatsapp, verifySid } = settings
    const isKey = credential.username !== accountSid
    const ask = asking(createTwilioClient({ http, ...settings }), deadline, isKey)
    // The token may read the account, and a key only where it is one of the kind `Main`.
    const askAccount = token === undefined || !isKey
      ? ask
      : asking(createTwilioClient({ http, ...settings, credential: { username: accountSid, password: token } }), deadline, false)
    const [account, ...rest] = await Promise.all([
      readAccount(askAccount, accountSid, isKey && token === undefined),
      ...(phoneNumber === undefined ? [] : [readNumber(ask, phoneNumber, messagingServiceSid !== undefined, used)]),
      ...(messagingServiceSid === undefined ? [] : [readMessagingService(ask, messagingServiceSid)]),
      ...(verifySid === undefined ? [] : [readVerify(ask, verifySid)]),
      ...(whatsapp === undefined ? [] : [readTemplate(ask, whatsapp.contentSid), Promise.resolve(SENDER)])
    ])
    // Of a credential that nothing takes one line is enough.
    if (!isKey) return account.level === 'fail' ? [account] : [account, ...rest]
    const told = rest.filter((found) => found !== SENDER)
    return told.length > 0 && told.every(({ says }) => says === REFUSED_KEY) ? [account, fail('TWILIO_API_KEY', WRONG_KEY)] : [account, ...rest]
  }
})

const SENDER = skip('TWILIO_WHATSAPP_NUMBER', 'whether it is a sender of WhatsApp shows in a message only.')

const WRONG_KEY = 'Twilio refuses the key: see that TWILIO_API_SECRET is its secret, and that the key is of TWILIO_ACCOUNT_SID and of its region.'
const REFUSED_KEY = 'Twilio does not let TWILIO_API_KEY read this: nothing can be told of it.'
const RESTRICTED_KEY = 'TWILIO_API_KEY is a restricted key and may not read this: nothing can be told of it.'

const asking = (client: TwilioClient, deadline: Deadline, isKey: boolean): Ask => async (about, request, read, missing) => {
  try {
    return read(await client.within(deadline.remaining, request))
  } catch (error) {
    return findingOf(error, about, missing, isKey)
  }
}

/** https://www.twilio.com/docs/api/errors/20003, https://www.twilio.com/docs/api/errors/70051 */
const findingOf = (error: unknown, about: string, missing: string, isKey: boolean): Finding => {
  if (!(error instanceof TwilioRefusal)) return findingOfHttpFailure(error, about, 'Twilio') ?? fail(about, NOT_TWILIO)
  const { status, code } = error
  if (code === 20403 || code === 20005) return fail('TWILIO_ACCOUNT_SID', 'the account is suspended or closed: see the console of Twilio.')
  switch (status) {
    case 401:
    case 403:
      if (isKey) return warn(about, code === 70051 ? RESTRICTED_KEY : REFUSED_KEY)
      return fail('TWILIO_AUTH_TOKEN', 'Twilio refuses the token: copy it anew from the console, the newest first; it must be that of TWILIO_ACCOUNT_SID and of its region.')
    case 404: return fail(about, missing)
    default: return warn(about, `Twilio answered with ${status}: nothing can be told of it now.`)
  }
}

const NOT_TWILIO = 'what answers is not Twilio: see TWILIO_BASE_URL, and what stands between.'

const NO_ACCOUNT = 'Twilio knows no such account: copy the SID anew from the console.'

/** Standard keys may not read it. https://www.twilio.com/docs/iam/api/account */
const readAccount = async (ask: Ask, accountSid: string, byKey: boolean): Promise<Finding> => {
  const about = 'TWILIO_ACCOUNT_SID'
  const found = await ask(about, (sdk) => sdk.api.v2010.accounts(accountSid).fetch(), ({ status, type }) => {
    if (status !== 'active') return fail(about, `the account is ${named(status)}: see the console of Twilio.`)
    return type === 'Trial'
      ? warn(about, 'a trial account: it sends to verified numbers only, and puts words of its own in front.')
      : ok(about, 'Twilio takes the credential; the account is active.')
  }, NO_ACCOUNT)
  return byKey && (found.says === REFUSED_KEY || found.says === RESTRICTED_KEY) ? skip(about, 'the key may not read the account: whether it is active cannot be told.') : found
}

/** A word of Twilio's, where it is a word. */
const named = (word: unknown): string => typeof word === 'string' && /^[a-z_]{1,32}$/i.test(word) ? word : 'in an unknown state'

/** https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource */
const readNumber = (ask: Ask, phoneNumber: string, hasService: boolean, used: ReadonlySet<string>): Promise<Finding> => {
  const about = 'TWILIO_PHONE_NUMBER'
  return ask(about, (sdk) => sdk.incomingPhoneNumbers.page({ phoneNumber, pageSize: 20 }), ({ instances }) => {
    const found = instances.find((instance) => instance.phoneNumber === phoneNumber)
    if (found === undefined) {
      return hasService
        ? warn(about, 'not a number of the account: calls come from it only where it is a verified caller ID.')
        : fail(about, 'not a number of the account: set one that the account owns, as the console writes it.')
    }
    const missing = [
      ...(used.has('twilio-sms') && !hasService && !found.capabilities.sms ? ['write text messages (take another, or leave twilio-sms out of SMS_ROUTE)'] : []),
      ...(used.has('twilio-voice') && !found.capabilities.voice ? ['call (take another, or leave twilio-voice out of VOICE_ROUTE)'] : [])
    ]
    return missing.length === 0 ? ok(about, 'a number of the account, which can do what it is for.') : fail(about, `the number cannot ${missing.join(' and cannot ')}.`)
  }, NO_ACCOUNT)
}

/** https://www.twilio.com/docs/messaging/api/service-resource */
const readMessagingService = (ask: Ask, sid: string): Promise<Finding> => {
  const about = 'TWILIO_MESSAGING_SERVICE_SID'
  return ask(about, (sdk) => sdk.messaging.v1.services(sid).fetch(), () => ok(about, 'a messaging service of the account.'),
    'the account has no such messaging service: copy its SID (MG…) anew, from the same account.')
}

/** https://www.twilio.com/docs/verify/api/service */
const readVerify = (ask: Ask, sid: string): Promise<Finding> => {
  const about = 'TWILIO_VERIFY_SID'
  return ask(about, (sdk) => sdk.verify.v2.services(sid).fetch(), ({ customCodeEnabled }) => customCodeEnabled === false
    ? fail(about, 'the Verify service does not take custom codes: have Twilio\'s support or sales switch them on.')
    : ok(about, 'a Verify service of the account.'),
  'the account has no such Verify service: copy its SID (VA…) anew, from the same account.')
}

/** https://www.twilio.com/docs/content/content-api-resources */
const readTemplate = async (ask: Ask, sid: string): Promise<Finding> => {
  const about = 'TWILIO_WHATSAPP_CONTENT_SID'
  const missing = 'the account has no such template: copy its SID (HX…) anew, from the same account.'
  const found = await ask(about, (sdk) => sdk.content.v1.contents(sid).fetch(), ({ types }) => 'whatsapp/authentication' in Object(types)
    ? ok(about, 'an authentication template, and WhatsApp has approved it.')
    : warn(about, 'not an authentication template: WhatsApp takes codes in those only.'), missing)
  if (found.level !== 'ok') return found
  return await ask(about, (sdk) => sdk.content.v1.contents(sid).approvalFetch().fetch(), ({ whatsapp }) => {
    const status: unknown = Object(whatsapp).status
    return status === 'approved' ? found : fail(about, `WhatsApp has not approved the template, it is ${named(status)}: messages by it are refused.`)
  }, missing)
}
