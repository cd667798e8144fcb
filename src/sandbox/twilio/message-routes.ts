import type { FastifyPluginAsync } from 'fastify'
import type { Behaviours } from '../behaviours.ts'
import type { Ledger } from '../ledger.ts'
import type { SentMessage } from '../records.ts'
import { Refusal } from '../refusal.ts'
import type { TwilioAccount } from './account.ts'
import { twilioError } from './errors.ts'
import { field, fieldsOf, formOf, longDate } from './form.ts'
import { addressedNumber, numberOf, readMessage } from './message-request.ts'
import type { Messages } from './messages.ts'
import { isOnDays, olderPage } from './paging.ts'
import type { Serve } from './serve.ts'

export interface MessageRoutesDeps {
  readonly account: TwilioAccount
  readonly behaviours: Behaviours
  readonly ledger: Ledger
  readonly messages: Messages
  readonly serve: Serve
}

const segmentsOf = (text: string): number => {
  // ASCII is near enough to the alphabet of SMS.
  const [alone, together] = /^[ -~\s]*$/.test(text) ? [160, 153] : [70, 67]
  return text.length <= alone ? 1 : Math.ceil(text.length / together)
}

const isWaiting = (status: SentMessage['status']): boolean => status === 'queued' || status === 'accepted'

/**
 * Programmable Messaging.
 * https://www.twilio.com/docs/messaging/api/message-resource
 */
export const messageRoutes = ({ account, behaviours, ledger, messages, serve }: MessageRoutesDeps): FastifyPluginAsync => async app => {
  const root = `/2010-04-01/Accounts/${account.accountSid}/Messages`

  const wire = ({ id, channel, from, to, text, status, errorCode, form = {}, acceptedAt }: SentMessage) => {
    const prefix = channel === 'whatsapp' ? 'whatsapp:' : ''
    const service = form['MessagingServiceSid'] ?? null
    const waits = isWaiting(status)
    return {
      account_sid: account.accountSid,
      api_version: '2010-04-01',
      body: text,
      date_created: longDate(acceptedAt),
      date_sent: waits ? null : longDate(acceptedAt),
      date_updated: longDate(acceptedAt),
      direction: 'outbound-api',
      error_code: errorCode ?? null,
      error_message: errorCode === undefined ? null : `Error ${errorCode}`,
      from: service !== null && waits ? null : `${prefix}${from}`,
      messaging_service_sid: service,
      num_media: '0',
      num_segments: service !== null && waits ? '0' : String(segmentsOf(text)),
      price: null,
      price_unit: 'USD',
      sid: id,
      status,
      subresource_uris: { media: `${root}/${id}/Media.json` },
      to: `${prefix}${to}`,
      uri: `${root}/${id}.json`
    }
  }

  app.post('/2010-04-01/Accounts/:account/Messages.json', async ({ body }, reply) => {
    const form = formOf(body)
    const number = addressedNumber(form)
    return await serve(reply, { number, kind: 'message', status: 201 }, () => {
      const request = readMessage(form, account)
      if (request instanceof Refusal) return request
      return wire(messages.accept(request, behaviours.twilio(number).message ?? {}, { form: fieldsOf(form) }))
    })
  })

  app.get('/2010-04-01/Accounts/:account/Messages.json', async ({ url }, reply) => {
    const query = new URL(url, account.baseUrl).searchParams
    const to = query.get('To')
    return await serve(reply, { number: numberOf(to ?? ''), kind: 'later', status: 200 }, () => {
      // What Verify sends is none of the account's messages.
      const found = ledger.list('message').filter(({ vendor, verification }) => vendor === 'twilio' && verification === undefined)
        .map(message => ({ sent: isWaiting(message.status) ? undefined : message.acceptedAt, message: wire(message) }))
        .filter(({ sent, message }) => (to ?? message.to) === message.to && (query.get('From') ?? message.from) === message.from &&
          isOnDays('DateSent', sent, query))
        .map(({ message }) => message)
      return olderPage('messages', found.reverse(), url)
    })
  })

  app.get<{ Params: { sid: string } }>('/2010-04-01/Accounts/:account/Messages/:sid(^[A-Za-z0-9]+).json', async ({ params: { sid } }, reply) => {
    const message = ledger.get('message', sid)
    return await serve(reply, { number: message?.to ?? '', kind: 'later', status: 200 },
      () => message === undefined ? twilioError(20404, `${root}/${sid}.json`) : wire(message))
  })

  /**
   * What Twilio says to feedback on a message that was not sent with `ProvideFeedback` is not documented: here it is not found.
   * https://www.twilio.com/docs/messaging/api/message-feedback-resource
   */
  app.post<{ Params: { sid: string } }>('/2010-04-01/Accounts/:account/Messages/:sid/Feedback.json', async ({ params: { sid }, body }, reply) => {
    const outcome = field(formOf(body), 'Outcome') ?? 'confirmed'
    return await serve(reply, { number: ledger.get('message', sid)?.to ?? '', kind: 'later', status: 201 }, () => {
      const message = ledger.get('message', sid)
      const uri = `${root}/${sid}/Feedback.json`
      if (message?.feedback === undefined) return twilioError(20404, uri)
      if (outcome !== 'confirmed' && outcome !== 'unconfirmed') return twilioError(20001, 'Outcome')
      ledger.put('message', { ...message, feedback: outcome })
      const at = longDate(message.acceptedAt)
      return { account_sid: account.accountSid, message_sid: sid, outcome, date_created: at, date_updated: at, uri }
    })
  })
}
