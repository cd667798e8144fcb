import type { AcsSmsDeliveryReportReceivedEventData } from '@azure/eventgrid'
import type { Reason } from '../../domain/reason.ts'
import { ID_PATTERN } from '../../domain/identifier.ts'
import type { ReportSignal } from '../../domain/signal.ts'
import type { EventItem } from './event-items.ts'

/**
 * What the codes in a report's details mean.
 * https://learn.microsoft.com/azure/communication-services/resources/troubleshooting/voice-video-calling/troubleshooting-codes
 */
const REASON_OF_CODE: ReadonlyMap<string, Reason> = new Map([
  ['4000', 'fraud_blocked'], ['4001', 'sender_refused'], ['4002', 'number_invalid'], ['4003', 'destination_unsupported'],
  ['4004', 'number_unreachable'], ['4005', 'carrier_blocked'], ['4006', 'number_unreachable'], ['4007', 'opted_out'],
  ['4008', 'rate_limited'], ['4009', 'configuration'], ['4010', 'sender_refused'], ['5000', 'carrier_error'],
  ['5001', 'carrier_error'], ['5002', 'no_report'], ['9999', 'unspecified']
])

/** Sentences that come in place of a code. */
const REASON_OF_SENTENCE: ReadonlyArray<readonly [RegExp, Reason]> = [
  [/sender blocked for given recipient/i, 'opted_out'],
  [/invalid to|destination.*invalid/i, 'number_invalid'],
  [/blocked/i, 'carrier_blocked'],
  [/unreachable|not reachable/i, 'number_unreachable']
]

/** The code in a report's details; only those that we know, since details may say anything. */
const codeIn = (details: string): string | undefined => {
  const code = /(?<![0-9])[459][0-9]{3}(?![0-9])/.exec(details)?.[0] ?? ''
  return REASON_OF_CODE.has(code) ? code : undefined
}

const reasonOf = (code: string | undefined, details: string): Reason =>
  REASON_OF_CODE.get(code ?? '') ?? REASON_OF_SENTENCE.find(([sentence]) => sentence.test(details))?.[1] ?? 'unspecified'

/** Reads `SMSDeliveryReportReceived`; `undefined` where it says neither what it is about nor what became of it. */
export const readReport = ({ id, data }: EventItem): ReportSignal | undefined => {
  const field = (name: keyof AcsSmsDeliveryReportReceivedEventData): string | undefined => data.text(name)
  const status = field('deliveryStatus')?.toLowerCase()
  const reference = field('messageId')
  const tag = field('tag')
  const attempt = tag !== undefined && ID_PATTERN.test(tag) ? tag : undefined
  if (status === undefined || (reference === undefined && attempt === undefined)) return undefined
  const outcome = outcomeOf(status, field('deliveryStatusDetails') ?? '')
  // The event's id is the message's id: a later report of the same message must not pass for a repetition.
  return { kind: 'report', attempt, reference, key: `report ${id} ${status}`.slice(0, 200), ...outcome }
}

const outcomeOf = (status: string, details: string): Pick<ReportSignal, 'status' | 'reason' | 'vendorCode'> => {
  if (status === 'delivered') return { status: 'delivered', reason: undefined, vendorCode: undefined }
  if (status !== 'failed') return { status: 'unknown', reason: undefined, vendorCode: undefined }
  const vendorCode = codeIn(details)
  const reason = reasonOf(vendorCode, details)
  // Where the carrier gives no report the message may well have arrived.
  return { status: reason === 'no_report' ? 'unknown' : 'undelivered', reason, vendorCode }
}
