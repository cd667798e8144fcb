import { Type, type Static } from 'typebox'

/** Of every schema of a behaviour: a field that is not known is a mistake. */
export const exact = { additionalProperties: false }

/** Up to ten minutes. */
export const milliseconds = Type.Integer({ minimum: 0, maximum: 600_000 })

/** The fields of all that can go wrong with a request. */
export const requestFault = {
  /** Time before anything else happens to the request. */
  delayMs: Type.Optional(milliseconds),
  /** Answers so, and does nothing. */
  httpError: Type.Optional(Type.Object({
    status: Type.Integer({ minimum: 300, maximum: 599 }),
    body: Type.Optional(Type.Unknown()),
    headers: Type.Optional(Type.Record(Type.String({ pattern: '^[A-Za-z0-9-]+$' }), Type.String({ pattern: '^[ -~]*$' })))
  }, exact)),
  /** Resets the connection: `before-read` with nothing done, `after-accept` with everything done but the reply. */
  drop: Type.Optional(Type.Union([Type.Literal('before-read'), Type.Literal('after-accept')])),
  /** Does nothing and never answers. */
  hang: Type.Optional(Type.Boolean()),
  /**
   * Does everything, and answers with the right status but a body that no client can use: `huge` has 50 MB, `endless`
   * drips on until somebody closes.
   */
  malformed: Type.Optional(Type.Union([
    Type.Literal('empty-object'), Type.Literal('html'), Type.Literal('broken-json'), Type.Literal('huge'),
    Type.Literal('endless')
  ])),
  /** Only the first so many requests suffer the above; the later ones are served as usual. */
  times: Type.Optional(Type.Integer({ minimum: 1 }))
}

export const RequestFaultSchema = Type.Object(requestFault, exact)

export type RequestFault = Static<typeof RequestFaultSchema>
