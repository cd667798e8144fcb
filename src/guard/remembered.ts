/** What was read for each key, for a while. */
export interface Remembered<T> {
  /** What is known for these keys; what is not, or is too old, is read, for all of them at once. */
  of (keys: readonly string[]): Promise<ReadonlyMap<string, T>>
  /** What is remembered for a key, of whatever age. */
  peek (key: string): T | undefined
  /** What is remembered for these keys is read anew when it is asked for next. */
  forget (keys: Iterable<string>): void
  clear (): void
}

export interface RememberedDeps<T> {
  /** Reads what there is for these keys; each of them has an entry. */
  readonly read: (keys: readonly string[]) => Promise<ReadonlyMap<string, T>>
  /** For how long it is remembered, in milliseconds. */
  readonly lasts: number
  /** Of how many keys; those that were read first are forgotten first. */
  readonly most: number
  readonly now: () => number
}

export const createRemembered = <T>({ read, lasts, most, now }: RememberedDeps<T>): Remembered<T> => {
  const entries = new Map<string, { readonly value: T, readonly readAt: number }>()

  const isFresh = (key: string): boolean => {
    const entry = entries.get(key)
    return entry !== undefined && now() - entry.readAt < lasts
  }

  return {
    async of (keys) {
      const known = new Map<string, T>()
      const missing: string[] = []
      for (const key of new Set(keys)) {
        if (isFresh(key)) known.set(key, entries.get(key)?.value as T)
        else missing.push(key)
      }
      const found = missing.length === 0 ? new Map<string, T>() : await read(missing)
      for (const [key, value] of found) {
        known.set(key, value)
        entries.delete(key)
        entries.set(key, { value, readAt: now() })
      }
      for (const [oldest] of entries) {
        if (entries.size <= most) break
        entries.delete(oldest)
      }
      return known
    },
    peek: (key) => entries.get(key)?.value,
    forget (keys) { for (const key of keys) entries.delete(key) },
    clear () { entries.clear() }
  }
}
