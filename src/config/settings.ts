import { acsConnectionString, baseUrl, choice, country, hookChannels, integer, keys, locale, namedSecrets, origin, origins, pairs, secret, secrets, signingSecrets, someOf, text, texts, url, webhookSecrets, whatsappNumber, type Kind } from './kinds.ts'
import { CHANNELS } from '../domain/message.ts'
import { DEFAULT_GUARD_MODES, GUARD_MODES, GUARD_RULES, NUMBER_TYPES } from '../domain/guard-rule.ts'
import { collectorUrl, prices, share } from './live-kinds.ts'
import { countries, guardModes, limits, testNumbers } from './guard-kinds.ts'
import { storeUrl } from './store-kinds.ts'

/** A setting: its kind, what it is for, and what holds where it is not set. */
export interface Setting<T = unknown> {
  readonly kind: Kind<T>
  readonly description: string
  /** As it would be written; absent: none. */
  readonly default?: string
  /** What is said of the default where it is not a fixed text. */
  readonly defaultSays?: string
  /** Other names by which it is read, where it is not set under its own: those that existing deployments use. */
  readonly aliases?: readonly string[]
}

const SENDER = '^(\\+?[0-9]{3,15}|(?=.*[A-Za-z])[A-Za-z0-9 +\\-_&]{1,11})$'
const E164 = '^\\+[1-9][0-9]{4,14}$'
const sender = text('a phone number, a short code, or up to 11 letters, digits and spaces with at least one letter', SENDER)
const phoneNumber = text('a number in E.164 form', E164)

/** Twilio names its things by two letters and 32 hexadecimal digits. https://www.twilio.com/docs/glossary/what-is-a-sid */
const sid = (letters: string): Kind<string> => text(`${letters} and 32 hexadecimal digits`, `^${letters}[0-9a-fA-F]{32}$`)
const place = text('a name of lower-case letters, digits and -', '^[a-z0-9-]{1,32}$')

const smsRoute = someOf('acs-sms', 'twilio-sms', 'twilio-verify')
const voiceRoute = someOf('acs-voice', 'twilio-voice', 'twilio-verify')
const whatsappRoute = someOf('twilio-whatsapp', 'twilio-verify')

/** What the rules do of which nothing is said: `enforce` the one and the other, … */
const saidModes = GUARD_MODES.map((mode) => ({ mode, rules: GUARD_RULES.filter((rule) => DEFAULT_GUARD_MODES[rule] === mode) }))
  .filter(({ rules }) => rules.length > 0)
  .map(({ mode, rules }) => `\`${mode}\` ${rules.join(', ')}`).join('; ')

