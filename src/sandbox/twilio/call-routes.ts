import type { FastifyPluginAsync } from 'fastify'
import type { Behaviours } from '../behaviours.ts'
import type { Ledger } from '../ledger.ts'
import type { SandboxCall } from '../records.ts'
import { Refusal } from '../refusal.ts'
import type { TwilioAccount } from './account.ts'
import { readCall } from './call-request.ts'
import type { Calls } from './calls.ts'
import { twilioError } from './errors.ts'
import { fieldsOf, formOf, longDate } from './form.ts'
import { isOnDays, olderPage } from './paging.ts'
import type { Serve } from './serve.ts'

export interface CallRoutesDeps {
  readonly account: TwilioAccount
  readonly behaviours: Behaviours
  readonly calls: Calls
  readonly ledger: Ledger
  readonly serve: Serve
}

interface OfCall { Params: { sid: string } }

const ONE_CALL = '/2010-04-01/Accounts/:account/Calls/:sid(^[A-Za-z0-9-]+).json'

/**
 * Calls by REST.
 * https://www.twilio.com/docs/voice/api/call-resource
 */
export const callRoutes = ({ account, behaviours, calls, ledger, serve }: CallRoutesDeps): FastifyPluginAsync => async app => {
  const root = `/2010-04-01/Accounts/${account.accountSid}/Calls`

  const wire = ({ id, from, to, status, startedAt, connectedAt, duration }: SandboxCall) => {
    const end = duration === undefined ? undefined : Date.parse(connectedAt ?? startedAt) + duration * 1_000
    return {
      account_sid: account.accountSid,
      answered_by: null,
      api_version: '2010-04-01',
      caller_name: '',
      date_created: longDate(startedAt),
      date_updated: longDate(startedAt),
      direction: 'outbound-api',
      duration: duration === undefined ? null : String(duration),
      end_time: end === undefined ? null : longDate(new Date(end).toISOString()),
      forwarded_from: null,
      from,
      from_formatted: from,
      group_sid: null,
      parent_call_sid: null,
      phone_number_sid: null,
      price: null,
      price_unit: 'USD',
      queue_time: '0',
      sid: id,
      start_time: connectedAt === undefined ? null : longDate(connectedAt),
      status,
      subresource_uris: { events: `${root}/${id}/Events.json` },
      to,
      to_formatted: to,
      trunk_sid: null,
      uri: `${root}/${id}.json`
    }
  }

  const change = (call: SandboxCall, status: string | null) => {
    const live = calls.find(call.id)
    if (status !== 'completed' && status !== 'canceled') return twilioError(20001, 'Status')
    if (live === undefined || (status === 'canceled' && call.state === 'connected')) return twilioError(21220)
    live.terminate()
    return wire(live.record)
  }

  const about = (sid: string) => {
    const call = ledger.get('call', sid)
    return call?.vendor === 'twilio' ? call : undefined
  }

  app.post('/2010-04-01/Accounts/:account/Calls.json', async ({ body }, reply) => {
    const form = formOf(body)
    const number = form.get('To') ?? ''
    return await serve(reply, { number, kind: 'call', status: 201 }, () => {
      const request = readCall(form, account)
      if (request instanceof Refusal) return request
      return wire(calls.create(request, behaviours.twilio(number).call ?? {}, { form: fieldsOf(form) }))
    })
  })

  app.get('/2010-04-01/Accounts/:account/Calls.json', async ({ url }, reply) => {
    const query = new URL(url, account.baseUrl).searchParams
    return await serve(reply, { number: query.get('To') ?? '', kind: 'later', status: 200 }, () => {
      // What Verify calls is none of the account's calls.
      const found = ledger.list('call').filter(({ vendor, verification }) => vendor === 'twilio' && verification === undefined)
        .filter(({ to, from, connectedAt }) => (query.get('To') ?? to) === to && (query.get('From') ?? from) === from &&
          isOnDays('StartTime', connectedAt, query))
        .map(wire)
      return olderPage('calls', found.reverse(), url)
    })
  })

  for (const method of ['GET', 'POST'] as const) {
    app.route<OfCall>({
      method,
      url: ONE_CALL,
      handler: async ({ params: { sid }, body }, reply) => {
        const call = about(sid)
        return await serve(reply, { number: call?.to ?? '', kind: 'later', status: 200 }, () => {
          if (call === undefined) return twilioError(20404, `${root}/${sid}.json`)
          return method === 'GET' ? wire(call) : change(call, formOf(body).get('Status'))
        })
      }
    })
  }
}
