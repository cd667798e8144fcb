import { hintIn, type CodeHint, type CodeMeaning } from '../code-book.ts'

/**
 * What the codes in a report's details mean.
 * https://learn.microsoft.com/azure/communication-services/resources/troubleshooting/voice-video-calling/troubleshooting-codes
 */
export const REPORT_CODES: ReadonlyMap<string, CodeMeaning> = new Map<string, CodeMeaning>([
  ['4000', { reason: 'fraud_blocked', hint: 'Azure takes this for fraud: where it is wrong, ask its support' }],
  ['4001', { reason: 'sender_refused', hint: 'check ACS_SENDER_ID' }],
  ['4002', { reason: 'number_invalid', hint: undefined }],
  ['4003', { reason: 'destination_unsupported', hint: 'this sender cannot reach {country}: set a sender of its own for it (ACS_SENDER_ID_ and the country)' }],
  ['4004', { reason: 'number_invalid', hint: undefined }],
  ['4005', { reason: 'carrier_blocked', hint: undefined }],
  ['4006', { reason: 'number_unreachable', hint: undefined }],
  ['4007', { reason: 'opted_out', hint: 'only the person can undo it, by sending START to the sender' }],
  ['4008', { reason: 'rate_limited', hint: 'the sender\'s limit is reached: register its campaign for more, or ask Azure\'s support' }],
  ['4009', { reason: 'configuration', hint: 'the resource may not send this: see in Azure\'s portal what its subscription and its number are good for' }],
  ['4010', { reason: 'sender_refused', hint: 'verify the toll-free number in Azure\'s portal' }],
  ['5000', { reason: 'carrier_error', hint: undefined }],
  ['5001', { reason: 'carrier_error', hint: undefined }],
  ['5002', { reason: 'no_report', hint: undefined }],
  ['9999', { reason: 'unspecified', hint: undefined }]
])

const ACCOUNT: CodeHint = { hint: 'check ACS_CONNECTION_STRING, and that the sender is a number of that resource' }
const CALL_FORBIDDEN: CodeHint = { hint: 'the call to {country} was not allowed: see in Azure\'s portal what the number may call' }
const SPEECH: CodeHint = { hint: 'check ACS_COGNITIVE_SERVICES_ENDPOINT, and the role of the Communication Services resource there' }

/** What can be done about the names that Azure gives to refusals, and about the subcodes of calls. */
const OTHER_HINTS: ReadonlyMap<string, CodeHint> = new Map([
  ['Denied', ACCOUNT],
  ['Unauthorized', ACCOUNT],
  ['510403', CALL_FORBIDDEN],
  ['560403', CALL_FORBIDDEN],
  ['560603', { hint: 'where nobody declines, the number has too many calls at a time: add numbers to ACS_SOURCE_PHONE_NUMBER' }],
  ['8565', SPEECH]
])

const HINTS: ReadonlyMap<string, CodeHint> = new Map([...REPORT_CODES, ...OTHER_HINTS])

/** What an operator can do about a code of Azure's; that of a call (`403.560403`) is known by its second part. */
export const hintOf = (vendorCode: string, country: string | undefined): string | undefined =>
  hintIn(HINTS, vendorCode.slice(vendorCode.lastIndexOf('.') + 1), country)
