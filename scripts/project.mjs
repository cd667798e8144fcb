// What `build.mjs`, `start.mjs` and `cli.mjs` share: telling whether dist is what the sources make, and making it.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { constants } from 'node:os'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** The project's directory, found from this file and not from where the command was given. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))
const dist = join(root, 'dist')
const stamp = join(dist, '.build')
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')

/** What a start runs, and what the command line runs. */
const entries = { server: join(dist, 'server.js'), cli: join(dist, 'cli.js') }

/** False where only production dependencies are installed, as in an image: such a place runs the dist that it has. */
const hasCompiler = () => existsSync(compiler)

/** Names of all files under a directory, relative to it, in a fixed order. */
const filesUnder = async directory =>
  (await readdir(directory, { recursive: true, withFileTypes: true }))
    .filter(item => item.isFile())
    .map(item => join(item.parentPath, item.name).slice(directory.length + 1))
    .sort()

/**
 * What is used as it is, so that the compiler does not see it: all that makes up a page, the Auth0 Actions, the files that
 * identity providers are set up with, and the templates of messages.
 */
const isAsset = name => {
  const folders = name.split(sep).slice(0, -1)
  if (folders[0] === 'provisioning' || name.endsWith('.liquid')) return true
  return (folders.includes('page') && !/\.(ts|md)$/.test(name)) || (folders.at(-1) === 'auth0-action' && name.endsWith('.js'))
}

/**
 * One value for everything that decides what dist holds. Contents and not times: a checkout, a copy or an unpacked
 * archive gives old files new times and new files old ones, and a deleted file has none.
 */
const fingerprint = async () => {
  const hash = createHash('sha256')
  const sources = (await filesUnder(join(root, 'src'))).map(name => join('src', name))
  for (const name of [...sources, join('scripts', 'project.mjs'), 'package.json', 'package-lock.json', 'tsconfig.json']) {
    const content = await readFile(join(root, name)).catch(() => Buffer.alloc(0))
    hash.update(`${name}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}

/** Whether dist is there, and what the present sources would make. */
const isFresh = async entry =>
  existsSync(entry) && await readFile(stamp, 'utf8').catch(() => '') === await fingerprint()

/** Runs the compiler; its words go to stderr, for stdout is the gateway's log. A signal to us ends it, and then us. */
const compile = async outDir => {
  const child = spawn(process.execPath, [compiler, '-p', 'tsconfig.json', '--outDir', outDir], { cwd: root, stdio: ['ignore', 2, 2] })
  const passOn = signal => child.kill(signal)
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, passOn)
  const [code, signal] = await new Promise((resolve, reject) => {
    child.once('error', reject).once('exit', (...how) => resolve(how))
  })
  for (const name of signals) process.off(name, passOn)
  return signal === null ? code : 128 + constants.signals[signal]
}

/**
 * Puts what was made in `from` into dist. File by file, each by a rename: another process that starts from dist at this
 * moment never finds a file missing or half written, which it would if the directory were taken away and replaced.
 * The stamp goes first and comes back last, so an end in between leaves a build that is known to be stale.
 */
const install = async (from, inputs) => {
  await mkdir(dist, { recursive: true })
  await rm(stamp, { force: true })
  const made = await filesUnder(from)
  for (const name of made) {
    await mkdir(dirname(join(dist, name)), { recursive: true })
    await rename(join(from, name), join(dist, name))
  }
  const wanted = new Set(made)
  for (const name of await filesUnder(dist)) {
    if (!wanted.has(name)) await rm(join(dist, name), { force: true })
  }
  await writeFile(join(from, '.build'), inputs)
  await rename(join(from, '.build'), stamp)
}

/** Builds dist from src. Gives the exit code, after saying on stderr what is wrong; then dist stays as it was. */
export const build = async () => {
  if (!hasCompiler()) {
    console.error('phone-code-gateway: the build needs TypeScript, which is not installed: run `npm ci --include=dev` first.')
    return 1
  }
  let temporary
  try {
    const inputs = await fingerprint() // before the compiler reads them: an edit meanwhile counts as newer
    temporary = await mkdtemp(`${dist}.tmp-`) // beside dist, for a rename does not cross file systems
    const made = join(temporary, 'made')
    const code = await compile(made)
    if (code !== 0) return code
    for (const name of (await filesUnder(join(root, 'src'))).filter(isAsset)) {
      await mkdir(dirname(join(made, name)), { recursive: true })
      await copyFile(join(root, 'src', name), join(made, name))
    }
    await install(made, inputs)
    return 0
  } catch (error) {
    console.error(`phone-code-gateway: the build failed: ${error.message}`)
    return 1
  } finally {
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true })
  }
}

/** Runs `server` or `cli` in this process, building first where dist is missing or older than the sources. */
export const runBuilt = async name => {
  const entry = entries[name]
  const isUsable = hasCompiler() ? await isFresh(entry) : existsSync(entry)
  if (!isUsable) {
    if (hasCompiler()) console.error('phone-code-gateway: building, as dist is missing or older than the sources')
    const code = await build()
    if (code !== 0) process.exit(code)
  }
  // In this process and not in a child: signals and the exit code need nobody to pass them on.
  await import(pathToFileURL(entry).href)
}
