import type { FastifyPluginAsync } from 'fastify'
import type { Behaviours } from '../behaviours.ts'
import type { Ledger } from '../ledger.ts'
import type { HandsetCall } from '../live-call.ts'
import type { Outbox } from '../outbox.ts'
import type { Pacer } from '../pacer.ts'
import { createFaults } from '../request-fault.ts'
import { createRequestLog } from '../request-log.ts'
import type { Standing, TwilioAccount } from './account.ts'
import { accountRoutes } from './account-routes.ts'
import { createAttempts } from './attempts.ts'
import { callRoutes } from './call-routes.ts'
import { createCalls } from './calls.ts'
import { codeOfStatus, twilioError } from './errors.ts'
import { messageRoutes } from './message-routes.ts'
import { createMessages } from './messages.ts'
import { twilioRoutes } from './routes.ts'
import { createServe } from './serve.ts'
import { createVerifications } from './verifications.ts'
import { verifyRoutes } from './verify-routes.ts'
import { createWebhooks } from './webhooks.ts'

/** The local Twilio. */
export interface Twilio {
  readonly routes: FastifyPluginAsync
  /** A call that is not over. */
  findCall (id: string): HandsetCall | undefined
}

export interface TwilioDeps {
  readonly account: TwilioAccount
  readonly standing: Standing
  /** Whether its Verify service takes codes of the caller. */
  readonly customCodes: boolean
  readonly behaviours: Behaviours
  readonly ledger: Ledger
  readonly outbox: Outbox
  readonly pacer: Pacer
  /** Somebody looks at the handset page. */
  readonly attended: () => boolean
  /** Real milliseconds for which a call rings at a person at most. */
  readonly patienceMs: number
  readonly now: () => number
}

/** Builds every part of the local Twilio. */
export const createTwilio = (
  { account, standing, customCodes, behaviours, ledger, outbox, pacer, attended, patienceMs, now }: TwilioDeps
): Twilio => {
  const log = createRequestLog(ledger, 'twilio')
  const faults = createFaults({
    pacer,
    withoutReply: log.withoutReply,
    errorBody: status => twilioError(codeOfStatus(status), undefined, status).body
  })
  const serve = createServe({ behaviours, faults })
  const webhooks = createWebhooks({ outbox, authToken: account.authToken })
  const messages = createMessages({ account, ledger, pacer, webhooks, now })
  const calls = createCalls({ account, ledger, pacer, webhooks, attended, patienceMs, now })
  const verifications = createVerifications({ account, behaviours, calls, messages, now })
  const attempts = createAttempts({ account, ledger, verifications })
  return {
    routes: twilioRoutes({
      account,
      log,
      services: [
        accountRoutes({ account, standing, customCodes }),
        messageRoutes({ account, behaviours, ledger, messages, serve }),
        callRoutes({ account, behaviours, calls, ledger, serve }),
        verifyRoutes({ account, attempts, customCodes, serve, verifications })
      ]
    }),
    findCall: calls.find
  }
}
