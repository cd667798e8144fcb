// npm start: runs the gateway, building it first where dist is missing or older than the sources.
import { pathToFileURL } from 'node:url'
import { build, entry, hasCompiler, isBuilt, isFresh, root } from './project.mjs'

const isUsable = hasCompiler() ? await isFresh() : isBuilt()
if (!isUsable) {
  if (hasCompiler()) console.error('phone-code-gateway: building, as dist is missing or older than the sources')
  const code = await build()
  if (code !== 0) process.exit(code)
}

// The gateway reads .env and keeps its data where it is started: as with npm start, that is the project.
process.chdir(root)
// In this process and not in a child: signals and the exit code need nobody to pass them on.
await import(pathToFileURL(entry).href)
