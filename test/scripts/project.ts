import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

const project = fileURLToPath(new URL('../../', import.meta.url))

const FILES = {
  'package.json': '{ "type": "module" }',
  'package-lock.json': '{}',
  // What the sources below need of Node, because reading all of @types/node takes most of a build's time.
  'src/node.d.ts': 'declare const console: { log (...values: unknown[]): void }\ndeclare const process: any\ndeclare const setInterval: any\n',
  'src/auth0-action/custom-phone-provider.js': 'exports.x = 1\n',
  'src/auth0-action/send-phone-message.js': 'exports.x = 2\n',
  'src/auth0-action/README.md': 'words',
  'src/cli.ts': "console.log('typed', ...process.argv.slice(2), 'in', process.cwd())\nprocess.exitCode = 3\n",
  'src/provisioning/idp/curl.sh': 'curl',
  'src/provisioning/idp/gitignore': 'gateway.env',
  'src/provisioning/idp/terraform/main.tf': 'terraform {}',
  'src/inspector/page/index.html': '<p>',
  'src/inspector/page/page.css': 'p {}',
  'src/inspector/page/page.js': 'hello()',
  'src/inspector/page/icons/page.svg': '<svg/>',
  'src/inspector/page/notes.md': 'words',
  'src/wording/templates/en.text.liquid': '{{ code }}'
}

/** A project in a directory of its own: our scripts and settings, and the smallest source that shows what happens to it. */
export const projectIn = (test: Test, source = "console.log('version', 1)\n") => {
  const root = mkdtempSync(join(tmpdir(), 'start-test-'))
  test.teardown(() => { rmSync(root, { recursive: true }) })
  const path = (name: string) => join(root, name)
  const write = (name: string, content: string) => {
    mkdirSync(dirname(path(name)), { recursive: true })
    writeFileSync(path(name), content)
  }
  for (const [name, content] of Object.entries({ ...FILES, 'src/server.ts': source })) write(name, content)
  write('tsconfig.json', readFileSync(join(project, 'tsconfig.json'), 'utf8').replace('"types": ["node"]', '"types": []'))
  cpSync(join(project, 'scripts'), path('scripts'), { recursive: true })
  symlinkSync(join(project, 'node_modules'), path('node_modules'))
  return { root, path, write }
}

/**
 * A script's command line. By way of `env -i`, because what the test runner puts into the environment of each process
 * that a test starts (coverage, loaders) is no part of what is run here.
 */
const command = (root: string, script: string): [string, string[]] =>
  ['env', ['-i', `PATH=${process.env['PATH']}`, process.execPath, join(root, 'scripts', script)]]

interface RunOptions { uid?: number, gid?: number, cwd?: string, words?: readonly string[] }

/** Runs one of the scripts to its end, from a directory that is not the project's. */
export const run = (root: string, script = 'start.mjs', { words = [], ...options }: RunOptions = {}) => {
  const [file, before] = command(root, script)
  const { status, stdout, stderr } = spawnSync(file, [...before, ...words], { cwd: '/', encoding: 'utf8', ...options })
  return { status, stdout, stderr }
}

export const start = (root: string) => {
  const child = spawn(...command(root, 'start.mjs'), { cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => { output.stdout += text })
  child.stderr.setEncoding('utf8').on('data', (text: string) => { output.stderr += text })
  return { child, output, ended: once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]> }
}

export const withoutTypeScript = (root: string) => {
  rmSync(join(root, 'node_modules'))
  mkdirSync(join(root, 'node_modules'))
}

/** A compiler that is only as good as a test needs it. */
export const withCompiler = (root: string, source: string) => {
  withoutTypeScript(root)
  mkdirSync(join(root, 'node_modules', 'typescript', 'bin'), { recursive: true })
  writeFileSync(join(root, 'node_modules', 'typescript', 'bin', 'tsc'), source)
}
