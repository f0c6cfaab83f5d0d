import { z } from 'zod'

import { loadByCaller, loadByHour } from '#catalog/endpoint-load.ts'
import { LATENCY_BOUNDS_MS } from '#catalog/endpoint-traffic.ts'
import { loadData, loadFields, loadFilter, toLoadData } from '#operations/endpoints/load-data.ts'
import { defineOperation } from '#operations/operation.ts'

const CALLERS_MOST = 20

export const trafficByHour = defineOperation({
  name: 'endpoints.traffic-by-hour',
  summary: 'Requests for rows by hour with how long they took, and who asked most',
  permission: 'read',
  home: 'directory',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/endpoint-traffic/by-hour' },
  input: z.strictObject(loadFields),
  output: z.object({
    since: z.iso.datetime(),
    until: z.iso.datetime(),
    /** Upper bounds of the buckets of `latency`, in milliseconds; the last bucket has none. */
    boundsMs: z.array(z.number()),
    /** Hours in which somebody asked, in their order. */
    hours: z.array(loadData.extend({ hour: z.iso.datetime() })),
    /** The 20 that asked most. */
    callers: z.array(loadData.extend({ caller: z.string(), lastHour: z.iso.datetime() })),
  }),
  async handler(given, { parts, caller }) {
    const { span, filter } = loadFilter(given, caller, parts.clock)
    const [hours, callers] =
      filter === null
        ? [[], []]
        : await parts.directory.asTenant(caller.tenant, async (session) => [
            await loadByHour(session, filter),
            await loadByCaller(session, filter, CALLERS_MOST),
          ])
    return {
      since: span.from.toISOString(),
      until: span.to.toISOString(),
      boundsMs: [...LATENCY_BOUNDS_MS],
      hours: hours.map((one) => ({ hour: one.hour.toISOString(), ...toLoadData(one) })),
      callers: callers.map((one) => ({
        caller: one.caller,
        lastHour: one.lastHour.toISOString(),
        ...toLoadData(one),
      })),
    }
  },
})
