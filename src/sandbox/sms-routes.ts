import type { FastifyPluginAsync } from 'fastify'
import { randomUUID } from 'node:crypto'
import { readJson } from './azure-routes.ts'
import type { Behaviours } from './behaviours.ts'
import { remember } from './bounded.ts'
import type { DeliveryReports } from './delivery-reports.ts'
import type { Ledger } from './ledger.ts'
import { isPhoneNumber } from './numbers.ts'
import type { SentMessage } from './records.ts'
import { Refusal } from './refusal.ts'
import type { Faults } from './request-fault.ts'
import { firstRecipient, readSmsRequest, type SmsRecipient, type SmsRequest } from './sms-request.ts'

export interface SmsRoutesDeps {
  readonly behaviours: Behaviours
  readonly faults: Faults
  readonly ledger: Ledger
  readonly deliveryReports: DeliveryReports
  readonly sourcePhoneNumbers: readonly string[]
  readonly now: () => number
}

interface RecipientResult {
  readonly to: string
  readonly messageId?: string
  readonly httpStatusCode: number
  readonly repeatabilityResult?: 'accepted' | 'rejected'
  readonly successful: boolean
  readonly errorMessage?: string
}

const refused = (to: string, httpStatusCode: number, errorMessage: string): RecipientResult =>
  ({ to, httpStatusCode, successful: false, errorMessage })

/**
 * The SMS service.
 * https://learn.microsoft.com/rest/api/communication/sms/sms/send
 */
export const smsRoutes = (
  { behaviours, faults, ledger, deliveryReports, sourcePhoneNumbers, now }: SmsRoutesDeps
): FastifyPluginAsync => async app => {
  const accepted = new Map<string, string>()

  const repeated = (id: string | undefined): SentMessage | undefined => {
    const messageId = id === undefined ? undefined : accepted.get(id)
    return messageId === undefined ? undefined : ledger.get('message', messageId)
  }

  const accept = (request: SmsRequest, { to, repeatabilityRequestId, repeatabilityFirstSent }: SmsRecipient): SentMessage => {
    const message: SentMessage = {
      id: `Outgoing_${new Date(now()).toISOString().replace(/\D/g, '').slice(0, 14)}${randomUUID()}_sandbox`,
      vendor: 'azure',
      channel: 'sms',
      from: request.from,
      to,
      text: request.message,
      ...(request.tag === undefined ? {} : { tag: request.tag }),
      ...(repeatabilityRequestId === undefined ? {} : { repeatabilityRequestId }),
      ...(repeatabilityFirstSent === undefined ? {} : { repeatabilityFirstSent }),
      repeats: 0,
      report: request.enableDeliveryReport && behaviours.sms(to).report !== 'none' ? 'pending' : 'none',
      acceptedAt: new Date(now()).toISOString()
    }
    ledger.put('message', message)
    if (repeatabilityRequestId !== undefined) remember(accepted, repeatabilityRequestId, message.id)
    if (request.enableDeliveryReport) deliveryReports(message, behaviours.sms(to))
    return message
  }

  const send = (request: SmsRequest, recipient: SmsRecipient, faulty: boolean): RecipientResult => {
    const { to, repeatabilityRequestId, repeatabilityFirstSent } = recipient
    const { recipientError, ignoreRepeatability } = behaviours.sms(to)
    if (faulty && recipientError !== undefined) return refused(to, recipientError.httpStatusCode, recipientError.errorMessage)
    if (!isPhoneNumber(to)) return refused(to, 400, 'Invalid To phone number format.')
    if (repeatabilityRequestId !== undefined && Number.isNaN(Date.parse(repeatabilityFirstSent ?? ''))) {
      return {
        ...refused(to, 400, 'Request sent with Invalid DateTime value for repeatability-first-sent header.'),
        repeatabilityResult: 'rejected'
      }
    }
    const known = ignoreRepeatability === true ? undefined : repeated(repeatabilityRequestId)
    if (known !== undefined) ledger.put('message', { ...known, repeats: known.repeats + 1 })
    const { id: messageId } = known ?? accept(request, recipient)
    return { to, messageId, httpStatusCode: 202, repeatabilityResult: 'accepted', successful: true }
  }

  app.post('/sms', async ({ body }, reply) => {
    const json = readJson(body)
    if (json instanceof Refusal) return json
    const number = firstRecipient(json)
    const behaviour = behaviours.sms(number)
    const faulty = behaviours.counts(number, 'sms', behaviour)
    if (faulty && await faults.before(behaviour, reply)) return reply
    const request = readSmsRequest(json, sourcePhoneNumbers)
    if (request instanceof Refusal) return request
    const value = request.recipients.map(recipient => send(request, recipient, faulty))
    if (faulty && faults.after(behaviour, reply, 202)) return reply
    reply.code(202)
    return { value }
  })
}
