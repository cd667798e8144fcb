/**
 * A process that writes to the store as fast as it can, and tells what is settled, a line each, until it is killed.
 * Argument: the store file.
 */
import { writeSync } from 'node:fs'
import { timeOrderedId } from '../../src/domain/identifier.ts'
import { createAttempts } from '../../src/store/attempts.ts'
import { createClaims } from '../../src/store/claims.ts'
import { openSqlite } from '../../src/store/sqlite.ts'

export interface SettledWrite {
  readonly what: 'claimed' | 'begun' | 'finished'
  readonly delivery: string
  readonly key: string
  readonly attempt: string
}

const LEASE = 10_000
const HOLD = 600_000

const sql = openSqlite({ file: process.argv[2] as string, now: Date.now })
const [claims, attempts] = [createClaims(sql), createAttempts(sql)]

/** Written at once and not by a stream: what was told is out when the process dies. */
const tell = (write: SettledWrite): void => { writeSync(1, `${JSON.stringify(write)}\n`) }

const deliver = async (): Promise<void> => {
  const delivery = timeOrderedId(Date.now())
  const attempt = timeOrderedId(Date.now())
  const key = `key of ${delivery}`
  await claims.claim({
    id: delivery,
    key,
    content: 'content',
    caller: 'caller',
    route: '/direct',
    channel: 'sms',
    numberMasked: '+49•••••••5678',
    numberDigest: 'number',
    country: 'DE',
    area: 'area',
    block: 'block',
    leaseFor: LEASE,
    expiresIn: LEASE,
    keptCode: undefined,
    plan: ['acs-sms'],
    keptMessage: undefined,
    hook: 'direct',
    escalation: undefined,
    trace: undefined,
    userDigest: undefined
  })
  tell({ what: 'claimed', delivery, key, attempt })
  await attempts.begin({ id: attempt, delivery, provider: 'acs-sms', channel: 'sms', leaseFor: LEASE, claim: { key, holdFor: HOLD }, endCallIn: undefined, sought: undefined })
  tell({ what: 'begun', delivery, key, attempt })
  await attempts.finish({
    attempt,
    status: 'accepted',
    reason: undefined,
    vendorCode: undefined,
    reference: `reference of ${attempt}`,
    milliseconds: 1,
    transaction: undefined,
    askIn: undefined,
    claim: undefined
  })
  tell({ what: 'finished', delivery, key, attempt })
}

const deliverOnAndOn = async (): Promise<never> => {
  for (;;) await deliver()
}

await Promise.all(Array.from({ length: 8 }, deliverOnAndOn))
