import { run } from './cli/run.ts'

/** The process of the command line: what was typed goes in, lines and an exit code come out. */
process.exitCode = await run(process.argv.slice(2), {
  environment: process.env,
  folder: process.cwd(),
  print: (line) => { process.stdout.write(`${line}\n`) },
  complain: (line) => { process.stderr.write(`${line}\n`) }
})
