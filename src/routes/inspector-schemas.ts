import { Type, type Static } from 'typebox'
import { ATTEMPT_STATUSES } from '../domain/delivery-status.ts'
import { ID_PATTERN } from '../domain/identifier.ts'
import { CHANNELS } from '../domain/message.ts'
import { SPANS } from '../inspector/plots.ts'
import { REPLAY_TARGETS } from '../inspector/replay.ts'

const NO_OTHERS = { additionalProperties: false } as const

const oneOf = <T extends string> (values: readonly T[]) => Type.Unsafe<T>({ type: 'string', enum: values })

/** Names of providers and hooks: `acs-sms`, `generic/logto`. */
const Name = Type.String({ maxLength: 64, pattern: '^[A-Za-z0-9][A-Za-z0-9/_.-]*$' })

export const SearchBody = Type.Object({
  text: Type.Optional(Type.String({ maxLength: 128 })),
  country: Type.Optional(Type.String({ pattern: '^[A-Za-z]{2}$' })),
  status: Type.Optional(oneOf([...ATTEMPT_STATUSES, 'used'])),
  channel: Type.Optional(oneOf(CHANNELS)),
  provider: Type.Optional(Name),
  hook: Type.Optional(Name),
  before: Type.Optional(Type.String({ pattern: ID_PATTERN.source }))
}, NO_OTHERS)

export type SearchFields = Static<typeof SearchBody>

export const StatisticsQuery = Type.Object({ span: Type.Optional(oneOf(SPANS)) }, NO_OTHERS)

export const DeliveryParams = Type.Object({ id: Type.String() })

export const ReplayBody = Type.Object({
  exchange: Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' }),
  to: oneOf(REPLAY_TARGETS),
  confirmed: Type.Optional(Type.Boolean())
}, NO_OTHERS)

export type ReplayFields = Static<typeof ReplayBody>

export const TestBody = Type.Object({
  to: Type.String({ maxLength: 64 }),
  channel: oneOf(CHANNELS),
  locale: Type.Optional(Type.String({ maxLength: 64 })),
  confirmed: Type.Optional(Type.Boolean())
}, NO_OTHERS)

export type TestFields = Static<typeof TestBody>
