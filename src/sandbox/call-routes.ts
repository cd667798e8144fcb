import type { FastifyPluginAsync, FastifyReply } from 'fastify'
import { readJson } from './azure-routes.ts'
import type { Behaviours } from './behaviours.ts'
import { calledNumber, readNewCall, readPlay, readRecognize, readSetup } from './call-request.ts'
import type { Calls, OpenCall } from './calls.ts'
import type { IncomingCalls } from './incoming-calls.ts'
import type { SandboxCall } from './records.ts'
import { azureError, Refusal } from './refusal.ts'
import type { Faults } from './request-fault.ts'

export interface CallRoutesDeps {
  readonly behaviours: Behaviours
  readonly calls: Calls
  readonly faults: Faults
  readonly incomingCalls: IncomingCalls
  readonly sourcePhoneNumbers: readonly string[]
}

const CONNECTIONS = '/calling/callConnections'
const NO_CALL = azureError(404, '8522', 'Call not found.')
const NOT_CONNECTED = azureError(400, '8501', 'Action is invalid when call is not in Established state.')

const identifier = (number: string) =>
  ({ kind: 'phoneNumber', rawId: `4:${number}`, phoneNumber: { value: number } })

const properties = (call: SandboxCall) => ({
  callConnectionId: call.id,
  serverCallId: call.serverCallId,
  correlationId: call.correlationId,
  callConnectionState: call.state,
  callbackUri: call.callbackUri,
  targets: [identifier(call.direction === 'outbound' ? call.to : call.from)],
  ...(call.direction === 'outbound'
    ? { sourceCallerIdNumber: { value: call.from } }
    : { answeredFor: { value: call.to } })
})

/**
 * Call Automation: the part that calls, answers, plays, listens and hangs up.
 * https://learn.microsoft.com/rest/api/communication/callautomation/call-connection
 */
export const callRoutes = (
  { behaviours, calls, faults, incomingCalls, sourcePhoneNumbers }: CallRoutesDeps
): FastifyPluginAsync => async app => {
  const media = async (call: OpenCall, body: unknown, reply: FastifyReply, read: typeof readPlay) => {
    const { to, from, direction } = call.record
    const person = direction === 'outbound' ? to : from
    const fault = behaviours.call(person).media ?? {}
    const faulty = behaviours.counts(person, 'media', fault)
    if (faulty && await faults.before(fault, reply)) return reply
    const json = readJson(body)
    if (json instanceof Refusal) return json
    if (call.record.state !== 'connected') return NOT_CONNECTED
    const request = read(json, call.record.cognitiveServicesEndpoint !== undefined)
    if (request instanceof Refusal) return request
    call.media.start(request)
    if (faulty && faults.after(fault, reply, 202)) return reply
    reply.code(202)
    return { operationContext: request.operationContext }
  }

  app.post(CONNECTIONS, async ({ body, headers }, reply) => {
    const json = readJson(body)
    if (json instanceof Refusal) return json
    const number = calledNumber(json)
    const behaviour = behaviours.call(number)
    const faulty = behaviours.counts(number, 'call', behaviour)
    if (faulty && await faults.before(behaviour, reply)) return reply
    const request = readNewCall(json, headers, sourcePhoneNumbers)
    if (request instanceof Refusal) return request
    const call = calls.create(request)
    if (faulty && faults.after(behaviour, reply, 201)) return reply
    reply.code(201).header('repeatability-result', 'accepted')
    return properties(call)
  })

  app.post(`${CONNECTIONS}::answer`, async ({ body }) => {
    const json = readJson(body)
    if (json instanceof Refusal) return json
    const setup = readSetup(json)
    if (setup instanceof Refusal) return setup
    const call = incomingCalls.find(json['incomingCallContext'])
    return call === undefined ? NO_CALL : properties(calls.answer(call, setup))
  })

  // To the caller both are the end of it: the sandbox has nobody else to redirect a call to.
  for (const action of ['reject', 'redirect']) {
    app.post(`${CONNECTIONS}::${action}`, async ({ body }, reply) => {
      const json = readJson(body)
      if (json instanceof Refusal) return json
      const call = incomingCalls.find(json['incomingCallContext'])
      if (call === undefined) return NO_CALL
      call.decline()
      return reply.code(204).send()
    })
  }

  app.get<{ Params: { id: string } }>(`${CONNECTIONS}/:id`, async ({ params }) => {
    const call = calls.find(params.id)
    return call === undefined ? NO_CALL : properties(call.record)
  })

  app.delete<{ Params: { id: string } }>(`${CONNECTIONS}/:id`, async ({ params }, reply) => {
    const call = calls.find(params.id)
    if (call === undefined) return NO_CALL
    call.terminate()
    return reply.code(204).send()
  })

  app.post<{ Params: { target: string } }>(`${CONNECTIONS}/:target`, async ({ params, body }, reply) => {
    const [id = '', action] = params.target.split(':')
    const call = calls.find(id)
    if (call === undefined) return NO_CALL
    switch (action) {
      case 'play': return media(call, body, reply, readPlay)
      case 'recognize': return media(call, body, reply, readRecognize)
      case 'cancelAllMediaOperations':
        call.media.cancelAll()
        return reply.code(202).send({})
      case 'terminate':
        call.terminate()
        return reply.code(204).send()
      default: return azureError(404, 'NotFound', 'The sandbox does not know this action.')
    }
  })
}
