import { Readable } from 'node:stream'
import type { Pacer } from './pacer.ts'

const PIECE = Buffer.alloc(64 * 1024, 'x')
const BETWEEN_DROPS = 20

/** A document of about so many bytes, of which only one piece is ever held in memory. */
export const hugeDocument = (bytes: number): Readable => Readable.from((function * () {
  yield Buffer.from('{"value":[],"padding":"')
  for (let sent = 0; sent < bytes; sent += PIECE.length) yield PIECE
  yield Buffer.from('"}')
})())

/** A document that begins, and never ends: a blank every 20 real milliseconds, until the other side closes. */
export const endlessDocument = (pacer: Pick<Pacer, 'deadline'>): Readable => {
  const drip = () => pacer.deadline(BETWEEN_DROPS, () => {
    document.push(' ')
    drop = drip()
  })
  const document = new Readable({
    // Blanks come by the clock, not when they are asked for.
    read () {},
    destroy (error, done) {
      drop.cancel()
      done(error)
    }
  })
  document.push('{')
  let drop = drip()
  return document
}