/** Every setting, in the order in which the documents list them. */
export const SETTINGS = {
  NODE_ENV: { kind: choice('development', 'production', 'test'), default: 'development', description: '`production` checks the settings strictly, generates nothing and never starts the sandbox.' },
  PORT: { kind: integer(0, 65535), default: '8000', description: 'Port to listen on. In development, where it is not set, the next free one is taken.' },
  HOST: { kind: text('an address'), description: 'Address to listen on.', defaultSays: '`127.0.0.1`; `0.0.0.0` in production' },
  PUBLIC_URL: { kind: baseUrl, description: 'Where the outside reaches the gateway. The callback URLs are made from it.' },
  LOG_LEVEL: { kind: choice('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'), default: 'info', description: 'How much is logged.' },

  SECRET_HEADER: { kind: secrets, description: 'Secret that callers send in `Authorization`. Several, separated by commas, let you change it without a gap.', defaultSays: 'made once in development' },
  CALLERS: { kind: namedSecrets, description: 'Further callers, `name:secret,…`, each with its own idempotency keys and deliveries.' },
  ADMIN_SECRET: { kind: secret, description: 'Secret that may see every delivery.', defaultSays: 'made once in development' },
  GATEWAY_KEYS: { kind: keys, description: 'Keys of 32 bytes in base64 (`openssl rand -base64 32`), newest first. To change the key put a new one in front, and leave the old one at the end. One with `~` before it opens and does not seal yet: with several processes put it so into all of them first (docs/operations.md).', defaultSays: 'made once in development, with SQLite' },

  STORE_URL: { kind: storeUrl, default: 'sqlite:./data/gateway.db', description: 'Where the record is kept. `sqlite:` and a path on a local disk, for one process; `postgres://user:password@host:5432/database` for any number.' },
  STORE_TLS: { kind: choice('verify', 'encrypt', 'off'), description: 'The way to PostgreSQL. `verify`: encrypted, and the server must show a certificate for its name. `encrypt`: whoever answers is believed.', defaultSays: 'as `sslmode` in `STORE_URL` says; else `verify`, and `off` on this machine' },
  STORE_CA_FILE: { kind: text('a path', '^.{1,1024}$'), description: 'File with the certificate, in PEM form, of whoever signed the one of PostgreSQL, where it is not a public one.' },
  STORE_POOL_SIZE: { kind: integer(1, 200), default: '10', description: 'The most connections to PostgreSQL that a process has open.' },
  RETENTION_DAYS: { kind: integer(1, 3650), default: '30', description: 'Days for which deliveries are kept.' },

  DEFAULT_COUNTRY: { kind: country, description: 'Country (such as `US`) of numbers written without `+`. Where it is not set, such a number is refused; hooks that leave the `+` out are understood where the digits are a valid international number.' },
  DEFAULT_LOCALE: { kind: locale, description: 'Language (such as `pt-BR`) of messages that come without one.', defaultSays: 'English' },
  CODE_TTL_SECONDS: { kind: integer(30, 3600), default: '300', description: 'How long a code lives. After that nothing is spoken any more.' },
  DIRECT_BUDGET_MS: { kind: integer(50, 60_000), default: '8000', description: 'Milliseconds in which a request is answered, whatever the provider does. A hook is answered sooner where its identity provider waits for less.' },

  HOOK_CHANNELS: { kind: hookChannels, description: 'By which channel the texts of a hook travel, `okta=whatsapp,generic/logto=voice,…`: `sms` (where it is not named), `whatsapp` or `voice`. A text without a code goes by SMS instead of WhatsApp.' },
  HOOKS_FILE: { kind: text('a path', '^.{1,1024}$'), description: 'JSON file that declares the hooks below `/hooks/generic`.' },
  OKTA_HEADER: { kind: text('the name of a header that is free for it', '^(?!(?:[Cc]ontent-|[Cc]onnection$|[Hh]ost$|[Tt]ransfer-[Ee]ncoding$|[Uu]pgrade$|[Ee]xpect$))[A-Za-z0-9-]{1,64}$'), default: 'Authorization', description: 'Header in which Okta sends the secret, one of `SECRET_HEADER` or `CALLERS`.' },
  OKTA_FAILURE: { kind: choice('error', 'failed'), default: 'error', description: 'What Okta is told of a message that was not sent: an `error`, or a command with the status `FAILED`. What Okta does then is described for the first only.' },
  OKTA_ISSUER: { kind: url, description: 'Issuer of the tokens that Okta sends, where its hook authenticates with OAuth 2.0: `https://example.okta.com/oauth2/default`. Then the secret does not open the hook any more.' },
  OKTA_AUDIENCE: { kind: texts('one or more audiences, separated by commas', '^\\S{1,512}$'), default: 'api://default', description: 'Audience of those tokens.' },
  OKTA_CLIENT_ID: { kind: texts('one or more client ids, separated by commas', '^[A-Za-z0-9._~-]{1,128}$'), description: 'Application whose tokens open the hook: the client id that is entered at Okta for it. With `OKTA_ISSUER` this or `OKTA_SCOPE` must be set.' },
  OKTA_SCOPE: { kind: text('a scope', '^[!#-\\[\\]-~]{1,128}$'), description: 'Scope that those tokens must have.' },
  OKTA_JWKS_URL: { kind: url, description: 'Keys of that issuer.', defaultSays: '`OKTA_ISSUER` + `/v1/keys`' },
  SUPABASE_HOOK_SECRET: { kind: webhookSecrets, description: 'Secret of Supabase\'s Send SMS hook, `v1,whsec_…`. Several, separated by `|`, let you change it without a gap.' },
  ZITADEL_SIGNING_KEY: { kind: secrets, description: 'Signing key that ZITADEL gave for its SMS provider. Several, separated by commas, let you change it without a gap.' },
  AUTH0_SMS_GATEWAY_SECRET: { kind: secrets, description: 'Secret that Auth0 signs the tokens of its SMS gateway with. Several, separated by commas, let you change it without a gap.' },
  AUTH0_SMS_GATEWAY_AUDIENCE: { kind: text('an audience', '^\\S{1,512}$'), description: 'Audience of those tokens, where one is set at Auth0.' },

  BRAND_NAME: { kind: text('up to 40 characters on one line', '^[^\\p{Cc}{}]{1,40}$'), description: 'Whose codes they are, as people read and hear it. For the codes that the gateway makes.' },
  WORDING_DIR: { kind: text('a path', '^.{1,1024}$'), description: 'Folder with templates that come in place of ours, `de.text.liquid`, `de.speech.liquid`, …', defaultSays: 'none' },
  WEBOTP_DOMAIN: { kind: text('the name of a host, such as login.example.com', '^(?=.{1,100}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$'), description: 'Host of the page that codes are entered on. Texts then end with the line by which browsers fill the code in.', defaultSays: 'none' },
  VERIFICATION_PROFILES_FILE: { kind: text('a path', '^.{1,1024}$'), description: 'JSON file with profiles of verifications, beside `login` and `signup` or in place of them.' },
  VERIFICATION_WEBHOOK_URL: { kind: url, description: 'Where it is told how verifications end, by Standard Webhooks.' },
  VERIFICATION_WEBHOOK_SECRET: { kind: signingSecrets, description: 'Secret that those messages are signed with, `whsec_…`. With several, separated by `|`, each signs.' },
  VERIFY_ORIGINS: { kind: origins, description: 'Pages that may show the gateway\'s page for codes in a frame, or be led back to: origins such as `https://app.example.com`, separated by commas.', defaultSays: 'none; in development those of this machine' },

  ALLOWED_COUNTRIES: { kind: countries, description: 'Countries that messages may go to, `US,CA,DE`. A number of no country then goes nowhere.', defaultSays: 'all' },
  DENIED_PREFIXES: { kind: texts('beginnings of numbers such as +88213,+2519, separated by commas', '^\\+[1-9][0-9]{0,14}$'), description: 'Beginnings of numbers that nothing is sent to, `+88213,+2519`.' },
  DENIED_NUMBER_TYPES: { kind: someOf(...NUMBER_TYPES), default: 'premium,shared-cost,unknown', description: 'Kinds of numbers that nothing is sent to. `unknown` are those in no range that their country has given out, and those of no country. A landline gets a call in place of a text.' },
  BUDGET_NUMBER: { kind: limits, default: '5/10m,20/1d', description: 'How many messages one number gets, in any such time: `5/10m` is five in ten minutes.' },
  BUDGET_PREFIX: { kind: limits, default: '100/1h', description: 'How many messages numbers get together that differ in their last four digits only.' },
  BUDGET_COUNTRY: { kind: limits, description: 'How many messages each country gets.', defaultSays: 'any number' },
  BUDGET_IP: { kind: limits, default: '30/1h', description: 'How many messages are sent for one address that people ask from, where a hook tells it. Of an IPv6 address the first 64 bits count.' },
  BUDGET_USER: { kind: limits, default: '10/1h', description: 'How many messages are sent for one account of a caller, where a hook tells it.' },
  BUDGET_TOTAL: { kind: limits, description: 'How many messages are sent in all.', defaultSays: 'any number' },
  GUARD_MODES: { kind: guardModes, default: '', defaultSays: saidModes, description: 'What each rule does that can refuse a message, `pumping=enforce,ip-budget=off,…`: `enforce` refuses, `shadow` notes what it would refuse and lets it go, `off` does not ask. `all` is every rule; those that are not named do as by default.' },
  TEST_NUMBERS: { kind: testNumbers, description: 'Numbers to which nothing is ever sent, for reviewers and tests, each with its code: `+15005550006:123456,…`. A message to one counts as accepted, and no rule refuses it.' },

  ACS_CONNECTION_STRING: { kind: acsConnectionString, description: 'Azure Communication Services: the connection string of the resource.' },
  ACS_SOURCE_PHONE_NUMBER: { kind: texts('one or more numbers in E.164 form, separated by commas', E164), description: 'Number, or numbers separated by commas, that calls come from. ACS allows two calls at a time for each.' },
  ACS_SENDER_ID: { kind: sender, description: 'Sender of text messages: a number, a short code or a name.', defaultSays: 'the first of `ACS_SOURCE_PHONE_NUMBER`' },
  ACS_COGNITIVE_SERVICES_ENDPOINT: { kind: url, description: 'The Azure AI resource that speaks. Voice needs it.' },
  ACS_CALLBACK_URL: { kind: url, description: 'Full URL of `/events` as Azure reaches it.', defaultSays: '`PUBLIC_URL` + `/events`' },
  ACS_RESOURCE_ID: { kind: text('an id'), description: 'Immutable resource id of the ACS resource. Where set, call callbacks must carry a token that Azure signed for it.' },
  ACS_CALLBACK_ISSUER: { kind: url, default: 'https://acscallautomation.communication.azure.com', description: 'Issuer of those tokens.' },
  ACS_CALLBACK_JWKS_URL: { kind: url, default: 'https://acscallautomation.communication.azure.com/calling/keys', description: 'Keys of that issuer.' },
  ACS_TRUST_REPEATABILITY: { kind: choice('on', 'off'), default: 'off', description: '`on` repeats a request whose answer was lost, with the same repeatability id, trusting Azure not to send twice.' },

  EVENT_GRID_SECRET: { kind: secrets, description: 'Secret of the Event Grid subscription, sent as `?key=` or in the header `X-Event-Grid-Secret`. Several are allowed.', defaultSays: 'made once in development' },
  EVENT_GRID_TENANT_ID: { kind: text('a tenant id', '^[A-Za-z0-9.-]{1,128}$'), description: 'Entra tenant, where the subscription delivers with an Entra token.' },
  EVENT_GRID_AUDIENCE: { kind: texts('one or more audiences, separated by commas', '^\\S{1,512}$'), description: 'Audience of that token: the application id or URI given to the subscription.' },
  EVENT_GRID_AUTHORITY: { kind: url, default: 'https://login.microsoftonline.com', description: 'Who signs that token; other clouds have their own.' },

  TWILIO_ACCOUNT_SID: { kind: sid('AC'), description: 'Twilio: the account that sends (`AC…`).' },
  TWILIO_AUTH_TOKEN: { kind: secrets, description: 'Token of that account. Several, separated by commas, the newest first, let you change it without a gap: any of them may have signed a callback, the first one is sent.' },
  TWILIO_API_KEY: { kind: sid('SK'), aliases: ['TWILIO_API_KEY_SID'], description: 'API key (`SK…`) that does the sending in place of the token. Only the token can check callbacks. `TWILIO_API_KEY_SID` is read too.' },
  TWILIO_API_SECRET: { kind: secret, aliases: ['TWILIO_API_KEY_SECRET'], description: 'Secret of that key. `TWILIO_API_KEY_SECRET` is read too.' },
  TWILIO_PHONE_NUMBER: { kind: phoneNumber, description: 'Number that calls come from, and text messages where there is no messaging service.' },
  TWILIO_MESSAGING_SERVICE_SID: { kind: sid('MG'), aliases: ['MESSAGING_SERVICE_SID'], description: 'Messaging service (`MG…`) that sends text messages. `MESSAGING_SERVICE_SID` is read too.' },
  TWILIO_WHATSAPP_NUMBER: { kind: whatsappNumber, description: 'Number that WhatsApp messages come from, with or without `whatsapp:` in front.' },
  TWILIO_WHATSAPP_CONTENT_SID: { kind: sid('HX'), description: 'Authentication template (`HX…`) that WhatsApp messages are made from. Its one variable is the code.' },
  TWILIO_VERIFY_SID: { kind: sid('VA'), aliases: ['VERIFY_SID', 'VERIFY_SERVICE_SID', 'TWILIO_VERIFY_SERVICE_SID'], description: 'Verify service (`VA…`) that takes custom codes and sends them in its own words. `VERIFY_SID`, `VERIFY_SERVICE_SID` and `TWILIO_VERIFY_SERVICE_SID` are read too.' },
  TWILIO_REGION: { kind: place, description: 'Region of Twilio that does the work (`ie1`), where it is not `us1`.' },
  TWILIO_EDGE: { kind: place, description: 'Edge by which Twilio is reached (`dublin`).' },
  TWILIO_BASE_URL: { kind: origin, description: 'One origin for all of Twilio\'s hosts: a proxy, or a local one.', defaultSays: 'Twilio\'s own hosts' },
  TWILIO_VOICE_NAMES: { kind: pairs('locale=voice pairs separated by commas'), description: 'Voices of Twilio by locale, `de-DE=Polly.Vicki-Neural,…`, in place of ours.' },

  SMS_ROUTE: { kind: smsRoute, default: 'acs-sms,twilio-sms,twilio-verify', description: 'Providers of text messages, in the order in which they are tried. One without its settings is left out.' },
  VOICE_ROUTE: { kind: voiceRoute, default: 'acs-voice,twilio-voice,twilio-verify', description: 'Providers of calls, in the order in which they are tried. One without its settings is left out.' },
  WHATSAPP_ROUTE: { kind: whatsappRoute, default: 'twilio-whatsapp,twilio-verify', description: 'Providers of WhatsApp messages, in the order in which they are tried. One without its settings is left out.' },
  RETRY_SMS: { kind: choice('0', '1'), default: '0', description: '`1` sends a text once more where the carrier reports that it did not arrive for a reason that passes, before the code expires. The message is kept for that, sealed, until it is delivered or expires.' },
  ESCALATE_SMS: { kind: someOf('whatsapp', 'voice'), description: 'Channels that the same code goes by, one after the other, where a text does not arrive: `whatsapp,voice`. For the hooks of `ESCALATE_HOOKS` only.' },
  ESCALATE_HOOKS: { kind: texts('names of hooks, such as direct,auth0,okta,generic/logto, separated by commas', '^[a-z0-9-]+(/[a-z0-9-]+)?$'), description: 'Hooks whose codes go by `ESCALATE_SMS` where a text does not arrive; `direct` is `/send-text-code`, `verifications` are codes of our own.', defaultSays: 'none' },
  ESCALATE_AFTER_SECONDS: { kind: integer(15, 900), default: '60', description: 'How long a report may take before the code goes by the next channel. A carrier that says that a text did not arrive is not waited for.' },

  VOICE_REPEATS: { kind: integer(1, 10), default: '3', description: 'How often a call says the code.' },
  VOICE_CONFIRM: { kind: choice('none', 'keypress'), default: 'none', description: '`keypress` asks for a key before the code is spoken, so that voicemail never holds it; then a key repeats it.' },
  VOICE_NAMES: { kind: pairs('locale=voice pairs separated by commas'), description: 'Voices of Azure by locale, `de-DE=de-DE-KatjaNeural,…`, in place of ours.' },
  VOICE_MAX_SECONDS: { kind: integer(10, 600), default: '90', description: 'A call is ended that long after it was answered, whatever happens.' },
  INCOMING_CALLS: { kind: choice('reject', 'announce', 'call-back'), default: 'reject', description: 'What a person hears who calls the number: nothing; what the number is for; or a call back with the code that is still valid.' },

  INSPECTOR: { kind: choice('on', 'off'), default: 'on', description: '`off`: there is no page at `/inspector`. It opens with `ADMIN_SECRET` only, and is not there without one.' },
  INSPECTOR_HOSTS: { kind: texts('one or more hosts as browsers send them, such as gateway.internal:8000, separated by commas', '^[a-z0-9.-]{1,253}(:[0-9]{1,5})?$'), description: 'Further names by which browsers reach the inspector, beside that of `PUBLIC_URL` and those of this machine.', defaultSays: 'none' },
  REPLAY_MINUTES: { kind: integer(0, 1440), description: 'For how many minutes a message can be sent again from the inspector. It is kept for that, sealed, with its number and code; 0 keeps nothing.', defaultSays: '60; 0 in production' },
  PRICES: { kind: prices, description: 'What a message costs, `twilio-sms=0.05,twilio-sms:US=0.0079,…`: by provider, and by its country. The inspector then shows money.', defaultSays: 'none' },
  PRICES_CURRENCY: { kind: text('three capital letters, such as EUR', '^[A-Z]{3}$'), default: 'USD', description: 'Currency of `PRICES`.' },
  DEMO_SECRET: { kind: secret, description: 'Secret in the header `X-Demo-Secret`, with which functions outside report what they do at `/api/events/capture`. Where it is not set, or is a word out of a sample, that is closed.', defaultSays: 'none' },
  METRICS_TOKEN: { kind: secret, description: 'Secret with which `/metrics` can be read, and nothing else. `ADMIN_SECRET` opens it too.', defaultSays: 'none' },
  EVENT_GRID_TOPIC_ENDPOINT: { kind: url, description: 'Event Grid topic (CloudEvents) that is told what becomes of deliveries.' },
  EVENT_GRID_TOPIC_KEY: { kind: secret, description: 'Access key of that topic.' },
  EVENTS_WEBHOOK_URL: { kind: url, description: 'Where it is told what becomes of deliveries, by Standard Webhooks.' },
  EVENTS_WEBHOOK_SECRET: { kind: signingSecrets, description: 'Secret that those messages are signed with, `whsec_…`. With several, separated by `|`, each signs.' },
  TWILIO_MESSAGE_FEEDBACK: { kind: choice('0', '1'), default: '0', description: '`1` asks Twilio to take feedback on text messages, and gives it where a code was used. Only where uses are known: Twilio takes silence for a message that did not help.' },

  OTEL_EXPORTER_OTLP_ENDPOINT: { kind: collectorUrl, description: 'OpenTelemetry collector that spans go to, `http://collector:4318`. Nothing is traced where neither this nor the next one is set.' },
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: { kind: collectorUrl, description: 'The same, for spans alone: the whole address.', defaultSays: '`OTEL_EXPORTER_OTLP_ENDPOINT` + `/v1/traces`' },
  OTEL_EXPORTER_OTLP_HEADERS: { kind: secret, description: 'Headers that go with them, `key=value,…`.' },
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: { kind: secret, description: 'The same, for spans alone.' },
  OTEL_EXPORTER_OTLP_PROTOCOL: { kind: choice('http/protobuf', 'http/json'), default: 'http/protobuf', description: 'How spans are written.' },
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: { kind: choice('http/protobuf', 'http/json'), description: 'The same, for spans alone.' },
  OTEL_SERVICE_NAME: { kind: text('up to 255 printable characters', '^[^\\p{Cc}]{1,255}$'), default: 'phone-code-gateway', description: 'Name of the gateway in traces.' },
  OTEL_RESOURCE_ATTRIBUTES: { kind: text('key=value pairs separated by commas', '^[^=,\\s]+=[^,]*(,[^=,\\s]+=[^,]*)*$'), description: 'What else traces say of it, `deployment.environment.name=production,…`.' },
  OTEL_TRACES_SAMPLER: { kind: choice('always_on', 'always_off', 'traceidratio', 'parentbased_always_on', 'parentbased_always_off', 'parentbased_traceidratio'), default: 'parentbased_always_on', description: 'Which requests are traced.' },
  OTEL_TRACES_SAMPLER_ARG: { kind: share, description: 'Share of the requests that are traced, from 0 to 1, where the sampler goes by one.', defaultSays: '1' },
  OTEL_TRACES_EXPORTER: { kind: choice('otlp', 'none'), default: 'otlp', description: '`none` traces nothing.' },
  OTEL_SDK_DISABLED: { kind: choice('true', 'false'), default: 'false', description: '`true` traces nothing.' },

  SANDBOX: { kind: choice('auto', 'on', 'off'), default: 'auto', description: 'A local Azure and Twilio with a handset to look at. `auto`: in development, where no provider is configured.' },
  SANDBOX_PORT: { kind: integer(0, 65535), default: '8001', description: 'Port of the sandbox. Where it is not set, the next free one is taken.' },
  SANDBOX_HOST: { kind: text('an address'), default: '127.0.0.1', description: 'Address of the sandbox. Only a container needs another one.' }
} as const satisfies Record<string, Setting>

