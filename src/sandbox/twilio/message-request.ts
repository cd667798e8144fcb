import { isPhoneNumber, isSenderName } from '../numbers.ts'
import { Refusal } from '../refusal.ts'
import type { TwilioAccount } from './account.ts'
import { twilioError } from './errors.ts'
import { field, optional, type Form } from './form.ts'
import { isWebhookUrl } from './webhooks.ts'

const LONGEST_BODY = 1_600
const LONGEST_VALIDITY = 36_000
const WHATSAPP = 'whatsapp:'

/**
 * Numbers that stand for an error, and one to send from.
 * https://www.twilio.com/docs/iam/test-credentials
 */
const MAGIC_TO: Readonly<Record<string, number>> = {
  '+15005550001': 21211, '+15005550002': 21612, '+15005550003': 21408, '+15005550004': 21610, '+15005550009': 21614
}
const MAGIC_FROM: Readonly<Record<string, number>> = { '+15005550001': 21212, '+15005550007': 21606, '+15005550008': 21611 }
const MAGIC_SENDER = '+15005550006'

/** What a request wants to be sent. */
export interface NewMessage {
  readonly channel: 'sms' | 'whatsapp'
  /** The sender; that of the Messaging Service where the request names one. */
  readonly from: string
  readonly to: string
  readonly text: string
  readonly messagingServiceSid?: string
  readonly statusCallback?: string
  /** The sender will say whether it helped. */
  readonly feedback?: 'unconfirmed'
  /** Twilio takes the message, and finds out later that it cannot be sent. */
  readonly laterError?: number
}

const channelOf = (address: string): NewMessage['channel'] => address.startsWith(WHATSAPP) ? 'whatsapp' : 'sms'
/** The number of an address. */
export const numberOf = (address: string): string => address.replace(WHATSAPP, '')

/** The number that a request is about, before anything in it was checked. */
export const addressedNumber = (form: Form): string => numberOf(form.get('To') ?? '')

const readSender = (from: string, account: TwilioAccount): string | Refusal => {
  const number = numberOf(from)
  if (channelOf(from) === 'whatsapp') return number === account.whatsappNumber ? number : twilioError(63007, from)
  if (MAGIC_FROM[from] !== undefined) return twilioError(MAGIC_FROM[from], from)
  if (!isPhoneNumber(from) && !isSenderName(from)) return twilioError(21212, from)
  const ours = from === account.phoneNumber || from === MAGIC_SENDER || isSenderName(from)
  return ours ? from : twilioError(21606, from)
}

const readVariables = (text = '{}'): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : undefined
  } catch {
    return undefined
  }
}

/** The words of the account's template, which Meta fixes for codes. */
const readTemplate = (form: Form, account: TwilioAccount): Pick<NewMessage, 'text' | 'laterError'> | Refusal => {
  if (field(form, 'ContentSid') !== account.contentSid) return twilioError(21655)
  const variables = readVariables(field(form, 'ContentVariables'))
  if (variables === undefined) return twilioError(21656)
  const code = variables['1']
  return typeof code === 'string' && code !== ''
    ? { text: `${code} is your verification code. For your security, do not share this code.` }
    : { text: '', laterError: 63028 }
}

const readText = (form: Form, account: TwilioAccount, channel: NewMessage['channel']): Pick<NewMessage, 'text' | 'laterError'> | Refusal => {
  if (field(form, 'ContentSid') !== undefined) return readTemplate(form, account)
  const text = field(form, 'Body')
  if (text === undefined) return twilioError(21602)
  if (text.length > LONGEST_BODY) return twilioError(21617)
  // Nobody writes to the gateway by WhatsApp here, so that the window for free text is never open.
  return { text, ...optional('laterError', channel === 'whatsapp' ? 63016 : undefined) }
}

/**
 * Checks a request as Twilio does before it takes a message.
 * https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource
 */
export const readMessage = (form: Form, account: TwilioAccount): NewMessage | Refusal => {
  const to = field(form, 'To')
  const from = field(form, 'From')
  const messagingServiceSid = field(form, 'MessagingServiceSid')
  if (to === undefined) return twilioError(21604)
  if (from === undefined && messagingServiceSid === undefined) return twilioError(21603)
  const channel = channelOf(to)
  const number = numberOf(to)
  if (!isPhoneNumber(number) || to === from) return twilioError(21211, to)
  if (MAGIC_TO[to] !== undefined) return twilioError(MAGIC_TO[to], to)
  if (messagingServiceSid !== undefined && messagingServiceSid !== account.messagingServiceSid) return twilioError(21705)
  if (from !== undefined && channelOf(from) !== channel) return twilioError(21910)
  const sender = from === undefined
    ? channel === 'sms' ? account.phoneNumber : account.whatsappNumber
    : readSender(from, account)
  if (sender instanceof Refusal) return sender
  const text = readText(form, account, channel)
  if (text instanceof Refusal) return text
  const statusCallback = field(form, 'StatusCallback')
  if (statusCallback !== undefined && !isWebhookUrl(statusCallback)) return twilioError(21609, statusCallback)
  const validity = form.get('ValidityPeriod')
  if (validity !== null && !(/^\d{1,5}$/.test(validity) && Number(validity) >= 1 && Number(validity) <= LONGEST_VALIDITY)) {
    return twilioError(20001, 'ValidityPeriod')
  }
  return {
    channel,
    from: sender,
    to: number,
    ...text,
    ...optional('messagingServiceSid', messagingServiceSid),
    ...optional('statusCallback', statusCallback),
    ...optional('feedback', field(form, 'ProvideFeedback') === 'true' ? 'unconfirmed' as const : undefined)
  }
}
