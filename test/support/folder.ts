import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

/** An empty folder that is gone after the test. */
export const temporaryFolder = (t: Test): string => {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-test-'))
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
  return folder
}
