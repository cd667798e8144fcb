import type { Test } from 'tap'
import type { SoughtLogin } from '../../../src/store/logins.ts'
import { openWorld, type OpenStore, type World } from '../../support/store.ts'

/** The delivery that a login of an account is found to belong to; with a mark where its code is known to be used. */
const found = async ({ clock, logins }: World, options: Partial<SoughtLogin> = {}): Promise<string | undefined> => {
  const one = await logins.deliveryFor({ caller: 'auth0', hook: 'okta', userDigest: 'user-1', at: clock(), within: 300_000, ...options })
  return one && (one.isUsed ? `${one.delivery}, used` : one.delivery)
}

export const testLogins = (t: Test, open: OpenStore): void => {
  t.test('a login belongs to the newest delivery to that account', async (t) => {
    const world = await openWorld(t, open)
    const { clock, delivery } = world
    await delivery({ hook: 'okta', userDigest: 'user-1' })
    clock.advance(1000)
    const newer = await delivery({ hook: 'okta', userDigest: 'user-1' })
    await delivery({ hook: 'okta', userDigest: 'user-2' })
    await delivery({ hook: 'okta', userDigest: undefined })
    clock.advance(1000)
    t.equal(await found(world), newer.id)
    t.equal(await found(world, { userDigest: 'user-3' }), undefined)
  })

  t.test('only what was made in the time before the login counts', async (t) => {
    const world = await openWorld(t, open)
    const { clock, delivery } = world
    const older = await delivery({ hook: 'okta', userDigest: 'user-1' })
    clock.advance(10_000)
    await delivery({ hook: 'okta', userDigest: 'user-1' })
    t.equal(await found(world, { at: clock() - 1 }), older.id, 'a later one is of another login')
    t.equal(await found(world, { at: clock() - 1, within: 9998 }), undefined)
    t.equal(await found(world, { at: clock() - 1, within: 9999 }), older.id)
    t.equal(await found(world, { at: 0 }), undefined, 'whatever moment somebody tells')
  })

  t.test('the caller is the same, and the hook one of its own', async (t) => {
    const world = await openWorld(t, open)
    const { delivery } = world
    await delivery({ caller: 'other', hook: 'okta', userDigest: 'user-1' })
    await delivery({ hook: 'oktaish', userDigest: 'user-1' })
    t.equal(await found(world), undefined)
    const gateway = await delivery({ hook: 'auth0-sms-gateway', userDigest: 'user-1' })
    t.equal(await found(world, { hook: 'auth0' }), gateway.id)
    const own = await delivery({ hook: 'auth0', userDigest: 'user-1' })
    t.equal(await found(world, { hook: 'auth0' }), own.id)
    t.equal(await found(world), undefined)
  })

  t.test('what did not go anywhere is passed over, and of a code that is known to be used that is told', async (t) => {
    const world = await openWorld(t, open)
    const { attemptOf, attempts, deliveries, delivery, resultOf } = world
    const sent = async (status: 'accepted' | 'unknown' | 'undelivered' | 'delivered' | 'failed'): Promise<string> => {
      const { id } = await delivery({ hook: 'okta', userDigest: 'user-1' })
      const attempt = attemptOf(id)
      await attempts.begin(attempt)
      await attempts.finish(resultOf(attempt.id, { status }))
      return id
    }
    for (const status of ['accepted', 'unknown', 'undelivered', 'delivered'] as const) {
      const id = await sent(status)
      t.equal(await found(world), id, status)
      await deliveries.markUsed(id, undefined)
      t.equal(await found(world), `${id}, used`)
    }
    const arrived = await sent('delivered')
    await sent('failed')
    const { id, key } = await delivery({ hook: 'okta', userDigest: 'user-1' })
    await deliveries.refuse(id, key, 'country_not_allowed')
    t.equal(await found(world), arrived)
  })
}
