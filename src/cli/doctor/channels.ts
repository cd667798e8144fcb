import type { Config } from '../../config/config.ts'
import { isSetting } from '../../config/read-settings.ts'
import type { HookSettings } from '../../dialects/catalog.ts'
import { fail, warn, type Finding } from '../../domain/finding.ts'
import { CHANNELS, type Channel } from '../../domain/message.ts'
import { rehearsalsOf } from './requests/catalog.ts'
import { channelBy } from './requests/rehearsal.ts'

export interface ChannelsDeps {
  readonly config: Config
  /** The settings that are wrong, and that the configuration therefore does not have. */
  readonly leftOut: ReadonlySet<string>
  /** What was found of the settings. */
  readonly told: readonly Finding[]
}

/** By which channels hooks are to send, and whether there is a way. */
export const examineChannels = ({ config, leftOut, told }: ChannelsDeps): readonly Finding[] => {
  const { hooks: { textChannels, settings }, routes, defaultCountry, sandbox } = config
  const byHook = [...textChannels.byHook].filter(([, channel]) => sandbox === undefined && routes[channel].names.length === 0)
  const byCountry = [...textChannels.byCountry].filter(([country, channel]) => sandbox === undefined && (routes[channel].byCountry.get(country) ?? routes[channel].names).length === 0)
  const toldOf = new Set([...byHook, ...byCountry].map(([, channel]) => channel))
  return [
    ...byHook.map(([name, channel]) => fail('HOOK_CHANNELS', `${name} is to go by ${channel}, and ${lacking(channel)}`)),
    ...byCountry.map(([country, channel]) => fail(`HOOK_CHANNEL_${country}`, `texts are to go by ${channel}, and ${lacking(channel)}`)),
    ...[...unsentChannels(config)].filter((channel) => !toldOf.has(channel) && !isToldWrong(channel, leftOut, told))
      .flatMap((channel) => unsent(channel, config, told, new Set(byHook.map(([name]) => name)))),
    ...withoutCountry(settings.okta, textChannels.byHook.has('okta'), defaultCountry)
  ]
}

/** The channels of which no provider is configured, to whatever country. */
export const unsentChannels = ({ routes, sandbox }: Config): ReadonlySet<Channel> => new Set(CHANNELS.filter((channel) =>
  sandbox === undefined && [routes[channel].names, ...routes[channel].byCountry.values()].every((names) => names.length === 0)))

/** The findings without warnings about settings, or about routes, of which `channels` tells more. */
export const withoutRepetition = (findings: readonly Finding[], channels: readonly Finding[]): readonly Finding[] =>
  findings.filter(({ level, says }) => level !== 'warn' || !channels.some((told) =>
    (isSetting(told.about) && new RegExp(`\\b${told.about}\\b`).test(says)) ||
    CHANNELS.some((channel) => told.says.includes(NOBODY[channel]) && causeIn(says, channel) !== undefined)))

const WORDS: Readonly<Record<Channel, { readonly name: string, readonly route: string, readonly off: string }>> = {
  sms: { name: 'text messages', route: 'SMS_ROUTE', off: 'Text messages are off' },
  voice: { name: 'calls', route: 'VOICE_ROUTE', off: 'Calls are off' },
  whatsapp: { name: 'WhatsApp', route: 'WHATSAPP_ROUTE', off: 'WhatsApp is off' }
}

/** What the settings say of a route that is empty: what its providers need. */
const causeIn = (says: string, channel: Channel): string | undefined =>
  new RegExp(`^(?:${WORDS[channel].off}|${WORDS[channel].route} is left without a provider): (.+)$`).exec(says)?.[1]

/** What belongs to vendors: where some of it is wrong, a provider is not missing for any other reason. */
const OF_VENDORS = /^(ACS|TWILIO|SMS|VOICE|WHATSAPP|VERIFY|MESSAGING|PUBLIC)_/

