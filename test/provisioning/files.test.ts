import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { IDENTITY_PROVIDERS, type IdentityProvider, type IdentityProviderName } from '../../src/cli/setup/identity-providers.ts'
import { filesOf, SECRET, URL_OF_GATEWAY } from './stand.ts'

const SOURCE = fileURLToPath(new URL('../../src/provisioning', import.meta.url))
const NAMES = Object.keys(IDENTITY_PROVIDERS) as IdentityProviderName[]
const PLACEHOLDER = /##|@@|<[A-Za-z_ ]+>|YOUR_|CHANGEME|TODO/

t.test('every identity provider that can be set up has its files, and there are no others', async (t) => {
  t.same(readdirSync(SOURCE).sort(), [...NAMES].sort())
})

t.test('the placeholders are these two, and they are used', async (t) => {
  for (const name of NAMES) {
    const texts = (readdirSync(join(SOURCE, name), { recursive: true, withFileTypes: true })).filter((item) => item.isFile())
      .map((item) => readFileSync(join(item.parentPath, item.name), 'utf8'))
    const found = new Set(texts.flatMap((text) => text.match(/##\w*##|@@\w*@@/g) ?? []))
    t.same([...found].sort(), name === 'zitadel' ? ['##GATEWAY_URL##'] : ['##GATEWAY_SECRET##', '##GATEWAY_URL##'])
  }
})

for (const name of NAMES) {
  t.test(name, async (t) => {
    const { keepsPlaceholders, holdsSecret }: IdentityProvider = IDENTITY_PROVIDERS[name]
    const files = filesOf(name)
    const without = [...files].map(([path, content]) => [path, content.replace(/<id>|<pro_…>/g, '')] as const)
    t.same(without.filter(([, content]) => PLACEHOLDER.test(content)).map(([path]) => path), keepsPlaceholders, 'every placeholder is filled')
    t.same([...files].filter(([, content]) => content.includes(SECRET)).map(([path]) => path).sort(), [...holdsSecret].sort(), 'the secret is where it is said to be')
    t.ok([...files.values()].some((content) => content.includes(URL_OF_GATEWAY)))
    const ignored = files.get('.gitignore')?.split('\n')
    t.same(holdsSecret.filter((path) => ignored?.includes(path) !== true), [], 'and kept out of git')

    for (const [path, content] of files) {
      t.match(content, /[^\n]\n$/, `${path} ends with a line`)
      if (!path.endsWith('.sh')) continue
      const { status, stderr } = spawnSync('bash', ['-n'], { input: content, encoding: 'utf8' })
      t.equal(status, 0, stderr)
      t.match(content, /^#!\/usr\/bin\/env bash\n/)
      t.match(content, /^set -euo pipefail$/m)
      t.notMatch(content, /\bset -x\b|--insecure| -k /)
    }
  })
}
