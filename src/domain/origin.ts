/** The request that asked for a message, for logs and traces. */
export interface Origin {
  /** Id of the HTTP request; absent: the gateway sends by itself. */
  readonly request: string | undefined
  /** Context of the request's span, as the header `traceparent` has it (https://www.w3.org/TR/trace-context/); absent: nothing is traced. */
  readonly trace: string | undefined
}

/** Of a message that no request of its own asked for. */
export const NO_ORIGIN: Origin = { request: undefined, trace: undefined }
