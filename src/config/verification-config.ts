import type { Profile } from '../domain/verification.ts'
import type { SensitiveText } from '../domain/sensitive.ts'
import { readTemplates, type Templates } from '../wording/templates.ts'
import { readProfiles } from './profiles-file.ts'
import type { ReadSettings } from './read-settings.ts'

/** What codes of our own need. */
export interface VerificationConfig {
  /** By name. The first is taken where none is asked for. */
  readonly profiles: ReadonlyMap<string, Profile>
  readonly templates: Templates
  readonly brand: string | undefined
  /** Host of the page that codes are entered on. */
  readonly domain: string | undefined
  /** Where it is told how verifications end. */
  readonly webhook: { readonly url: URL, readonly secrets: readonly SensitiveText[] } | undefined
  /** Pages that may frame ours, or be led back to; `local`: any page of this machine. */
  readonly origins: readonly string[] | 'local'
}

export interface ReadVerification {
  readonly config: VerificationConfig
  /** One line for each thing that is wrong; names, never values. */
  readonly problems: readonly string[]
  readonly warnings: readonly string[]
}

/** Reads what the settings say of codes of our own, and the files that they name. Relative paths begin at the folder. */
export const readVerification = ({ values, given }: ReadSettings, folder: string): ReadVerification => {
  const { profiles, problems } = readProfiles(values.VERIFICATION_PROFILES_FILE, folder, given)
  const { BRAND_NAME: brand, WEBOTP_DOMAIN: domain, VERIFICATION_WEBHOOK_URL: url, VERIFICATION_WEBHOOK_SECRET: secrets } = values
  const templates = readTemplates({ folder: values.WORDING_DIR, base: folder, profiles: [...profiles.values()], brand, domain })
  return {
    config: {
      profiles,
      templates: templates.templates,
      brand,
      domain,
      webhook: url && secrets && { url, secrets },
      origins: values.VERIFY_ORIGINS ?? (values.NODE_ENV === 'production' ? [] : 'local')
    },
    problems: [...problems, ...templates.problems, ...webhookProblems(given)],
    warnings: [...templates.warnings, ...addressWarnings(values)]
  }
}

const webhookProblems = (given: ReadSettings['given']): string[] =>
  given.has('VERIFICATION_WEBHOOK_URL') === given.has('VERIFICATION_WEBHOOK_SECRET')
    ? []
    : ['VERIFICATION_WEBHOOK_URL and VERIFICATION_WEBHOOK_SECRET must be set together.']

/** In front of the gateway stands what ends TLS: nobody but that knows by which name people reach it. */
const addressWarnings = ({ NODE_ENV: mode, VERIFY_ORIGINS: origins, PUBLIC_URL: publicUrl }: ReadSettings['values']): string[] =>
  mode === 'production' && origins !== undefined && publicUrl === undefined
    ? ['Sessions of the page for codes are given the address by which the app calls the gateway: set PUBLIC_URL to the one by which people reach it.']
    : []
