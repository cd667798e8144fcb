import { isAnySuccess, JSON_TYPE, secretFor, wordsWith, type Rehearsal } from './rehearsal.ts'

/** The HTTP courier for SMS, with a body that holds all that it knows. https://www.ory.com/docs/kratos/emails-sms/sending-sms */
export const kratosRehearsals = (secret: string): readonly Rehearsal[] => [{
  hook: 'kratos',
  what: 'a text',
  channel: 'text',
  settings: 'SECRET_HEADER',
  request: ({ to, code }, credential) => ({
    path: '/hooks/kratos',
    headers: { ...JSON_TYPE, authorization: `Bearer ${secretFor(secret, credential)}` },
    body: JSON.stringify({
      recipient: to,
      body: wordsWith(code),
      template_type: 'login_code_valid',
      template_data: { to, login_code: code, expires_in_minutes: 5 },
      request_headers: { 'Accept-Language': ['en-US'] },
      user: 'doctor'
    })
  }),
  isSuccess: isAnySuccess
}]
