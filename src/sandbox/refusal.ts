import type { FastifyInstance } from 'fastify'

/** Why the service does not do what a request asks, as it says it: a status and a body. */
export class Refusal {
  readonly status: number
  readonly body: unknown

  constructor (status: number, body: unknown) {
    this.status = status
    this.body = body
  }
}

/** Lets the handlers of the plugin return a refusal instead of an answer. */
export const answerRefusals = (app: FastifyInstance): void => {
  app.addHook('preSerialization', async (_request, reply, payload) => {
    if (!(payload instanceof Refusal)) return payload
    reply.code(payload.status)
    return payload.body
  })
}

/** The usual shape of an error of Azure. */
export const azureError = (status: number, code: string, message: string): Refusal =>
  new Refusal(status, { error: { code, message } })

/** The shape of a wrong field in the SMS service, which has no code. */
export const wrongField = (field: string, message: string): Refusal => new Refusal(400, { [field]: [message] })
