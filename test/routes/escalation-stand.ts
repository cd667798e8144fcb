import type { Test } from 'tap'
import type { Environment } from '../../src/config/read-settings.ts'
import type { Sql } from '../../src/store/sql.ts'
import { createTraffic, HOUR_MS, hourOf, routeKey } from '../../src/store/traffic.ts'
import { startTestGateway, type TestGateway, type TestGatewayOptions } from '../support/gateway.ts'

export const NUMBER = '+14155550123'
export const MESSAGE = { phoneNumber: NUMBER, text: 'Your code is 482913', code: '482913' }
export const AFTER = 60_000

/** Texts go by Azure, WhatsApp by Twilio, calls by Azure. */
export const ESCALATING: Environment = { ESCALATE_SMS: 'whatsapp,voice', ESCALATE_HOOKS: 'direct', SMS_ROUTE: 'acs-sms', VOICE_ROUTE: 'acs-voice' }

export interface EscalatingGateway extends TestGateway {
  readonly sql: Sql
  /** Notes how many messages went that way in the last full hours, and on how many the carrier reported. */
  counted (provider: string, channel: string, sent: number, reported: number): Promise<void>
  /** Sends a message, and gives its id once all that comes of it by itself has been taken. */
  send (more?: object): Promise<string>
  /** Lets time pass, does what falls due, and waits for what comes of it. */
  pass (milliseconds: number): Promise<void>
  /** What went out, in order of each kind: `azure sms`, `twilio whatsapp`, `azure call`. */
  sent (to?: string): string[]
  /** What is kept of deliveries and of work for later, in one text. */
  stored (): Promise<string>
}

/** A gateway whose codes go on by WhatsApp and then by a call, unless the settings say otherwise. */
export const startEscalating = async (t: Test, settings: Environment = {}, options: TestGatewayOptions = {}): Promise<EscalatingGateway> => {
  let store: Sql | undefined
  const gateway = await startTestGateway(t, {
    twilio: 'too', ...options, settings: { ...ESCALATING, ...settings }, wrapSql: (sql) => (store = options.wrapSql?.(sql) ?? sql)
  })
  const sql = store as Sql
  const { clock, post, sandbox } = gateway
  return {
    ...gateway,
    sql,
    async counted (provider, channel, sent, reported) {
      clock.advance(HOUR_MS - clock() % HOUR_MS + HOUR_MS / 2)
      await createTraffic(sql).add([{ key: routeKey(provider, channel, 'US'), hour: hourOf(clock()) - 1, sent, reported, delivered: reported, used: 0 }])
    },
    async send (more = {}) {
      const { body } = await post('/send-text-code', { ...MESSAGE, ...more })
      await sandbox.settled()
      return body.id
    },
    async pass (milliseconds) {
      clock.advance(milliseconds)
      await gateway.gateway.housekeeping.runDue()
      await sandbox.settled()
    },
    sent: (to = NUMBER) => [
      ...sandbox.messages.filter((message) => message.to === to).map(({ vendor, channel }) => `${vendor} ${channel}`),
      ...sandbox.calls.filter((call) => call.to === to).map(({ vendor }) => `${vendor} call`)
    ],
    async stored () {
      const rows = await Promise.all(['deliveries', 'attempts', 'timeline', 'due'].map((table) => sql.read({ text: `SELECT * FROM ${table}`, parameters: {} })))
      return JSON.stringify(rows)
    }
  }
}
