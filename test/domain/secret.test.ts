import t from 'tap'
import { inspect } from 'node:util'
import { SecretSet } from '../../src/domain/secret.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'

const setOf = (...secrets: string[]): SecretSet => new SecretSet(secrets.map((secret) => new SensitiveText(secret)))

t.test('each of several secrets opens the door', async (t) => {
  const secrets = setOf('the-old-one', 'the-new-one', 'pässword 🔑')
  for (const presented of ['the-old-one', 'the-new-one', 'pässword 🔑']) t.equal(secrets.has(presented), true, presented)
})

t.test('nothing else opens it', async (t) => {
  const secrets = setOf('the-old-one', 'the-new-one')
  for (const presented of ['', 'the-old-on', 'the-old-one ', ' the-old-one', 'THE-OLD-ONE', 'the-old-one,the-new-one', 'x'.repeat(100_000), '\0']) {
    t.equal(secrets.has(presented), false, presented.slice(0, 30))
  }
})

t.test('where there is no secret, nothing opens the door: not even nothing', async (t) => {
  for (const presented of ['', 'undefined', 'x']) t.equal(setOf().has(presented), false)
})

t.test('it does not print its secrets', async (t) => {
  const secrets = setOf('the-old-one')
  t.notMatch(inspect(secrets, { showHidden: true, depth: 9 }) + JSON.stringify(secrets), /old/)
})
