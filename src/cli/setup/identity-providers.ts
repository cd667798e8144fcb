import { SETTINGS } from '../../config/settings.ts'
import { isSet, type Environment } from '../../config/read-settings.ts'
import { Refusal } from '../refusal.ts'

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
  /** Whether what reads the files keeps secrets beside them, as Terraform does in its state: then the folders are their owner's. */
  readonly keepsSecrets: boolean
  /** Lines that `gateway.env` has besides, because of the settings. Throws `Refusal` where one of these is wrong. */
  exports (environment: Environment): readonly string[]
  /** How to go on, for the folder as it is written in a shell. */
  next (folder: string): readonly string[]
  /** What of the settings does not go with what was written. */
  notes (environment: Environment): readonly string[]
}

const NOTHING = (): readonly string[] => []

/** The header in which Okta sends the secret, where it is another one than usual. */
const oktaHeader = ({ OKTA_HEADER: given = '' }: Environment): string | undefined => {
  const { kind, default: usual } = SETTINGS.OKTA_HEADER
  if (given.trim() === '' || given.trim().toLowerCase() === usual.toLowerCase()) return undefined
  const header = kind.read(given.trim())
  if (header === undefined) throw new Refusal(`OKTA_HEADER must be ${kind.says}.`, 1)
  return header
}

export const IDENTITY_PROVIDERS = {
  auth0: {
    secret: 'of-caller',
    actionCode: ['code.js', 'terraform/code.js', 'deploy-cli/actions/phone-code-gateway/code.js'],
    keepsPlaceholders: ['deploy-cli/actions/phone-code-gateway.json'],
    holdsSecret: ['gateway.env', 'deploy-cli/config.json'],
    keepsSecrets: true,
    exports: NOTHING,
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
    notes: NOTHING
  },
  okta: {
    secret: 'of-caller',
    actionCode: [],
    keepsPlaceholders: [],
    holdsSecret: ['gateway.env'],
    keepsSecrets: true,
    exports (environment) {
      const header = oktaHeader(environment)
      return header === undefined ? [] : ['# The header in which Okta sends it, for curl.sh and for Terraform.', `export OKTA_HEADER='${header}'`, 'export TF_VAR_header="$OKTA_HEADER"']
    },
    next: (folder) => [
      'Choose one way:',
      `  Terraform  cd ${folder} && . ./gateway.env && terraform -chdir=terraform init && terraform -chdir=terraform apply`,
      '             with OKTA_ORG_NAME, OKTA_BASE_URL and OKTA_API_TOKEN in the environment',
      `  curl       cd ${folder} && . ./gateway.env && bash curl.sh`,
      '             with OKTA_DOMAIN and OKTA_API_TOKEN in the environment'
    ],
    notes: (environment) => [
      ...(oktaHeader(environment) === undefined ? [] : ['OKTA_HEADER is set: gateway.env tells curl.sh and Terraform of that header, too.']),
      ...(!isSet(environment['OKTA_ISSUER']) ? [] : ['OKTA_ISSUER is set: the gateway takes tokens from Okta, and not the secret that these files have.'])
    ]
  },
  supabase: {
    secret: 'standard-webhooks',
    actionCode: [],
    keepsPlaceholders: [],
    holdsSecret: ['gateway.env'],
    keepsSecrets: false,
    exports: NOTHING,
    next: (folder) => [
      'Choose one way:',
      `  hosted  cd ${folder} && . ./gateway.env && bash curl.sh`,
      '          with SUPABASE_PROJECT_REF and SUPABASE_ACCESS_TOKEN in the environment',
      `  local   put the block of ${folder}/config.toml into supabase/config.toml, then . ${folder}/gateway.env && supabase stop && supabase start`
    ],
    notes: NOTHING
  },
  zitadel: {
    secret: 'made-there',
    actionCode: [],
    keepsPlaceholders: [],
    holdsSecret: [],
    keepsSecrets: true,
    exports: NOTHING,
    next: (folder) => [
      'ZITADEL makes the key that it signs with, so there are three steps, with ZITADEL_DOMAIN and ZITADEL_TOKEN in the environment:',
      `  1. bash ${folder}/curl.sh`,
      `  2. put ZITADEL_SIGNING_KEY of ${folder}/zitadel.env into the gateway's .env, and start the gateway anew`,
      `  3. bash ${folder}/curl.sh activate`
    ],
    notes: NOTHING
  },
  kratos: {
    secret: 'of-caller',
    actionCode: [],
    keepsPlaceholders: [],
    holdsSecret: ['courier.yml'],
    keepsSecrets: false,
    exports: NOTHING,
    next: (folder) => [
      `Put ${folder}/phone-code-gateway.jsonnet where Kratos can read it, and the block of ${folder}/courier.yml, with the path of that`,
      'file in it, into the configuration of Kratos.'
    ],
    notes: NOTHING
  }
} as const satisfies Record<string, IdentityProvider>

export type IdentityProviderName = keyof typeof IDENTITY_PROVIDERS

export const isIdentityProvider = (name: string): name is IdentityProviderName => Object.hasOwn(IDENTITY_PROVIDERS, name)
