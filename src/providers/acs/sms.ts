import type { SmsClient, SmsSendResult } from '@azure/communication-sms'
import type { SendResult } from '../../domain/outcome.ts'
import type { Reason } from '../../domain/reason.ts'
import type { Provider } from '../provider.ts'
import { hintOf } from './codes.ts'
import { sendOnce } from './failures.ts'
import { requestOf } from './pipeline.ts'

export interface AcsSmsDeps {
  readonly client: SmsClient
  readonly sender: string
  /** Senders for some countries, by ISO code. */
  readonly countrySenders: ReadonlyMap<string, string>
  readonly trustRepeatability: boolean
}

/** Text messages by Azure Communication Services. A 202 is read item by item: each may still be a refusal. */
export const createAcsSms = ({ client, sender, countrySenders, trustRepeatability }: AcsSmsDeps): Provider => ({
  name: 'acs-sms',
  channel: 'sms',
  needsCode: false,
  isConducted: false,
  send: (order, deadline) => sendOnce(async (timeout) => {
    const results = await client.send(
      {
        from: countrySenders.get(order.to.country ?? '') ?? sender,
        to: [order.to.e164],
        message: order.text?.reveal() ?? ''
      },
      { enableDeliveryReport: true, tag: order.attempt, requestOptions: requestOf(order, timeout) })
    return readResult((results as SmsSendResult[] | undefined)?.[0])
  }, deadline, trustRepeatability),
  hint: hintOf,
  inquiry: undefined,
  feedback: undefined
})

/** Reasons of one recipient, by the status that its item carries. */
const REASON_OF_ITEM: ReadonlyMap<number, Reason> = new Map([
  [401, 'credentials'], [403, 'sender_refused'], [404, 'configuration'], [429, 'rate_limited']
])

const readResult = (item: SmsSendResult | undefined): SendResult => {
  // The SDK gives nothing where the answer is a 202 without a list, and what was in it where there is one: taken, perhaps.
  if (typeof item?.successful !== 'boolean') return { kind: 'unknown', reason: 'provider_error' }
  if (item.successful) return { kind: 'accepted', reference: item.messageId }
  const vendorCode = String(item.httpStatusCode)
  if (item.httpStatusCode === 400 && !/repeatability/i.test(item.errorMessage ?? '')) {
    return { kind: 'refused', reason: /opt(ed)?[ -]?out/i.test(item.errorMessage ?? '') ? 'opted_out' : 'number_invalid', vendorCode }
  }
  return { kind: 'failed', reason: REASON_OF_ITEM.get(item.httpStatusCode) ?? 'provider_error', vendorCode }
}
