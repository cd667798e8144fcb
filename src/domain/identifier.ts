import { randomBytes } from 'node:crypto'

let lastMoment = -1
let sequence = 0

/** Numbers the ids of one millisecond, so that they sort as they were made. */
const nextInSequence = (milliseconds: number): number => {
  sequence = milliseconds === lastMoment ? (sequence + 1) & 0xfff : 0
  lastMoment = milliseconds
  return sequence
}

/**
 * A time-ordered identifier (UUID version 7, RFC 9562) for `milliseconds` since 1970. Ids that follow each other in time
 * lie beside each other in an index.
 */
export const timeOrderedId = (milliseconds: number): string => {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(milliseconds, 0, 6)
  bytes.writeUInt16BE(0x7000 | nextInSequence(milliseconds), 6)
  bytes[8] = 0x80 | ((bytes[8] as number) & 0x3f)
  return format(bytes.toString('hex'))
}

/** The smallest id of that moment: ids made earlier sort before it. */
export const firstIdAt = (milliseconds: number): string =>
  format(milliseconds.toString(16).padStart(12, '0') + '7'.padEnd(4, '0') + '8'.padEnd(16, '0'))

const format = (hex: string): string =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`

/** The shape of our ids, for the checking of what comes from outside. */
export const ID_PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
