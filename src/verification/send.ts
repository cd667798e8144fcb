import type { Deliver } from '../delivery/deliver.ts'
import { codeVendorOf } from '../domain/code-maker.ts'
import { Deadline } from '../domain/deadline.ts'
import type { Keys } from '../domain/keys.ts'
import type { Message } from '../domain/message.ts'
import { NO_ORIGIN } from '../domain/origin.ts'
import { SensitiveText } from '../domain/sensitive.ts'
import type { Bus } from '../observability/bus.ts'
import type { ToldMessage, VerificationRecord, Verifications } from '../store/verifications.ts'
import type { VerificationWords } from '../wording/verification-words.ts'
import { openCode, type SealedCode } from './sealed-code.ts'
import { sendBudget } from './timing.ts'

export interface SendDeps {
  readonly keys: Keys
  readonly verifications: Pick<Verifications, 'find' | 'noteSent'>
  readonly deliver: Deliver
  readonly words: VerificationWords
  /** The locale of messages that are asked for without one. */
  readonly defaultLocale: string | undefined
  readonly budgetMs: number
  readonly bus: Pick<Bus, 'emit'>
}

interface SentMessage {
  readonly told: ToldMessage
  /** Where it was tried, whatever came of it. */
  readonly delivery: string | undefined
}

/**
 * Sends the newest message of a verification, where it is still to be sent, and notes what came of it: with that, it is not
 * due any more. It may be done several times, by several processes, and after one that died: the message has a key of its
 * own, by which it goes out once. Throws where nobody knows yet what came of it: then it is to be done again.
 */
export const createSend = ({ keys, verifications, deliver, words, defaultLocale, budgetMs, bus }: SendDeps) => {
  const sendMessage = async (record: VerificationRecord): Promise<SentMessage> => {
    const sealed = openCode(record.sealed, record.codeId, keys)
    // Its key is gone from the settings.
    if (sealed === undefined) return { told: { state: 'failed', reason: 'configuration', delivery: undefined }, delivery: undefined }
    const { outcome } = await deliver(messageOf(record, sealed, words, defaultLocale), Deadline.in(sendBudget(budgetMs)))
    switch (outcome.kind) {
      case 'accepted':
      case 'duplicate':
      case 'unknown': return { told: { state: 'sent', reason: undefined, delivery: outcome.id }, delivery: outcome.id }
      case 'refused':
      case 'failed': return { told: { state: 'failed', reason: outcome.reason, delivery: undefined }, delivery: outcome.id }
      case 'under-way':
      case 'key-reused': throw new Error(`the message of a verification is not known to be sent: ${outcome.kind}`)
    }
  }

  return async (id: string): Promise<'kept' | undefined> => {
    const record = await verifications.find(id)
    if (record === undefined || record.isDecoy || record.status !== 'pending') return undefined
    // Where another one is asked for just now, that is due, and stays so.
    if (record.message === 'sending') {
      const { told, delivery } = await sendMessage(record)
      await verifications.noteSent(id, record.sends, told)
      bus.emit({ type: 'verification.sent', verification: id, delivery, state: told.state, reason: told.reason })
    }
    return 'kept'
  }
}

/** Where the message stands as one of ours: in records, in the settings of hooks, and in the key of each message. */
const ROUTE = '/verifications'
const HOOK = 'verifications'

/** A verification is over long before. */
const KEY_HOLDS_FOR = 24 * 60 * 60_000

const messageOf = (
  { caller, codeId, codeMaker, channel, sends, sentAt, expiresAt }: VerificationRecord, sealed: SealedCode, words: VerificationWords, defaultLocale: string | undefined
): Message => {
  const { to, code, purpose, requester, locale = defaultLocale } = sealed
  // What is sent once more has less time than what was sent first.
  const said = code && { purpose, locale, code, lifetime: expiresAt - sentAt }
  const key = new SensitiveText(`verification:${codeId}:${sends}`)
  return {
    caller,
    route: ROUTE,
    hook: HOOK,
    requester,
    channel,
    to,
    text: said && words.text(said),
    code,
    speech: said && words.speech(said),
    codeMaker: codeVendorOf(codeMaker),
    locale,
    idempotencyKey: { value: key, holdFor: KEY_HOLDS_FOR },
    // The words may be others by the time another process sends it: the message is the same.
    distinction: key,
    expiresAt,
    origin: NO_ORIGIN
  }
}
