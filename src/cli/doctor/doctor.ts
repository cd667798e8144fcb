import type { Environment } from '../../config/read-settings.ts'
import { fail, type Finding } from '../../domain/finding.ts'
import { examineAccounts } from './accounts.ts'
import { examineAddresses } from './addresses.ts'
import { examineChannels, unsentChannels, withoutRepetition } from './channels.ts'
import { examineKeys } from './keys.ts'
import { examineNode, examineStore } from './machine.ts'
import { createProbe, type Probe } from './probe.ts'
import { rehearse, type RehearseDeps } from './rehearse.ts'
import { linesOf, summaryOf } from './report.ts'
import { diagnoseSettings, type Diagnosis } from './settings.ts'
import { openStage } from './stage.ts'

export interface DoctorOptions {
  readonly environment: Environment
  /** Where `.env` and `data/` are looked for. */
  readonly folder: string
  readonly print: (line: string) => void
  /** Milliseconds since 1970. */
  readonly now?: () => number
  /** Milliseconds that each thing that is asked has to answer. */
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 5000

/**
 * Looks at everything that a start and a message need, without sending one, and prints what it finds. Gives the exit
 * code: 0 where all is well, 1 where something is wrong. Never throws.
 */
export const doctor = async ({ environment, folder, print, now = Date.now, timeoutMs = TIMEOUT_MS }: DoctorOptions): Promise<number> => {
  const diagnosis = diagnoseSettings(environment, folder)
  const { probe, close } = createProbe(timeoutMs)
  const found: Finding[] = []
  const show = (title: string, findings: readonly Finding[]): void => {
    found.push(...findings)
    for (const line of findings.length === 0 ? [] : linesOf({ title, findings })) print(line)
  }
  try {
    const sections = sectionsOf({ diagnosis, folder, probe, now, timeoutMs })
    // All of them run at once, and are shown in their order.
    const running = sections.map(({ title, examine }) => ({ title, findings: guarded(title, examine) }))
    for (const { title, findings } of running) show(title, await findings)
  } finally {
    await close()
  }
  print('')
  print(summaryOf(found))
  return found.some(({ level }) => level === 'fail') ? 1 : 0
}

interface Examination {
  readonly title: string
  examine (): Promise<readonly Finding[]>
}

interface Circumstances {
  readonly diagnosis: Diagnosis
  readonly folder: string
  readonly probe: Probe
  readonly now: () => number
  readonly timeoutMs: number
}

const sectionsOf = ({ diagnosis: { settings, config, leftOut, findings }, folder, probe, now, timeoutMs }: Circumstances): readonly Examination[] => {
  const channels = examineChannels({ config, leftOut, told: findings })
  const ofSettings = withoutRepetition(findings, channels)
  return [
    { title: 'Settings and machine', examine: async () => [examineNode(process.versions.node), await examineStore(config.store), ...ofSettings] },
    { title: 'Providers', examine: () => examineAccounts({ config, leftOut, timeoutMs }) },
    { title: 'Addresses', examine: () => examineAddresses({ config, leftOut: withMissing('PUBLIC_URL', leftOut, findings), probe, now }) },
    { title: 'Keys of others', examine: () => examineKeys(config, probe) },
    { title: 'Hooks', examine: async () => [...channels, ...await rehearseOnStage(settings, { leftOut, unsent: unsentChannels(config), folder, probe, now, timeoutMs })] }
  ]
}

/** The settings that are wrong, with one that was told as missing. */
const withMissing = (name: string, leftOut: ReadonlySet<string>, told: readonly Finding[]): ReadonlySet<string> =>
  told.some(({ level, says }) => level === 'fail' && new RegExp(`\\b${name}\\b.* must be set`).test(says)) ? new Set([...leftOut, name]) : leftOut

const rehearseOnStage = async (environment: Environment, { folder, ...deps }: Omit<RehearseDeps, 'stage'> & { readonly folder: string }): Promise<readonly Finding[]> => {
  const stage = await openStage({ environment, folder, now: deps.now })
  try {
    return await rehearse({ stage, ...deps })
  } finally {
    await stage.close()
  }
}

/** What an examination itself stumbles over is a finding like any other. */
const guarded = (about: string, examine: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> =>
  examine().catch((error: unknown) => [fail(about, `could not be looked at, because of an ${(error as Error).name}: see that files for a while can be made in the temporary folder.`)])
