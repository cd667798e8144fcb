import { CallAutomationClient } from '@azure/communication-call-automation'
import { isRestError } from '@azure/core-rest-pipeline'
import { fail, ok, skip, warn, type Finding } from '../../domain/finding.ts'
import { findingOfHttpFailure, type AccountCheck } from '../account.ts'
import type { HttpClient } from '../http-client.ts'
import type { AcsSettings } from './acs.ts'
import { pipelineOptions } from './pipeline.ts'

export interface AcsAccountDeps {
  readonly settings: Pick<AcsSettings, 'account' | 'voice'>
  readonly http: HttpClient
}

const CONNECTION = 'ACS_CONNECTION_STRING'

/** A call that nobody has made. */
const NO_CALL = '00000000-0000-0000-0000-000000000000'

/** Asks Azure about a call that does not exist: it says so only to whoever has the key. Text messages have the same key. */
export const createAcsAccountCheck = ({ settings: { account, voice }, http }: AcsAccountDeps): AccountCheck => {
  const client = new CallAutomationClient(account.endpoint.href, { key: account.accessKey.reveal() }, pipelineOptions(http))
  return {
    vendor: 'acs',
    async check (deadline) {
      const asked = client.getCallConnection(NO_CALL).getCallConnectionProperties({ requestOptions: { timeout: Math.max(1, Math.floor(deadline.remaining)) } })
      const found = await asked.then(() => NOT_AZURE, readAnswer)
      return voice === undefined || found.level !== 'ok'
        ? [found]
        : [found, skip('ACS_COGNITIVE_SERVICES_ENDPOINT', 'whether Azure can speak by it shows in a call only: its identity needs a role there.')]
    }
  }
}

const NOT_AZURE = fail(CONNECTION, 'what answers is not Azure Communication Services: see the endpoint, and what stands between.')

/** https://learn.microsoft.com/rest/api/communication/callautomation/call-connection/get-call */
const readAnswer = (error: unknown): Finding => {
  const status = isRestError(error) ? error.statusCode : undefined
  switch (status) {
    case undefined: return findingOfHttpFailure(error, CONNECTION, 'Azure') ?? NOT_AZURE
    case 200: return NOT_AZURE
    case 400:
    case 404: return ok(CONNECTION, 'Azure takes the key.')
    case 401:
    case 403: return fail(CONNECTION, 'Azure refuses the key: copy the connection string anew (portal, Communication Services, Keys), and see that this machine\'s clock is right.')
    default: return warn(CONNECTION, `Azure answered with ${status}: whether the key is right cannot be told now.`)
  }
}
