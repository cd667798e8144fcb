import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { Registry } from 'prom-client'
import { createInstruments } from '../../src/observability/instruments.ts'
import { measureProcess } from '../../src/observability/process-metrics.ts'
import { testPort } from './gateway.ts'

const PROMETHEUS = '/usr/bin/prometheus'
export const PROMTOOL = '/usr/bin/promtool'
export const hasPrometheus = existsSync(PROMETHEUS)
export const hasPromtool = existsSync(PROMTOOL)

export const DEPLOY = fileURLToPath(new URL('../../deploy', import.meta.url))

/** A metric that the code has. */
export interface KnownMetric {
  readonly name: string
  readonly type: string
  readonly labels: readonly string[]
}

/** All metrics of the code: of the gateway, and of its process. */
export const knownMetrics = (): readonly KnownMetric[] => {
  const registry = new Registry()
  createInstruments(registry)
  measureProcess(registry)()
  return (registry.getMetricsAsArray() as unknown as ReadonlyArray<{ name: string, type: string, labelNames: string[] }>)
    .map(({ name, type, labelNames }) => ({ name, type, labels: labelNames }))
}

/** What an expression names that the code does not have: metrics, and labels of these in selectors. */
export const unknownIn = (expr: string): string[] => {
  const series = new Map(knownMetrics().flatMap(({ name, type, labels }) => (type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']).map((end) =>
    [name + end, new Set(['job', 'instance', ...labels, ...end === '_bucket' ? ['le'] : []])] as const)))
  const used = [...expr.matchAll(/\b((?:phone_code_gateway|process|nodejs)_[a-z0-9_]+)(?:\{([^}]*)\})?/g)]
  const all = new Set(used.flatMap(([, name = '']) => [...series.get(name) ?? []]))
  return [
    ...used.length === 0 ? ['it names no metric'] : [],
    ...used.flatMap(([, name = '', selector = '']) => {
      const labels = series.get(name)
      return labels === undefined ? [name] : [...selector.matchAll(/([a-z_]+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label).filter((label) => !labels.has(label)).map((label) => `${name}{${label}}`)
    }),
    ...[...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(',').map((label) => label.trim())).filter((label) => !all.has(label)).map((label) => `by (${label})`)
  ]
}

/** A query of the dashboard as Grafana would ask it, with everything chosen. */
export const withVariables = (expr: string): string =>
  expr.replaceAll('$__rate_interval', '5m').replaceAll('$__range', '6h').replaceAll(/\$(?:job|provider|country)\b/g, '.*')

export const readDashboard = (): any => JSON.parse(readFileSync(join(DEPLOY, 'grafana/phone-code-gateway.json'), 'utf8'))

export interface Prometheus {
  /** Asks its API; gives what stands in `data`. */
  ask (path: string, form?: Readonly<Record<string, string>>): Promise<any>
}

/** A real Prometheus that scrapes a gateway each second, with the alert rules; ended at the end of the test. */
export const startPrometheus = async (t: Test, { target, token }: { readonly target: string, readonly token: string }): Promise<Prometheus> => {
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-test-'))
  const port = await testPort()
  writeFileSync(join(folder, 'token'), token)
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify({
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: [join(DEPLOY, 'prometheus/alerts.yaml')],
    scrape_configs: [{ job_name: 'phone-code-gateway', authorization: { credentials_file: join(folder, 'token') }, static_configs: [{ targets: [target] }] }]
  }))
  const child = spawn(PROMETHEUS, [`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=127.0.0.1:${port}`], { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = once(child, 'exit')
  t.teardown(async () => {
    child.kill('SIGTERM')
    await ended
    rmSync(folder, { recursive: true, force: true })
  })
  const said: string[] = []
  await new Promise<void>((resolve, reject) => {
    createInterface(child.stderr).on('line', (line) => {
      said.push(line)
      if (line.includes('Server is ready to receive web requests')) resolve()
    })
    ended.then(() => { reject(new Error(said.join('\n'))) }, reject)
  })
  return {
    async ask (path, form) {
      const reply = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`, form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) })
      const { status, data, error } = await reply.json() as { status: string, data: unknown, error?: string }
      if (status !== 'success') throw new Error(`${path} ${JSON.stringify(form)}: ${error}`)
      return data
    }
  }
}
