import t from 'tap'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, readdirSync, readFileSync, realpathSync, rmSync, utimesSync } from 'node:fs'
import { join, relative } from 'node:path'
import { projectIn, run, start, withCompiler, withoutTypeScript } from './project.ts'

const leftovers = (root: string) => readdirSync(root).filter(name => name.startsWith('dist.'))

t.test('builds what is missing, and then starts from it as it is', async t => {
  const { root, path } = projectIn(t)
  const first = run(root)
  t.match(first, { status: 0, stdout: 'version 1\n', stderr: /building/ })
  t.same(leftovers(root), [])

  const second = run(root)
  t.same(second, { status: 0, stdout: 'version 1\n', stderr: '' }, 'says nothing of its own')

  utimesSync(path('src/server.ts'), new Date(), new Date(Date.now() + 60_000))
  t.equal(run(root).stderr, '', 'a new time on the same content builds nothing')
})

t.test('copies pages, the Actions, templates and the files of identity providers, and clears what is gone', async t => {
  const { root, path, write } = projectIn(t)
  write('src/other.ts', 'export const other = 1\n')
  t.same(run(root, 'build.mjs'), { status: 0, stdout: '', stderr: '' })
  const made = () => readdirSync(path('dist'), { recursive: true, withFileTypes: true }).filter(item => item.isFile())
    .map(item => relative(path('dist'), join(item.parentPath, item.name))).sort()
  const always = [
    '.build', 'auth0-action/custom-phone-provider.js', 'auth0-action/send-phone-message.js', 'cli.js', 'cli.js.map',
    'inspector/page/icons/page.svg', 'inspector/page/index.html', 'inspector/page/page.css', 'inspector/page/page.js',
    'provisioning/idp/curl.sh', 'provisioning/idp/gitignore', 'provisioning/idp/terraform/main.tf', 'server.js', 'server.js.map',
    'wording/templates/en.text.liquid'
  ]
  t.same(made(), [...always, 'other.js', 'other.js.map'].sort())

  rmSync(path('src/other.ts'))
  write('dist/stray.js', '')
  t.match(run(root), { status: 0, stderr: /building/ }, 'a deleted source makes it stale')
  t.same(made(), always)
})

t.test('builds again when anything that it is made from has changed', async t => {
  const { root, path, write } = projectIn(t)
  run(root)
  const isRebuiltAfter = (change: string) => { t.match(run(root).stderr, /building/, change) }

  write('src/server.ts', "console.log('version', 2)\n")
  t.match(run(root), { status: 0, stdout: 'version 2\n', stderr: /building/ })
  write('src/inspector/page/page.css', 'p { color: red }')
  isRebuiltAfter('a page')
  write('src/provisioning/idp/curl.sh', 'curl --fail')
  isRebuiltAfter('a file of an identity provider')
  write('src/wording/templates/en.text.liquid', 'Code: {{ code }}')
  isRebuiltAfter('a template')
  t.equal(readFileSync(path('dist/inspector/page/page.css'), 'utf8'), 'p { color: red }')
  write('tsconfig.json', readFileSync(path('tsconfig.json'), 'utf8').replace('ES2023', 'ES2022'))
  isRebuiltAfter('tsconfig.json')
  write('package-lock.json', '{ "lockfileVersion": 3 }')
  isRebuiltAfter('package-lock.json')
  rmSync(path('dist/server.js'))
  isRebuiltAfter('a lost file')
  t.equal(run(root).stderr, '')
})

t.test('shows what the compiler says, and leaves dist alone', async t => {
  const { root, path, write } = projectIn(t)
  run(root)
  const built = readFileSync(path('dist/server.js'), 'utf8')
  write('src/server.ts', "const version: number = 'two'\nconsole.log(version)\n")
  for (const script of ['build.mjs', 'start.mjs']) {
    const { status, stdout, stderr } = run(root, script)
    t.ok(status, `${script} fails`)
    t.equal(stdout, '', 'starts nothing')
    t.match(stderr, /src\/server\.ts.*TS2322/)
  }
  t.equal(readFileSync(path('dist/server.js'), 'utf8'), built)
  t.same(leftovers(root), [])

  write('src/server.ts', "console.log('version', 1)\n")
  t.match(run(root), { status: 0, stdout: 'version 1\n', stderr: '' }, 'the old build is that of the mended source')
})

