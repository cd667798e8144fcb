import type { SmsBehaviour } from './behaviour.ts'
import type { AccountEvent } from './event-format.ts'
import type { EventGrid } from './event-grid.ts'
import type { Ledger } from './ledger.ts'
import type { Pacer } from './pacer.ts'
import type { SentMessage } from './records.ts'

const ON_ITS_WAY = 1_000
const OLDER = 1_000
const DETAILS = { delivered: 'No error.', failed: 'Message was rejected by the carrier.' }

type Verdict = 'delivered' | 'failed'

/** Tells the gateway, after a while, what became of a message. */
export type DeliveryReports = (message: SentMessage, behaviour: SmsBehaviour) => void

export interface DeliveryReportsDeps {
  readonly eventGrid: Pick<EventGrid, 'publish'>
  readonly ledger: Ledger
  readonly pacer: Pacer
  readonly now: () => number
}

/** Makes the sender of delivery reports. */
export const createDeliveryReports = ({ eventGrid, ledger, pacer, now }: DeliveryReportsDeps): DeliveryReports => {
  const report = ({ id, from, to, tag }: SentMessage, verdict: Verdict, details: string, at: number): AccountEvent => {
    const sender = from.replace('+', '')
    const time = new Date(at).toISOString()
    return {
      id,
      type: 'Microsoft.Communication.SMSDeliveryReportReceived',
      subject: `/phonenumber/${sender}`,
      at,
      data: {
        messageId: id,
        from: sender,
        to,
        deliveryStatus: verdict === 'delivered' ? 'Delivered' : 'Failed',
        deliveryStatusDetails: details,
        receivedTimestamp: time,
        deliveryAttempts: [{
          timestamp: time, segmentsSucceeded: verdict === 'delivered' ? 1 : 0, segmentsFailed: verdict === 'delivered' ? 0 : 1
        }],
        ...(tag === undefined ? {} : { Tag: tag })
      }
    }
  }

  return (message, { report: verdict = 'delivered', reportDetails, reportDelayMs = ON_ITS_WAY, reportCopies = 1, outOfOrder }) => {
    if (verdict === 'none') return
    pacer.after(reportDelayMs, () => {
      const at = now()
      const first = report(message, verdict, reportDetails ?? DETAILS[verdict], at)
      const known = ledger.get('message', message.id)
      if (known !== undefined) ledger.put('message', { ...known, report: verdict })
      eventGrid.publish(Array<AccountEvent>(reportCopies).fill(first))
      if (outOfOrder !== true) return
      const opposite = verdict === 'delivered' ? 'failed' : 'delivered'
      const late = report(message, opposite, DETAILS[opposite], at - OLDER)
      pacer.after(reportDelayMs, () => eventGrid.publish([late]))
    })
  }
}
