import type { Config } from '../../config/config.ts'
import { belowPublicUrl } from '../../config/public-url.ts'
import { fail, ok, type Finding } from '../../domain/finding.ts'
import type { GatewayAddress } from './gateway-address.ts'
import { objectIn, type Probe, type ProbeRequest } from './probe.ts'

export interface CallbackRoutesDeps {
  readonly address: GatewayAddress
  readonly config: Config
  readonly probe: Probe
}

/** Whether what vendors tell gets as far as the gateway, which refuses it here in its own words: it is not signed. */
export const examineCallbackRoutes = async ({ address: { setting, base }, config: { acs, twilio, publicUrl }, probe }: CallbackRoutesDeps): Promise<readonly Finding[]> => {
  const events = belowPublicUrl(base, '/events')
  const isTwilios = twilio?.callbackUrl !== undefined && publicUrl !== undefined && setting === 'PUBLIC_URL'
  const refused = async (request: ProbeRequest, expected: string): Promise<boolean> => {
    const found = await probe(request)
    return found.kind === 'answer' && objectIn(found).code === expected
  }
  const refusals = await Promise.all([
    ...(acs === undefined
      ? []
      : [
          refused({ url: events, method: 'POST', headers: JSON_BODY, body: '[]' }, 'unauthorized').then(told(setting, 'POST /events', 'Azure')),
          probe({ url: events, method: 'OPTIONS', headers: { 'webhook-request-origin': EVENT_GRID } })
            .then((found) => found.kind === 'answer' && found.headers['webhook-allowed-origin'] === EVENT_GRID)
            .then(told(setting, 'OPTIONS /events', 'Event Grid'))
        ]),
    ...(isTwilios
      ? [refused({ url: belowPublicUrl(base, '/events/twilio/message'), method: 'POST', headers: FORM_BODY, body: 'MessageSid=none' }, 'signature_invalid')
          .then(told(setting, 'POST /events/twilio/message', 'Twilio'))]
      : [])
  ])
  return refusals
}

const JSON_BODY = { 'content-type': 'application/json' } as const
const FORM_BODY = { 'content-type': 'application/x-www-form-urlencoded' } as const
const EVENT_GRID = 'eventgrid.azure.net'

const told = (setting: string, route: string, vendor: string) => (comesThrough: boolean): Finding => comesThrough
  ? ok(setting, `${route} comes through, for what ${vendor} tells.`)
  : fail(setting, `${route} does not come through: let the proxy pass it on as it is, or what ${vendor} tells is lost.`)
