import { randomBytes, randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import fastify from 'fastify'
import { azureRoutes } from './azure-routes.ts'
import type { Behaviour } from './behaviour.ts'
import { createBehaviours } from './behaviours.ts'
import { callRoutes } from './call-routes.ts'
import { createCallbackIdentity, JWKS_PATH } from './callback-identity.ts'
import { createCallbackQueue } from './callback-queue.ts'
import { createCalls } from './calls.ts'
import { controlRoutes } from './control-routes.ts'
import { createDeliveryReports } from './delivery-reports.ts'
import type { EventSchema } from './event-format.ts'
import { createEventGrid } from './event-grid.ts'
import { createFeed, type Feed } from './feed.ts'
import { gatewaySettings, type SandboxAccounts } from './gateway-settings.ts'
import { createIncomingCalls } from './incoming-calls.ts'
import { createLedger, type Ledger } from './ledger.ts'
import { createOutbox } from './outbox.ts'
import { createPacer } from './pacer.ts'
import { pageRoutes } from './page-routes.ts'
import type { EventDelivery, SandboxCall, SandboxRequest, SentMessage } from './records.ts'
import { createFaults } from './request-fault.ts'
import { createRequestLog } from './request-log.ts'
import { smsRoutes } from './sms-routes.ts'
import { createAccount, createStanding, type TwilioOptions } from './twilio/account.ts'
import { createTwilio } from './twilio/twilio.ts'

export type { Behaviour, CallBehaviour, RequestFault, SmsBehaviour } from './behaviour.ts'
export type { EventSchema } from './event-format.ts'
export type { TwilioAccount, TwilioOptions } from './twilio/account.ts'
export type { MessageBehaviour, TwilioBehaviour, TwilioCallBehaviour, VerificationBehaviour } from './twilio/behaviour.ts'
export type {
  CallOperation, CallStatus, EventDelivery, MessageStatus, ResultInformation, SandboxCall, SandboxRecords, SandboxRequest, SentMessage,
  Vendor
} from './records.ts'
export type { SpeechSegment } from './ssml.ts'

const LOOPBACK = '127.0.0.1'
const HEARTBEAT = 15_000
const LARGEST_BODY_BYTES = 64 * 1024

export interface SandboxOptions {
  /** Address to listen on; loopback by default. Inside a container every interface, so that its port can be published. */
  readonly host?: string
  /** 0, the default, takes any free port. */
  readonly port?: number
  /** Base64; random by default. */
  readonly accessKey?: string
  /** Sent as `?key=` with all that Event Grid sends. */
  readonly eventGridSecret: string
  /**
   * Multiplies every simulated delay: ringing, speech, reports, redelivery. At 0 each takes one turn of the event
   * loop. Default 1.
   */
  readonly pace?: number
  /** Real milliseconds that the sandbox waits for a reply, an answered call or a person; default 30,000. */
  readonly patienceMs?: number
  /** The numbers that the account owns, and may send and call from; default `+15550100001`. */
  readonly sourcePhoneNumbers?: readonly string[]
  /** Further values of the Host header, with their port, under which the page and its routes may be asked for. */
  readonly allowedHosts?: readonly string[]
  readonly twilio?: TwilioOptions
  /** How many messages, calls, requests and deliveries of events are kept, the last of each; default 1,000. */
  readonly remembers?: number
  /** Milliseconds since 1970, for the timestamps in events and tokens, and for the life of verifications. */
  readonly now?: () => number
}

/** A running sandbox. What it keeps, it keeps for the last of each kind, `remembers` or 1,000 of them. */
export interface Sandbox extends SandboxAccounts {
  readonly url: string
  /** The settings by which a gateway on that port takes the sandbox for Azure and for Twilio. */
  settingsFor (port: number): Readonly<Record<string, string>>
  /**
   * Does the Event Grid handshake with the endpoint, and from then on brings the account's events there, and nowhere
   * else. Tries five times; rejects with what the endpoint last answered.
   */
  subscribe (eventsUrl: string, options?: { readonly schema?: EventSchema }): Promise<void>
  /**
   * Sets how a number behaves from now on, like `PUT /sandbox/numbers/:number`; its counts start anew. `*` is every
   * number that has no script of its own.
   */
  script (number: string, behaviour: Behaviour): void
  /** Messages that were accepted, in order. */
  readonly messages: readonly SentMessage[]
  readonly calls: readonly SandboxCall[]
  /** Everything that was asked of a vendor, refused or not: one entry an attempt. */
  readonly requests: readonly SandboxRequest[]
  /** Every attempt to hand an event to the gateway. */
  readonly deliveries: readonly EventDelivery[]
  /**
   * The first record of the kind that matched, or will match, as it was at that moment: `waitFor('call', call =>
   * call.state === 'connected')` also finds a call that was connected and is over. Rejects on close.
   */
  readonly waitFor: Ledger['waitFor']
  /** Resolves when no simulated delay runs and nothing is on its way. Does not wait for persons. */
  settled (): Promise<void>
  /** Ends every timer, connection and stream. */
  close (): Promise<void>
}

/** Starts a local Azure and a local Twilio on one port; rejects where the port is taken. */
export const startSandbox = async ({
  host = LOOPBACK,
  port = 0,
  accessKey = randomBytes(32).toString('base64'),
  eventGridSecret,
  pace = 1,
  patienceMs = 30_000,
  sourcePhoneNumbers = ['+15550100001'],
  allowedHosts = [],
  twilio: { customCodes = true, ...twilioOptions } = {},
  remembers,
  now = Date.now
}: SandboxOptions): Promise<Sandbox> => {
  let url = ''
  const resourceId = randomUUID()
  const pacer = createPacer(pace)
  const ledger = createLedger(remembers)
  const behaviours = createBehaviours()
  const identity = await createCallbackIdentity({ issuer: () => url, resourceId, now })
  const outbox = createOutbox({ ledger, pacer, deadlineMs: patienceMs })
  const eventGrid = createEventGrid({ outbox, pacer, secret: eventGridSecret, now })
  const feed: Feed = createFeed({
    ledger,
    heartbeatMs: HEARTBEAT,
    state: () => ({
      sourcePhoneNumbers,
      messages: ledger.list('message'),
      calls: ledger.list('call'),
      deliveries: ledger.list('delivery')
    })
  })
  const calls = createCalls({
    behaviours,
    ledger,
    pacer,
    createQueue: behaviour => createCallbackQueue({ identity, outbox, pacer, now, behaviour }),
    attended: () => feed.viewers > 0,
    patienceMs,
    now
  })
  const twilioAccount = createAccount(() => url, twilioOptions)
  const twilio = createTwilio({
    account: twilioAccount,
    standing: createStanding(twilioOptions.standing),
    customCodes,
    behaviours,
    ledger,
    outbox,
    pacer,
    attended: () => feed.viewers > 0,
    patienceMs,
    now
  })
  const incomingCalls = createIncomingCalls({ calls, eventGrid, now })
  const deliveryReports = createDeliveryReports({ eventGrid, ledger, pacer, now })
  const azureLog = createRequestLog(ledger, 'azure')
  const faults = createFaults({
    pacer,
    withoutReply: azureLog.withoutReply,
    errorBody: status => ({ error: { code: String(status), message: 'As scripted.' } })
  })

  const app = fastify({
    bodyLimit: LARGEST_BODY_BYTES,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 200 },
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false } }
  })
  await app.register(identity.routes)
  await app.register(azureRoutes({
    accessKey,
    log: azureLog,
    services: [
      smsRoutes({ behaviours, faults, ledger, deliveryReports, sourcePhoneNumbers, now }),
      callRoutes({ behaviours, calls, faults, incomingCalls, sourcePhoneNumbers })
    ]
  }))
  await app.register(twilio.routes)
  await app.register(controlRoutes({
    allowedHosts, behaviours, feed, incomingCalls, ledger, sourcePhoneNumbers, findCall: id => calls.find(id) ?? twilio.findCall(id)
  }))
  await app.register(pageRoutes(allowedHosts))
  await app.listen({ host, port })
  url = `http://${LOOPBACK}:${(app.server.address() as AddressInfo).port}`

  const sandbox: Omit<Sandbox, 'settingsFor'> = {
    url,
    connectionString: `endpoint=${url}/;accesskey=${accessKey}`,
    resourceId,
    callbackIssuer: url,
    callbackJwksUrl: `${url}${JWKS_PATH}`,
    cognitiveServicesEndpoint: 'https://sandbox.cognitiveservices.azure.com/',
    sourcePhoneNumbers,
    twilio: twilioAccount,
    subscribe: (eventsUrl, { schema = 'event-grid' } = {}) => eventGrid.subscribe(eventsUrl, schema),
    script: behaviours.set,
    get messages () { return ledger.list('message') },
    get calls () { return ledger.list('call') },
    get requests () { return ledger.list('request') },
    get deliveries () { return ledger.list('delivery') },
    waitFor: ledger.waitFor,
    settled: pacer.settled,
    async close () {
      pacer.close()
      ledger.close()
      feed.close()
      await app.close()
      await outbox.close()
    }
  }
  return Object.assign(sandbox, { settingsFor: (gatewayPort: number) => gatewaySettings(sandbox, gatewayPort) })
}
