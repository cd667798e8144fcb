import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { DEPLOY, hasPromtool, PROMTOOL, unknownIn } from '../support/prometheus.ts'

const RULES = join(DEPLOY, 'prometheus/alerts.yaml')
const TESTS = join(DEPLOY, 'prometheus/alerts.test.yaml')

const text = readFileSync(RULES, 'utf8')
const rules = text.split(/^ {6}- alert: /m).slice(1).map((rule) => {
  const field = (name: string): string => new RegExp(`^ +${name}: (.+)$`, 'm').exec(rule)?.[1] ?? ''
  const [, inLine = '', block = ''] = /^ {8}expr: (?:\|\n((?: {10}.*\n)+)|(.+)\n)/m.exec(rule) ?? []
  return { name: rule.split('\n')[0] as string, expr: inLine + block, for: field('for'), severity: field('severity'), summary: field('summary'), description: field('description'), runbook: field('runbook') }
})

/** As the headings of a document become fragments. */
const fragmentsOf = (document: string): Set<string> =>
  new Set([...document.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading.toLowerCase().replaceAll(/[^a-z0-9 -]/g, '').replaceAll(' ', '-')))

t.test('every rule says for how long, how bad, what, and where to read on', async (t) => {
  t.ok(rules.length > 10)
  for (const { name, for: holds, severity, summary, description, runbook } of rules) {
    t.match(name, /^PhoneCode[A-Za-z]+$/)
    t.match(holds, /^[1-9][0-9]*m$/, name)
    t.match(severity, /^(critical|warning)$/, name)
    t.match(summary, /\.'?$/, name)
    t.match(description, /\.$/, name)
    const [file = '', fragment = ''] = runbook.split('#')
    const document = readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), 'utf8')
    t.equal(file, 'docs/operations.md', name)
    t.ok(fragmentsOf(document).has(fragment), `${name}: ${runbook}`)
  }
})

t.test('rules name metrics and labels that there are', async (t) => {
  for (const { name, expr } of rules) t.same(unknownIn(expr), [], name)
})

t.test('every rule is tried, to fire and to keep still', async (t) => {
  const tried = readFileSync(TESTS, 'utf8').split(/^ +- eval_time: /m).slice(1).map((one) => ({ name: /alertname: (\w+)/.exec(one)?.[1], fires: !one.includes('exp_alerts: []') }))
  for (const { name } of rules) t.ok(tried.some((one) => one.name === name && one.fires), name)
  // One that only fires has nothing but what it fires about.
  t.same(rules.filter(({ name }) => !tried.some((one) => one.name === name && !one.fires)).map(({ name }) => name), [])
})

t.test('promtool reads the rules, and they do what their tests say', { skip: hasPromtool ? false : 'there is no /usr/bin/promtool here' }, async (t) => {
  t.match(execFileSync(PROMTOOL, ['check', 'rules', RULES], { encoding: 'utf8' }), /SUCCESS: [0-9]+ rules found/)
  t.match(execFileSync(PROMTOOL, ['test', 'rules', TESTS], { encoding: 'utf8' }), /SUCCESS/)
})
