import { z } from 'zod'

import { loadByEndpoint } from '#catalog/endpoint-load.ts'
import { LATENCY_BOUNDS_MS } from '#catalog/endpoint-traffic.ts'
import { loadData, loadFields, loadFilter, toLoadData } from '#operations/endpoints/load-data.ts'
import { defineOperation } from '#operations/operation.ts'

const { caller, since, until } = loadFields

export const trafficByEndpoint = defineOperation({
  name: 'endpoints.traffic-by-endpoint',
  summary:
    'Requests for rows of each endpoint: how many an hour, how long they took, how they ended',
  permission: 'read',
  home: 'directory',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/endpoint-traffic/by-endpoint' },
  input: z.strictObject({
    caller,
    since,
    until,
    limit: z.int().min(1).max(500).default(100).describe('Most endpoints of the answer.'),
    after: z
      .string()
      .max(100)
      .optional()
      .describe('Only those behind this name: `next` of a page.'),
  }),
  output: z.object({
    since: z.iso.datetime(),
    until: z.iso.datetime(),
    /** Upper bounds of the buckets of `latency`, in milliseconds; the last bucket has none. */
    boundsMs: z.array(z.number()),
    /** Those that somebody asked, by name. */
    endpoints: z.array(
      loadData.extend({
        endpoint: z.string(),
        callers: z.int(),
        /** Those in which somebody asked, in their order. */
        hours: z.array(z.object({ hour: z.iso.datetime(), requests: z.int() })),
      }),
    ),
    /** For `after` of the next page; null: that was the last. */
    next: z.string().nullable(),
  }),
  async handler({ limit, after = '', ...given }, { parts, caller: who }) {
    const { span, filter } = loadFilter(given, who, parts.clock)
    const found =
      filter === null
        ? []
        : await parts.directory.asTenant(who.tenant, (session) =>
            loadByEndpoint(session, filter, { after, limit: limit + 1 }),
          )
    const page = found.slice(0, limit)
    return {
      since: span.from.toISOString(),
      until: span.to.toISOString(),
      boundsMs: [...LATENCY_BOUNDS_MS],
      endpoints: page.map((one) => ({
        endpoint: one.endpoint,
        callers: one.callers,
        hours: one.hours.map(({ hour, requests }) => ({ hour: hour.toISOString(), requests })),
        ...toLoadData(one),
      })),
      next: found.length > limit ? (page.at(-1)?.endpoint ?? null) : null,
    }
  },
})
