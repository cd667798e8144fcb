import { Refusal } from '../refusal.ts'

/**
 * The errors that the local Twilio finds by itself, as `status` and words.
 * https://www.twilio.com/docs/api/errors
 */
const ERRORS: Readonly<Record<number, readonly [status: number, message: string]>> = {
  20001: [400, 'The request has a field that cannot be read.'],
  20003: [401, 'Authenticate'],
  20404: [404, 'The requested resource was not found'],
  20429: [429, 'Too Many Requests'],
  20500: [500, 'An internal server error has occurred'],
  21201: [400, "No 'To' number is specified"],
  21205: [400, 'Url parameter is required, or Twiml of at most 4000 characters.'],
  21210: [400, 'The source phone number provided is not yet verified for your account.'],
  21211: [400, "Invalid 'To' Phone Number"],
  21212: [400, "Invalid 'From' Phone Number"],
  21213: [400, "No 'From' number is specified"],
  21214: [400, "'To' phone number cannot be reached"],
  21215: [400, 'Account not authorized to call this number'],
  21216: [400, 'Account not allowed to call this number'],
  21217: [400, 'Phone number does not appear to be valid'],
  21220: [400, 'Call is not in-progress. Cannot redirect.'],
  21408: [400, "Permission to send an SMS has not been enabled for the region indicated by the 'To' number"],
  21602: [400, 'Message body is required.'],
  21603: [400, "A 'From' phone number is required."],
  21604: [400, "A 'To' phone number is required."],
  21606: [400, "The 'From' phone number is not a valid, message-capable Twilio phone number"],
  21609: [400, "The 'StatusCallback' URL is not a valid URL"],
  21610: [400, 'Attempt to send to unsubscribed recipient'],
  21611: [429, "This 'From' number has exceeded the maximum number of queued messages"],
  21612: [400, "The 'To' phone number is not currently reachable using the 'From' phone number via SMS"],
  21614: [400, "'To' number is not a valid mobile number"],
  21617: [400, 'The concatenated message body exceeds the 1600 character limit'],
  21655: [400, 'The ContentSid is invalid'],
  21656: [400, 'The Content Variables Parameter is invalid'],
  21705: [400, 'The Messaging Service Sid is invalid'],
  21910: [400, "Invalid 'From' and 'To' pair. 'From' and 'To' should be of the same channel"],
  60200: [400, 'Invalid parameter'],
  60202: [429, 'Max check attempts reached'],
  60203: [429, 'Max send attempts reached'],
  60204: [403, 'Custom code not allowed'],
  63007: [400, 'Twilio could not find a Channel with the specified From address']
}

const CODES_OF_STATUS: Readonly<Record<number, number>> = { 401: 20003, 404: 20404, 429: 20429 }

/** Twilio's number of an error of which nothing is known but its HTTP status. */
export const codeOfStatus = (status: number): number =>
  CODES_OF_STATUS[status] ?? (status >= 400 && status < 500 ? 20001 : 20500)

/** An error as Twilio says it. `about`, a number or a field, follows the words, as it does in the real ones. */
export const twilioError = (code: number, about?: string, status?: number): Refusal => {
  const [usual, words] = ERRORS[code] ?? [400, 'As scripted']
  return new Refusal(status ?? usual, {
    code,
    message: about === undefined ? words : `${words}: ${about}`,
    more_info: `https://www.twilio.com/docs/errors/${code}`,
    status: status ?? usual
  })
}
