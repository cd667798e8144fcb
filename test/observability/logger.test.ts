import t from 'tap'
import { RestError } from '@azure/core-rest-pipeline'
import type { Logger } from 'pino'
import type { GatewayEvent } from '../../src/domain/gateway-event.ts'
import { OneTimeCode } from '../../src/domain/one-time-code.ts'
import { PhoneNumber } from '../../src/domain/phone-number.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import { createLogger, logEvent } from '../../src/observability/logger.ts'

const NUMBER = '+4915112345678'
const CODE = '482913'
const SECRET = 'a-rather-long-secret-of-somebody'
const KEY = 'an-event-grid-secret'

/** What must be in no line. */
const PRIVATE = [NUMBER, '4915112345678', '15112345678', '12345678', '1234', CODE, SECRET, 'rather', KEY, 'event-grid-secret', 'ABCDEF']

const loggerOf = (level = 'trace'): { logger: Logger, lines: string[], last: () => any } => {
  const lines: string[] = []
  return { lines, logger: createLogger({ level, destination: { write: (line) => { lines.push(line) } } }), last: () => JSON.parse(lines.at(-1) as string) }
}

/** As the Twilio SDK's HTTP client throws them. */
const axiosError = (): Error => Object.assign(new Error(`Request failed with status code 400: The 'To' number ${NUMBER} is not valid`), {
  name: 'AxiosError',
  code: 'ERR_BAD_REQUEST',
  isAxiosError: true,
  config: { url: `https://api.example.com/Messages.json?To=${NUMBER}`, auth: { username: 'AC', password: SECRET }, headers: { Authorization: `Basic ${SECRET}` }, data: `To=${NUMBER}&Body=Your+code+is+${CODE}` },
  request: { path: `/Messages.json?To=${NUMBER}`, _header: `Authorization: Basic ${SECRET}` },
  response: { status: 400, data: { message: `The number ${NUMBER} is not valid`, code: 21211 } }
})

const restError = (): Error => new RestError(`Bad Request: ${NUMBER} with "${CODE}"`, {
  code: 'BadRequest',
  statusCode: 400,
  request: { url: `https://acs.example.com/sms?to=${NUMBER}`, method: 'POST', headers: { authorization: SECRET }, body: JSON.stringify({ message: CODE }) } as any,
  response: { status: 400, headers: {}, bodyAsText: `{"to":"${NUMBER}"}` } as any
})

const jsonError = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    return error
  }
}

const rewritten = new Error(`sent ${CODE}\n    at ${NUMBER} (/srv/app.js:1:2)\n    at code${CODE} (/srv/app.js:1:2)`)
rewritten.stack = `${rewritten.stack ?? ''}\n    at https://api.example.com/?To=${NUMBER}:1:2\n    at file:///srv/app.js?key=${KEY}:1:2`

const errors: ReadonlyArray<[string, unknown]> = [
  ['an error of axios', axiosError()],
  ['an error of the Azure SDK', restError()],
  ['an error whose causes hold it', new Error('first', { cause: new Error(`second ${NUMBER}`, { cause: axiosError() }) })],
  ['an error of many', new AggregateError([axiosError(), new Error(CODE)], `all failed for ${NUMBER}`)],
  ['a number in several ways of writing', new Error('+49 151 12345678, +49 (151) 1234-5678, 0151.12345678, 49-151-12345678, 1-5-1-1-2-3-4-5')],
  ['a code in several ways of writing', new Error(`code:${CODE}; ${CODE}. "${CODE}" otp=${CODE}, code_${CODE}, X${CODE}Y, G-${CODE} is yours`)],
  ['a secret in a header', new Error(`authorization: Bearer ${SECRET}, or Bearer ${KEY}`)],
  ['a secret in a URL', new TypeError(`Failed to parse URL from https://gateway.example.com/events?key=${KEY}&x=ABCDEF`)],
  ['the parser\'s excerpt of a body', jsonError(`${KEY} ABCDEF`)],
  ['the parser\'s excerpt of a longer body', jsonError(`{"code":"ABCDEF","phone":"${NUMBER}", oops "text":"more of it"}`)],
  ['a message that looks like a stack', rewritten],
  ['a name that holds it', Object.assign(new Error('x'), { name: `Error of ${NUMBER}` })],
  ['a code of an error that is one of a person', Object.assign(new Error('x'), { code: CODE })],
  ['something that is no error', { message: NUMBER, toString: () => NUMBER }],
  ['a text', `failed for ${NUMBER}`]
]

