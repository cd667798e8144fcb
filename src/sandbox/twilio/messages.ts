import type { Ledger } from '../ledger.ts'
import type { Pacer } from '../pacer.ts'
import type { MessageStatus, SentMessage } from '../records.ts'
import { createSid, type TwilioAccount } from './account.ts'
import type { MessageBehaviour } from './behaviour.ts'
import { optional } from './form.ts'
import type { NewMessage } from './message-request.ts'
import type { Webhooks } from './webhooks.ts'

const SENDING = 400
const ON_ITS_WAY = 1_000
const READING = 1_000
const USUAL_ERRORS = { undelivered: 30003, failed: 30008 }

/** The messages of the account. */
export interface Messages {
  /** Takes a message, and lets it go the way that was scripted. */
  accept (message: NewMessage, behaviour: MessageBehaviour, more?: Pick<SentMessage, 'form' | 'verification'>): SentMessage
}

export interface MessagesDeps {
  readonly account: TwilioAccount
  readonly ledger: Ledger
  readonly pacer: Pacer
  readonly webhooks: Webhooks
  readonly now: () => number
}

type Outcome = NonNullable<MessageBehaviour['report']>

const waysOf = (channel: NewMessage['channel']): Readonly<Record<Outcome, readonly MessageStatus[]>> => ({
  delivered: channel === 'whatsapp' ? ['sent', 'delivered', 'read'] : ['sent', 'delivered'],
  undelivered: ['sent', 'undelivered'],
  failed: ['failed'],
  none: ['sent']
})

const isError = (status: MessageStatus): status is keyof typeof USUAL_ERRORS => status in USUAL_ERRORS

/** Makes the messages of an account. */
export const createMessages = ({ account, ledger, pacer, webhooks, now }: MessagesDeps): Messages => {
  /** https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks */
  const formOfStatus = ({ id, channel, from, to }: SentMessage, status: MessageStatus, errorCode: number, service: string | undefined) => {
    const prefix = channel === 'whatsapp' ? 'whatsapp:' : ''
    return {
      AccountSid: account.accountSid,
      ApiVersion: '2010-04-01',
      From: `${prefix}${from}`,
      MessageSid: id,
      MessageStatus: status,
      SmsSid: id,
      SmsStatus: status,
      To: `${prefix}${to}`,
      ...optional('MessagingServiceSid', service),
      ...(isError(status) ? { ErrorCode: String(errorCode) } : {}),
      ...(status === 'delivered' || status === 'undelivered'
        ? { RawDlrDoneDate: new Date(now()).toISOString().replace(/\D/g, '').slice(2, 12) }
        : {}),
      ...(channel === 'whatsapp'
        ? {
            ChannelInstallSid: createSid('XE'),
            ChannelPrefix: 'whatsapp',
            ChannelToAddress: to,
            EventType: status.toUpperCase(),
            StructuredMessage: 'false'
          }
        : {})
    }
  }

  const send = (first: SentMessage, { statusCallback, messagingServiceSid, laterError }: NewMessage, behaviour: MessageBehaviour) => {
    const { reportDelayMs = ON_ITS_WAY, reportCopies = 1, outOfOrder = false } = behaviour
    const report = laterError === undefined ? behaviour.report ?? 'delivered' : 'undelivered'
    const errorOf = (status: MessageStatus) => laterError ?? behaviour.errorCode ?? (isError(status) ? USUAL_ERRORS[status] : 0)
    const late: Array<() => void> = []
    let last = Promise.resolve()

    const tell = (status: MessageStatus, copies: number) => {
      if (statusCallback === undefined) return
      const webhook = { url: statusCallback, form: formOfStatus(first, status, errorOf(status), messagingServiceSid) }
      for (let copy = 0; copy < copies; copy += 1) {
        last = pacer.track(last.then(async () => {
          await webhooks.send(webhook, { via: 'status-callback', type: `MessageStatus=${status}`, subject: first.id })
        }))
      }
    }
    const reach = (status: MessageStatus) => {
      const known = ledger.get('message', first.id)
      const final = status !== 'sent'
      if (known !== undefined) {
        ledger.put('message', {
          ...known,
          status,
          ...(final ? { report: status === 'read' ? 'delivered' : report } : {}),
          ...(isError(status) ? { errorCode: errorOf(status) } : {})
        })
      }
      if (!final && outOfOrder) late.push(() => tell(status, 1))
      else tell(status, final ? reportCopies : 1)
      for (const one of final ? late.splice(0) : []) one()
    }
    const walk = ([status, ...rest]: readonly MessageStatus[]) => {
      if (status === undefined) return
      const wait = status === 'sent' ? SENDING : status === 'read' ? READING : reportDelayMs
      pacer.after(wait, () => {
        reach(status)
        walk(rest)
      })
    }
    walk(waysOf(first.channel)[report])
  }

  return {
    accept (message, behaviour, more = {}) {
      const { channel, from, to, text, messagingServiceSid, feedback } = message
      const record: SentMessage = {
        id: createSid('SM'),
        vendor: 'twilio',
        channel,
        from,
        to,
        text,
        repeats: 0,
        status: messagingServiceSid === undefined ? 'queued' : 'accepted',
        report: behaviour.report === 'none' ? 'none' : 'pending',
        ...optional('feedback', feedback),
        ...more,
        acceptedAt: new Date(now()).toISOString()
      }
      ledger.put('message', record)
      send(record, message, behaviour)
      return record
    }
  }
}
