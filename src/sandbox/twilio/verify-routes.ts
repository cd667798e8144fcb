import type { FastifyPluginAsync } from 'fastify'
import { isPhoneNumber } from '../numbers.ts'
import { Refusal } from '../refusal.ts'
import type { TwilioAccount } from './account.ts'
import { shortDate, type Attempts } from './attempts.ts'
import { twilioError } from './errors.ts'
import { field, formOf, optional } from './form.ts'
import { pageOf } from './paging.ts'
import type { Serve } from './serve.ts'
import type { Verification, VerificationChannel, Verifications } from './verifications.ts'

export interface VerifyRoutesDeps {
  readonly account: TwilioAccount
  readonly attempts: Attempts
  /** Whether the service takes codes of the caller. */
  readonly customCodes: boolean
  readonly serve: Serve
  readonly verifications: Verifications
}

interface OfVerification { Params: { service: string, id: string } }

const CHANNELS: ReadonlyArray<string | undefined> = ['sms', 'call', 'whatsapp'] satisfies VerificationChannel[]
const isChannel = (text: string | undefined): text is VerificationChannel => CHANNELS.includes(text)

/**
 * Verify.
 * https://www.twilio.com/docs/verify/api/verification
 */
export const verifyRoutes = (
  { account, attempts, customCodes, serve, verifications }: VerifyRoutesDeps
): FastifyPluginAsync => async app => {
  const wire = ({ sid, to, channel, status, createdAt, updatedAt }: Verification) => ({
    sid,
    service_sid: account.verifySid,
    account_sid: account.accountSid,
    to,
    channel,
    status,
    valid: status === 'approved',
    date_created: shortDate(createdAt),
    date_updated: shortDate(updatedAt),
    amount: null,
    payee: null
  })
  const whole = (verification: Verification) => ({
    ...wire(verification),
    lookup: {},
    send_code_attempts: verification.sends.map(({ attemptSid, channel, at }) =>
      ({ time: shortDate(at), channel: channel.toUpperCase(), attempt_sid: attemptSid })),
    sna: null,
    url: `${account.baseUrl}/v2/Services/${account.verifySid}/Verifications/${verification.sid}`
  })

  app.post('/v2/Services/:service/Verifications', async ({ body }, reply) => {
    const form = formOf(body)
    const to = form.get('To') ?? ''
    return await serve(reply, { number: to, kind: 'verification', status: 201 }, () => {
      const channel = field(form, 'Channel')
      const code = field(form, 'CustomCode')
      if (!isPhoneNumber(to)) return twilioError(60200, '`To`')
      if (!isChannel(channel)) return twilioError(60200, '`Channel`')
      if (code !== undefined && !customCodes) return twilioError(60204)
      if (code !== undefined && (code.length < 4 || code.length > 10)) return twilioError(60200, '`CustomCode`')
      const verification = verifications.start({ to, channel, form, ...optional('code', code) })
      return verification instanceof Refusal ? verification : whole(verification)
    })
  })

  for (const method of ['GET', 'POST'] as const) {
    app.route<OfVerification>({
      method,
      url: '/v2/Services/:service/Verifications/:id',
      handler: async ({ params: { id }, body, url }, reply) => {
        return await serve(reply, { number: verifications.recall(id)?.to ?? id, kind: 'later', status: 200 }, () => {
          const verification = method === 'GET' ? verifications.look(id) : verifications.find(id)
          if (verification === undefined) return twilioError(20404, url)
          if (method === 'GET') return whole(verification)
          const status = formOf(body).get('Status')
          if (status !== 'approved' && status !== 'canceled') return twilioError(60200, '`Status`')
          return whole(verifications.finish(verification, status))
        })
      }
    })
  }

  app.post('/v2/Services/:service/VerificationCheck', async ({ body, url }, reply) => {
    const form = formOf(body)
    const id = field(form, 'VerificationSid') ?? field(form, 'To')
    const code = field(form, 'Code')
    return await serve(reply, { number: (id === undefined ? undefined : verifications.recall(id)?.to) ?? '', kind: 'later', status: 200 }, () => {
      if (id === undefined) return twilioError(60200, '`To`')
      if (code === undefined) return twilioError(60200, '`Code`')
      const verification = verifications.find(id)
      if (verification === undefined) return twilioError(20404, url)
      const checked = verifications.check(verification, code)
      return checked instanceof Refusal ? checked : { ...wire(checked), sna_attempts_error_codes: [] }
    })
  })

  app.get<{ Params: { sid: string } }>('/v2/Attempts/:sid', async ({ params: { sid }, url }, reply) => {
    const attempt = attempts.fetch(sid)
    return await serve(reply, { number: attempt?.channel_data.to ?? '', kind: 'later', status: 200 },
      () => attempt ?? twilioError(20404, url))
  })

  app.get('/v2/Attempts', async ({ url }, reply) => {
    const query = new URL(url, account.baseUrl).searchParams
    return await serve(reply, { number: query.get('ChannelData.To') ?? '', kind: 'later', status: 200 }, () => {
      const { items, number, size, next } = pageOf(attempts.list(query), query)
      const address = `${account.baseUrl}${url}`
      return {
        meta: {
          key: 'attempts',
          url: address,
          page: number,
          page_size: size,
          first_page_url: address,
          previous_page_url: null,
          next_page_url: next === undefined ? null : `${account.baseUrl}/v2/Attempts?${next}`
        },
        attempts: items
      }
    })
  })
}
