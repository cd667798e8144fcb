/**
 * Makes work that is done once, whoever asks for it: all who ask meanwhile wait for the same. Where it fails it can be
 * asked for again.
 */
export const oneAtATime = (work: () => Promise<void>): (() => Promise<void>) => {
  let done: Promise<void> | undefined
  return async () => {
    done ??= work().catch((error: unknown) => {
      done = undefined
      throw error
    })
    await done
  }
}
