/** Whether a field says anything: programs in Go write what is not there as an empty text. `null` is a word like any other. */
export const isGiven = (value: unknown): boolean => value !== undefined && value !== ''
