import t from 'tap'
import { timeOrderedId } from '../../../src/domain/identifier.ts'
import { EventData, type EventItem } from '../../../src/providers/acs/event-items.ts'
import { readReport } from '../../../src/providers/acs/report-reader.ts'

const TYPE = 'Microsoft.Communication.SMSDeliveryReportReceived'
const ATTEMPT = timeOrderedId(Date.now())

const item = (data: object, id = 'Outgoing_1'): EventItem => ({ id, type: TYPE, source: '/subscriptions/x', data: new EventData(data) })

const report = (deliveryStatus: unknown, deliveryStatusDetails?: unknown) =>
  readReport(item({ messageId: 'Outgoing_1', deliveryStatus, deliveryStatusDetails, tag: ATTEMPT }))

t.test('a message that was delivered is delivered, whatever the details say', async (t) => {
  t.same(report('Delivered', 'No error.'), {
    kind: 'report',
    channel: 'sms',
    attempt: ATTEMPT,
    reference: undefined,
    key: 'report Outgoing_1 delivered',
    what: 'report.delivered',
    status: 'delivered',
    reason: undefined,
    vendorCode: undefined
  })
  t.match(report('DELIVERED', 'Error 4007'), { status: 'delivered', reason: undefined, vendorCode: undefined })
})

t.test('each of Azure\'s codes has its reason', async (t) => {
  const reasons = {
    4000: 'fraud_blocked',
    4001: 'sender_refused',
    4002: 'number_invalid',
    4003: 'destination_unsupported',
    4004: 'number_invalid',
    4005: 'carrier_blocked',
    4006: 'number_unreachable',
    4007: 'opted_out',
    4008: 'rate_limited',
    4009: 'configuration',
    4010: 'sender_refused',
    5000: 'carrier_error',
    5001: 'carrier_error',
    9999: 'unspecified'
  }
  for (const [code, reason] of Object.entries(reasons)) {
    for (const details of [code, `Code ${code}: something.`, `(${code})`]) {
      t.match(report('Failed', details), { status: 'undelivered', reason, vendorCode: code }, details)
    }
  }
})

t.test('a carrier that reports nothing leaves it open whether the message arrived', async (t) => {
  t.match(report('Failed', 'Code 5002'), { status: 'unknown', reason: 'no_report', vendorCode: '5002' })
})

t.test('sentences stand for codes', async (t) => {
  t.match(report('Failed', 'Sender blocked for given recipient.'), { status: 'undelivered', reason: 'opted_out', vendorCode: undefined })
  t.match(report('Failed', 'Invalid To phone number format.'), { reason: 'number_invalid' })
  t.match(report('Failed', 'The destination number is INVALID'), { reason: 'number_invalid' })
  t.match(report('Failed', 'Blocked by the carrier'), { reason: 'carrier_blocked' })
  t.match(report('Failed', 'Handset not reachable'), { reason: 'number_unreachable' })
  t.match(report('Failed', 'Destination unreachable'), { reason: 'number_unreachable' })
  t.match(report('Failed', 'Code 4999: blocked'), { reason: 'carrier_blocked', vendorCode: undefined }, 'an unknown code leaves the words, and is not passed on')
})

t.test('what the details do not say is unspecified, and digits of a number are no code', async (t) => {
  const details = ['', undefined, null, 42, {}, 'Something new', '4999', '15554002', '40021', 'to +14005550123']
  for (const one of details) t.match(report('Failed', one), { status: 'undelivered', reason: 'unspecified', vendorCode: undefined }, String(one))
})

t.test('a status that is not known says nothing', async (t) => {
  for (const status of ['Unknown', 'Pending', 'Sent', 'Deliveredish']) {
    t.match(report(status, 'Code 4002'), { status: 'unknown', what: 'report.unknown', reason: undefined, vendorCode: undefined }, status)
  }
})

t.test('a report without a status, or about nothing, is none', async (t) => {
  for (const status of [undefined, null, '', 1, ['Delivered']]) t.equal(report(status), undefined, String(status))
  t.equal(readReport(item({ deliveryStatus: 'Delivered' })), undefined)
  t.equal(readReport(item({ deliveryStatus: 'Delivered', messageId: '', tag: 'a tag of somebody else' })), undefined)
  t.equal(readReport(item({})), undefined)
})

t.test('either the tag or the message\'s id is enough', async (t) => {
  t.match(readReport(item({ deliveryStatus: 'Delivered', tag: ATTEMPT })), { attempt: ATTEMPT, reference: undefined })
  t.match(readReport(item({ deliveryStatus: 'Delivered', messageId: 'Outgoing_1' })), { attempt: undefined, reference: 'Outgoing_1' })
})

t.test('a tag that is no attempt of ours is passed over', async (t) => {
  for (const tag of ['', 'marketing', `${ATTEMPT} `, ATTEMPT.toUpperCase(), '2087e471-c568-47bf-bc4f-f7b7ed3d415c', 7, null]) {
    t.match(readReport(item({ messageId: 'Outgoing_1', deliveryStatus: 'Delivered', tag })), { attempt: undefined, reference: 'Outgoing_1' }, String(tag))
  }
})

t.test('names are read in any case', async (t) => {
  const read = readReport(item({ MessageId: 'Outgoing_1', DeliveryStatus: 'Failed', DELIVERYSTATUSDETAILS: '4007', Tag: ATTEMPT }))
  t.match(read, { attempt: ATTEMPT, reference: undefined, status: 'undelivered', reason: 'opted_out' })
})

t.test('the same report has one key, a later one of the same message another, and no key is long', async (t) => {
  t.equal(report('Failed', 'a')?.key, report('Failed', 'b')?.key)
  t.not(report('Failed')?.key, report('Delivered')?.key)
  t.equal(readReport(item({ messageId: 'a', deliveryStatus: 'Delivered' }, 'x'.repeat(1000)))?.key.length, 200)
})
