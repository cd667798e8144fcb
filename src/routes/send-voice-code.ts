import type { FastifyInstance } from 'fastify'
import { RequestError } from '../domain/errors.ts'
import { addDirectRoute, type DirectRouteDeps } from './direct-route.ts'

/** `POST /send-voice-code`: calls a number and speaks a code. */
export const addSendVoiceCode = (app: FastifyInstance, deps: DirectRouteDeps): void => {
  addDirectRoute(app, {
    url: '/send-voice-code',
    summary: 'Speak a code in a call',
    channelOf: ({ code }) => {
      if (code === undefined) throw new RequestError('code_missing')
      return 'voice'
    }
  }, deps)
}
