import type { FastifyInstance } from 'fastify'
import { RequestError } from '../domain/errors.ts'
import { addDirectRoute, type DirectRouteDeps } from './direct-route.ts'

/** `POST /send-text-code`: sends a text, or words a code and sends that, as a text message. */
export const addSendTextCode = (app: FastifyInstance, deps: DirectRouteDeps): void => {
  addDirectRoute(app, {
    url: '/send-text-code',
    channel: 'sms',
    summary: 'Send a code as a text message',
    check: ({ text, code }) => {
      if (text === undefined && code === undefined) throw new RequestError('content_missing')
    }
  }, deps)
}
