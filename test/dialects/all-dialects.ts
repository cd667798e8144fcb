import { createDialects } from '../../src/dialects/catalog.ts'
import type { Dialect } from '../../src/dialects/dialect.ts'
import type { GenericHook } from '../../src/dialects/generic/hooks-file.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'

const SECRETS = [new SensitiveText('c2VjcmV0')]

/** Every dialect, set up, with these generic hooks. */
export const allDialects = (generic: readonly GenericHook[], failure: 'error' | 'failed' = 'error'): readonly Dialect[] => createDialects({
  settings: {
    okta: { header: 'authorization', failure, oauth: undefined },
    supabase: { secrets: SECRETS },
    zitadel: { signingKeys: SECRETS },
    auth0SmsGateway: { secrets: SECRETS, audience: undefined },
    generic
  },
  callerOf: () => undefined,
  defaultCountry: undefined,
  fetchKeys: async () => { throw new Error('nobody asks for keys here') },
  now: Date.now
}).flatMap((entry) => 'dialect' in entry ? [entry.dialect] : [])
