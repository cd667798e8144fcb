import type { FastifyPluginAsync } from 'fastify'
import type { Standing, TwilioAccount } from './account.ts'
import { twilioError } from './errors.ts'

export interface AccountRoutesDeps {
  readonly account: TwilioAccount
  readonly standing: Standing
  /** Whether the Verify service takes codes of the caller. */
  readonly customCodes: boolean
}

interface Named { Params: { sid: string } }

const isOfTheToken = ({ accountSid }: TwilioAccount, authorization = ''): boolean =>
  Buffer.from(authorization.replace('Basic ', ''), 'base64').toString().startsWith(`${accountSid}:`)

/**
 * What the account is and has: the resources that are read, and never sent by. The key is one of the kind `Standard`,
 * which may not read the account itself.
 * https://www.twilio.com/docs/iam/api/account, https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource,
 * https://www.twilio.com/docs/messaging/api/service-resource, https://www.twilio.com/docs/verify/api/service,
 * https://www.twilio.com/docs/content/content-api-resources
 */
export const accountRoutes = ({ account, standing, customCodes }: AccountRoutesDeps): FastifyPluginAsync => async app => {
  const { accountSid, contentSid, messagingServiceSid, phoneNumber, verifySid } = account
  const dates = { date_created: '2026-01-01T00:00:00Z', date_updated: '2026-01-01T00:00:00Z' }
  const root = `/2010-04-01/Accounts/${accountSid}`

  app.get('/2010-04-01/Accounts/:account(^[A-Za-z0-9]+).json', async ({ headers }) => isOfTheToken(account, headers.authorization)
    ? {
        sid: accountSid,
        owner_account_sid: accountSid,
        friendly_name: 'Sandbox',
        status: standing.status,
        type: standing.type,
        auth_token: account.authToken,
        uri: `${root}.json`
      }
    : twilioError(20003))

  app.get('/2010-04-01/Accounts/:account/IncomingPhoneNumbers.json', async ({ url }) => {
    const wanted = new URL(url, account.baseUrl).searchParams.get('PhoneNumber') ?? phoneNumber
    const owned = wanted === phoneNumber
      ? [{
          sid: `PN${accountSid.slice(2)}`,
          account_sid: accountSid,
          phone_number: phoneNumber,
          capabilities: { ...standing.capabilities, mms: false, fax: false },
          status: 'in-use'
        }]
      : []
    return {
      incoming_phone_numbers: owned, uri: url, first_page_uri: url, next_page_uri: null, previous_page_uri: null, page: 0, page_size: 50, start: 0, end: owned.length
    }
  })

  app.get<Named>('/v1/Services/:sid', async ({ params: { sid }, url }) => sid === messagingServiceSid
    ? { sid, account_sid: accountSid, friendly_name: 'Sandbox', ...dates, url: `${account.baseUrl}${url}` }
    : twilioError(20404, url))

  app.get('/v2/Services/:service', async ({ url }) =>
    ({ sid: verifySid, account_sid: accountSid, friendly_name: 'Sandbox', code_length: 6, custom_code_enabled: customCodes, ...dates, url: `${account.baseUrl}${url}` }))

  app.get<Named>('/v1/Content/:sid', async ({ params: { sid }, url }) => sid === contentSid
    ? {
        sid,
        account_sid: accountSid,
        friendly_name: 'code',
        language: 'en',
        variables: {},
        types: { 'whatsapp/authentication': { body: '{{1}} is your verification code.', add_security_recommendation: true, actions: [{ type: 'COPY_CODE', copy_code_text: 'Copy' }] } },
        ...dates,
        url: `${account.baseUrl}${url}`
      }
    : twilioError(20404, url))

  app.get<Named>('/v1/Content/:sid/ApprovalRequests', async ({ params: { sid }, url }) => sid === contentSid
    ? {
        sid,
        account_sid: accountSid,
        whatsapp: { type: 'whatsapp', name: 'code', category: 'AUTHENTICATION', content_type: 'whatsapp/authentication', status: standing.approval, rejection_reason: '' },
        url: `${account.baseUrl}${url}`
      }
    : twilioError(20404, url))
}
