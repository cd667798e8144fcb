import type { ResultInformation } from './records.ts'

const ended = (code: number, subCode: number, sipCode: number): ResultInformation =>
  ({ code, subCode, message: `The conversation has ended. DiagCode: ${sipCode}#${subCode}.@` })

/**
 * Why a call is over.
 * https://learn.microsoft.com/azure/communication-services/concepts/troubleshooting-info
 */
export const CALL_ENDS = {
  calleeHungUp: ended(200, 560000, 0),
  gatewayHungUp: ended(200, 7000, 0),
  cancelled: ended(487, 560487, 487),
  busy: ended(486, 560486, 486),
  noAnswer: ended(480, 560480, 480),
  declined: ended(603, 560603, 603),
  unreachable: ended(404, 560404, 404),
  createFailed: { code: 403, subCode: 560403, message: 'The call could not be created. DiagCode: 403#560403.@' }
} as const satisfies Record<string, ResultInformation>

/** What became of an operation within a call. */
export const MEDIA_RESULTS = {
  completed: { code: 200, subCode: 0, message: 'Action completed successfully.' },
  emptyText: { code: 400, subCode: 8582, message: 'Action failed, the text or SSML to play is empty.' },
  badSpeech: {
    code: 400,
    subCode: 8565,
    message: 'Action failed due to a bad request to Cognitive Services. Please check your input parameters.'
  },
  speechRefused: {
    code: 401,
    subCode: 8565,
    message: 'Action failed due to a Cognitive Services authentication error. Please check your authorization input and ensure it is correct.'
  },
  promptFailed: { code: 400, subCode: 8511, message: 'Action failed, encountered failure while trying to play the prompt.' },
  initialSilence: { code: 400, subCode: 8510, message: 'Action failed, initial silence timeout reached.' },
  interDigitSilence: { code: 400, subCode: 8532, message: 'Action failed, inter-digit silence timeout reached.' },
  mostDigits: { code: 200, subCode: 8531, message: 'Action completed, max digits received.' },
  stopTone: { code: 200, subCode: 8514, message: 'Action completed as stop tone was detected.' }
} as const satisfies Record<string, ResultInformation>
