import { randomBytes } from 'node:crypto'
import { calculateJwkThumbprint, createLocalJWKSet, decodeProtectedHeader, jwtVerify, type JSONWebKeySet, type JWTVerifyOptions, type JWTVerifyResult } from 'jose'
import t from 'tap'
import { deriveKey, type KeyRing } from '../../src/domain/keys.ts'
import { createSigningKeys } from '../../src/domain/signing-keys.ts'
import { FINAL_STATUSES } from '../../src/domain/verification.ts'
import { createResults, type ResultFacts, type Results } from '../../src/verification/results.ts'
import type { Clock } from '../support/gateway.ts'

const [OLD, NEW, STRANGE] = [randomBytes(32), randomBytes(32), randomBytes(32)] as const

const ENDED_AT = 1_800_000_000_000

const ISSUER = 'https://codes.example.com'

/** A clock that begins at the end of the verification. */
const createClock = (): Clock => {
  let now = ENDED_AT
  return Object.assign(() => now, { advance: (milliseconds: number) => { now += milliseconds } })
}

const FACTS: ResultFacts = { id: '0198b5ac-0000-7000-8000-000000000000', status: 'approved', caller: 'shop', reference: 'order 4711', endedAt: ENDED_AT }

/** Signs what can still be signed. */
const sign = (results: Results, facts: ResultFacts = FACTS): string => results.sign(facts) as string

const resultsOf = (keys: readonly Buffer[], { waiting = 0, clock = createClock() } = {}): Results =>
  createResults({ signingKeys: createSigningKeys({ keys, waiting } satisfies KeyRing), issuer: ISSUER, now: clock })

/** Checks a result as an app would. */
const check = async (token: string, by: Results, clock: Clock, options: JWTVerifyOptions = {}): Promise<JWTVerifyResult> =>
  await jwtVerify(token, createLocalJWKSet(by.publicKeys() as unknown as JSONWebKeySet), { issuer: ISSUER, audience: 'shop', algorithms: ['EdDSA'], currentDate: new Date(clock()), ...options })

t.test('an app learns how it ended, of what, who says so, and nothing else', async (t) => {
  const clock = createClock()
  const results = resultsOf([OLD], { clock })
  const { payload, protectedHeader } = await check(sign(results), results, clock)
  const iat = Math.floor(FACTS.endedAt / 1000)
  t.same(payload, { iss: ISSUER, aud: 'shop', sub: FACTS.id, status: 'approved', ref: 'order 4711', iat, exp: iat + 300, jti: FACTS.id })
  t.same(protectedHeader, { alg: 'EdDSA', typ: 'JWT', kid: results.publicKeys().keys[0]?.kid })
})

t.test('every end can be told, with a word of the app\'s own or without', async (t) => {
  const clock = createClock()
  const results = resultsOf([OLD], { clock })
  for (const status of FINAL_STATUSES) {
    const { payload } = await check(sign(results, { ...FACTS, status, reference: undefined }), results, clock)
    t.equal(payload.status, status)
    t.notOk('ref' in payload)
  }
})

t.test('whoever asks again gets the same result, and of one end there is no other', async (t) => {
  const clock = createClock()
  const results = resultsOf([OLD], { clock })
  const first = sign(results)
  clock.advance(200_000)
  t.equal(sign(results), first)
  t.not(sign(results, { ...FACTS, id: '0198b5ac-0000-7000-8000-000000000001' }), first)
})

t.test('of what ended longer ago than five minutes nothing is signed', async (t) => {
  const clock = createClock()
  const results = resultsOf([OLD], { clock })
  clock.advance(299_999)
  t.ok(await check(sign(results), results, clock), 'the last one still holds')
  clock.advance(1)
  t.equal(results.sign(FACTS), undefined)
  t.equal(results.sign({ ...FACTS, endedAt: clock() - 300_001 }), undefined)
})

t.test('a result holds until five minutes after the end', async (t) => {
  const clock = createClock()
  const results = resultsOf([OLD], { clock })
  const token = sign(results)
  clock.advance(298_000)
  t.ok(await check(token, results, clock))
  clock.advance(2000)
  await t.rejects(check(token, results, clock), { code: 'ERR_JWT_EXPIRED' })
})

t.test('a result for one app is none for another, and none of another gateway', async (t) => {
  const clock = createClock()
  const results = resultsOf([OLD], { clock })
  const token = sign(results)
  await t.rejects(check(token, results, clock, { audience: 'forum' }), { code: 'ERR_JWT_CLAIM_VALIDATION_FAILED' })
  await t.rejects(check(token, results, clock, { issuer: 'https://elsewhere.example.com' }), { code: 'ERR_JWT_CLAIM_VALIDATION_FAILED' })
  await t.rejects(check(sign(resultsOf([STRANGE], { clock })), results, clock), { code: 'ERR_JWKS_NO_MATCHING_KEY' })
})

t.test('nobody can change a result', async (t) => {
  const clock = createClock()
  const results = resultsOf([OLD], { clock })
  const [header, claims, signature] = sign(results, { ...FACTS, status: 'failed' }).split('.') as [string, string, string]
  const approved = Buffer.from(Buffer.from(claims, 'base64url').toString().replace('failed', 'approved')).toString('base64url')
  const unsigned = Buffer.from('{"alg":"none"}').toString('base64url')
  t.ok(await check(`${header}.${claims}.${signature}`, results, clock))
  await t.rejects(check(`${header}.${approved}.${signature}`, results, clock), { code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' })
  await t.rejects(check(`${unsigned}.${approved}.`, results, clock))
})

t.test('the keys are public ones only, named by their digest', async (t) => {
  const { keys } = resultsOf([NEW, OLD]).publicKeys()
  t.equal(keys.length, 2)
  for (const key of keys) {
    t.same(Object.keys(key).sort(), ['alg', 'crv', 'kid', 'kty', 'use', 'x'])
    t.match(key, { kty: 'OKP', crv: 'Ed25519', use: 'sig', alg: 'EdDSA' })
    t.equal(key.kid, await calculateJwkThumbprint({ kty: key.kty, crv: key.crv, x: key.x }))
  }
  const told = JSON.stringify(keys)
  for (const secret of [OLD, NEW, ...[OLD, NEW].flatMap((key) => (['seal', 'digest', 'sign'] as const).map((use) => deriveKey(key, use)))]) {
    t.notOk(told.includes(secret.toString('base64url')))
  }
})

t.test('every process with the same keys signs with the same one', async (t) => {
  t.same(resultsOf([NEW, OLD]).publicKeys(), resultsOf([NEW, OLD]).publicKeys())
  t.not(resultsOf([STRANGE]).publicKeys().keys[0]?.x, resultsOf([OLD]).publicKeys().keys[0]?.x)
})

t.test('while the key is changed, every result can be checked by what any process publishes', async (t) => {
  const clock = createClock()
  const steps = [resultsOf([OLD], { clock }), resultsOf([NEW, OLD], { clock, waiting: 1 }), resultsOf([NEW, OLD], { clock })] as const
  const kids = steps.map((results) => decodeProtectedHeader(sign(results)).kid)
  t.equal(kids[0], kids[1], 'a key that waits does not sign')
  t.not(kids[1], kids[2])
  const [before, told, after] = steps
  for (const signer of [before, told]) t.ok(await check(sign(signer), before, clock))
  for (const signer of steps) {
    t.ok(await check(sign(signer), told, clock))
    t.ok(await check(sign(signer), after, clock))
  }
})
