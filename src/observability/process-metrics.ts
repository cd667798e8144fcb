import { readdirSync } from 'node:fs'
import { constants, monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** How often the event loop is looked at, in milliseconds. */
const LOOK_EVERY = 20

const GC_KINDS: Readonly<Record<number, string>> = {
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'major',
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'minor',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weakcb'
}

/**
 * Measures the process, by the names that every dashboard knows; gives what ends it. Not prom-client's own, which look at the
 * event loop and at the collector of garbage until the process ends, however often they are begun.
 * `openFilesIn`: where Linux lists what is open.
 */
export const measureProcess = (registry: Registry, openFilesIn = '/proc/self/fd'): () => void => {
  const registers = [registry]
  const delay = monitorEventLoopDelay({ resolution: LOOK_EVERY })
  const pauses = new Histogram({ name: 'nodejs_gc_duration_seconds', help: 'Time that collecting garbage took.', labelNames: ['kind'], buckets: [0.001, 0.01, 0.1, 1], registers })
  const observer = new PerformanceObserver((list) => {
    for (const { duration, detail } of list.getEntries() as unknown as GcEntry[]) pauses.observe({ kind: GC_KINDS[detail.kind] as string }, duration / 1000)
  })
  const gauge = (name: string, help: string, value: () => number | undefined): void => {
    registry.registerMetric(new Gauge({
      name,
      help,
      registers: [],
      collect () {
        const now = value()
        if (now !== undefined) this.set(now)
      }
    }))
  }
  registry.registerMetric(new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Processor time of the process.',
    registers: [],
    collect () {
      const { user, system } = process.cpuUsage()
      this.reset()
      this.inc((user + system) / 1e6)
    }
  }))
  gauge('process_start_time_seconds', 'When the process was started, seconds since 1970.', () => Math.round(performance.timeOrigin / 1000))
  gauge('process_resident_memory_bytes', 'Memory of the process.', () => process.memoryUsage.rss())
  gauge('process_open_fds', 'Files and sockets that are open.', () => entriesOf(openFilesIn))
  gauge('nodejs_heap_size_used_bytes', 'Memory that objects take.', () => process.memoryUsage().heapUsed)
  gauge('nodejs_heap_size_total_bytes', 'Memory that is kept for objects.', () => process.memoryUsage().heapTotal)
  // The delay holds the interval between two looks.
  gauge('nodejs_eventloop_lag_p99_seconds', 'What 99 of 100 looks at the event loop came late at most, since the last time that this was asked.', () => {
    const late = Math.max(0, delay.percentile(99) / 1e9 - LOOK_EVERY / 1000)
    delay.reset()
    return late
  })
  delay.enable()
  observer.observe({ entryTypes: ['gc'] })
  return () => {
    delay.disable()
    observer.disconnect()
  }
}

interface GcEntry {
  readonly duration: number
  readonly detail: { readonly kind: number }
}

/** Only Linux tells. */
const entriesOf = (folder: string): number | undefined => {
  try {
    return readdirSync(folder).length
  } catch {
    return undefined
  }
}
