/** One thing that was looked at, and what was found. */
export interface Finding {
  /** `fail`: it does not work so; `warn`: it works, but not as somebody may expect; `skip`: it was not looked at. */
  readonly level: 'ok' | 'warn' | 'fail' | 'skip'
  /** What was looked at: the name of a setting, of a hook, of a vendor. */
  readonly about: string
  /** What was found and, where something is wrong, what to do. Never a value that is secret. */
  readonly says: string
}

const finding = (level: Finding['level']) => (about: string, says: string): Finding => ({ level, about, says })

export const ok = finding('ok')
export const warn = finding('warn')
export const fail = finding('fail')
export const skip = finding('skip')