t.test('an error that is logged shows no number, code or secret, nor what an SDK hangs on it', async (t) => {
  for (const [name, error] of errors) {
    const { logger, lines } = loggerOf()
    logger.error({ err: error instanceof Error ? error : undefined }, 'as our code does it')
    if (error instanceof Error) {
      logger.error(error)
      logger.error({ err: error })
      logger.error({ err: error }, error.message)
      logger.error({ error }, 'another name')
      logger.error({ reason: error, cause: error.cause }, 'any name')
      logger.error(error, 'with words')
      logger.error('in the words: %s %o %j', error, error, error)
      logger.error({ a: 1 }, 'in the words: %s', error)
      logger.child({ request: 'x' }).error({ err: error }, 'of a child')
    }
    logEvent(logger, { type: 'work.failed', what: 'test', error })
    const printed = lines.join('')
    for (const word of PRIVATE) t.notOk(printed.includes(word), `${name}: ${word}`)
  }
})

t.test('an error that is logged still says what helps: kind, code, message, place and causes', async (t) => {
  const { logger, last } = loggerOf()
  const cause = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:443'), { code: 'ECONNREFUSED' })
  logger.error({ err: new TypeError('fetch failed', { cause }) }, 'request.failed')
  t.match(last(), { level: 50, msg: 'request.failed', err: { type: 'TypeError', message: 'fetch failed', stack: /^at .*logger\.test\.ts:\d+:\d+/, cause: { message: 'connect ECONNREFUSED …:…', errorCode: 'ECONNREFUSED' } } })
  logger.error(cause)
  t.match(last(), { msg: 'connect ECONNREFUSED …:…', err: { type: 'Error' } })
  logger.error({ err: cause }, 'words of ours')
  t.equal(last().msg, 'words of ours')
})

t.test('causes are followed, but not for ever', async (t) => {
  const { logger, last } = loggerOf()
  const error = new Error('round and round')
  error.cause = error
  logger.error({ err: error }, 'x')
  t.ok(last().err.cause.cause.cause)
  t.equal(last().err.cause.cause.cause.cause, undefined)
  logger.error({ err: new Error('x', { cause: CODE }) }, 'x')
  t.same(last().err.cause, { type: 'string' })
})

t.test('an error without a stack, with a foreign one, or with a message that is no text is logged as well', async (t) => {
  const { logger, last } = loggerOf()
  for (const [changes, message] of [[{ stack: undefined }, 'x'], [{ stack: 7 }, 'x'], [{ message: undefined }, 'undefined']] as const) {
    logger.error({ err: Object.assign(new Error('x'), changes) }, 'm')
    t.match(last(), { err: { type: 'Error', message, stack: String } })
  }
})

t.test('a message without end is cut', async (t) => {
  const { logger, last } = loggerOf()
  logger.error({ err: new Error('no '.repeat(100_000)) }, 'x')
  t.equal(last().err.message.length, 300)
})

t.test('sensitive values are logged masked, wherever they stand', async (t) => {
  const { logger, lines } = loggerOf()
  const code = OneTimeCode.parse(CODE)
  const number = PhoneNumber.parse(NUMBER)
  const text = new SensitiveText(`code ${CODE} ${SECRET}`)
  logger.info({ a: code, b: number, c: text, deep: { er: [{ code, number, text }] } }, 'x')
  logger.info('%s %s %s %o %j', code, number, text, { code }, number)
  for (const word of [NUMBER, '1511234', CODE, SECRET]) t.notOk(lines.join('').includes(word), word)
  t.match(JSON.parse(lines[0] as string), { a: '[code]', b: '+49•••••••5678', c: '[hidden]' })
})

t.test('names under which a secret might be logged by mistake are hidden', async (t) => {
  const { logger, last } = loggerOf()
  const bad = Object.fromEntries(['authorization', 'secret', 'code', 'otpCode', 'phoneNumber', 'text', 'token', 'key'].map((name) => [name, `${SECRET} ${CODE}`]))
  logger.info({ ...bad, body: bad, fine: 'shown' }, 'x')
  const { fine, ...line } = last()
  t.equal(fine, 'shown')
  t.same(new Set([...Object.keys(bad).map((name) => line[name]), ...Object.values(line.body)]), new Set(['[hidden]']))
})

t.test('a line may have words only, facts only, or nothing', async (t) => {
  const { logger, last } = loggerOf()
  logger.info('words')
  t.match(last(), { level: 30, msg: 'words' })
  logger.info({ a: 1 })
  t.match(last(), { a: 1, msg: undefined })
  logger.info(null, 'nothing')
  t.match(last(), { msg: 'nothing' })
  logger.info({ a: 1 }, 'number %d of %s', 1, 'two')
  t.match(last(), { a: 1, msg: 'number 1 of two' })
})

t.test('without a destination lines go to the standard output', async (t) => {
  t.doesNotThrow(() => createLogger({ level: 'silent', destination: undefined }).fatal('nobody sees this'))
  t.equal(createLogger({ level: 'warn', destination: undefined }).level, 'warn')
})

