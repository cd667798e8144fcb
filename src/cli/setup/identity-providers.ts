import { SETTINGS } from '../../config/settings.ts'
import type { Environment } from '../../config/read-settings.ts'

/** What `setup` knows of an identity provider. Its files are those of `src/provisioning` under its name. */
export interface IdentityProvider {
  /**
   * What the identity provider authenticates with: the secret of a caller of ours, a secret that it signs with, or a key that
   * it makes itself.
   */
  readonly secret: 'of-caller' | 'standard-webhooks' | 'made-there'
  /** Where else the Auth0 Action's code is wanted, in the folder that is written. */
  readonly actionCode: readonly string[]
  /** Files whose placeholders are filled later, by the tool that reads them. */
  readonly keepsPlaceholders: readonly string[]
  readonly holdsSecret: readonly string[]
  /** How to go on, for the folder as it is written in a shell. */
  next (folder: string): readonly string[]
  /** What of the settings does not go with what was written. */
  notes (environment: Environment): readonly string[]
}

const NO_NOTES = (): readonly string[] => []

export const IDENTITY_PROVIDERS = {
  auth0: {
    secret: 'of-caller',
    actionCode: ['code.js', 'terraform/code.js', 'deploy-cli/actions/phone-code-gateway/code.js'],
    keepsPlaceholders: ['deploy-cli/actions/phone-code-gateway.json'],
    holdsSecret: ['gateway.env', 'deploy-cli/config.json'],
    next: (folder) => [
      'Choose one way. Each makes the Action, deploys it, and sets the custom phone provider:',
      `  Auth0 Deploy CLI  cd ${folder}/deploy-cli && npx auth0-deploy-cli import --config_file config.json --input_file .`,
      '                    with AUTH0_DOMAIN, AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET in the environment',
      `  Terraform         cd ${folder} && . ./gateway.env && terraform -chdir=terraform init && terraform -chdir=terraform apply`,
      '                    with the same in the environment',
      `  curl              cd ${folder} && . ./gateway.env && bash curl.sh`,
      '                    with AUTH0_DOMAIN and AUTH0_TOKEN in the environment',
      `  by hand           paste ${folder}/code.js into the Action editor`
    ],
    notes: NO_NOTES
  },
  okta: {
    secret: 'of-caller',
    actionCode: [],
    keepsPlaceholders: [],
    holdsSecret: ['gateway.env'],
    next: (folder) => [
      'Choose one way:',
      `  Terraform  cd ${folder} && . ./gateway.env && terraform -chdir=terraform init && terraform -chdir=terraform apply`,
      '             with OKTA_ORG_NAME, OKTA_BASE_URL and OKTA_API_TOKEN in the environment',
      `  curl       cd ${folder} && . ./gateway.env && bash curl.sh`,
      '             with OKTA_DOMAIN and OKTA_API_TOKEN in the environment'
    ],
    notes: ({ OKTA_HEADER: header = '', OKTA_ISSUER: issuer = '' }) => [
      ...(header.trim() === '' || header.trim().toLowerCase() === SETTINGS.OKTA_HEADER.default.toLowerCase()
        ? []
        : ['OKTA_HEADER is set: export it before curl.sh, and the same as TF_VAR_header before Terraform.']),
      ...(issuer.trim() === '' ? [] : ['OKTA_ISSUER is set: the gateway takes tokens from Okta, and not the secret that these files have.'])
    ]
  },
  supabase: {
    secret: 'standard-webhooks',
    actionCode: [],
    keepsPlaceholders: [],
    holdsSecret: ['gateway.env'],
    next: (folder) => [
      'Choose one way:',
      `  hosted  cd ${folder} && . ./gateway.env && bash curl.sh`,
      '          with SUPABASE_PROJECT_REF and SUPABASE_ACCESS_TOKEN in the environment',
      `  local   put the block of ${folder}/config.toml into supabase/config.toml, then . ${folder}/gateway.env && supabase stop && supabase start`
    ],
    notes: NO_NOTES
  },
  zitadel: {
    secret: 'made-there',
    actionCode: [],
    keepsPlaceholders: [],
    holdsSecret: [],
    next: (folder) => [
      'ZITADEL makes the key that it signs with, so there are three steps, with ZITADEL_DOMAIN and ZITADEL_TOKEN in the environment:',
      `  1. bash ${folder}/curl.sh`,
      `  2. put ZITADEL_SIGNING_KEY of ${folder}/zitadel.env into the gateway's .env, and start the gateway anew`,
      `  3. bash ${folder}/curl.sh activate`
    ],
    notes: NO_NOTES
  },
  kratos: {
    secret: 'of-caller',
    actionCode: [],
    keepsPlaceholders: [],
    holdsSecret: ['courier.yml'],
    next: (folder) => [
      `Put ${folder}/phone-code-gateway.jsonnet where Kratos can read it, and the block of ${folder}/courier.yml, with the path of that`,
      'file in it, into the configuration of Kratos.'
    ],
    notes: NO_NOTES
  }
} as const satisfies Record<string, IdentityProvider>

export type IdentityProviderName = keyof typeof IDENTITY_PROVIDERS

export const isIdentityProvider = (name: string): name is IdentityProviderName => Object.hasOwn(IDENTITY_PROVIDERS, name)
