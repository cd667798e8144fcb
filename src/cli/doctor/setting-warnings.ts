import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Config } from '../../config/config.ts'
import { isSetting, type Environment } from '../../config/read-settings.ts'
import { warn, type Finding } from '../../domain/finding.ts'
import { findMisspelt } from './misspelt.ts'

export interface SettingWarningsDeps {
  /** The settings as a start would have them, those among them that are wrong. */
  readonly environment: Environment
  readonly folder: string
  /** What is known of the rest. */
  readonly config: Config
  /** What was told as wrong. */
  readonly problems: readonly string[]
  /** The settings that are wrong. */
  readonly leftOut: ReadonlySet<string>
}

/** What works, but not as somebody may expect; without what was told before, or is told of the addresses. */
export const settingWarnings = ({ environment, folder, config, problems, leftOut }: SettingWarningsDeps): readonly Finding[] => {
  const named = namesInHooksFile(environment['HOOKS_FILE'], folder)
  const misspelt = findMisspelt(environment, (name) => named.has(name))
  const quoted = Object.keys(environment).filter((name) => (isSetting(name) || named.has(name)) && /^\s*(["']).*\1\s*$/s.test(String(environment[name])))
  const isTold = (warning: string): boolean =>
    problems.includes(warning) || OF_ADDRESSES.test(warning) || [...leftOut, ...misspelt.keys()].some((name) => new RegExp(`\\b${name}\\b`).test(warning))
  return [
    ...[...misspelt].map(([name, meant]) => warn('settings', `${name} is not a setting: is it meant to be ${meant}?`)),
    ...quoted.map((name) => warn('settings', `${name} has quotes around its value, which are taken as a part of it: leave them out. docker --env-file takes none away.`)),
    ...config.warnings.filter((warning) => !isTold(warning)).map((warning) => warn('settings', warning)),
    ...(config.budgetMs < SHORTEST_BUDGET
      ? [warn('DIRECT_BUDGET_MS', `${config.budgetMs} ms are less than many a provider takes: a request is then answered with a failure, while the message may come all the same. Set it to ${SHORTEST_BUDGET} at least.`)]
      : [])
  ]
}

/** Milliseconds in which most requests to vendors are answered, wherever they are. */
const SHORTEST_BUDGET = 1000

/** A public URL that is missing, or leads to this machine, is told of with the addresses. */
const OF_ADDRESSES = /^Twilio cannot (call back without|reach) PUBLIC_URL/

/** The variables that the hooks file refers to: they are no settings, whatever they look like. */
const namesInHooksFile = (file: string | undefined, folder: string): ReadonlySet<string> => {
  try {
    return new Set([...readFileSync(resolve(folder, file?.trim() ?? ''), 'utf8').matchAll(/\$(\w+)/g)].map(([, name]) => name as string))
  } catch {
    return new Set()
  }
}
