import type { Keys, SealContext } from '../domain/keys.ts'
import { SensitiveText } from '../domain/sensitive.ts'

/** Seals what can be written as JSON. */
export const sealJson = (content: object, context: SealContext, keys: Keys): string => keys.seal(new SensitiveText(JSON.stringify(content)), context)

/** Opens what `sealJson` made of a `Content`; `undefined` where it was sealed for something else, or its key is gone. */
export const openJson = <Content>(sealed: string, context: SealContext, keys: Keys): Content | undefined => {
  const opened = keys.open(sealed, context)
  return opened && JSON.parse(opened.reveal()) as Content
}
