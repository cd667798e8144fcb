import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { IdentityProviderName } from '../../src/cli/setup/identity-providers.ts'
import { provisioningFiles } from '../../src/cli/setup/provisioning.ts'
import { writeFiles } from '../../src/cli/setup/write-files.ts'
import { temporaryFolder } from '../support/folder.ts'

export const URL_OF_GATEWAY = 'https://codes.contoso.example/x'
export const SECRET = 'hook-secret-0123456789'

/** The files of an identity provider as `setup` writes them, by path. */
export const filesOf = (name: IdentityProviderName, secret = SECRET): ReadonlyMap<string, string> =>
  new Map(provisioningFiles(name, { url: URL_OF_GATEWAY, secret }).map(({ path, content }) => [path, content]))

export interface Asked { readonly method: string | undefined, readonly url: string, readonly headers: IncomingHttpHeaders, readonly body: string }
export interface Reply { readonly status?: number, readonly body?: object }

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** What the script asked for; a URL is that of the script, `https://` and all. */
  readonly asked: readonly Asked[]
  /** The command lines of `curl`, which everybody on the machine can read. */
  readonly commandLines: string
}

/** Stands before the real curl, and asks a server of the test in place of the whole world. */
const CURL = `#!/usr/bin/env bash
printf '%s\\n' "$*" >> "$RECORD"
words=()
for word in "$@"; do
  case $word in https://*) word="http://127.0.0.1:$API_PORT/\${word#https://}" ;; esac
  words+=("$word")
done
exec "$REAL_CURL" "\${words[@]}"
`

const realCurl = spawnSync('bash', ['-c', 'command -v curl'], { encoding: 'utf8' }).stdout.trim()

export interface Stand {
  readonly folder: string
  run (words: readonly string[], environment: Readonly<Record<string, string>>, answer: (asked: Asked) => Reply): Promise<Ran>
}

/** A folder with the files of an identity provider, in which its script can be run. */
export const standFor = (t: Test, name: IdentityProviderName, secret = SECRET): Stand => {
  const root = temporaryFolder(t)
  const folder = join(root, 'a folder')
  writeFiles({ from: root, folder, files: provisioningFiles(name, { url: URL_OF_GATEWAY, secret }), force: false })
  mkdirSync(join(root, 'bin'))
  writeFileSync(join(root, 'bin', 'curl'), CURL)
  chmodSync(join(root, 'bin', 'curl'), 0o755)
  const record = join(root, 'command-lines')

  const run: Stand['run'] = async (words, environment, answer) => {
    const asked: Asked[] = []
    writeFileSync(record, '')
    const server = createServer((request, response) => {
      let body = ''
      request.setEncoding('utf8').on('data', (part: string) => { body += part }).on('end', () => {
        const one = { method: request.method, url: `https:/${request.url}`, headers: request.headers, body }
        asked.push(one)
        const { status = 200, body: told = {} } = answer(one)
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(told))
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const child = spawn('bash', [join(folder, 'curl.sh'), ...words], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: `${join(root, 'bin')}:${process.env['PATH']}`, RECORD: record, REAL_CURL: realCurl, API_PORT: String((server.address() as AddressInfo).port), SECONDS_BETWEEN_TRIES: '0', ...environment }
    })
    const output = { stdout: '', stderr: '' }
    child.stdout.setEncoding('utf8').on('data', (text: string) => { output.stdout += text })
    child.stderr.setEncoding('utf8').on('data', (text: string) => { output.stderr += text })
    const [code] = await once(child, 'close') as [number | null]
    server.closeAllConnections()
    server.close()
    return { code, ...output, asked, commandLines: readFileSync(record, 'utf8') }
  }
  return { folder, run }
}

/** What a line of shell in the folder leaves in the environment. */
export const exportedBy = (folder: string, script: string): Record<string, string> => {
  const { stdout } = spawnSync('bash', ['-c', `${script} && env -0`], { cwd: folder, encoding: 'utf8', env: { PATH: process.env['PATH'] } })
  return Object.fromEntries(stdout.split('\0').filter((line) => line !== '').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
}

/** A test is told nothing by a script that could not be read: without the comments, and without blank lines. */
export const withoutComments = (text: string): string => text.split('\n').filter((line) => !/^\s*(#|\/\/|$)/.test(line)).join('\n')
