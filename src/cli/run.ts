import { SettingsWrong } from '../config/config.ts'
import type { Environment } from '../config/read-settings.ts'
import { help, version } from './help.ts'
import { Refusal } from './refusal.ts'
import { setup } from './setup/setup.ts'
import { wording } from './wording.ts'

export interface CommandLine {
  readonly environment: Environment
  /** Where the command was typed: `.env` is read here. */
  readonly folder: string
  readonly print: (line: string) => void
  /** Takes the lines that say why a command does nothing. */
  readonly complain: (line: string) => void
}

/** Does what was typed. Gives the exit code: 0, 1 where it cannot be done, 2 where it was typed wrong. */
export const run = async (words: readonly string[], commandLine: CommandLine): Promise<number> => {
  try {
    return await runCommand(words, commandLine)
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof SettingsWrong)) throw error
    commandLine.complain(error.message)
    return error instanceof Refusal ? error.exitCode : 1
  }
}

const HELP = new Set(['help', '--help', '-h'])

const runCommand = async ([command, ...rest]: readonly string[], { environment, folder, print }: CommandLine): Promise<number> => {
  if (command === undefined || HELP.has(command) || rest.some((word) => HELP.has(word))) {
    print(help())
    return 0
  }
  switch (command) {
    case '--version':
    case '-v':
      nothingMore(command, rest)
      print(version())
      return 0
    case 'setup':
      setup(rest, { environment, folder, print })
      return 0
    case 'doctor': {
      nothingMore(command, rest)
      // Loaded here alone: it brings the whole gateway with it.
      const { doctor } = await import('./doctor/doctor.ts')
      return await doctor({ environment, folder, print })
    }
    case 'wording':
      wording(rest, { environment, folder, print })
      return 0
    default: throw new Refusal(`There is no command ${command}. See: phone-code-gateway help`, 2)
  }
}

const nothingMore = (command: string, [word]: readonly string[]): void => {
  if (word !== undefined) throw new Refusal(`${command} takes nothing more, but there is ${word}. See: phone-code-gateway help`, 2)
}
