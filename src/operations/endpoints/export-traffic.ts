import { Readable } from 'node:stream'
import { z } from 'zod'

import { endpointTraffic, type TrafficFilter, type TrafficHour } from '#catalog/endpoint-traffic.ts'
import {
  toTrafficData,
  trafficData,
  trafficFields,
  trafficFilter,
} from '#operations/endpoints/traffic-data.ts'
import { defineOperation, type OperationContext } from '#operations/operation.ts'

const PAGE = 1000
const columns = Object.keys(trafficData.shape) as (keyof typeof trafficData.shape)[]

export const exportTraffic = defineOperation({
  name: 'endpoints.export-traffic',
  summary: 'Requests for rows of endpoints by hour, version and caller, all of them, newest first',
  permission: 'read',
  home: 'directory',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/endpoint-traffic/export', formatSuffix: true },
  input: z.strictObject({
    ...trafficFields,
    format: z.enum(['csv', 'ndjson']).default('csv').describe('Form of the rows.'),
  }),
  output: 'stream',
  async handler({ format, ...given }, context) {
    const filter = trafficFilter(given, context.caller)
    return {
      contentType:
        format === 'csv'
          ? 'text/csv; charset=utf-8; header=present'
          : 'application/x-ndjson; charset=utf-8',
      fileName: `endpoint-traffic.${format}`,
      rows: 0,
      totalRows: 0,
      partitions: 0,
      partitionsAsked: 0,
      commitNumber: 0,
      // It grows with each request: nothing stands for it but its bytes.
      etag: `"${context.parts.ids.next('trf')}"`,
      open: async () => Readable.from(lines(format, filter, context)),
    }
  },
})

async function* lines(
  format: 'csv' | 'ndjson',
  filter: TrafficFilter | null,
  { parts, caller, signal }: OperationContext,
): AsyncGenerator<string> {
  if (format === 'csv') yield `${columns.join(',')}\n`
  let after: TrafficHour | null = null
  while (filter !== null && !signal.aborted) {
    const page: TrafficHour[] = await parts.directory.asTenant(caller.tenant, (session) =>
      endpointTraffic(session, filter, { after, limit: PAGE }),
    )
    const rows = page.map(toTrafficData)
    yield rows
      .map((row) =>
        format === 'ndjson'
          ? `${JSON.stringify(row)}\n`
          : `${columns.map((column) => row[column] ?? '').join(',')}\n`,
      )
      .join('')
    after = page.at(-1) ?? null
    if (page.length < PAGE) return
  }
}
