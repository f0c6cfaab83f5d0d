import { Readable } from 'node:stream'
import { z } from 'zod'

import { canonicalJson, sha256 } from '#kernel/hash.ts'
import { heldFields, holding, originsOf } from '#operations/quarantine/held-input.ts'
import { defineOperation } from '#operations/operation.ts'
import { streamHeld } from '#serving/held-rows.ts'

const contentTypes = {
  csv: 'text/csv; charset=utf-8; header=present',
  json: 'application/json; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
} as const

const empty = {
  csv: 'partition,record,file,line,byte_offset,column,value,reason,raw\n',
  json: '[]\n',
  ndjson: '',
} as const

export const downloadQuarantine = defineOperation({
  name: 'quarantine.download',
  summary: 'All rows of a source that were held back, with their raw text, place and reason',
  permission: 'export',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/datasets/{dataset}/quarantine/rows' },
  input: z.strictObject({
    ...heldFields,
    format: z.enum(['csv', 'ndjson', 'json']).default('csv').describe('Form of the rows.'),
  }),
  output: 'stream',
  async handler({ dataset, partition, reason, format }, { parts, caller }) {
    const { tenant } = caller
    const asked = await originsOf(parts, caller, dataset, partition, 'quarantine.download')
    const partitions = holding(asked, reason)
    const rows = asked
      .filter((one) => partitions.includes(one.partition))
      .flatMap(({ origin }) => origin.reasons)
      .filter((one) => reason === undefined || one.reason === reason)
      .reduce((sum, one) => sum + one.rows, 0)
    const versions = asked.map(({ versionId }) => versionId)
    return {
      contentType: contentTypes[format],
      fileName: `${dataset}-quarantine.${format}`,
      rows,
      totalRows: rows,
      partitions: partitions.length,
      partitionsAsked: asked.length,
      commitNumber: 0,
      etag: `"${sha256(canonicalJson(['quarantine', tenant.id, versions, reason ?? null, format])).slice(0, 32)}"`,
      async open(signal) {
        const request = {
          dataset,
          partitions,
          where: { reason: reason ?? null, records: null, lines: null },
          after: null,
          limit: null,
          format,
          headers: false,
        }
        const bytes = await streamHeld(parts, tenant, request, signal)
        return bytes ?? Readable.from([Buffer.from(empty[format])], { objectMode: false })
      },
    }
  },
})
