// Takes the types out with ts-blank-space, which keeps every position, so that neither errors nor coverage need a source
// map. Each test file is a process of its own: what is stripped once is kept by its content, so that the many that follow
// need not even load the compiler.
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const cache = new URL('../../../node_modules/.cache/strip-types/', import.meta.url)
mkdirSync(cache, { recursive: true })

const strip = async (source) => {
  const kept = new URL(`${createHash('sha256').update(source).digest('hex')}.js`, cache)
  try {
    return readFileSync(kept, 'utf8')
  } catch {
    const { default: blank } = await import('ts-blank-space')
    const stripped = blank(source)
    // Several processes may be at it: whoever is last puts the same there, in one piece.
    const own = fileURLToPath(kept) + process.pid
    writeFileSync(own, stripped)
    renameSync(own, kept)
    return stripped
  }
}

export const load = async (url, context, nextLoad) => {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return await nextLoad(url, context)
  const source = await strip(readFileSync(fileURLToPath(url), 'utf8'))
  return { format: 'module', shortCircuit: true, source: `${source}\n//# sourceURL=${url}` }
}
