import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, realpathSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Refusal } from '../../src/cli/refusal.ts'
import { writeFiles, type WriteFilesOptions } from '../../src/cli/setup/write-files.ts'
import { temporaryFolder } from '../support/folder.ts'

const FILES = [
  { path: '.gitignore', content: 'gateway.env\n*.tfstate\n', isSecret: false },
  { path: 'gateway.env', content: 'secret', isSecret: true },
  { path: 'terraform/deep/main.tf', content: 'resource', isSecret: false }
]

/** What is left of rights that are given to everybody. */
const allowed = (mode: number): number => mode & ~process.umask()

/** A place to write to. */
const place = (t: Test) => {
  const from = realpathSync(temporaryFolder(t))
  const at = (...path: string[]): string => join(from, ...path)
  const write = (options: Partial<WriteFilesOptions> = {}): string => {
    try {
      writeFiles({ from, folder: at('k'), files: FILES, force: false, ...options })
      return 'written'
    } catch (error) {
      return error instanceof Refusal ? `${error.exitCode} ${error.message.replaceAll(from, '')}` : `fault ${String(error)}`
    }
  }
  const read = (...path: string[]): string => readFileSync(at(...path), 'utf8')
  const put = (path: string, content: string): void => {
    mkdirSync(join(at(path), '..'), { recursive: true })
    writeFileSync(at(path), content)
  }
  /** Everything that there is, links and folders among it, but for what `put` makes elsewhere. */
  const all = (): string[] => readdirSync(from, { recursive: true }).map(String).sort()
  return { from, at, write, read, put, all }
}

const modeOf = (file: string): number => lstatSync(file).mode & 0o777

t.test('writes secrets, and folders where there will be more, for their owner only', (t) => {
  const { at, write, all } = place(t)
  t.equal(write(), 'written')
  t.same(all(), ['k', 'k/.gitignore', 'k/gateway.env', 'k/terraform', 'k/terraform/deep', 'k/terraform/deep/main.tf'])
  for (const path of ['k', 'k/terraform', 'k/terraform/deep']) t.equal(modeOf(at(path)), 0o700, path)
  for (const { path, isSecret } of FILES) t.equal(modeOf(at('k', path)), isSecret ? 0o600 : allowed(0o644), path)
  t.equal(write({ folder: at('open', 'k'), isPrivate: false }), 'written')
  for (const path of ['open', 'open/k', 'open/k/terraform', 'open/k/terraform/deep']) t.equal(modeOf(at(path)), allowed(0o755), path)
  t.equal(modeOf(at('open/k/gateway.env')), 0o600)
  t.end()
})

t.test('never replaces what is there, unless it is told to', (t) => {
  const { at, write, read, put, all } = place(t)
  put('k/gateway.env', 'mine')
  put('k/terraform/deep/main.tf', 'mine too')
  chmodSync(at('k/gateway.env'), 0o644)
  const before = all()
  t.equal(write(), '1 In /k there is already gateway.env, terraform/deep/main.tf. --force replaces what is there; --out takes another directory.')
  t.same([all(), read('k/gateway.env')], [before, 'mine'])

  t.equal(write({ force: true }), 'written')
  t.same([read('k/gateway.env'), modeOf(at('k/gateway.env'))], ['secret', 0o600], 'nobody else can read it any more')
  t.same(all(), ['k', 'k/.gitignore', 'k/gateway.env', 'k/terraform', 'k/terraform/deep', 'k/terraform/deep/main.tf'], 'and nothing of what was replaced is left')
  t.end()
})

t.test('what git ignores stays ignored, and more is', (t) => {
  const { at, write, read, put } = place(t)
  const cases: Array<[string, string]> = [
    ['node_modules\n', 'node_modules\ngateway.env\n*.tfstate\n'],
    ['node_modules', 'node_modules\ngateway.env\n*.tfstate\n'],
    ['# mine\r\n*.tfstate\r\n', '# mine\r\n*.tfstate\r\ngateway.env\n'],
    ['', 'gateway.env\n*.tfstate\n'],
    ['*.tfstate\ngateway.env', '*.tfstate\ngateway.env']
  ]
  for (const force of [false, true]) {
    for (const [index, [before, after]] of cases.entries()) {
      const folder = `${force}-${index}`
      put(`${folder}/.gitignore`, before)
      chmodSync(at(folder, '.gitignore'), 0o640)
      t.equal(write({ folder: at(folder), force }), 'written')
      t.same([read(folder, '.gitignore'), modeOf(at(folder, '.gitignore'))], [after, 0o640])
      t.same(readdirSync(at(folder)).sort(), ['.gitignore', 'gateway.env', 'terraform'])
    }
  }
  t.end()
})