const isToldWrong = (channel: Channel, leftOut: ReadonlySet<string>, told: readonly Finding[]): boolean =>
  [...leftOut].some((name) => OF_VENDORS.test(name)) || told.some(({ level, says }) => level === 'fail' && causeIn(says, channel) !== undefined)

/**
 * Once for all the hooks that ask for a channel; none: nobody asks. It is a fault where the channel's route is set, or
 * a hook that somebody has set up can send nothing.
 */
const unsent = (channel: Channel, config: Config, told: readonly Finding[], toldOf: ReadonlySet<string>): readonly Finding[] => {
  const byHook = channelsByHook(config)
  const asking = [...byHook].filter(([, channels]) => channels.has(channel))
  if (asking.length === 0) return []
  const none = unsentChannels(config)
  const cause = told.map(({ says }) => causeIn(says, channel)).find((found) => found !== undefined)
  const isRouteSet = told.some(({ says }) => says.startsWith(`${WORDS[channel].route} is left without`))
  const level = isRouteSet || asking.some(([hook, channels]) => isSetUp(hook, config) && !toldOf.has(hook) && [...channels].every((one) => none.has(one))) ? fail : warn
  const words = cause === undefined ? lacking(channel) : `${NOBODY[channel]}: ${cause}`
  return [level(WORDS[channel].name, `${words} Asked for by ${new Intl.ListFormat('en-GB').format(asking.map(([hook]) => hook))}.`)]
}

/** The hooks that are there, with the channels that they can ask for. */
const channelsByHook = (config: Config): ReadonlyMap<string, ReadonlySet<Channel>> => {
  const channels = new Map<string, Set<Channel>>()
  // Nothing is asked, and therefore nothing signed.
  for (const one of rehearsalsOf(config, Promise.reject.bind(Promise))) {
    if (!('why' in one)) channels.set(one.hook, new Set([...channels.get(one.hook) ?? [], channelBy(one, config.hooks.textChannels)]))
  }
  return channels
}

/** These are there wherever there is a secret of a caller. */
const ALWAYS_THERE: ReadonlySet<string> = new Set(['direct', 'auth0', 'kratos', 'okta'])

const isSetUp = (hook: string, { hooks: { settings, textChannels } }: Config): boolean =>
  hook === 'okta' ? isOktaWanted(settings.okta, textChannels.byHook.has('okta')) : !ALWAYS_THERE.has(hook)

/** Whether Okta is meant to ask shows in what is set for it. */
const isOktaWanted = ({ oauth, header, failure }: HookSettings['okta'], isNamed: boolean): boolean =>
  oauth !== undefined || header.toLowerCase() !== 'authorization' || failure !== 'error' || isNamed

/** Okta's own examples have numbers as people write them at home. */
const withoutCountry = (okta: HookSettings['okta'], isNamed: boolean, defaultCountry: string | undefined): readonly Finding[] =>
  isOktaWanted(okta, isNamed) && defaultCountry === undefined
    ? [warn('DEFAULT_COUNTRY', 'not set: where Okta sends numbers without + and without their country, they are refused. Set it to the country of most users.')]
    : []

const NOBODY: Readonly<Record<Channel, string>> = { sms: 'no provider sends text messages', voice: 'no provider calls', whatsapp: 'no provider sends by WhatsApp' }

/** What to set, in words that end a sentence. */
const lacking = (channel: Channel): string => `${NOBODY[channel]}: ${TO_SET[channel]}`

const TO_SET: Readonly<Record<Channel, string>> = {
  sms: 'set ACS_SENDER_ID, TWILIO_PHONE_NUMBER, TWILIO_MESSAGING_SERVICE_SID or TWILIO_VERIFY_SID.',
  voice: 'set ACS_COGNITIVE_SERVICES_ENDPOINT with ACS_SOURCE_PHONE_NUMBER and PUBLIC_URL, or TWILIO_PHONE_NUMBER, or TWILIO_VERIFY_SID.',
  whatsapp: 'set TWILIO_WHATSAPP_NUMBER with TWILIO_WHATSAPP_CONTENT_SID, or TWILIO_VERIFY_SID.'
}
