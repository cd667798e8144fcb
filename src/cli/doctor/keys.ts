import type { Config } from '../../config/config.ts'
import { fail, ok, type Finding } from '../../domain/finding.ts'
import { objectIn, type Probe } from './probe.ts'

/** Whether the keys of whoever signs tokens for the gateway can be had. */
export const examineKeys = async ({ acs, hooks }: Config, probe: Probe): Promise<readonly Finding[]> => {
  const oauth = hooks.settings.okta.oauth
  return await Promise.all([
    ...(oauth === undefined ? [] : [examineKeySet('OKTA_ISSUER', 'OKTA_ISSUER and OKTA_JWKS_URL', oauth.jwksUrl, probe)]),
    ...(acs?.callbackToken === undefined ? [] : [examineKeySet('ACS_CALLBACK_JWKS_URL', 'ACS_CALLBACK_JWKS_URL', acs.callbackToken.jwksUrl, probe)])
  ])
}

const examineKeySet = async (about: string, settings: string, url: URL, probe: Probe): Promise<Finding> => {
  const found = await probe({ url, headers: { accept: 'application/json' } })
  if (found.kind === 'silence') return fail(about, `the keys cannot be had from ${url.host} (${found.why}): see ${settings}, and that this machine may connect there.`)
  if (found.status !== 200) return fail(about, `the keys cannot be had: ${url.host} answers with ${found.status}. See ${settings}.`)
  const { keys } = objectIn(found)
  return Array.isArray(keys) && keys.length > 0
    ? ok(about, 'the keys can be had.')
    : fail(about, `what ${url.host} answers with holds no keys: see ${settings}.`)
}
