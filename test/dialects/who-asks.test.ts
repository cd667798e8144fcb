import t from 'tap'
import { readHooks } from '../../src/dialects/generic/hooks-file.ts'
import { allDialects } from './all-dialects.ts'

const NUMBER = '+14155550123'
const IP = '203.0.113.7'

const { hooks } = readHooks(JSON.stringify({
  logto: { preset: 'logto' },
  authsignal: { preset: 'authsignal', authentication: { secrets: ['a-secret-of-the-hook'] } },
  mine: { fields: { number: 'to', code: 'code', ip: ['req.ip', 'ip'], user: ['who.id', 'who.name'] } },
  logless: { preset: 'logto', fields: { ip: null } }
}), {})

const DIALECTS = allDialects(hooks)

const direct = { phoneNumber: NUMBER, code: '482913' }
const nested = { messageProfile: { phoneNumber: NUMBER, otpCode: '482913' } }
const zitadel = { contextInfo: { recipientPhoneNumber: NUMBER }, args: { code: '482913', preferredLoginName: 'kim' } }
const kratos = { recipient: NUMBER, body: 'Your code is 482913' }
const supabase = { sms: { otp: '482913', phone: NUMBER } }

/** The route, what stands in the body, and for whom it is asked by that. */
const BODIES: ReadonlyArray<readonly [route: string, what: string, body: object, ip: string | undefined, user: string | undefined]> = [
  ['/send-text-code', 'beside the fields', { ...direct, ip: IP, user: 'kim' }, IP, 'kim'],
  ['/send-voice-code', 'beside the fields', { ...direct, ip: IP, user: 17 }, IP, '17'],
  ['/send-text-code', 'in the shape of Okta', { data: { ...nested, context: { request: { ipAddress: IP } }, userProfile: { userId: '00u1' } } }, IP, '00u1'],
  ['/send-text-code', 'beside the shape of Okta', { data: nested, ip: IP, user: 'kim' }, IP, 'kim'],
  ['/send-text-code', 'nowhere', direct, undefined, undefined],
  ['/hooks/auth0', 'as the Action tells it', { ip: IP, user: 'auth0|1', notification: { recipient: NUMBER, delivery_method: 'text', message_type: 'otp_verify', code: '482913' } }, IP, 'auth0|1'],
  ['/hooks/auth0', 'by the older trigger', { ip: IP, user: 'auth0|1', message_options: { recipient: NUMBER, message_type: 'sms', code: '482913' } }, IP, 'auth0|1'],
  ['/hooks/auth0', 'by an older Action', { notification: { recipient: NUMBER, delivery_method: 'text', message_type: 'otp_verify', code: '482913' } }, undefined, undefined],
  ['/hooks/auth0-sms-gateway', 'with forward_req_info', { recipient: NUMBER, body: 'Your code is 482913', req: { ip: IP, 'user-agent': 'x' } }, IP, undefined],
  ['/hooks/auth0-sms-gateway', 'without it', { recipient: NUMBER, body: 'Your code is 482913', req: 'none' }, undefined, undefined],
  ['/hooks/okta', 'in the event', { data: { ...nested, context: { request: { ipAddress: IP } }, userProfile: { userId: '00u1', login: 'kim@example.com' } } }, IP, '00u1'],
  ['/hooks/okta', 'where the rest is nonsense', { data: { ...nested, context: 'x', userProfile: [] } }, undefined, undefined],
  ['/hooks/okta', 'from its own machine, as in its sample', { data: { ...nested, context: { request: { ipAddress: '127.0.0.1' } } } }, undefined, undefined],
  ['/hooks/supabase', 'of newer versions', { ...supabase, metadata: { uuid: 'a', ip_address: IP }, user: { id: '6481a5c1' } }, IP, '6481a5c1'],
  ['/hooks/supabase', 'of older ones', { ...supabase, metadata: null, user: null }, undefined, undefined],
  ['/hooks/zitadel', 'by the name', zitadel, undefined, 'kim'],
  ['/hooks/zitadel', 'by an id, where there is one', { ...zitadel, args: { ...zitadel.args, userID: '285' } }, undefined, '285'],
  ['/hooks/zitadel', 'by one in the context', { ...zitadel, contextInfo: { ...zitadel.contextInfo, userID: '286' } }, undefined, '286'],
  ['/hooks/kratos', 'as our Jsonnet file tells it', { ...kratos, request_headers: { 'Accept-Language': ['de'] }, user: 'b1f0' }, undefined, 'b1f0'],
  ['/hooks/kratos', 'of one that tells all', { ...kratos, ip: IP, template_data: { identity: { id: 'b1f0', traits: { email: 'kim@example.com' } } } }, IP, 'b1f0'],
  ['/hooks/kratos', 'of one of its own', { ...kratos, ip: IP, user: 'b1f0' }, IP, 'b1f0'],
  ['/hooks/kratos', 'where the person may have written it', { ...kratos, request_headers: { 'X-Forwarded-For': [IP], 'X-Real-Ip': [IP], 'True-Client-Ip': [IP] } }, undefined, undefined],
  ['/hooks/generic/logto', 'by its preset', { to: NUMBER, payload: { code: '482913' }, ip: IP }, IP, undefined],
  ['/hooks/generic/logless', 'whose field is taken away', { to: NUMBER, payload: { code: '482913' }, ip: IP }, undefined, undefined],
  ['/hooks/generic/authsignal', 'by its preset', { data: { to: NUMBER, code: '482913', userId: '1111' } }, undefined, '1111'],
  ['/hooks/generic/mine', 'by the first path that leads to something', { to: NUMBER, code: '482913', ip: IP, who: { id: ' ', name: 'kim' } }, IP, 'kim']
]

t.test('every dialect reads for whom it is asked, where it is told', async (t) => {
  t.same([...new Set(BODIES.map(([route]) => route))].sort(), DIALECTS.map(({ route }) => route).sort(), 'none is left out')
  for (const [route, what, body, ip, user] of BODIES) {
    const { requester } = DIALECTS.find((dialect) => dialect.route === route)?.read(body, { headers: {}, body: Buffer.from(JSON.stringify(body)) }) ?? {}
    t.same([requester?.ip?.reveal(), requester?.user?.reveal()], [ip, user], `${route}, ${what}`)
  }
})