/** Settings with a country at the end of their name, such as `ACS_SENDER_ID_US`. */
export const COUNTRY_SETTINGS = {
  HOOK_CHANNEL_: { kind: choice(...CHANNELS), description: 'By which channel the texts of hooks travel to that country (`HOOK_CHANNEL_BR`); it comes before `HOOK_CHANNELS`.' },
  BUDGET_COUNTRY_: { kind: limits, description: 'How many messages that country gets (`BUDGET_COUNTRY_UZ`), in place of `BUDGET_COUNTRY`.' },
  ACS_SENDER_ID_: { kind: sender, description: 'Sender of text messages to that country (`ACS_SENDER_ID_US`).' },
  SMS_ROUTE_: { kind: smsRoute, description: 'Providers of text messages to that country (`SMS_ROUTE_US`), in place of `SMS_ROUTE`.' },
  VOICE_ROUTE_: { kind: voiceRoute, description: 'Providers of calls to that country (`VOICE_ROUTE_US`), in place of `VOICE_ROUTE`.' },
  WHATSAPP_ROUTE_: { kind: whatsappRoute, description: 'Providers of WhatsApp messages to that country (`WHATSAPP_ROUTE_US`), in place of `WHATSAPP_ROUTE`.' }
} as const satisfies Record<string, Setting>

type KindOf<S> = S extends { readonly kind: Kind<infer T> } ? T : never
type Defaulted<S> = S extends { readonly default: string } ? KindOf<S> : KindOf<S> | undefined

/** The settings as read: those with a default are always there. */
export type SettingValues = { readonly [Name in keyof typeof SETTINGS]: Defaulted<typeof SETTINGS[Name]> }

export type SettingName = keyof typeof SETTINGS

/** What the settings by country say, by the beginning of their name and by country. */
export type CountryValues = { readonly [Prefix in keyof typeof COUNTRY_SETTINGS]: ReadonlyMap<string, KindOf<typeof COUNTRY_SETTINGS[Prefix]>> }

/** A provider, as it stands on a route. */
export type ProviderName = SettingValues['SMS_ROUTE' | 'VOICE_ROUTE' | 'WHATSAPP_ROUTE'][number]
