import { Deadline } from '../../domain/deadline.ts'
import { ERRORS, type ErrorCode } from '../../domain/errors.ts'
import { fail, ok, skip, type Finding } from '../../domain/finding.ts'
import type { Channel } from '../../domain/message.ts'
import type { Probe } from './probe.ts'
import { rehearsalsOf } from './requests/catalog.ts'
import { channelBy, type Rehearsal, type TestMessage, type TestReply, type TestRequest } from './requests/rehearsal.ts'
import type { Stage } from './stage.ts'

export interface RehearseDeps {
  readonly stage: Stage
  /** The settings that are wrong, and that the stage therefore does not have. */
  readonly leftOut: ReadonlySet<string>
  /** The channels of which no provider is configured: on the stage there is one for each. */
  readonly unsent: ReadonlySet<Channel>
  readonly probe: Probe
  /** Milliseconds for which a code is waited for. */
  readonly timeoutMs: number
  readonly now: () => number
}

/**
 * Has every hook that is set up ask for a message as its identity provider would, once with a credential that is wrong. All
 * of them ask at once: each has a number of its own.
 */
export const rehearse = async (deps: RehearseDeps): Promise<readonly Finding[]> => {
  const { config, signToken } = deps.stage
  return await Promise.all(rehearsalsOf(config, signToken).map(async (one, index) => {
    const wrong = [...deps.leftOut].filter((name) => OWN[one.hook]?.test(name) === true)
    if (wrong.length > 0) return skip(one.hook, `not played: see what is said above of ${wrong.join(', ')}.`)
    return 'why' in one ? skip(one.hook, one.why) : await play(one, index, deps)
  }))
}

/** The settings without which a hook is not the one that is meant. */
const OWN: Readonly<Partial<Record<string, RegExp>>> = {
  direct: /^SECRET_HEADER$/,
  auth0: /^SECRET_HEADER$/,
  kratos: /^SECRET_HEADER$/,
  'auth0-sms-gateway': /^AUTH0_SMS_GATEWAY_/,
  okta: /^(OKTA_|SECRET_HEADER$)/,
  supabase: /^SUPABASE_/,
  zitadel: /^ZITADEL_/,
  generic: /^HOOKS_FILE$/
}

const NAMES: Readonly<Record<Channel, string>> = { sms: 'by SMS', voice: 'as a call', whatsapp: 'by WhatsApp' }

/** Numbers for the sandbox alone, which takes any. */
const numberOf = (index: number): string => `+1415555${String(index).padStart(4, '0')}`
const COUNTRY = 'US'

/** Apart from the numbers of the others, so that every message belongs to one request. */
const FIRST_OF_THE_WRONG = 5000

const play = async (rehearsal: Rehearsal, index: number, deps: RehearseDeps): Promise<Finding> => {
  const { hook, what, settings } = rehearsal
  const right = { to: numberOf(index), code: String(482_913 + index), now: deps.now() }
  const wrong = { to: numberOf(FIRST_OF_THE_WRONG + index), code: String(582_913 + index), now: deps.now() }
  const reply = await ask(await rehearsal.request(right, 'right'), deps)
  if (reply === undefined) return fail(hook, `${what} gets no answer.`)
  if (!rehearsal.isSuccess(reply)) return fail(hook, `${what} is not taken: ${wordsOf(reply, rehearsal)}`)
  const channel = channelOf(rehearsal, deps.stage)
  if (!await hasArrived(channel, right, deps)) return fail(hook, `${what} is taken, and no code comes ${NAMES[channel]}.`)
  const reproved = await ask(await rehearsal.request(wrong, 'wrong'), deps)
  if (reproved === undefined || rehearsal.isSuccess(reproved) || isSent(wrong, deps)) {
    return fail(hook, `${what} is not refused where its credential is wrong: see ${settings}.`)
  }
  return deps.unsent.has(channel)
    ? ok(hook, `${what} is understood; with a wrong credential it is refused. It is to come ${NAMES[channel]}, for which no provider is configured.`)
    : ok(hook, `${what} comes ${NAMES[channel]}; with a wrong credential it is refused.`)
}

const ask = async ({ path, headers, body }: TestRequest, { stage, probe }: RehearseDeps): Promise<TestReply | undefined> => {
  const found = await probe({ url: new URL(`${stage.url}${path}`), method: 'POST', headers, body })
  return found.kind === 'silence' ? undefined : { status: found.status, contentType: found.headers['content-type'] ?? '', body: found.body }
}

/** Our own words for the failure, where the reply names one, and what to look at. */
const wordsOf = ({ status, body }: TestReply, { hook, settings }: Rehearsal): string => {
  const [code, error] = (Object.entries(ERRORS) as Array<[ErrorCode, { readonly title: string }]>)
    .find(([name, { title }]) => new RegExp(`\\b${name}\\b`).test(body) || body.includes(title)) ?? []
  if (code === undefined || error === undefined) return `it is answered with ${status}. See ${settings}.`
  // What was asked for is right, so that it was put where the hook does not look for it.
  const field = hook.startsWith('generic/') ? FIELDS[code] : undefined
  if (field !== undefined) return `${code}. The gateway does not find it by ${field}: see ${field} of ${settings}.`
  return `${code}. ${error.title}${OF_CREDENTIALS.has(code) ? ` See ${settings}.` : ''}`
}

/** Where the hooks file says what is missing. */
const FIELDS: Readonly<Partial<Record<ErrorCode, string>>> = {
  number_missing: 'fields.number',
  number_impossible: 'fields.number',
  number_needs_country: 'fields.number',
  content_missing: 'fields.code and fields.text',
  code_missing: 'fields.code',
  code_invalid: 'fields.code'
}

/** What the settings of a hook have a say in. */
const OF_CREDENTIALS: ReadonlySet<ErrorCode> = new Set(['unauthorized', 'signature_invalid', 'hook_not_configured', 'keys_unavailable'])

/** By which channel the message must come. */
const channelOf = (rehearsal: Rehearsal, { config: { hooks: { textChannels } } }: Stage): Channel =>
  rehearsal.channel === 'text' ? textChannels.byCountry.get(COUNTRY) ?? channelBy(rehearsal, textChannels) : rehearsal.channel

/** Whether the code has come to the number, or comes yet. */
const hasArrived = async (channel: Channel, { to, code }: TestMessage, { stage: { sandbox }, timeoutMs }: RehearseDeps): Promise<boolean> => {
  const holds = (words: string): boolean => words.replace(/[^0-9A-Za-z]/g, '').includes(code)
  const arrival: Promise<unknown> = channel === 'voice'
    ? sandbox.waitFor('call', (call) => call.to === to && holds(call.spoken.join(' ')))
    : sandbox.waitFor('message', (message) => message.to === to && message.channel === channel && holds(message.text))
  return await Deadline.in(timeoutMs).bound(arrival).then(() => true, () => false)
}

const isSent = ({ to }: TestMessage, { stage: { sandbox } }: RehearseDeps): boolean =>
  [...sandbox.messages, ...sandbox.calls].some((sent) => sent.to === to)
