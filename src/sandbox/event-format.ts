/** An event of the account, free of the form in which it is delivered. */
export interface AccountEvent {
  readonly id: string
  /** `Microsoft.Communication.SMSDeliveryReportReceived`. */
  readonly type: string
  readonly subject: string
  /** Milliseconds since 1970. */
  readonly at: number
  /** With the field names of the Event Grid schema. */
  readonly data: Readonly<Record<string, unknown>>
}

export type EventSchema = 'event-grid' | 'cloud-events' | 'cloud-events-batch'

export const TOPIC = '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/sandbox' +
  '/providers/microsoft.communication/communicationservices/sandbox'

export const CONTENT_TYPES: Readonly<Record<EventSchema, string>> = {
  'event-grid': 'application/json; charset=utf-8',
  'cloud-events': 'application/cloudevents+json; charset=utf-8',
  'cloud-events-batch': 'application/cloudevents-batch+json; charset=utf-8'
}

const pascal = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(pascal)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) =>
    [name.charAt(0).toUpperCase() + name.slice(1), pascal(inner)]))
}

// The official samples write the fields of SMS events with capitals in CloudEvents, those of a call in neither.
const cloudData = ({ type, data }: AccountEvent) => type.includes('.SMS') ? pascal(data) : data

const cloudEvent = (event: AccountEvent) => ({
  source: TOPIC,
  subject: event.subject,
  type: event.type,
  time: new Date(event.at).toISOString(),
  id: event.id,
  data: cloudData(event),
  specversion: '1.0'
})

const gridEvent = (event: AccountEvent) => ({
  id: event.id,
  topic: TOPIC,
  subject: event.subject,
  data: event.data,
  eventType: event.type,
  dataVersion: '1.0',
  metadataVersion: '1',
  eventTime: new Date(event.at).toISOString()
})

/**
 * The bodies that carry the events: one for each, or a single one where the schema makes batches.
 * https://learn.microsoft.com/azure/event-grid/communication-services-telephony-sms-events
 */
export const formatEvents = (events: readonly AccountEvent[], schema: EventSchema): string[] => {
  switch (schema) {
    case 'event-grid': return events.map(event => JSON.stringify([gridEvent(event)]))
    case 'cloud-events': return events.map(event => JSON.stringify(cloudEvent(event)))
    case 'cloud-events-batch': return [JSON.stringify(events.map(cloudEvent))]
  }
}
