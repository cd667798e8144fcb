import { EventGridPublisherClient, type SendCloudEventInput } from '@azure/eventgrid'
import { isRestError } from '@azure/core-rest-pipeline'
import { publicationOf, type LifecycleEvent, type Publication, type Receiver } from '../../domain/receiver.ts'
import type { SensitiveText } from '../../domain/sensitive.ts'
import type { HttpClient } from '../http-client.ts'
import { pipelineOptions } from './pipeline.ts'

export interface TopicReceiverDeps {
  /** `https://<topic>.<region>-1.eventgrid.azure.net/api/events` */
  readonly endpoint: URL
  readonly key: SensitiveText
  readonly http: HttpClient
  /** Which gateway tells it: its public URL. */
  readonly source: string
}

/** A request is billed by 64 KiB, and taken up to 1 MiB: https://learn.microsoft.com/azure/event-grid/quotas-limits */
const MOST_AT_ONCE = 100

/** Tells an Event Grid topic of events, many at once, as CloudEvents. */
export const createTopicReceiver = ({ endpoint, key, http, source }: TopicReceiverDeps): Receiver => {
  const client = new EventGridPublisherClient(endpoint.href, 'CloudEvent', { key: key.reveal() }, pipelineOptions(http))
  return {
    name: 'event-grid',
    mostAtOnce: MOST_AT_ONCE,
    publish: (events, deadline) =>
      client.send(events.map((event) => cloudEventOf(event, source)), { requestOptions: { timeout: Math.max(1, Math.floor(deadline.remaining)) } })
        .then((): Publication => ({ kind: 'taken' }), publicationOfError)
  }
}

const cloudEventOf = ({ id, type, time, subject, data, traceparent }: LifecycleEvent, source: string): SendCloudEventInput<unknown> => ({
  id,
  source,
  type,
  time: new Date(time),
  subject,
  data,
  datacontenttype: 'application/json',
  ...traceparent !== undefined && { extensionAttributes: { traceparent } }
})

/** The SDK takes every answer but 200 for an error, which holds the request and its key: no more than the status leaves here. */
const publicationOfError = (error: unknown): Publication =>
  isRestError(error) && error.statusCode !== undefined ? publicationOf(error.statusCode) : { kind: 'failed', status: undefined }
