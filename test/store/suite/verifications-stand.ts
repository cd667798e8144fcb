import type { VerificationRequest, Started, VerificationRecord } from '../../../src/store/verifications.ts'
import type { World } from '../../support/store.ts'

/** In milliseconds. */
export const HOUR = 60 * 60_000
export const LIFETIME = 300_000
export const COOLDOWN = 30_000
export const SEND_WITHIN = 5000
export const LEAST_LIFE = 60_000

export const NUMBER = 'digest of the number'
export const RIGHT = 'digest of the right code'
export const WRONG = 'digest of a wrong code'

/** A verification that is asked for; of one number and one starter, unless the options say otherwise. */
export const requestOf = ({ newId }: World, options: Partial<VerificationRequest> = {}): VerificationRequest => {
  const id = newId()
  return {
    id,
    caller: 'app',
    starter: 'somebody',
    profile: 'login',
    numberDigest: NUMBER,
    numberMasked: '+49•••••••5678',
    country: 'DE',
    sealedNumber: `sealed number of ${id}`,
    sealed: `sealed code of ${id}`,
    codeHash: RIGHT,
    codeMaker: 'gateway',
    channel: 'sms',
    lifetime: LIFETIME,
    maxAttempts: 5,
    cooldown: COOLDOWN,
    maxSends: 3,
    maxStarts: undefined,
    sendWithin: SEND_WITHIN,
    leastLife: LEAST_LIFE,
    ...options
  }
}

/** What a start gives, where it gives anything. */
export const begunBy = (started: Started): VerificationRecord => {
  if (started.kind !== 'started') throw new Error(`not started: ${started.kind}`)
  return started.verification
}

export const start = async (world: World, options: Partial<VerificationRequest> = {}): Promise<VerificationRecord> =>
  begunBy(await world.verifications.start(requestOf(world, options)))

/** One whose code a vendor makes. */
export const startAtVendor = async (world: World, options: Partial<VerificationRequest> = {}): Promise<VerificationRecord> =>
  await start(world, { codeMaker: 'twilio-verify', codeHash: undefined, ...options })

export const find = async ({ verifications }: World, { id }: { readonly id: string }): Promise<VerificationRecord> => {
  const record = await verifications.find(id)
  if (record === undefined) throw new Error('not found')
  return record
}

/** What is due for it, and in how many milliseconds. */
export const dueOf = async ({ clock, sql }: World, { id }: { readonly id: string }): Promise<Record<string, number>> => {
  const rows = await sql.read({ text: 'SELECT kind, due_at FROM due WHERE id = :id', parameters: { id } })
  return Object.fromEntries(rows.map(({ kind, due_at: at }) => [kind, (at as number) - clock()]))
}

/** What is still there of a code. */
export const secretsOf = async ({ sql }: World, { id }: { readonly id: string }): Promise<unknown> =>
  (await sql.read({ text: 'SELECT sealed, code_hash, asked_hash FROM verifications WHERE id = :id', parameters: { id } }))[0]

export const NO_SECRETS = { sealed: null, code_hash: null, asked_hash: null }

export const count = async ({ sql }: World, table: string): Promise<number> =>
  Number((await sql.read({ text: `SELECT COUNT(*) AS all_of_it FROM ${table}`, parameters: {} }))[0]?.all_of_it)

/** Enters that many wrong codes, one after the other. */
export const guessWrong = async ({ verifications }: World, { id }: { readonly id: string }, times: number): Promise<void> => {
  for (let index = 0; index < times; index += 1) await verifications.check(id, WRONG)
}

export const range = (length: number): number[] => Array.from({ length }, (_, index) => index)
