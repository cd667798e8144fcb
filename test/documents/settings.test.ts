import t from 'tap'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseEnv } from 'node:util'
import { COUNTRY_SETTINGS, SETTINGS, type Setting } from '../../src/config/settings.ts'

const read = (name: string): string => {
  try {
    return readFileSync(fileURLToPath(new URL(`../../${name}`, import.meta.url)), 'utf8')
  } catch {
    return ''
  }
}

const settings: ReadonlyArray<[string, Setting]> = Object.entries(SETTINGS)
const countrySettings: ReadonlyArray<[string, Setting]> = Object.entries(COUNTRY_SETTINGS)

const defaultOf = (setting: Setting): string =>
  setting.defaultSays ?? (setting.default === undefined ? '—' : `\`${setting.default}\``)

const row = (name: string, setting: Setting): string => `| \`${name}\` | ${defaultOf(setting)} | ${setting.description} |`

t.test('README.md has a row for every setting, with its default and what it is for', async (t) => {
  const rows = [
    ...settings.map(([name, setting]) => row(name, setting)),
    ...countrySettings.map(([prefix, setting]) => row(`${prefix}<country>`, setting))
  ]
  const lines = new Set(read('README.md').split('\n'))
  const missing = rows.filter((expected) => !lines.has(expected))
  t.equal(missing.length, 0, missing.length === 0 ? 'README.md holds them all' : 'README.md must hold the table below')
  if (missing.length > 0) t.comment(['| setting | default | what it is for |', '| --- | --- | --- |', ...rows].join('\n'))
})

t.test('what a setting is for names every other name that it is read by', async (t) => {
  for (const [name, { aliases = [], description }] of settings) {
    for (const alias of aliases) t.ok(description.includes(`\`${alias}\``), `${name}: ${alias}`)
  }
  const names = settings.flatMap(([name, { aliases = [] }]) => [name, ...aliases])
  t.equal(new Set(names).size, names.length, 'and no name belongs to two')
})

t.test('README.md has no row for a setting that is gone', async (t) => {
  const known = new Set([...Object.keys(SETTINGS), ...Object.keys(COUNTRY_SETTINGS).map((prefix) => `${prefix}<country>`)])
  const named = [...read('README.md').matchAll(/^\| `([A-Z][A-Z0-9_]+(?:<country>)?)` \|/gm)].map(([, name]) => name as string)
  t.same(named.filter((name) => !known.has(name)), [])
})

const example = read('.env.example')

/** Blocks are set apart by empty lines: comments, and then the setting itself, commented out. */
const blockOf = (name: string): { words: string, value: string } | undefined => {
  for (const block of example.split(/\n{2,}/)) {
    const lines = block.trim().split('\n')
    const last = lines.at(-1) as string
    if (!last.startsWith(`#${name}=`)) continue
    return { words: lines.slice(0, -1).map((line) => line.replace(/^# /, '')).join(' '), value: last.slice(name.length + 2) }
  }
  return undefined
}

const wordsOf = (setting: Setting): string => {
  const holds = setting.defaultSays ?? setting.default
  return `${setting.description}${holds === undefined ? '' : ` Default: ${holds}.`}`.replaceAll('`', '')
}

t.test('.env.example has every setting, commented out, with its default and what it is for', async (t) => {
  for (const [name, setting] of settings) t.same(blockOf(name), { words: wordsOf(setting), value: setting.default ?? '' }, name)
  for (const [prefix, setting] of countrySettings) t.same(blockOf(`${prefix}US`), { words: wordsOf(setting), value: '' }, prefix)
})

t.test('.env.example names no setting that is gone', async (t) => {
  const known = new Set([...Object.keys(SETTINGS), ...Object.keys(COUNTRY_SETTINGS).map((prefix) => `${prefix}US`)])
  const named = [...example.matchAll(/^#([A-Z0-9_]+)=/gm)].map(([, name]) => name as string)
  t.same(named.filter((name) => !known.has(name)), [])
  t.equal(new Set(named).size, named.length, 'and none twice')
})

t.test('.env.example copied as it is sets nothing', async (t) => {
  t.ok(example.length > 0)
  t.same(Object.keys(parseEnv(example)), [])
})
