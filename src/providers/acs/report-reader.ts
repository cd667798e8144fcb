import type { AcsSmsDeliveryReportReceivedEventData } from '@azure/eventgrid'
import type { Reason } from '../../domain/reason.ts'
import { ID_PATTERN } from '../../domain/identifier.ts'
import type { ReportSignal, Word } from '../../domain/signal.ts'
import { REPORT_CODES } from './codes.ts'
import type { EventItem } from './event-items.ts'

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
  return REPORT_CODES.has(code) ? code : undefined
}

const reasonOf = (code: string | undefined, details: string): Reason =>
  REPORT_CODES.get(code ?? '')?.reason ?? REASON_OF_SENTENCE.find(([sentence]) => sentence.test(details))?.[1] ?? 'unspecified'

/** Reads `SMSDeliveryReportReceived`; `undefined` where it says neither what it is about nor what became of it. */
export const readReport = ({ id, data }: EventItem): ReportSignal | undefined => {
  const field = (name: keyof AcsSmsDeliveryReportReceivedEventData): string | undefined => data.text(name)
  const status = field('deliveryStatus')?.toLowerCase()
  const tag = field('tag')
  const attempt = tag !== undefined && ID_PATTERN.test(tag) ? tag : undefined
  // The tag is our own word for it; where it is there, nothing hangs on how the id is written.
  const reference = attempt === undefined ? field('messageId') : undefined
  if (status === undefined || (reference === undefined && attempt === undefined)) return undefined
  const word = wordOf(status, field('deliveryStatusDetails') ?? '')
  // The event's id is the message's id: a later report that says something else must not pass for a repetition.
  const key = `report ${id} ${status} ${word.vendorCode ?? ''}`.trimEnd().slice(0, 200)
  return { kind: 'report', channel: 'sms', attempt, reference, key, what: `report.${word.status}`, ...word }
}

const wordOf = (status: string, details: string): Word => {
  if (status === 'delivered') return { status: 'delivered', reason: undefined, vendorCode: undefined }
  if (status !== 'failed') return { status: 'unknown', reason: undefined, vendorCode: undefined }
  const vendorCode = codeIn(details)
  const reason = reasonOf(vendorCode, details)
  // Where the carrier gives no report the message may well have arrived.
  return { status: reason === 'no_report' ? 'unknown' : 'undelivered', reason, vendorCode }
}
