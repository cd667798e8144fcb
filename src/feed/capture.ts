import type { FeedEntry } from '../domain/feed-entry.ts'
import { ID_PATTERN } from '../domain/identifier.ts'
import { hideKnown, type HideKnown } from './hide-known.ts'
import { maskJson } from './masking.ts'
import { LONGEST_LOOK, maskText } from './masked-text.ts'
import { isPlain, secretsIn } from './secrets-in.ts'

/** So much is shown of each part of a report, in characters. */
const MOST = { request: 3072, response: 3072, metadata: 2048 }

const LONGEST_SOURCE = 64

/** What is written down of a function's report, `{type, timestamp, request, response, metadata}`; any of it may be missing. */
export const captureOf = (body: unknown, at: number): FeedEntry => {
  const { type, event, eventType, timestamp, request, response, metadata, ...others } = fieldsOf(body)
  const known = secretsIn(body)
  const answered = fieldsOf(response)
  const delivery = [answered.id, fieldsOf(answered.body).id, fieldsOf(metadata).delivery].find((id) => typeof id === 'string' && ID_PATTERN.test(id))
  const rest = metadata ?? (Object.keys(others).length > 0 ? others : undefined)
  return {
    at,
    type: 'capture',
    source: sourceOf([type, event, eventType], hideKnown(known)),
    delivery: delivery as string | undefined,
    status: [answered.status, answered.statusCode, answered.status_code].find(isStatus),
    request: maskJson(request, { known, most: MOST.request }),
    response: maskJson(response, { known, most: MOST.response }),
    metadata: maskJson(rest, { known, most: MOST.metadata })
  }
}

/** What is no object is shown whole. */
const fieldsOf = (body: unknown): Record<string, unknown> =>
  isPlain(body) && !Array.isArray(body) ? body as Record<string, unknown> : { request: body }

const sourceOf = (names: readonly unknown[], hide: HideKnown): string => {
  const name = names.find((one) => typeof one === 'string' && one.trim() !== '')
  return name === undefined ? 'function' : maskText(hide((name as string).slice(0, LONGEST_LOOK), LONGEST_SOURCE))
}

const isStatus = (status: unknown): boolean => Number.isInteger(status) && (status as number) >= 100 && (status as number) <= 599
