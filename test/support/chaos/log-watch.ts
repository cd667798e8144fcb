/** Reads what replicas write, and finds what must not stand there. */
export interface LogWatch {
  /** Watches for a message's number and code from now on. */
  expect (message: { readonly number: string, readonly code: string }): void
  read (replica: string, line: string): void
  readonly lines: number
  /** The lines that hold a number or a code. */
  readonly leaks: readonly string[]
}

/** `keep` is given each line, with the name of the replica before it. */
export const createLogWatch = (keep: (line: string) => void): LogWatch => {
  const secrets = new Set<string>()
  const leaks: string[] = []
  let lines = 0
  return {
    expect ({ number, code }) {
      secrets.add(code)
      secrets.add(number.slice(1))
    },
    read (replica, line) {
      lines += 1
      keep(`${replica} ${line}`)
      const suspects = line.match(/[GHJKMNPQRSTVWXYZ]{8}|[0-9]{11,13}/g) ?? []
      if (suspects.some((suspect) => secrets.has(suspect))) leaks.push(line)
    },
    get lines () { return lines },
    leaks
  }
}
