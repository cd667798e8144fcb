import closeWithGrace from 'close-with-grace'
import { start } from './start.ts'
import { SettingsWrong } from './config/config.ts'
import { describeError } from './observability/scrub.ts'
import { StoreRefused } from './store/sql.ts'

/** Milliseconds for what is under way when the process is told to stop. */
const GRACE = 15_000

/** Starts the process, or says in words why it cannot. */
try {
  const running = await start({ environment: process.env, folder: process.cwd(), print: (line) => { process.stdout.write(`${line}\n`) } })
  closeWithGrace({ delay: GRACE, logger: false }, async ({ err }) => {
    if (err !== undefined) process.stderr.write(`${JSON.stringify({ level: 60, msg: 'process.failed', err: describeError(err) })}\n`)
    await running.stop()
  })
} catch (error) {
  const told = error instanceof SettingsWrong || error instanceof StoreRefused
  process.stderr.write(told ? `${error.message}\n` : `${JSON.stringify({ level: 60, msg: 'start.failed', err: describeError(error) })}\n`)
  process.exitCode = 1
}
