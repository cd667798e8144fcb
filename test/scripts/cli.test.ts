import t from 'tap'
import { readFileSync, realpathSync, rmSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '../support/folder.ts'
import { projectIn, run, withoutTypeScript } from './project.ts'

t.test('builds what is missing, and runs in the directory where it is typed', async t => {
  const { root } = projectIn(t)
  const cwd = realpathSync(temporaryFolder(t))
  const words = ['setup', 'auth0', '--out', 'a b']
  const typed = { status: 3, stdout: `typed setup auth0 --out a b in ${cwd}\n` }
  t.match(run(root, 'cli.mjs', { words, cwd }), { ...typed, stderr: /^[^\n]*building[^\n]*\n$/ }, 'stdout is the command\'s own')
  t.same(run(root, 'cli.mjs', { words, cwd }), { ...typed, stderr: '' })
  t.same(run(root), { status: 0, stdout: 'version 1\n', stderr: '' }, 'and the server is built with it')
})

t.test('builds again when the sources have changed', async t => {
  const { root, path, write } = projectIn(t)
  run(root, 'build.mjs')
  write('src/cli.ts', "console.log('another')\n")
  t.match(run(root, 'cli.mjs'), { status: 0, stdout: 'another\n', stderr: /building/ })
  rmSync(path('dist/cli.js'))
  t.match(run(root, 'cli.mjs'), { status: 0, stdout: 'another\n', stderr: /building/ }, 'a lost file too')
})

t.test('runs nothing that could not be built', async t => {
  const { root, write } = projectIn(t)
  write('src/cli.ts', 'const version: number = "two"\n')
  t.match(run(root, 'cli.mjs'), { status: 2, stdout: '', stderr: /src\/cli\.ts.*TS2322/ })
})

t.test('without TypeScript', async t => {
  const { root, write } = projectIn(t)
  run(root, 'build.mjs')
  withoutTypeScript(root)
  write('src/cli.ts', "console.log('newer')\n")
  t.match(run(root, 'cli.mjs'), { status: 3, stdout: /^typed in/, stderr: '' }, 'runs the dist that is there')
  rmSync(`${root}/dist`, { recursive: true })
  t.match(run(root, 'cli.mjs'), { status: 1, stdout: '', stderr: /npm ci/ })
})

t.test('npm finds it by its name', async t => {
  const project = new URL('../../', import.meta.url)
  const { bin } = JSON.parse(readFileSync(new URL('package.json', project), 'utf8')) as { bin: Record<string, string> }
  t.same(bin, { 'phone-code-gateway': 'scripts/cli.mjs' })
  const file = fileURLToPath(new URL('scripts/cli.mjs', project))
  t.match(readFileSync(file, 'utf8'), /^#!\/usr\/bin\/env node\n/)
  t.ok(statSync(file).mode & 0o100, 'and may run it')
})
