import type { SystemEventNameToEventData } from '@azure/eventgrid'
import { PhoneNumber } from '../../domain/phone-number.ts'
import { SensitiveText } from '../../domain/sensitive.ts'
import type { IncomingCallSignal, Signal } from '../../domain/signal.ts'
import type { CallbackUrls, OpenedCallback } from '../callback-url.ts'
import type { EventReader, IgnoredItem, ReceivedEvents } from '../provider.ts'
import { readCallEvent, vendorCodeOf } from './call-event-reader.ts'
import type { EventCredentials } from './event-credentials.ts'
import { isCallItem, readItems, type EventItem } from './event-items.ts'
import { readReport } from './report-reader.ts'

/** What became of one item: a signal, a code to give back, or the reason why it was passed over. */
type Reading = Signal | { readonly kind: 'validation', readonly code: string } | IgnoredItem

/**
 * Reads what comes to `/events`. Two senders share the route, and each is believed only in its own matters: Event Grid in
 * reports and incoming calls, Call Automation in the one call whose sealed token the URL carries.
 */
export const createAcsEventReader = (credentials: EventCredentials, callbackUrls: CallbackUrls): EventReader => ({
  async read (request) {
    const items = readItems(request.body)
    const callItems = items.filter((item) => item !== undefined && isCallItem(item))
    const callback = callItems.length > 0 ? callbackUrls.open(request.query) : undefined
    const fromCall = callback !== undefined && await credentials.isCallAutomation(request)
    const fromGrid = callItems.length === items.length && items.length > 0 ? false : await credentials.isEventGrid(request)
    if (!fromCall && !fromGrid) return { kind: 'unauthorized' }
    return collect(items.map((item) => {
      if (item === undefined) return 'malformed'
      if (isCallItem(item)) return fromCall ? readCallItem(item, callback) : 'foreign'
      return fromGrid ? readGridItem(item) : 'foreign'
    }))
  }
})

const collect = (readings: readonly Reading[]): ReceivedEvents => {
  const signals: Signal[] = []
  const ignored: IgnoredItem[] = []
  for (const reading of readings) {
    if (typeof reading === 'string') ignored.push(reading)
    else if (reading.kind === 'validation') return { kind: 'handshake', reply: { validationResponse: reading.code } }
    else signals.push(reading)
  }
  return { kind: 'signals', signals, ignored }
}

const readCallItem = (item: EventItem, callback: OpenedCallback): Reading => {
  const event = readCallEvent(item)
  const reference = item.data.text('callConnectionId')
  if (event === undefined) return 'unknown'
  if (reference === undefined) return 'malformed'
  if (callback.kind === 'announcement') return { kind: 'announcement', reference, locale: callback.locale, event }
  const { delivery, attempt, token, content } = callback
  const vendorCode = vendorCodeOf(item)
  return { kind: 'call', delivery, attempt, token, content, reference, event, vendorCode, key: `call ${item.id}`.slice(0, 200) }
}

const readGridItem = (item: EventItem): Reading => {
  switch (item.type as keyof SystemEventNameToEventData) {
    case 'Microsoft.EventGrid.SubscriptionValidationEvent': {
      const code = item.data.text('validationCode')
      return code === undefined ? 'malformed' : { kind: 'validation', code }
    }
    case 'Microsoft.Communication.SMSDeliveryReportReceived': return readReport(item) ?? 'malformed'
    case 'Microsoft.Communication.IncomingCall': return readIncomingCall(item) ?? 'malformed'
    default: return 'unknown'
  }
}

const readIncomingCall = ({ id, data }: EventItem): IncomingCallSignal | undefined => {
  const context = data.text('incomingCallContext')
  if (context === undefined) return undefined
  const from = data.inside('from')
  const number = from.inside('phoneNumber').text('value') ?? from.text('rawId')?.replace(/^4:/, '')
  const parsed = number === undefined ? undefined : PhoneNumber.parse(number)
  return {
    kind: 'incoming-call',
    key: `incoming ${id}`.slice(0, 200),
    from: parsed instanceof PhoneNumber ? parsed : undefined,
    context: new SensitiveText(context)
  }
}
