import t from 'tap'
import { readConfig } from '../../src/config/config.ts'
import { problemsOf, production, productionProblems } from './environments.ts'

const SUPABASE = `v1,whsec_${Buffer.alloc(32, 3).toString('base64')}`

t.test('without settings the hooks that need none are there', async (t) => {
  const { hooks } = readConfig({}, '/srv')
  t.same(hooks.settings, {
    okta: { header: 'Authorization', failure: 'error', oauth: undefined }, supabase: undefined, zitadel: undefined, auth0SmsGateway: undefined, generic: []
  })
  t.same([...hooks.textChannels.byCountry, ...hooks.textChannels.byHook], [])
  t.equal(hooks.defaultLocale, undefined)
})

t.test('every setting of the hooks reaches the configuration', async (t) => {
  const { hooks: { settings, textChannels, defaultLocale } } = production({
    HOOK_CHANNELS: 'okta=sms,supabase=voice',
    HOOK_CHANNEL_BR: 'sms',
    DEFAULT_LOCALE: 'pt-BR',
    OKTA_HEADER: 'X-Okta-Secret',
    OKTA_FAILURE: 'failed',
    OKTA_ISSUER: 'https://example.okta.com/oauth2/default/',
    OKTA_AUDIENCE: 'api://codes,api://default',
    OKTA_CLIENT_ID: '0oa1abcDEF2ghiJKL3x7,another',
    OKTA_SCOPE: 'codes.send',
    SUPABASE_HOOK_SECRET: SUPABASE,
    ZITADEL_SIGNING_KEY: 'a-signing-key-of-zitadel,another-key-of-zitadel',
    AUTH0_SMS_GATEWAY_SECRET: 'a-secret-of-the-gateway',
    AUTH0_SMS_GATEWAY_AUDIENCE: 'urn:codes'
  })
  t.same(settings.okta, {
    header: 'X-Okta-Secret',
    failure: 'failed',
    oauth: { issuer: 'https://example.okta.com/oauth2/default', audience: ['api://codes', 'api://default'], clientIds: ['0oa1abcDEF2ghiJKL3x7', 'another'], scope: 'codes.send', jwksUrl: new URL('https://example.okta.com/oauth2/default/v1/keys') }
  })
  t.same(settings.supabase?.secrets.map((secret) => secret.reveal()), [SUPABASE.slice('v1,whsec_'.length)])
  t.same(settings.zitadel?.signingKeys.map((key) => key.reveal()), ['a-signing-key-of-zitadel', 'another-key-of-zitadel'])
  t.same([settings.auth0SmsGateway?.secrets[0]?.reveal(), settings.auth0SmsGateway?.audience], ['a-secret-of-the-gateway', 'urn:codes'])
  t.same([...textChannels.byHook], [['okta', 'sms'], ['supabase', 'voice']])
  t.same([...textChannels.byCountry], [['BR', 'sms']])
  t.equal(defaultLocale, 'pt-BR')
})

t.test('the keys of Okta may be elsewhere', async (t) => {
  const { hooks } = production({ OKTA_ISSUER: 'https://example.okta.com', OKTA_CLIENT_ID: 'hook', OKTA_JWKS_URL: 'https://keys.example.com/all' })
  t.match(hooks.settings.okta.oauth, { issuer: 'https://example.okta.com', audience: ['api://default'], clientIds: ['hook'], scope: undefined, jwksUrl: new URL('https://keys.example.com/all') })
})

t.test('settings of hooks that do not fit together stop the start', async (t) => {
  t.match(problemsOf({ HOOK_CHANNELS: 'okto=sms' }), [/^HOOK_CHANNELS names a hook that there is not; there are auth0, .*kratos\.$/])
  t.match(problemsOf({ HOOK_CHANNELS: 'generic/logto=sms' }), [/^HOOK_CHANNELS names a hook/], 'there is no hooks file')
  t.same(problemsOf({ OKTA_AUDIENCE: 'api://x', OKTA_SCOPE: 'y' }), ['OKTA_ISSUER must be set: there is OKTA_AUDIENCE, OKTA_SCOPE.'])
  t.same(problemsOf({ OKTA_JWKS_URL: 'https://keys.example.com' }), ['OKTA_ISSUER must be set: there is OKTA_JWKS_URL.'])
  for (const OKTA_CLIENT_ID of ['a b', 'a,,b c', 'ä', 'x'.repeat(129)]) t.same(problemsOf({ OKTA_ISSUER: 'https://example.okta.com', OKTA_CLIENT_ID }), ['OKTA_CLIENT_ID must be one or more client ids, separated by commas.'])
  t.match(problemsOf({ OKTA_ISSUER: 'https://example.okta.com' }), [/^OKTA_CLIENT_ID or OKTA_SCOPE must be set with OKTA_ISSUER: /], 'else anybody would have a token')
  for (const OKTA_HEADER of ['Content-Type', 'content-length', 'Host', 'connection', 'Transfer-Encoding', 'a b', '']) {
    t.same(problemsOf({ OKTA_HEADER }), OKTA_HEADER === '' ? [] : ['OKTA_HEADER must be the name of a header that is free for it.'], OKTA_HEADER)
  }
  for (const OKTA_HEADER of ['X-Host', 'Connection-Key', 'Authorization']) t.same(problemsOf({ OKTA_HEADER }), [], OKTA_HEADER)
  t.match(problemsOf({ HOOK_CHANNELS: 'okta=sms,okta=voice' }), [/^HOOK_CHANNELS must be .* no name twice/])
  t.same(problemsOf({ OKTA_ISSUER: 'http://example.com', OKTA_SCOPE: 'y' }), ['OKTA_ISSUER must be an https:// URL (http:// for a loopback address only).'])
  t.same(productionProblems({ ZITADEL_SIGNING_KEY: 'short', AUTH0_SMS_GATEWAY_SECRET: 'a-long-enough-secret,short' }), [
    'ZITADEL_SIGNING_KEY must have at least 16 characters in production.', 'AUTH0_SMS_GATEWAY_SECRET must have at least 16 characters in production.'
  ])
})

t.test('a channel of which no provider is configured is warned of', async (t) => {
  const of = (settings: Record<string, string>): string[] => production({ DEFAULT_COUNTRY: 'US', ...settings }).warnings.filter((warning) => warning.startsWith('HOOK_CHANNEL'))
  t.same(of({ HOOK_CHANNELS: 'okta=whatsapp,auth0=whatsapp,kratos=sms' }), ['HOOK_CHANNELS wants whatsapp, of which no provider is configured.'])
  t.same(of({ HOOK_CHANNEL_BR: 'voice', HOOK_CHANNEL_US: 'sms' }), ['HOOK_CHANNEL_BR wants voice, of which no provider is configured.'])
})

t.test('a misspelt name of a hook setting is noticed, and those of others are left alone', async (t) => {
  const { warnings } = production({ HOOK_CHANEL: 'x', HOOKS_FILES: 'x', OKTA_DOMAIN: 'x', SUPABASE_URL: 'x', AUTH0_DOMAIN: 'x' })
  t.same(warnings.filter((warning) => warning.includes('misspelt')).map((warning) => warning.split(' ')[0]), ['HOOK_CHANEL', 'HOOKS_FILES'])
})
