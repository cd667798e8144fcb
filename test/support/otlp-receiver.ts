import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import type { Test } from 'tap'

/** A span as a collector sees it. */
export interface ReceivedSpan {
  readonly trace: string
  readonly id: string
  readonly parent: string | undefined
  readonly name: string
  /** 1 internal, 2 server, 3 client. */
  readonly kind: number
  /** Milliseconds since 1970. */
  readonly start: number
  readonly end: number
  readonly attributes: Readonly<Record<string, unknown>>
  /** 2: an error. */
  readonly status: number
  readonly resource: Readonly<Record<string, unknown>>
}

export interface OtlpReceiver {
  readonly url: URL
  readonly spans: ReceivedSpan[]
  readonly requests: Array<{ readonly path: string | undefined, readonly headers: IncomingHttpHeaders, readonly text: string }>
  /** What it answers from now on; 0: it hangs. */
  answers (status: number): void
  /** Settles once a span of that name is there. */
  receives (name: string): Promise<ReceivedSpan>
}

type Fields = ReadonlyMap<number, ReadonlyArray<Buffer | bigint>>

/** Reads one message of Protocol Buffers, without knowing what its fields mean. https://protobuf.dev/programming-guides/encoding/ */
const fieldsOf = (bytes: Buffer): Fields => {
  const fields = new Map<number, Array<Buffer | bigint>>()
  let at = 0
  const varint = (): bigint => {
    let [value, shift] = [0n, 0n]
    for (;;) {
      const byte = bytes[at++] as number
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
      shift += 7n
    }
  }
  while (at < bytes.length) {
    const tag = Number(varint())
    const wire = tag & 7
    const value = wire === 0 ? varint() : take(wire === 1 ? 8 : wire === 5 ? 4 : Number(varint()))
    fields.set(tag >> 3, [...fields.get(tag >> 3) ?? [], value])
  }
  function take (length: number): Buffer {
    at += length
    return bytes.subarray(at - length, at)
  }
  return fields
}

const messages = (fields: Fields, number: number): Fields[] => (fields.get(number) ?? []).map((value) => fieldsOf(value as Buffer))
const text = (fields: Fields, number: number): string => String(fields.get(number)?.[0] ?? '')
const hex = (fields: Fields, number: number): string => ((fields.get(number)?.[0] ?? Buffer.alloc(0)) as Buffer).toString('hex')
const moment = (fields: Fields, number: number): number => Number((fields.get(number)?.[0] as Buffer).readBigUInt64LE() / 1_000_000n)

const attributesOf = (fields: Fields, number: number): Record<string, unknown> => Object.fromEntries(messages(fields, number).map((pair) => {
  const [value] = messages(pair, 2) as [Fields]
  return [text(pair, 1), value.has(1) ? text(value, 1) : Number(value.get(3)?.[0])]
}))

/** https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto */
const spansOfProtobuf = (body: Buffer): ReceivedSpan[] => messages(fieldsOf(body), 1).flatMap((group) => {
  const resource = attributesOf(messages(group, 1)[0] as Fields, 1)
  return messages(group, 2).flatMap((scope) => messages(scope, 2)).map((span) => ({
    trace: hex(span, 1),
    id: hex(span, 2),
    parent: hex(span, 4) || undefined,
    name: text(span, 5),
    kind: Number(span.get(6)?.[0]),
    start: moment(span, 7),
    end: moment(span, 8),
    attributes: attributesOf(span, 9),
    status: Number(messages(span, 15)[0]?.get(3)?.[0] ?? 0),
    resource
  }))
})

const attributesOfJson = (list: any[]): Record<string, unknown> => Object.fromEntries(list.map(({ key, value }) => [key, value.stringValue ?? value.intValue]))

const spansOfJson = (body: any): ReceivedSpan[] => body.resourceSpans.flatMap(({ resource, scopeSpans }: any) => scopeSpans.flatMap((scope: any) => scope.spans).map((span: any) => ({
  trace: span.traceId,
  id: span.spanId,
  parent: span.parentSpanId,
  name: span.name,
  kind: span.kind,
  start: Number(BigInt(span.startTimeUnixNano) / 1_000_000n),
  end: Number(BigInt(span.endTimeUnixNano) / 1_000_000n),
  attributes: attributesOfJson(span.attributes),
  status: span.status.code ?? 0,
  resource: attributesOfJson(resource.attributes)
})))

/** A collector of OpenTelemetry on a port of its own; closed at the end of the test. */
export const startOtlpReceiver = async (t: Test): Promise<OtlpReceiver> => {
  const spans: ReceivedSpan[] = []
  const requests: OtlpReceiver['requests'] = []
  const waiting = new Set<() => void>()
  let status = 200
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const sent = Buffer.concat(chunks)
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent
    const isJson = request.headers['content-type'] === 'application/json'
    requests.push({ path: request.url, headers: request.headers, text: body.toString('latin1') })
    if (status === 200) spans.push(...(isJson ? spansOfJson(JSON.parse(String(body))) : spansOfProtobuf(body)))
    if (status !== 0) response.writeHead(status, { 'content-type': request.headers['content-type'] as string }).end(isJson ? '{}' : '')
    for (const wake of waiting) wake()
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => { server.closeAllConnections(); server.close() })
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`),
    spans,
    requests,
    answers (now) { status = now },
    async receives (name) {
      for (;;) {
        const found = spans.find((span) => span.name === name)
        if (found !== undefined) return found
        await new Promise<void>((resolve) => {
          const wake = (): void => { waiting.delete(wake); resolve() }
          waiting.add(wake)
        })
      }
    }
  }
}
