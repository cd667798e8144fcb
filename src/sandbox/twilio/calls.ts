import { append } from '../bounded.ts'
import { createCallMedia, type MediaEvent } from '../call-media.ts'
import type { Ledger } from '../ledger.ts'
import { createLiveRecord, type HandsetCall } from '../live-call.ts'
import type { Pacer, Scheduled } from '../pacer.ts'
import type { CallStatus, SandboxCall } from '../records.ts'
import { createSid, type TwilioAccount } from './account.ts'
import type { TwilioCallBehaviour } from './behaviour.ts'
import { createCallCallbacks, fieldsOfCall } from './call-callbacks.ts'
import type { NewCall } from './call-request.ts'
import { optional } from './form.ts'
import { runTwiml, type TwimlCall } from './twiml.ts'
import type { Webhooks } from './webhooks.ts'

const QUEUED = 100
const RINGING = 1_500
const CONNECTING = 300

type LastStatus = Extract<CallStatus, 'completed' | 'busy' | 'no-answer' | 'failed' | 'canceled'>

const SIP_CODES: Readonly<Record<LastStatus, number>> =
  { completed: 200, busy: 486, 'no-answer': 480, failed: 404, canceled: 487 }
const DECLINED = 603

/** A call that is not over. */
export interface OpenCall extends HandsetCall {
  /** The gateway ends it. */
  terminate (): void
}

/** The calls of the account. */
export interface Calls {
  create (call: NewCall, behaviour: TwilioCallBehaviour, more?: Pick<SandboxCall, 'form' | 'verification'>): SandboxCall
  /** A call that is not over. */
  find (id: string): OpenCall | undefined
}

export interface CallsDeps {
  readonly account: TwilioAccount
  readonly ledger: Ledger
  readonly pacer: Pacer
  readonly webhooks: Webhooks
  /** Somebody looks at the handset page. */
  readonly attended: () => boolean
  /** Real milliseconds for which a call rings at a person at most. */
  readonly patienceMs: number
  readonly now: () => number
}

/** Makes the calls of an account. */
export const createCalls = ({ account, ledger, pacer, webhooks, attended, patienceMs, now }: CallsDeps): Calls => {
  const open = new Map<string, OpenCall>()
  const timestamp = () => new Date(now()).toISOString()

  return {
    create (request, behaviour, more = {}) {
      const { from, to, instructions, timeoutSeconds, timeLimitSeconds, detectsMachines } = request
      const { outcome, errorCode, hangUpDuringPlay = false } = behaviour
      const id = createSid('CA')
      const tell = createCallCallbacks({ account, webhooks, pacer, now }, request, behaviour)
      const live = createLiveRecord({
        id,
        vendor: 'twilio',
        callConnectionId: id,
        direction: 'outbound',
        from,
        to,
        state: 'connecting',
        status: 'queued',
        repeats: 0,
        attended: outcome === 'manual' || (outcome === undefined && attended()),
        spoken: [],
        transcript: [],
        played: [],
        keys: [],
        operations: [],
        startedAt: timestamp(),
        ...more
      }, ledger)
      let ringing: Scheduled | undefined
      let limit: Scheduled | undefined
      let ended: ((event: Exclude<MediaEvent, { kind: 'started' }>) => void) | undefined
      const answeredBy = detectsMachines ? { AnsweredBy: outcome === 'voicemail' ? 'machine_start' : 'human' } : {}

      const end = (status: LastStatus, sipCode = SIP_CODES[status]) => {
        if (!open.delete(id)) return
        ringing?.cancel()
        limit?.cancel()
        const { connectedAt } = live.record
        const duration = connectedAt === undefined ? 0 : Math.max(0, Math.round((now() - Date.parse(connectedAt)) / 1_000))
        const failure = status === 'completed' ? undefined : errorCode
        live.update({
          state: 'disconnected',
          status,
          duration,
          end: { code: sipCode, subCode: failure ?? 0, message: status },
          ...optional('errorCode', failure)
        })
        media.cancelAll()
        tell('completed', status, live.record, {
          CallDuration: String(duration),
          Duration: String(Math.ceil(duration / 60)),
          SipResponseCode: String(sipCode),
          ...(connectedAt === undefined ? {} : answeredBy),
          ...(failure === undefined ? {} : { ErrorCode: String(failure) })
        })
      }
      const connected = () => live.record.state === 'connected'

      const media = createCallMedia({
        call: live,
        behaviour: {
          hangUpDuringPlay,
          ...(outcome === 'voicemail' ? { keys: [] } : optional('keys', behaviour.keys))
        },
        pacer,
        hangUp: () => end('completed'),
        tell (_request, event) {
          if (event.kind !== 'started') ended?.(event)
        }
      })

      const twiml: TwimlCall = {
        get over () { return !open.has(id) },
        play: request => new Promise(resolve => {
          ended = resolve
          media.start(request)
        }),
        pause: milliseconds => new Promise(resolve => { pacer.after(milliseconds, resolve) }),
        ask: ({ form, ...webhook }, verb) => webhooks.send(
          { ...webhook, form: { ...fieldsOfCall(account, live.record, 'in-progress'), ...form, ...answeredBy } },
          { via: 'twiml', type: verb, subject: id }),
        warn (code) {
          live.update({ warnings: append(live.record.warnings ?? [], code) })
        }
      }

      const pickUp = () => {
        ringing?.cancel()
        live.update({ state: 'connected', status: 'in-progress', connectedAt: timestamp() })
        tell('answered', 'in-progress', live.record, answeredBy)
        limit = pacer.deadline(timeLimitSeconds * 1_000, () => end('completed'))
        runTwiml(instructions, twiml).then(() => end('completed'))
      }

      const after = (milliseconds: number, work: () => void) => { ringing = pacer.after(milliseconds, work) }
      const meetFate = () => {
        switch (outcome) {
          case 'manual': return
          case 'busy':
          case 'failed': return after(CONNECTING, () => end(outcome))
          case 'canceled': return after(RINGING, () => end(outcome))
          case 'no-answer': return after(timeoutSeconds * 1_000, () => end(outcome))
          case 'answer':
          case 'voicemail': return after(RINGING, pickUp)
          case undefined:
            if (!live.record.attended) return after(RINGING, pickUp)
            ringing = pacer.deadline(Math.min(patienceMs, timeoutSeconds * 1_000), () => end('no-answer'))
        }
      }

      open.set(id, {
        get record () { return live.record },
        media,
        pickUp,
        // To Twilio somebody who declines is busy.
        decline: () => end('busy', DECLINED),
        hangUp: () => connected() ? end('completed') : end('busy', DECLINED),
        terminate: () => end(connected() ? 'completed' : 'canceled')
      })
      const { record } = live
      after(QUEUED, () => {
        tell('initiated', 'initiated', live.record)
        if (outcome !== 'busy' && outcome !== 'failed') {
          live.update({ status: 'ringing' })
          tell('ringing', 'ringing', live.record)
        }
        meetFate()
      })
      return record
    },
    find: id => open.get(id)
  }
}
