import type { Ledger } from '../ledger.ts'
import type { SandboxCall, SentMessage } from '../records.ts'
import type { TwilioAccount } from './account.ts'
import type { VerificationChannel, Verifications } from './verifications.ts'

/** An attempt of Verify: the message or the call that carried the code. */
type Carrier = { readonly kind: 'message', readonly record: SentMessage } | { readonly kind: 'call', readonly record: SandboxCall }

/** An attempt on the wire. */
export interface Attempt {
  readonly sid: string
  readonly channel_data: { readonly to: string }
}

/** What became of the attempts of Verify, as its API tells it. */
export interface Attempts {
  fetch (sid: string): Attempt | undefined
  /** Newest first, all that fit. `query` is that of the request. */
  list (query: URLSearchParams): readonly Attempt[]
}

export interface AttemptsDeps {
  readonly account: TwilioAccount
  readonly ledger: Ledger
  readonly verifications: Pick<Verifications, 'isApproved'>
}

/** ISO 8601 in whole seconds. */
export const shortDate = (milliseconds: number): string => new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z')

const channelOf = ({ kind, record }: Carrier): VerificationChannel => kind === 'call' ? 'call' : record.channel

// A message that was taken is `SENT` here at once, and what a person has read was delivered.
const messageStatusOf = ({ status }: SentMessage): string =>
  status === 'delivered' || status === 'read' ? 'DELIVERED' : status === 'undelivered' || status === 'failed' ? status.toUpperCase() : 'SENT'

/**
 * Reads the attempts out of the ledger.
 * https://www.twilio.com/docs/verify/api/list-verification-attempts
 */
export const createAttempts = ({ account, ledger, verifications }: AttemptsDeps): Attempts => {
  const all = (): Carrier[] => [
    ...ledger.list('message').map(record => ({ kind: 'message' as const, record })),
    ...ledger.list('call').map(record => ({ kind: 'call' as const, record }))
  ].filter(({ record }) => record.verification !== undefined)

  const startOf = (carrier: Carrier) => Date.parse(carrier.kind === 'call' ? carrier.record.startedAt : carrier.record.acceptedAt)

  const wire = (carrier: Carrier) => {
    const { to, errorCode, verification } = carrier.record
    const { attemptSid, verificationSid } = verification!
    const date = shortDate(startOf(carrier))
    return {
      sid: attemptSid,
      account_sid: account.accountSid,
      service_sid: account.verifySid,
      verification_sid: verificationSid,
      date_created: date,
      date_updated: date,
      conversion_status: verifications.isApproved(verificationSid) ? 'CONVERTED' : 'UNCONVERTED',
      channel: channelOf(carrier),
      price: { value: '0.05', currency: 'USD' },
      channel_data: {
        to,
        ...(carrier.kind === 'call'
          ? { call_status: carrier.record.status!.toUpperCase() }
          : { message_status: messageStatusOf(carrier.record) }),
        error_code: errorCode === undefined ? null : String(errorCode)
      },
      url: `${account.baseUrl}/v2/Attempts/${attemptSid}`
    }
  }

  return {
    fetch (sid) {
      const carrier = all().find(({ record }) => record.verification!.attemptSid === sid)
      return carrier && wire(carrier)
    },
    list (query) {
      const wanted = (name: string, value: string) => (query.get(name) ?? value).toLowerCase() === value.toLowerCase()
      const after = Date.parse(query.get('DateCreatedAfter') ?? '')
      const before = Date.parse(query.get('DateCreatedBefore') ?? '')
      return all()
        .filter(carrier => !(startOf(carrier) < after) && !(startOf(carrier) > before))
        .map(wire)
        .filter(attempt => wanted('ChannelData.To', attempt.channel_data.to) &&
          wanted('VerificationSid', attempt.verification_sid) && wanted('VerifyServiceSid', attempt.service_sid) &&
          wanted('Channel', attempt.channel) && wanted('Status', attempt.conversion_status))
        .sort((one, other) => Date.parse(other.date_created) - Date.parse(one.date_created))
    }
  }
}
