/** What the identity providers send, and what functions report, one of each dialect; no place of them holds a code or a number yet. */
export const BODIES: Readonly<Record<string, object>> = {
  auth0: {
    recipient: 'r',
    message: 'words',
    text: 'words',
    voice: 'words',
    code: 'c',
    messageType: 'otp_verify',
    deliveryMethod: 'text',
    locale: 'en_US',
    notification: { as_text: 'words', as_voice: 'words', code: 'c', delivery_method: 'text', from: 'f', locale: 'en_US', message_type: 'otp_verify', recipient: 'r' },
    client: { client_id: 'i', name: 'Fabrikam', metadata: { tier: 'gold' } },
    connection: { id: 'i', name: 'sms', strategy: 'sms' },
    organization: { id: 'i', name: 'o', display_name: 'O' },
    request: { ip: 'p', method: 'POST', geoip: { cityName: 'Bellevue', countryCode: 'US', countryCode3: 'USA', latitude: 47.61793, timeZone: 'America/Los_Angeles' }, hostname: 'h', language: 'en', user_agent: 'Mozilla' },
    tenant: { id: 'fabrikam', friendly_name: 'Fabrikam', support_email: 's' },
    transaction: { correlation_id: 'x' },
    user: { user_id: 'auth0|u', email: 'e', email_verified: true, phone_number: 'p', name: 'n', identities: [{ provider: 'auth0', user_id: 'u' }], user_metadata: { any: 'thing' } },
    secrets: { GATEWAY_SECRET: 's' }
  },
  'auth0 sms gateway': { recipient: 'r', body: 'words', sender: 's', req: { ip: 'p', 'user-agent': 'Mozilla' } },
  okta: {
    eventId: 'e',
    eventTime: '2022-01-28T21:43:40.000Z',
    eventType: 'com.okta.telephony.provider',
    source: 's',
    requestType: 'com.okta.user.telephony.pre-enrollment',
    data: {
      context: { request: { id: 'req', method: 'POST', url: { value: '/api/internal' }, ipAddress: 'p' } },
      userProfile: { firstName: 'f', lastName: 'l', login: 'l', userId: 'u' },
      messageProfile: { msgTemplate: 'words', phoneNumber: 'p', otpExpires: '2022-01-28T21:48:34.321Z', deliveryChannel: 'SMS', otpCode: 'c', locale: 'EN-US' }
    }
  },
  supabase: { metadata: { uuid: 'u', time: 't', name: 'send-sms', ip_address: 'p' }, user: { id: 'i', aud: 'authenticated', role: 'authenticated', phone: 'p', app_metadata: { provider: 'phone', providers: ['phone'] }, identities: [{ identity_data: { sub: 's', phone: 'p' } }], created_at: '2024-01-01' }, sms: { otp: 'c', sms_type: 'mfa', phone: 'p' } },
  kratos: { recipient: 'r', body: 'words', subject: 's', template_type: 'login_code_valid', template_data: { to: 't', login_code: 'c', verification_code: 'c', identity: { traits: { phone: 'p', name: 'n' } }, request_url: 'u', transient_payload: { a: 'b' } }, message_type: 'sms', request_headers: { 'Accept-Language': ['de'], Cookie: ['c'] } },
  zitadel: { contextInfo: { eventType: 'session.otp.sms.challenged', provider: { id: 'i', description: 'd' }, recipientPhoneNumber: 'p' }, templateData: { title: 't', preHeader: 'p', subject: 's', greeting: 'g', text: 'words', url: 'u', buttonText: 'b' }, args: { code: 'c', oTP: 'c', expiry: 300_000_000_000, domain: 'd', displayName: 'n', lastVerifiedPhone: 'p', origin: 'o', preferredLoginName: 'l' } },
  logto: { to: 't', type: 'SignIn', payload: { code: 'c', locale: 'de', uiLocales: 'de' }, ip: 'p' },
  fusionauth: { phoneNumber: 'p', code: 'c', textMessage: 'words', message: 'words', type: 'SMS' },
  authentik: { From: 'f', To: 't', Body: 'c', Message: 'words' },
  authgear: { to: 't', body: 'words', app_id: 'a', template_name: 'n', language_tag: 'en', template_variables: { app_name: 'a', code: 'c', email: 'e', phone: 'p' } },
  authsignal: { version: 1, type: 'sms', tenantId: 't', data: { to: 't', code: 'c', userId: 'u', actionCode: 'signIn', idempotencyKey: 'k', locale: 'en' } },
  descope: { recipient: 'r', token: 'c', body: 'words', sender: 's' },
  pingone: { messageType: 'ARN', message: 'words', phoneNumber: 'p', sender: 's' },
  keycloak: { to: 't', text: 'words', from: 'f' },
  direct: { phoneNumber: 'p', text: 'words', code: 'c', locale: 'en-US', channel: 'sms', ip: 'p', user: 'u' },
  'a report': { type: 'sms.sent', timestamp: '2026-01-01T00:00:00Z', request: { body: { To: 't', Body: 'words', Channel: 'sms' }, headers: { 'x-trace': 'h', authorization: 'a' } }, response: { status: 200, body: { sid: 's', status: 'queued', to: 't', error_message: 'words' } }, metadata: { function: '/send-code', region: 'us', list: ['a', ['b']] } },
  'an unknown one': { foo: 'x', bar: ['y', { baz: 'z' }] }
}