const facts = { delivery: 'd', attempt: 'a', trace: undefined }
const FINISHED = { delivery: 'd', request: 'r', caller: 'default', hook: 'direct', country: 'DE', provider: undefined, reason: undefined, number: '+49•••5678', milliseconds: 3, stages: { claim: 1, admit: 1, send: 1 }, trace: undefined }
const UPDATED = { ...facts, channel: 'sms', country: 'DE', what: 'report', attemptStatus: 'delivered', attemptWas: 'accepted', attemptedAt: 1, milliseconds: 3 } as const
const ATTEMPTED = { ...facts, channel: 'sms', country: 'DE', milliseconds: 3 } as const
const events: ReadonlyArray<[number, GatewayEvent]> = [
  [30, { type: 'delivery.finished', outcome: 'accepted', ...FINISHED, channel: 'sms' }],
  [30, { type: 'delivery.finished', outcome: 'refused', ...FINISHED, channel: 'sms' }],
  [40, { type: 'delivery.finished', outcome: 'failed', ...FINISHED, channel: 'sms' }],
  [40, { type: 'delivery.finished', outcome: 'unknown', ...FINISHED, channel: 'voice' }],
  [30, { type: 'delivery.updated', ...UPDATED, provider: 'acs-sms', status: 'delivered', reason: undefined, vendorCode: undefined, hint: undefined }],
  [40, { type: 'delivery.updated', ...UPDATED, provider: 'twilio-sms', status: 'undelivered', reason: 'carrier_blocked', vendorCode: '30007', hint: 'look at the words of the message' }],
  [30, { type: 'delivery.used', delivery: 'd' }],
  [30, { type: 'delivery.retried', delivery: 'd', trace: undefined }],
  [30, { type: 'delivery.escalated', delivery: 'd', channel: 'voice', why: 'no_report', trace: undefined }],
  [20, { type: 'hook.answered', request: 'r', hook: 'okta', status: 200, problem: undefined, detail: undefined, hint: undefined, delivery: 'd', milliseconds: 3 }],
  [30, { type: 'login.matched', from: 'okta', delivery: 'd' }],
  [40, { type: 'publishing.failed', receiver: 'webhook', tries: 1, status: 500, pages: 3 }],
  [40, { type: 'publishing.missed', receiver: 'webhook', pages: 3 }],
  [40, { type: 'feed.lost', facts: 3 }],
  [40, { type: 'callback.forged', vendor: 'twilio', hint: 'look there' }],
  [40, { type: 'provider.set-aside', provider: 'acs-sms', channel: 'sms', reason: 'rate_limited', failures: 5, milliseconds: 30_000 }],
  [30, { type: 'provider.restored', provider: 'acs-sms', channel: 'sms' }],
  [40, { type: 'range.shut', range: 'area', country: 'UZ', shown: '+998 90…', mode: 'shadow', cause: 'hour', unexplained: 120, threshold: 100, milliseconds: 900_000 }],
  [30, { type: 'call.incoming', answer: 'rejected' }],
  [40, { type: 'deliveries.recovered', interrupted: 1, unknown: 2 }],
  [40, { type: 'clock.skewed', milliseconds: 2500 }],
  [50, { type: 'keys.disagree' }],
  [30, { type: 'rows.purged', deliveries: 3 }],
  [20, { type: 'attempt.finished', ...ATTEMPTED, provider: 'acs-sms', result: 'accepted', reason: undefined, vendorCode: undefined, hint: undefined }],
  [40, { type: 'attempt.finished', ...ATTEMPTED, provider: 'acs-sms', result: 'failed', reason: 'timeout', vendorCode: '429', hint: 'send less at a time' }],
  [20, { type: 'call.event', ...facts, event: 'connected', step: undefined }],
  [20, { type: 'events.ignored', provider: 'acs', why: 'unknown', count: 1 }],
  [40, { type: 'events.ignored', provider: 'acs', why: 'malformed', count: 1 }],
  [40, { type: 'events.ignored', provider: 'acs', why: 'foreign', count: 1 }],
  [50, { type: 'work.failed', what: 'purge', error: new Error('x') }]
]

t.test('each fact is one line, at the level that it deserves, with its type as its words', async (t) => {
  for (const [level, event] of events) {
    const { logger, lines, last } = loggerOf()
    logEvent(logger, event)
    t.equal(lines.length, 1, event.type)
    const { type, ...told } = event
    t.match(last(), { level, msg: type, ...JSON.parse(JSON.stringify({ ...told, error: undefined })) })
    t.equal(last().type, undefined)
    t.notMatch(lines[0], /hidden/, 'and nothing of it is hidden by its name')
  }
})

t.test('what is below the level is not written', async (t) => {
  const { logger, lines } = loggerOf('warn')
  for (const [, event] of events) logEvent(logger, event)
  t.equal(lines.length, events.filter(([level]) => level >= 40).length)
})
