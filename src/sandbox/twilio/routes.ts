import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyError, FastifyPluginAsync } from 'fastify'
import { answerRefusals } from '../refusal.ts'
import type { RequestLog } from '../request-log.ts'
import type { TwilioAccount } from './account.ts'
import { codeOfStatus, twilioError } from './errors.ts'

export interface TwilioRoutesDeps {
  readonly account: TwilioAccount
  readonly log: RequestLog
  /** The services behind the credential. A handler of theirs returns what it answers, or a refusal. */
  readonly services: readonly FastifyPluginAsync[]
}

const digest = (text: string) => createHash('sha256').update(text).digest()
const equal = (one: string, other: string) => timingSafeEqual(digest(one), digest(other))

const mayEnter = ({ accountSid, authToken, apiKey }: TwilioAccount, authorization = ''): boolean => {
  const [scheme, credential = ''] = authorization.split(' ')
  const given = Buffer.from(credential, 'base64').toString()
  return scheme === 'Basic' && (equal(given, `${accountSid}:${authToken}`) || equal(given, `${apiKey.sid}:${apiKey.secret}`))
}

/** All of Twilio's hosts: nothing without the right credential, and a record of every request. */
export const twilioRoutes = ({ account, log, services }: TwilioRoutesDeps): FastifyPluginAsync => async app => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, new URLSearchParams(body as string)))

  log.watch(app)
  app.addHook('onRequest', async ({ headers, params, url }, reply) => {
    const { account: accountSid, service } = params as { account?: string, service?: string }
    const foreign = (accountSid ?? account.accountSid) !== account.accountSid ||
      (service ?? account.verifySid) !== account.verifySid
    const refusal = !mayEnter(account, headers.authorization)
      ? twilioError(20003)
      : foreign ? twilioError(20404, url.split('?', 1)[0]) : undefined
    if (refusal !== undefined) return reply.code(refusal.status).send(refusal.body)
  })
  answerRefusals(app)
  app.setErrorHandler<FastifyError>((error, _request, reply) => {
    const status = error.statusCode ?? 500
    return reply.send(twilioError(codeOfStatus(status), error.message, status))
  })

  for (const service of services) await app.register(service)
  for (const root of ['/2010-04-01/*', '/v1/*', '/v2/*']) app.all(root, async ({ url }) => twilioError(20404, url.split('?', 1)[0]))
}