t.test('writes through no link', (t) => {
  for (const force of [false, true]) {
    const { from, at, write, put, all } = place(t)
    put('elsewhere/.keep', '')
    symlinkSync(at('elsewhere'), at('link'))
    symlinkSync(at('nowhere'), at('dangling'))
    mkdirSync(at('k'))
    symlinkSync(at('elsewhere'), at('k/terraform'))
    const before = all()
    t.equal(write({ force }), '1 /k/terraform is a link, and files with secrets are not written through one. Name the directory itself by --out: /elsewhere.')
    t.match(write({ force, folder: at('link') }), /^1 \/link is a link/)
    t.match(write({ force, folder: at('link/below/it') }), /^1 \/link is a link/)
    t.match(write({ force, folder: at('dangling') }), /^1 \/dangling is a link, .* by --out\.$/)
    t.match(write({ force, from: at('k'), folder: at('link') }), /^1 \/link is a link/, 'nor where the way leads out of here')
    t.same(all(), before, 'and nothing is written')
    t.equal(write({ force, from: at('link'), folder: at('link/k') }), 'written', 'how one got here is one\'s own affair')
    t.ok(existsSync(join(from, 'elsewhere/k/gateway.env')))
  }
  t.end()
})

t.test('a file that is a link is replaced, and not followed; what git ignores is not looked for there', (t) => {
  const { at, write, read, put } = place(t)
  put('elsewhere', 'untouched')
  mkdirSync(at('k'))
  symlinkSync(at('elsewhere'), at('k/gateway.env'))
  t.match(write(), /^1 In \/k there is already gateway\.env\./)
  t.equal(write({ force: true }), 'written')
  t.same([read('elsewhere'), read('k/gateway.env'), statSync(at('k/gateway.env')).isFile()], ['untouched', 'secret', true])

  mkdirSync(at('g'))
  for (const to of ['elsewhere', 'nowhere']) {
    symlinkSync(at(to), at('g/.gitignore'))
    t.match(write({ folder: at('g'), force: true }), /^1 \/g\/\.gitignore is no file: remove it, or take another/)
    t.same(readdirSync(at('g')), ['.gitignore'])
    renameSync(at('g/.gitignore'), at(`g-${to}`))
  }
  t.same([read('elsewhere'), existsSync(at('nowhere'))], ['untouched', false])
  t.end()
})

t.test('says what stands in the way', (t) => {
  const { at, write, put, all } = place(t)
  put('file', '')
  mkdirSync(at('k/gateway.env'), { recursive: true })
  const before = all()
  t.equal(write({ folder: at('file') }), '1 /file is no directory: take another one by --out.')
  t.equal(write({ folder: at('file/below') }), '1 /file is no directory: take another one by --out.')
  t.equal(write({ force: true }), '1 /k/gateway.env is no file: remove it, or take another directory by --out.')
  t.match(write({ folder: at('x'.repeat(300)) }), /^1 The files cannot be written to .*: ENAMETOOLONG\. Nothing was written\.$/)
  t.same(all(), before)
  t.end()
})

const failure = (code?: string): Error => Object.assign(new Error('hunter2'), { code })

t.test('what goes wrong on the way leaves everything as it was', (t) => {
  for (const fails of [1, 2, 3]) {
    const { at, write, read, put, all } = place(t)
    put('k/.gitignore', 'mine')
    put('k/gateway.env', 'mine, too')
    const before = all()
    let count = 0
    const rename = (from: string, to: string): void => {
      count += 1
      if (count === fails) throw failure('EBUSY')
      renameSync(from, to)
    }
    t.equal(write({ force: true, rename }), '1 The files cannot be written to /k: EBUSY. Nothing was written.')
    t.equal(count, fails)
    t.same([all(), read('k/.gitignore'), read('k/gateway.env')], [before, 'mine', 'mine, too'], `file ${fails}`)

    count = 0
    t.match(write({ folder: at('new'), rename }), /Nothing was written/)
    t.same(all(), before, 'no folder that was made stays')
  }
  t.end()
})

t.test('says why in words, and what cannot be tidied up hides nothing', (t) => {
  const { at, write, put } = place(t)
  const told = (code?: string): string => write({ rename: () => { throw failure(code) } })
  t.same(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EIO', undefined].map((code) => /: (.*)\. Nothing/.exec(told(code))?.[1]), [
    'this user may not write there', 'this user may not write there', 'that disk is read-only', 'there is no room left', 'there is no room left', 'EIO', 'no reason is known'
  ])
  t.notOk(existsSync(at('k')))
  const somebodyElse = (): void => {
    put('k/of-somebody-else', '')
    throw failure('EIO')
  }
  t.match(write({ rename: somebodyElse }), /^1 The files cannot be written to \/k: EIO/)
  t.same(readdirSync(at('k')), ['of-somebody-else'])
  t.end()
})

t.test('other files of the same folder are left alone', (t) => {
  const { write, read, put, all } = place(t)
  put('k/curl.sh', 'of another provider')
  put('k/.gateway.env.mine', '')
  t.equal(write(), 'written')
  t.equal(read('k/curl.sh'), 'of another provider')
  t.equal(all().filter((path) => path.startsWith('k/.')).length, 2)
  t.end()
})
