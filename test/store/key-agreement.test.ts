import t from 'tap'
import { createKeys } from '../../src/domain/keys.ts'
import { createKeyAgreement } from '../../src/store/key-agreement.ts'
import { StoreUnavailable } from '../../src/store/sql.ts'
import { openSqliteStore, openWorld } from '../support/store.ts'

const [OLD, NEW] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]

t.test('it is the last key that must be the same: a new one in front changes nothing', async (t) => {
  const { keyrings } = await openWorld(t, openSqliteStore)
  const old = createKeyAgreement(keyrings, createKeys([OLD]))
  await old.require()
  await createKeyAgreement(keyrings, createKeys([NEW, OLD])).require()
  await t.rejects(createKeyAgreement(keyrings, createKeys([OLD, NEW])).require(), { name: 'StoreRefused', message: /has other GATEWAY_KEYS/ })
  t.equal(await old.stay(), true)
})

t.test('a store that is away keeps nobody from starting', async (t) => {
  const away = async (): Promise<never> => { throw new StoreUnavailable() }
  await t.resolves(createKeyAgreement({ join: away, stay: away }, createKeys([OLD])).require())
})
