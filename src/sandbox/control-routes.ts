import type { FastifyError, FastifyInstance, FastifyPluginAsync } from 'fastify'
import { Type, type Static } from 'typebox'
import { BehaviourSchema, type Behaviour } from './behaviour.ts'
import type { Behaviours } from './behaviours.ts'
import type { Feed } from './feed.ts'
import type { IncomingCalls } from './incoming-calls.ts'
import type { Ledger } from './ledger.ts'
import type { HandsetCall } from './live-call.ts'
import { ownPagesOnly } from './own-pages.ts'
import { problem } from './problem.ts'

const PhoneNumber = Type.String({ pattern: '^\\+[1-9][0-9]{6,14}$' })
const Key = Type.Object({ tone: Type.String({ pattern: '^[0-9*#A-D]$' }) }, { additionalProperties: false })
const Spoken = Type.Object({ operation: Type.String({ maxLength: 100 }) }, { additionalProperties: false })
const IncomingCall = Type.Object({ from: PhoneNumber, to: Type.Optional(PhoneNumber) }, { additionalProperties: false })
const NumberParams = Type.Object({ number: Type.String({ pattern: '^(\\+[1-9][0-9]{6,14}|\\*)$' }) })

interface CallParams { Params: { id: string } }
interface OfNumber { Params: Static<typeof NumberParams> }

export interface ControlRoutesDeps {
  readonly allowedHosts: readonly string[]
  readonly behaviours: Behaviours
  /** A call that is not over, of any vendor. */
  readonly findCall: (id: string) => HandsetCall | undefined
  readonly feed: Feed
  readonly incomingCalls: IncomingCalls
  readonly ledger: Ledger
  readonly sourcePhoneNumbers: readonly string[]
}

/** Takes a body of no bytes for none, whatever its header says: many clients name a type in every request. */
const takeEmptyBodies = (app: FastifyInstance) => {
  const readJson = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body: string, done) =>
    body === '' ? done(null) : readJson(request, body, done))
}

/** What a person does with the handset, and a test with the numbers. */
export const controlRoutes = (
  { allowedHosts, behaviours, findCall, feed, incomingCalls, ledger, sourcePhoneNumbers }: ControlRoutesDeps
): FastifyPluginAsync => async app => {
  app.addHook('onRequest', ownPagesOnly(allowedHosts))
  takeEmptyBodies(app)
  app.setErrorHandler<FastifyError>((error, _request, reply) => problem(reply, error.statusCode ?? 500, error.message))

  app.get('/sandbox/messages', async () => ledger.list('message'))
  app.get('/sandbox/calls', async () => ledger.list('call'))
  app.get('/sandbox/deliveries', async () => ledger.list('delivery'))
  app.get('/sandbox/stream', (request, reply) => {
    if (!feed.open(request.raw, reply.raw)) {
      problem(reply, 503, 'Too many handsets are open.')
      return
    }
    reply.hijack()
  })

  app.get<OfNumber>('/sandbox/numbers/:number', { schema: { params: NumberParams } }, async ({ params }) =>
    behaviours.get(params.number) ?? {})
  app.put<OfNumber & { Body: Behaviour }>('/sandbox/numbers/:number',
    { schema: { params: NumberParams, body: BehaviourSchema } }, async ({ params, body }, reply) => {
      behaviours.set(params.number, body)
      return reply.code(204).send()
    })
  app.delete<OfNumber>('/sandbox/numbers/:number', { schema: { params: NumberParams } }, async ({ params }, reply) => {
    behaviours.reset(params.number)
    return reply.code(204).send()
  })

  /** A route that does something to a call; `does` says whether the call was in a state for it. */
  const action = (name: string, does: (call: HandsetCall, body: unknown) => boolean, body?: object) =>
    app.post<CallParams>(`/sandbox/calls/:id/${name}`, body === undefined ? {} : { schema: { body } },
      async (request, reply) => {
        const call = findCall(request.params.id)
        if (call === undefined) return problem(reply, 404, 'There is no such call, or it is over.')
        if (!does(call, request.body)) return problem(reply, 409, `The call is ${call.record.state}, ${call.record.direction}.`)
        return reply.code(204).send()
      })

  const rings = ({ record }: HandsetCall) => record.direction === 'outbound' && record.state === 'connecting'
  const connected = ({ record }: HandsetCall) => record.state === 'connected'
  const when = (holds: (call: HandsetCall) => boolean, work: (call: HandsetCall) => void) => (call: HandsetCall) => {
    const ready = holds(call)
    if (ready) work(call)
    return ready
  }

  action('answer', when(rings, call => call.pickUp()))
  action('decline', when(rings, call => call.decline()))
  action('hang-up', when(() => true, call => call.hangUp()))
  action('keys', (call, body) =>
    when(connected, ({ media }) => media.press((body as Static<typeof Key>).tone))(call), Key)
  action('spoken', (call, body) =>
    when(connected, ({ media }) => media.spoken((body as Static<typeof Spoken>).operation))(call), Spoken)

  app.post<{ Body: Static<typeof IncomingCall> }>('/sandbox/incoming-calls', { schema: { body: IncomingCall } },
    async ({ body: { from, to = sourcePhoneNumbers[0]! } }, reply) => {
      if (!sourcePhoneNumbers.includes(to)) return problem(reply, 400, 'The account does not own this number.')
      reply.code(201)
      return incomingCalls.start(from, to)
    })
}
