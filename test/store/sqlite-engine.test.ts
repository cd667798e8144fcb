import { existsSync, mkdirSync, realpathSync, rmdirSync, statSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'libsql'
import t, { type Test } from 'tap'
import { StoreRefused } from '../../src/store/sql.ts'
import { MIGRATIONS } from '../../src/store/migrations.ts'
import { statement, StoreUnavailable, type Sql, type SqlRow } from '../../src/store/sql.ts'
import { openSqlite, type SqliteOptions } from '../../src/store/sqlite.ts'
import { temporaryFolder } from '../support/store.ts'

const run = (text: string): ReturnType<ReturnType<typeof statement>> => statement(text)()

const note = statement('INSERT INTO notes (words, moment) VALUES (:words, :now) RETURNING moment')
const notes = statement('SELECT words FROM notes ORDER BY words')

/** A store with a table to write in, on a clock that ticks each time somebody looks. */
const openNotes = async (t: Test, options: Partial<SqliteOptions> = {}): Promise<{ readonly sql: Sql, readonly file: string }> => {
  const file = join(temporaryFolder(t), 'store.db')
  let moment = 0
  const sql = openSqlite({ file, now: () => ++moment, ...options })
  t.teardown(() => sql.close())
  await sql.write([run('CREATE TABLE notes (words TEXT PRIMARY KEY, moment BIGINT)')])
  return { sql, file }
}

const wordsIn = async (sql: Sql): Promise<unknown[]> => (await sql.read(notes())).map(({ words }) => words)

const statusesOf = async (writes: ReadonlyArray<Promise<unknown>>): Promise<string[]> =>
  (await Promise.allSettled(writes)).map(({ status }) => status)

t.test('the file is kept with a write-ahead log, and every commit waits for the disk', async (t) => {
  const { sql } = await openNotes(t)
  t.same(await sql.read(run('PRAGMA journal_mode')), [{ journal_mode: 'wal' }])
  t.same(await sql.read(run('PRAGMA synchronous')), [{ synchronous: 2 }])
})

t.test('a new file has the newest schema, and opening it again changes nothing', async (t) => {
  const file = join(temporaryFolder(t), 'store.db')
  for (const time of ['new', 'again']) {
    const sql = openSqlite({ file, now: Date.now })
    t.same(await sql.read(run('PRAGMA user_version')), [{ user_version: MIGRATIONS.length }], time)
    t.same(await sql.read(run('SELECT id FROM deliveries')), [])
    await sql.close()
  }
})

t.test('the folder of the file is made, for its owner only', async (t) => {
  const folder = join(temporaryFolder(t), 'one', 'two')
  const sql = openSqlite({ file: join(folder, 'store.db'), now: Date.now })
  t.equal(statSync(folder).mode & 0o777, 0o700)
  await sql.close()
})

t.test('the writes of one turn share one moment and one commit, those of the next turn have their own', async (t) => {
  const { sql } = await openNotes(t)
  const momentOf = async (words: string): Promise<unknown> => (await sql.write([note({ words })]))[0]?.[0]?.moment
  const turn = await Promise.all([momentOf('a'), momentOf('b'), Promise.resolve().then(() => momentOf('c'))])
  t.equal(new Set(turn).size, 1)
  t.not(await momentOf('d'), turn[0])
})

t.test('a write settles only when its commit is done', async (t) => {
  const { file, sql } = await openNotes(t)
  const reader = new Database(file)
  t.teardown(() => { reader.close() })
  const seen = reader.prepare('SELECT words FROM notes')
  const written = sql.write([note({ words: 'a' })])
  t.same(seen.all(), [], 'nothing is written in the turn itself')
  await written
  t.match(seen.all(), [{ words: 'a' }], 'somebody else can read it')
})

t.test('a commit that fails rejects every write of its turn and none of the next', async (t) => {
  const { sql } = await openNotes(t)
  await sql.write([run('CREATE TABLE children (parent TEXT REFERENCES notes (words) DEFERRABLE INITIALLY DEFERRED)')])
  await sql.read(run('PRAGMA foreign_keys = ON'))
  const orphan = run("INSERT INTO children (parent) VALUES ('nobody')")
  const writes = [sql.write([note({ words: 'a' })]), sql.write([orphan]), sql.write([note({ words: 'b' }), note({ words: 'c' })])]
  for (const write of writes) await t.rejects(write, StoreUnavailable)
  t.same(await wordsIn(sql), [])
  await sql.write([note({ words: 'next' })])
  t.same(await wordsIn(sql), ['next'])
  t.same(await sql.read(run('SELECT parent FROM children')), [])
})

t.test('where SQLite gives up the transaction, every write of the turn is rejected, also those that were fine before', async (t) => {
  const { sql } = await openNotes(t)
  await sql.write([run("CREATE TRIGGER fatal BEFORE INSERT ON notes WHEN new.words = 'fatal' BEGIN SELECT RAISE(ROLLBACK, 'given up'); END")])
  const fatal = note({ words: 'fatal' })
  for (const steps of [[fatal], [note({ words: 'x' }), fatal]]) {
    const writes = [sql.write([note({ words: 'a' })]), sql.write(steps), sql.write([note({ words: 'b' })])]
    t.same(await statusesOf(writes), ['rejected', 'rejected', 'rejected'])
    t.same(await wordsIn(sql), [])
  }
  await sql.write([note({ words: 'next' })])
  t.same(await wordsIn(sql), ['next'])
})

t.test('a full disk loses the whole turn, says so to all, and the store goes on once there is room', async (t) => {
  const { sql } = await openNotes(t)
  const [pages] = await sql.read(run('PRAGMA page_count')) as [SqlRow]
  await sql.read(run(`PRAGMA max_page_count = ${pages.page_count as number}`))
  const large = statement('INSERT INTO notes (words, moment) VALUES (:words, :now)')({ words: 'x'.repeat(1_000_000) })
  for (const steps of [[large], [note({ words: 'c' }), large]]) {
    const writes = [sql.write([note({ words: 'a' })]), sql.write(steps), sql.write([note({ words: 'b' })])]
    for (const write of writes) await t.rejects(write, { name: 'StoreUnavailable', cause: { code: 'SQLITE_FULL' } })
    t.same(await wordsIn(sql), [])
  }
  await sql.write([note({ words: 'small' })])
  await sql.read(run('PRAGMA max_page_count = 1000000'))
  await sql.write([large])
  t.equal((await wordsIn(sql)).length, 2)
})

t.test('while somebody else writes to the file, writes are refused and reads answered; after that both go on', async (t) => {
  const { file, sql } = await openNotes(t)
  const other = new Database(file)
  t.teardown(() => { other.close() })
  other.exec('BEGIN IMMEDIATE')
  const writes = [sql.write([note({ words: 'a' })]), sql.write([note({ words: 'b' })])]
  t.same(await statusesOf(writes), ['rejected', 'rejected'])
  t.same(await wordsIn(sql), [])
  other.exec('ROLLBACK')
  await sql.write([note({ words: 'c' })])
  t.same(await wordsIn(sql), ['c'])
})

t.test('a failing statement of one step takes nothing of its turn with it', async (t) => {
  const { sql } = await openNotes(t)
  const writes = ['a', 'a', 'b'].map((words) => sql.write([note({ words })]))
  t.same(await statusesOf(writes), ['fulfilled', 'rejected', 'fulfilled'])
  t.same(await wordsIn(sql), ['a', 'b'])
})

t.test('who follows is woken once for all that a turn announces, after it is settled, and for nothing that failed', async (t) => {
  const { sql } = await openNotes(t)
  const heard: string[] = []
  const stop = sql.follow('feed', () => { heard.push('woken') })
  const announced = (words: string): Promise<unknown> => sql.write([{ ...note({ words }), announces: 'feed' }]).then(() => heard.push(words), () => {})
  await Promise.all([announced('a'), announced('b'), sql.write([note({ words: 'c' })])])
  t.same(heard.toSorted(), ['a', 'b', 'woken'])
  await announced('a')
  await sql.write([{ ...note({ words: 'd' }), announces: 'feed' }, note({ words: 'a' })]).catch(() => {})
  await sql.write([note({ words: 'e' })])
  t.equal(heard.length, 3)
  stop()
  await announced('f')
  t.same(heard.slice(3), ['f'])
})

t.test('closing writes what is queued, in one commit, and takes no more', async (t) => {
  const { file, sql } = await openNotes(t)
  const before = [sql.write([note({ words: 'a' })]), sql.write([note({ words: 'b' })])]
  const closed = sql.close()
  const after = [sql.write([note({ words: 'c' })]), sql.read(notes())]
  t.same(await statusesOf([...before, ...after]), ['fulfilled', 'fulfilled', 'rejected', 'rejected'])
  await closed
  const reopened = openSqlite({ file, now: Date.now })
  t.same(await wordsIn(reopened), ['a', 'b'])
  await reopened.close()
})

t.test('a file that is in use is refused, and free again once it is closed', async (t) => {
  const { file, sql } = await openNotes(t)
  t.throws(() => openSqlite({ file, now: Date.now }), StoreRefused)
  t.throws(() => openSqlite({ file, now: Date.now }), { message: /^Another process uses the store file: .*STORE_URL.*PostgreSQL/ })
  await sql.write([note({ words: 'a' })])
  await sql.close()
  const next = openSqlite({ file, now: Date.now })
  t.same(await wordsIn(next), ['a'])
  await next.close()
})

t.test('a link to a store file, or to its folder, is the same store: while it is in use, it is refused', async (t) => {
  const { file, sql } = await openNotes(t)
  await sql.write([note({ words: 'a' })])
  const elsewhere = temporaryFolder(t)
  const [fileLink, folderLink] = [join(elsewhere, 'linked.db'), join(elsewhere, 'folder')]
  symlinkSync(file, fileLink)
  symlinkSync(dirname(file), folderLink)
  const links = [fileLink, join(folderLink, 'store.db')]
  for (const link of links) t.throws(() => openSqlite({ file: link, now: Date.now }), { name: 'StoreRefused', message: /Another process/ })
  await sql.close()
  for (const link of links) {
    const linked = openSqlite({ file: link, now: Date.now })
    t.same(await wordsIn(linked), ['a'])
    t.throws(() => openSqlite({ file, now: Date.now }), { name: 'StoreRefused', message: /Another process/ })
    await linked.close()
  }
})

t.test('a new file in a linked folder is the same store from the first', async (t) => {
  const [folder, elsewhere] = [temporaryFolder(t), temporaryFolder(t)]
  symlinkSync(folder, join(elsewhere, 'folder'))
  const sql = openSqlite({ file: join(elsewhere, 'folder', 'store.db'), now: Date.now })
  t.throws(() => openSqlite({ file: join(folder, 'store.db'), now: Date.now }), { name: 'StoreRefused', message: /Another process/ })
  await sql.close()
})

t.test('a link to a store file that is yet to be made is the same store from the first', async (t) => {
  const [folder, elsewhere] = [temporaryFolder(t), temporaryFolder(t)]
  symlinkSync('second.db', join(elsewhere, 'first.db'))
  symlinkSync(join(folder, 'made', 'store.db'), join(elsewhere, 'second.db'))
  const sql = openSqlite({ file: join(elsewhere, 'first.db'), now: Date.now })
  const file = join(folder, 'made', 'store.db')
  t.equal(existsSync(file), true)
  t.throws(() => openSqlite({ file, now: Date.now }), { name: 'StoreRefused', message: /Another process/ })
  await sql.close()
})

t.test('a link that leads nowhere but to itself is refused', async (t) => {
  const file = join(temporaryFolder(t), 'store.db')
  symlinkSync('store.db', file)
  t.throws(() => openSqlite({ file, now: Date.now }), { name: 'StoreRefused', message: /cannot be opened/ })
})

t.test('a network file system is refused before anything is written there', async (t) => {
  for (const [type, name] of [[0x6969, 'NFS'], [0xFE534D42, 'SMB2'], [0x01021997, '9P']] as const) {
    const file = join(temporaryFolder(t), 'store.db')
    const open = (): Sql => openSqlite({ file, now: Date.now, fileSystemOf: () => ({ type }) })
    t.throws(open, StoreRefused)
    t.throws(open, { name: 'StoreRefused', message: new RegExp(`network file system \\(${name}\\)`) })
    t.equal(existsSync(file), false)
    t.equal(existsSync(`${file}.lock`), false)
  }
})

t.test('it is the real folder of the file whose file system counts', async (t) => {
  const folder = realpathSync(temporaryFolder(t))
  const link = join(temporaryFolder(t), 'folder')
  symlinkSync(folder, link)
  const asked: string[] = []
  const fileSystemOf = (path: string): { type: number } => {
    asked.push(path)
    return { type: 0xEF53 }
  }
  for (const path of [folder, link]) {
    const sql = openSqlite({ file: join(path, 'store.db'), now: Date.now, fileSystemOf })
    await sql.close()
  }
  t.same(asked, [folder, folder])
})

t.test('a file of a newer version is refused, and neither changed nor kept locked', async (t) => {
  const { file, sql } = await openNotes(t)
  await sql.write([note({ words: 'a' })])
  await sql.close()
  const setVersion = (version: number): void => {
    const database = new Database(file)
    database.exec(`PRAGMA user_version = ${version}`)
    database.close()
  }
  setVersion(MIGRATIONS.length + 1)
  t.throws(() => openSqlite({ file, now: Date.now }), { message: /newer version/ })
  t.throws(() => openSqlite({ file, now: Date.now }), { message: /newer version/ }, 'the lock was let go')
  setVersion(MIGRATIONS.length)
  const reopened = openSqlite({ file, now: Date.now })
  t.same(await wordsIn(reopened), ['a'])
  await reopened.close()
})

t.test('a file that cannot be opened is an error that leaves no lock', async (t) => {
  const file = join(temporaryFolder(t), 'store.db')
  mkdirSync(file)
  t.throws(() => openSqlite({ file, now: Date.now }), { name: 'StoreRefused', message: /cannot be opened/ })
  rmdirSync(file)
  const sql = openSqlite({ file, now: Date.now })
  await t.resolves(sql.check())
  await sql.close()
})
