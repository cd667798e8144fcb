import { SHORTEST_SECRET } from '../domain/secret.ts'
import type { SensitiveText } from '../domain/sensitive.ts'

/** The problem of secrets of our own that can be guessed: none, or one sentence. */
export const tooShort = (name: string, secrets: readonly SensitiveText[] = []): string[] =>
  secrets.some((secret) => secret.reveal().length < SHORTEST_SECRET)
    ? [`${name} must have at least ${SHORTEST_SECRET} characters in production.`]
    : []
