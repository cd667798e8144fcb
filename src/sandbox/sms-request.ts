import { isSender, isSenderName } from './numbers.ts'
import { azureError, wrongField, type Refusal } from './refusal.ts'

const MOST_RECIPIENTS = 100
const LONGEST_MESSAGE = 2_048

export interface SmsRecipient {
  readonly to: string
  readonly repeatabilityRequestId?: string
  readonly repeatabilityFirstSent?: string
}

export interface SmsRequest {
  readonly from: string
  readonly recipients: readonly SmsRecipient[]
  readonly message: string
  readonly enableDeliveryReport: boolean
  readonly tag?: string
}

const fields = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? value as Record<string, unknown> : {}

const text = (name: string, value: unknown) => typeof value === 'string' ? { [name]: value } : {}

/** The number that a request is about, before anything in it was checked. */
export const firstRecipient = (body: Readonly<Record<string, unknown>>): string =>
  Array.isArray(body['smsRecipients']) ? String(fields(body['smsRecipients'][0])['to']) : ''

/** Checks what the service checks of a request as a whole, with its words. */
export const readSmsRequest = (body: Readonly<Record<string, unknown>>, owned: readonly string[]): SmsRequest | Refusal => {
  const { from, smsRecipients, message } = body
  if (!isSender(from)) return wrongField('From', 'Invalid from phone number format.')
  if (!Array.isArray(smsRecipients) || smsRecipients.length === 0) {
    return wrongField('SmsRecipients', 'The SmsRecipients field is required.')
  }
  if (smsRecipients.length > MOST_RECIPIENTS) {
    return wrongField('SmsRecipients', 'Max of 100 phone numbers can be specified per request.')
  }
  if (typeof message !== 'string' || message === '') return wrongField('Message', 'The Message field is required.')
  if (message.length > LONGEST_MESSAGE) return wrongField('Message', 'The message is too long.')
  if (!owned.includes(from) && !isSenderName(from)) return azureError(401, 'Unauthorized', '')
  const { enableDeliveryReport, tag } = fields(body['smsSendOptions'])
  return {
    from,
    message,
    enableDeliveryReport: enableDeliveryReport === true,
    ...text('tag', tag),
    recipients: smsRecipients.map(fields).map(({ to, repeatabilityRequestId, repeatabilityFirstSent }) => ({
      to: String(to),
      ...text('repeatabilityRequestId', repeatabilityRequestId),
      ...text('repeatabilityFirstSent', repeatabilityFirstSent)
    }))
  }
}
