import { createHmac, randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { Agent, request } from 'undici'
import type { ChaosMessage } from './messages.ts'
import type { Random } from './random.ts'

/** How a caller understands what it was told: it is on its way, it may be, it is not; or it was told nothing. */
export type Told = 'accepted' | 'maybe' | 'no' | 'nothing'

/** What a caller heard, in order, of one message. */
export interface Heard {
  readonly message: ChaosMessage
  readonly told: readonly Told[]
}

export interface CallerSecrets {
  readonly secret: string
  /** In base64. */
  readonly supabase: string
}

/** Asks for a message as its caller does, until it gives up. */
export type Ask = (message: ChaosMessage, random: Random) => Promise<Heard>

export interface Callers {
  readonly ask: Ask
  close (): Promise<void>
}

interface Reply {
  /** 0: no connection; -1: no answer in time. */
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: any
}

/** What is sent each time that a message is asked for. */
interface Wish {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const LATE: Reply = { status: -1, headers: {}, body: undefined }
const BROKEN: Reply = { status: 0, headers: {}, body: undefined }

/** Callers in front of replicas on those ports; each try goes to any of them. */
export const createCallers = (ports: readonly number[], { secret, supabase }: CallerSecrets): Callers => {
  const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 })

  const post = async ({ path, headers, body }: Wish, port: number, within: number): Promise<Reply> => {
    const signal = AbortSignal.timeout(within)
    try {
      const { statusCode: status, headers: told, body: stream } = await request(`http://127.0.0.1:${port}${path}`, {
        dispatcher: agent, method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body, signal
      })
      const text = await stream.text()
      return { status, headers: told, body: text.startsWith('{') ? JSON.parse(text) : undefined }
    } catch {
      return signal.aborted ? LATE : BROKEN
    }
  }

  const authorization = { authorization: `Bearer ${secret}` }

  /** Tries again after whatever did not work, with the same Idempotency-Key; now and then at two replicas at a time. */
  const direct = (path: string): Ask => async (message, random) => {
    const wish = { path, headers: { ...authorization, 'idempotency-key': `message ${message.index}` }, body: JSON.stringify({ phoneNumber: message.number, code: message.code }) }
    const told: Told[] = []
    for (let run = 0; run < 6; run += 1) {
      const twice = random.chance(0.15)
      const replies = await Promise.all(random.shuffled(ports).slice(0, twice ? 2 : 1).map((port) => post(wish, port, 9000)))
      told.push(...replies.map(toldDirectly))
      if (replies.some(({ status }) => isGood(status) || status === 422)) break
      await wait(random.whole(100, 2000))
    }
    return { message, told }
  }

  /** Has no id of its own: the same content, up to five more times, after anything but a success. */
  const auth0 = (method: 'text' | 'voice'): Ask => async (message, random) => {
    const { number, code } = message
    const notification = { message_type: 'otp_verify', delivery_method: method, recipient: number, locale: 'en_US', code, as_text: `Your code is ${code}`, as_voice: `Your code is ${code}` }
    const wish = { path: '/hooks/auth0', headers: authorization, body: JSON.stringify({ tenant: 'chaos', notification }) }
    const told: Told[] = []
    for (let run = 0; run < 6; run += 1) {
      const reply = await post(wish, random.pick(ports), 9500)
      told.push(toldDirectly(reply))
      if (isGood(reply.status)) break
      await wait(random.whole(100, 3000))
    }
    return { message, told }
  }

  /** Waits for three seconds, and takes nothing but a 200. Somebody may send an event again that did not work. */
  const okta = (channel: 'SMS' | 'voice call'): Ask => async (message, random) => {
    const { index, number, code } = message
    const messageProfile = { phoneNumber: number, otpCode: code, msgTemplate: `Your code is ${code}`, deliveryChannel: channel, locale: 'EN-US', otpExpires: new Date(Date.now() + 300_000).toISOString() }
    const wish = { path: '/hooks/okta', headers: { authorization: secret }, body: JSON.stringify({ eventId: `event-${index}`, eventType: 'com.okta.telephony.provider', data: { messageProfile } }) }
    const told: Told[] = []
    for (let run = 0; run < 3; run += 1) {
      const { status, body } = await post(wish, random.pick(ports), 3000)
      const [said] = body?.commands?.[0]?.value ?? []
      told.push(status !== 200 ? nothingOrNo(status) : said?.status === 'SUCCESSFUL' ? 'accepted' : said?.status === 'PENDING' ? 'maybe' : 'no')
      if (status === 200 && said !== undefined) break
      if (!random.chance(0.6)) break
      await wait(random.whole(0, 1500))
    }
    return { message, told }
  }

  /** Three tries in five seconds with the same bytes, each with an id of its own; 429 and 503 are tried again where they have a Retry-After. */
  const supabaseHook: Ask = async (message, random) => {
    const { index, number, code } = message
    const body = JSON.stringify({ metadata: { name: 'send-sms', uuid: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}` }, user: { phone: number.slice(1) }, sms: { otp: code, phone: number.slice(1) } })
    const end = performance.now() + 5000
    const told: Told[] = []
    for (let run = 0; run < 3; run += 1) {
      const left = Math.floor(end - performance.now())
      if (left <= 0) break
      const [id, time] = [randomUUID(), String(Math.floor(Date.now() / 1000))]
      const signature = createHmac('sha256', Buffer.from(supabase, 'base64')).update(`${id}.${time}.${body}`).digest('base64')
      const reply = await post({ path: '/hooks/supabase', headers: { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': `v1,${signature}` }, body }, random.pick(ports), left)
      told.push(reply.status === 200 ? reply.body?.error === undefined ? 'maybe' : 'no' : nothingOrNo(reply.status))
      const isBusy = (reply.status === 429 || reply.status === 503) && reply.headers['retry-after'] !== undefined
      if (reply.status === 0) await wait(2000)
      else if (!isBusy) break
    }
    return { message, told }
  }

  const asks: Readonly<Record<ChaosMessage['caller'], Ask>> = {
    'direct-text': direct('/send-text-code'),
    'direct-voice': direct('/send-voice-code'),
    'auth0-text': auth0('text'),
    'auth0-voice': auth0('voice'),
    'okta-text': okta('SMS'),
    'okta-voice': okta('voice call'),
    supabase: supabaseHook
  }
  return {
    ask: (message, random) => asks[message.caller](message, random),
    close: () => agent.destroy()
  }
}

const isGood = (status: number): boolean => status >= 200 && status < 300

const nothingOrNo = (status: number): Told => status <= 0 ? 'nothing' : 'no'

/** The statuses that a message has only after a vendor took it. */
const TAKEN: ReadonlySet<string> = new Set(['accepted', 'delivered', 'undelivered'])

const toldDirectly = ({ status, body }: Reply): Told => {
  if (!isGood(status)) return nothingOrNo(status)
  return body.status === 'accepted' || (body.status === 'duplicate' && TAKEN.has(body.original)) ? 'accepted' : 'maybe'
}
