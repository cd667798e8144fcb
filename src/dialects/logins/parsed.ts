/** Reads JSON; `undefined` where it is none. Nothing is copied out of it by name, so that no name in it can do harm. */
export const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
