import type { FastifyInstance } from 'fastify'
import { RequestError } from '../domain/errors.ts'
import { addDirectRoute, type DirectRouteDeps } from './direct-route.ts'

/** `POST /send-text-code`: sends a text, or words a code and sends that, as a text message or by WhatsApp. */
export const addSendTextCode = (app: FastifyInstance, deps: DirectRouteDeps): void => {
  addDirectRoute(app, {
    url: '/send-text-code',
    summary: 'Send a code as a text message or by WhatsApp',
    channelOf: ({ text, code, channel = 'sms' }) => {
      if (text === undefined && code === undefined) throw new RequestError('content_missing')
      // WhatsApp takes codes inside approved words only.
      if (channel === 'whatsapp' && code === undefined) throw new RequestError('code_missing')
      return channel
    }
  }, deps)
}
