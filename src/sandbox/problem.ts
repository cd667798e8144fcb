import { STATUS_CODES } from 'node:http'
import type { FastifyReply } from 'fastify'

/** Answers with a problem document (RFC 9457). */
export const problem = (reply: FastifyReply, status: number, detail: string): FastifyReply =>
  reply.code(status).type('application/problem+json').send({ type: 'about:blank', title: STATUS_CODES[status], status, detail })
