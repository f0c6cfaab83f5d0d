import { z } from 'zod'

import { contentTypeOf, eventForms, openEventStream } from '#events/event-stream.ts'
import {
  afterEventField,
  eventDatasetsField,
  eventKindsField,
} from '#operations/events/event-fields.ts'
import { defineOperation } from '#operations/operation.ts'

export const streamEvents = defineOperation({
  name: 'events.stream',
  summary: 'Events as they happen, as server-sent events or a JSON object a line',
  permission: 'read',
  honoursAccess: true,
  rest: {
    method: 'GET',
    path: '/v1/events/stream',
    headers: { after: 'last-event-id' },
    endless: true,
  },
  input: z.strictObject({
    after: z
      .preprocess(
        // Comes as a header, too, and then as text.
        (value) => (typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value),
        afterEventField,
      )
      .describe(
        'Go on after the event with this sequence; browsers send it by themselves as Last-Event-ID. Default: from now on.',
      ),
    kinds: eventKindsField,
    datasets: eventDatasetsField,
    as: z
      .enum(eventForms)
      .default('sse')
      .describe('`sse`: what EventSource reads; `ndjson`: one JSON object a line.'),
    untilNow: z
      .boolean()
      .default(false)
      .describe('End after what has happened already; for `after` of some time ago.'),
    seconds: z
      .int()
      .min(1)
      .max(86_400)
      .optional()
      .describe('End after so long; default: when the caller goes or the server stops.'),
  }),
  output: 'stream',
  async handler({ after, kinds, datasets, as, untilNow, seconds }, { parts, caller }) {
    const { events: feed, clock } = parts
    const { tenant, access } = caller
    await feed.check(tenant, after ?? null)
    return {
      contentType: contentTypeOf[as],
      fileName: `events.${as === 'sse' ? 'txt' : 'ndjson'}`,
      rows: 0,
      totalRows: 0,
      partitions: 0,
      partitionsAsked: 0,
      commitNumber: 0,
      etag: '',
      async open(signal) {
        const over = new AbortController()
        if (seconds !== undefined) {
          clock.sleep(seconds * 1_000, signal).then(
            () => over.abort(),
            () => {},
          )
        }
        const ends = signal ? [signal, over.signal] : [over.signal]
        return openEventStream(
          (own) =>
            feed.batches(tenant, access, after ?? null, AbortSignal.any([...ends, own]), untilNow),
          {
            form: as,
            clock,
            picks: ({ kind, data }) =>
              (kinds?.includes(kind) ?? true) &&
              (datasets?.includes('dataset' in data ? data.dataset : '') ?? true),
          },
        )
      },
    }
  },
})