t.test('without TypeScript', async t => {
  t.test('starts the dist that is there, even a stale one', async t => {
    const { root, write } = projectIn(t)
    run(root)
    withoutTypeScript(root)
    write('src/server.ts', "console.log('version', 2)\n")
    t.same(run(root), { status: 0, stdout: 'version 1\n', stderr: '' })
  })

  t.test('says in one line what to do when there is none', async t => {
    const { root, path } = projectIn(t)
    withoutTypeScript(root)
    for (const script of ['start.mjs', 'build.mjs']) {
      const { status, stdout, stderr } = run(root, script)
      t.equal(status, 1)
      t.equal(stdout, '')
      t.match(stderr, /^[^\n]*npm ci[^\n]*\n$/)
    }
    t.notOk(existsSync(path('dist')))
  })
})

t.test('several starts at once all run the finished build', async t => {
  const { root, write } = projectIn(t, "import { half } from './half.ts'\nconsole.log('version', half + half)\n")
  write('src/half.ts', 'export const half = 0.5\n')
  for (const state of ['missing', 'stale']) {
    if (state === 'stale') write('src/more.ts', 'export const more = 1\n')
    const starts = [1, 2, 3].map(() => start(root))
    for (const { ended, output } of starts) {
      t.same(await ended, [0, null], output.stderr)
      t.equal(output.stdout, 'version 1\n')
    }
    t.same(leftovers(root), [])
    t.equal(run(root).stderr, '', `${state}: fresh now`)
  }
})

t.test('the server is this very process, in the directory of the project', async t => {
  const { root, write } = projectIn(t, `
    process.once('SIGTERM', () => { console.log('closing'); process.exit(7) })
    setInterval(() => {}, 1000)
    console.log('pid', process.pid, 'in', process.cwd())
  `)
  run(root, 'build.mjs')
  const { child, ended, output } = start(root)
  await once(child.stdout, 'data')
  t.equal(output.stdout, `pid ${child.pid} in ${realpathSync(root)}\n`)
  child.kill('SIGTERM')
  t.same(await ended, [7, null])
  t.match(output.stdout, 'closing')

  write('src/server.ts', "throw new Error('no database')\n")
  t.match(run(root), { status: 1, stderr: /no database/ })
})

t.test('a signal ends a start that is still building', async t => {
  const { root, path } = projectIn(t)
  withCompiler(root, "process.stderr.write('compiling'); setInterval(() => {}, 1000)")
  const { child, ended, output } = start(root)
  while (!output.stderr.includes('compiling')) await once(child.stderr, 'data')
  child.kill('SIGTERM')
  t.same(await ended, [143, null])
  t.equal(output.stdout, '')
  t.notOk(existsSync(path('dist')))
  t.same(leftovers(root), [])
})

const nobody = { uid: 65534, gid: 65534 }

/** Why this cannot be tried here, if so: only root can be somebody else, who may not get at a Node in root's own folder. */
const whyNotAsNobody = (): string | false => {
  if (process.getuid?.() !== 0) return 'only root can be another user'
  return spawnSync(process.execPath, ['--version'], nobody).status === 0 ? false : 'another user cannot run this Node'
}

t.test('as another user', { skip: whyNotAsNobody() }, async t => {
  const { root, write } = projectIn(t)
  run(root)
  withCompiler(root, '')
  chmodSync(root, 0o755)
  t.same(run(root, 'start.mjs', nobody), { status: 0, stdout: 'version 1\n', stderr: '' }, "starts root's build")

  write('src/server.ts', "console.log('version', 2)\n")
  const { status, stdout, stderr } = run(root, 'start.mjs', nobody)
  t.equal(status, 1)
  t.equal(stdout, '')
  t.match(stderr.split('\n'), [/building/, /the build failed: EACCES/, ''], 'says why, without a stack')
})
