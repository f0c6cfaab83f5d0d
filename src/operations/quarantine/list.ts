import { z } from 'zod'

import { loadOrigins } from '#catalog/source-objects.ts'
import { MillraceError } from '#kernel/errors.ts'
import { selects } from '#model/partition-key-selection.ts'
import { seenRows } from '#model/seen-rows.ts'
import { visibleParts } from '#operations/datasets/visible.ts'
import { defineOperation } from '#operations/operation.ts'
import { datasetField, keysOf, partitionField } from '#operations/partition-input.ts'
import { sourceOf } from '#operations/sources/source-options.ts'

const rowData = z.object({
  file: z.string(),
  line: z.int(),
  byteOffset: z.int(),
  column: z.string().nullable(),
  value: z.string().nullable(),
  reason: z.string(),
  raw: z.string(),
})

export const listQuarantine = defineOperation({
  name: 'quarantine.list',
  summary: 'Rows of a source that were held back: file, line, column and why',
  permission: 'read',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/datasets/{dataset}/quarantine' },
  input: z.strictObject({
    dataset: datasetField,
    partition: partitionField.optional(),
    limit: z.int().min(0).max(10_000).default(100).describe('Most rows of the answer.'),
  }),
  output: z.object({
    dataset: z.string(),
    partitions: z.array(
      z.object({
        partition: z.string(),
        location: z.string(),
        received: z.int(),
        accepted: z.int(),
        repaired: z.int(),
        quarantined: z.int(),
        withheld: z.int(),
        erased: z.int(),
      }),
    ),
    reasons: z.array(z.object({ reason: z.string(), rows: z.int() })),
    quarantined: z.int(),
    rows: z.array(rowData),
  }),
  async handler({ dataset, partition, limit }, { parts, caller, signal }) {
    const { access, name } = caller
    const source = sourceOf(visibleParts(parts, caller), dataset)
    // What was held back is raw text, with all columns of any row.
    if (seenRows(access, dataset) !== null) {
      throw new MillraceError('access-limited', { operation: 'quarantine.list', caller: name })
    }
    const keys = keysOf(partition, [source])
    const isWanted = keys && selects(keys, source.partitioning)
    const origins = await parts.catalog.asTenant(caller.tenant, (session) =>
      loadOrigins(session, dataset),
    )
    const asked = origins.filter((origin) => !isWanted || isWanted(origin.partition))
    const reasons = new Map<string, number>()
    for (const { origin } of asked) {
      for (const { reason, rows } of origin.reasons) {
        reasons.set(reason, (reasons.get(reason) ?? 0) + rows)
      }
    }
    const held = asked.filter(({ origin }) => origin.quarantined > 0).map((one) => one.partition)
    const rows =
      held.length === 0
        ? []
        : await parts.rows.quarantine(caller.tenant, dataset, held, limit, signal)
    return {
      dataset,
      partitions: asked.map(({ partition: key, origin }) => ({
        partition: key,
        location: origin.location,
        received: origin.received,
        accepted: origin.accepted,
        repaired: origin.repaired,
        quarantined: origin.quarantined,
        withheld: origin.withheld ?? 0,
        erased: origin.erased ?? 0,
      })),
      reasons: [...reasons]
        .map(([reason, count]) => ({ reason, rows: count }))
        .toSorted((a, b) => b.rows - a.rows || (a.reason < b.reason ? -1 : 1)),
      quarantined: asked.reduce((sum, { origin }) => sum + origin.quarantined, 0),
      rows: rows.map(toRowData),
    }
  },
})

function toRowData(row: unknown): z.output<typeof rowData> {
  const { byte_offset: byteOffset, ...fields } = row as Record<string, unknown>
  return { ...fields, byteOffset: Number(byteOffset), line: Number(fields['line']) } as z.output<
    typeof rowData
  >
}
