import { createAuthorization } from '../../../src/routes/authorization.ts'
import { SensitiveText } from '../../../src/domain/sensitive.ts'
import type { LoginTeller } from '../../../src/dialects/logins/login.ts'

export const SECRET = 'a-secret-for-tests-only'
export const OTHER_SECRET = 'a-secret-of-somebody-else'

export const { callerOf } = createAuthorization(new Map([['default', [new SensitiveText(SECRET)]], ['shop', [new SensitiveText(OTHER_SECRET)]]]), undefined)

/** Whose logins a body tells of, and when; `undefined` where nothing of it can be read. */
export const toldBy = (teller: LoginTeller, body: unknown): unknown =>
  teller.read(typeof body === 'string' ? body : JSON.stringify(body))?.map(({ user, at }) => [user.reveal(), new Date(at).toISOString()])
