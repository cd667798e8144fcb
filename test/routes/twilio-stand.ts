import type { Test } from 'tap'
import type { Behaviour } from '../../src/sandbox/behaviour.ts'
import type { SandboxCall, SentMessage } from '../../src/sandbox/sandbox.ts'
import { StoreUnavailable, type Sql } from '../../src/store/sql.ts'
import { sign, type Form } from '../providers/twilio/signature.ts'
import { SECRET, startTestGateway, type Reply, type TestGateway, type TestGatewayOptions } from '../support/gateway.ts'

export const NUMBER = '+14155550123'
export const MESSAGE = { phoneNumber: NUMBER, code: '482913' }
export const KEYPRESS = { VOICE_CONFIRM: 'keypress' }

/** An API key that sends, and signs nothing. */
export const API_KEY = { sid: `SK${'5'.repeat(32)}`, secret: 'the-secret-of-an-api-key-of-twilio' }

/** A gateway that only the API key is known to: nobody can call it back. */
export const WITHOUT_TOKEN: TestGatewayOptions = {
  sandbox: { twilio: { apiKey: API_KEY } },
  settings: { TWILIO_AUTH_TOKEN: undefined, TWILIO_API_KEY: API_KEY.sid, TWILIO_API_SECRET: API_KEY.secret }
}

/** Without the claims: how long a key is held changes after the reply was written. */
const TABLES = ['deliveries', 'attempts', 'timeline', 'due']

/** How a callback is to differ from one that Twilio would make. */
export interface Forgery {
  /** The token that signs; the account's where absent. */
  readonly token?: string
  /** The URL that is signed; the one that is asked for where absent. */
  readonly signedUrl?: string
  readonly headers?: Record<string, string>
}

export interface TwilioGateway extends TestGateway {
  /** All that is kept of deliveries and of work for later, in one text. */
  stored (): Promise<string>
  /** From now on so many reports and steps of calls cannot be written down, as though the disk were gone. */
  failReports (times: number): void
  /** Posts a form to a URL of ours, signed as Twilio signs. */
  callBack (url: string, form: Form, forgery?: Forgery): Promise<Response>
}

const bodyOf = (form: Form): URLSearchParams =>
  new URLSearchParams(Object.entries(form).flatMap(([name, values]) => [values].flat().map((value): [string, string] => [name, value])))

/** A gateway for which the sandbox is Twilio, alone unless the options say otherwise. */
export const startTwilioGateway = async (t: Test, options: TestGatewayOptions = {}): Promise<TwilioGateway> => {
  let [store, failures]: [Sql | undefined, number] = [undefined, 0]
  const gateway = await startTestGateway(t, {
    twilio: 'alone',
    ...options,
    wrapSql (sql) {
      store = sql
      return {
        read: (step) => sql.read(step),
        follow: (topic, wake) => sql.follow(topic, wake),
        check: () => sql.check(),
        close: () => sql.close(),
        async write (steps) {
          if (failures <= 0 || !steps.some(({ text }) => text.includes('INSERT INTO timeline'))) return await sql.write(steps)
          failures -= 1
          throw new StoreUnavailable()
        }
      }
    }
  })
  return {
    ...gateway,
    failReports (times) { failures = times },
    async stored () {
      const rows = await Promise.all(TABLES.map((table) => store?.read({ text: `SELECT * FROM ${table} ORDER BY 1, 2`, parameters: {} })))
      return JSON.stringify(rows)
    },
    callBack: (url, form, { token = gateway.sandbox.twilio.authToken, signedUrl = url, headers = {} } = {}) => fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': sign(token, signedUrl, form), ...headers },
      body: bodyOf(form)
    })
  }
}

/** Where Twilio was told to call back, without what is not sent. */
export const callbackOf = (record: SentMessage | SandboxCall | undefined): string => String(record?.form?.StatusCallback).split('#', 1)[0] as string

/** A status callback of a message, as Twilio sends it. */
export const statusForm = (message: SentMessage | undefined, status: string, more: Form = {}): Form => ({
  AccountSid: 'AC00000000000000000000000000000000',
  ApiVersion: '2010-04-01',
  From: '+15550200001',
  MessageSid: String(message?.id),
  MessageStatus: status,
  SmsSid: String(message?.id),
  SmsStatus: status,
  To: NUMBER,
  ...more
})

/** A gateway that has sent one text, of which Twilio has said no last word. */
export const sentText = async (t: Test, options?: TestGatewayOptions, behaviour: Behaviour = { twilio: { message: { report: 'none' } } }): Promise<
  TwilioGateway & { readonly id: string, readonly message: SentMessage, readonly callback: string }
> => {
  const gateway = await startTwilioGateway(t, options)
  gateway.sandbox.script(NUMBER, behaviour)
  const { status, body } = await gateway.post('/send-text-code', MESSAGE)
  t.equal(status, 200, JSON.stringify(body))
  await gateway.sandbox.settled()
  const message = gateway.sandbox.messages.at(-1) as SentMessage
  return { ...gateway, id: body.id, message, callback: callbackOf(message) }
}

/** Tells that the code of a delivery was used. */
export const tellUsed = ({ post }: TestGateway, id: string, secret = SECRET): Promise<Reply> =>
  post(`/deliveries/${id}/used`, '{}', { authorization: `Bearer ${secret}` })

/** What happened, in order. */
export const happened = (delivery: { readonly timeline: ReadonlyArray<{ readonly what: string }> }): string[] => delivery.timeline.map(({ what }) => what)

/** The facts of one kind that a gateway has told. */
export const factsOf = ({ events }: TestGateway, type: string): unknown[] => events.filter((event) => event.type === type)

/** How often the digits of the code are heard, one by one. */
export const timesSpoken = ({ sandbox }: TestGateway): number =>
  sandbox.calls.flatMap(({ spoken }) => spoken).join(' ').match(/4\W+8\W+2\W+9\W+1\W+3/g)?.length ?? 0
