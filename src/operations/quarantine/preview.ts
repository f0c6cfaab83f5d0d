import { z } from 'zod'

import { pendingPartitions } from '#catalog/fixes.ts'
import { pendingRepairs } from '#catalog/repairs.ts'
import { loadOrigins } from '#catalog/source-objects.ts'
import type { DatasetEffect } from '#factory/preview/dataset-effect.ts'
import { MillraceError } from '#kernel/errors.ts'
import { selects } from '#model/partition-key-selection.ts'
import { defineOperation } from '#operations/operation.ts'
import { datasetField, keysOf, partitionField } from '#operations/partition-input.ts'
import type { Parts } from '#operations/parts.ts'
import { sourceOf } from '#operations/sources/source-options.ts'
import type { SourceDefinition } from '#model/definition.ts'
import type { Tenant } from '#model/tenant.ts'

const counts = z.object({
  received: z.int(),
  accepted: z.int(),
  repaired: z.int(),
  quarantined: z.int(),
})

const effect = z.object({
  dataset: z.string(),
  /** Partitions that would be computed again. */
  partitions: z.int(),
  /** Those of them that would come out otherwise, up to 256; null: too many to compute here. */
  changed: z.array(z.string()).nullable(),
  /** Of the changed ones; null: nothing changes, or it is not computed. */
  rows: z.object({ before: z.int(), after: z.int() }).nullable(),
  /** Of every measure in them, in all digits; null: no value. Columns without a role count as measures. */
  sums: z.array(
    z.object({ column: z.string(), before: z.string().nullable(), after: z.string().nullable() }),
  ),
})

export const previewQuarantine = defineOperation({
  name: 'quarantine.preview',
  summary:
    'What fixes and repairs that wait would do to the source and to published figures; publishes nothing',
  permission: 'write',
  audit: 'none',
  rest: { method: 'POST', path: '/v1/datasets/{dataset}/quarantine/preview' },
  input: z.strictObject({
    dataset: datasetField,
    partition: partitionField
      .optional()
      .describe('Which partitions are read; default: those with fixes that wait, and the newest.'),
    most: z
      .int()
      .min(1)
      .max(36)
      .default(3)
      .describe('Most partitions that are read, newest first.'),
  }),
  output: z.object({
    dataset: z.string(),
    partitions: z.array(
      z.object({
        partition: z.string(),
        before: counts.nullable(),
        after: counts,
        /** What would still be held back. */
        reasons: z.array(z.object({ reason: z.string(), rows: z.int() })),
      }),
    ),
    /** Partitions that a replay would read, too, and that were not read here. */
    notRead: z.int(),
    effects: z.array(effect),
    /** Endpoints that read what changes. */
    endpoints: z.array(z.string()),
  }),
  async handler({ dataset, partition, most }, { parts, caller, signal }) {
    const { tenant } = caller
    const source = sourceOf(parts, dataset)
    const keys = keysOf(partition, [source])
    const isWanted = keys ? selects(keys, source.partitioning) : () => true
    const all = (await touchedPartitions(parts, tenant, source)).filter((key) => isWanted(key))
    if (all.length === 0) throw new MillraceError('mends-none', { dataset })
    const partitions = all.slice(0, most).toSorted()
    const preview = await parts.factory.previewMends(tenant, { dataset, partitions }, signal)
    const changed = new Set(
      preview.effects.filter((one) => one.changed?.length !== 0).map((one) => one.dataset),
    )
    const endpoints = await parts.endpoints.list(tenant)
    return {
      dataset,
      partitions: preview.partitions.map((one) => ({ ...one, reasons: [...one.reasons] })),
      notRead: all.length - partitions.length,
      effects: preview.effects.map((one) => toEffectData(one, measuresOf(parts, one.dataset))),
      endpoints: endpoints
        .filter(({ definition }) => definition.inputs.some((input) => changed.has(input.dataset)))
        .map(({ definition }) => definition.name),
    }
  },
})

/**
 * Those with fixes that wait, then, where a repair waits, all that are published; newest first. Of rows
 * that were sent only what is held back is read again.
 */
async function touchedPartitions(
  parts: Parts,
  tenant: Tenant,
  { name: dataset, append }: SourceDefinition,
): Promise<string[]> {
  return parts.catalog.asTenant(tenant, async (session) => {
    const fixed = (await pendingPartitions(session, dataset)).map(({ partition }) => partition)
    const repairs = await pendingRepairs(session, dataset)
    const published = repairs > 0 || append ? await loadOrigins(session, dataset) : []
    const held = published.filter(({ origin }) => origin.quarantined > 0)
    const readable = (append ? held : published).map(({ partition }) => partition)
    const first = append ? fixed.filter((partition) => readable.includes(partition)) : fixed
    const others = repairs > 0 ? readable : []
    return [...new Set([...first.toReversed(), ...others.toReversed()])]
  })
}

/** Says whether a figure of a dataset is one that is summed, as far as its author says what columns mean. */
function measuresOf({ factory }: Parts, dataset: string): (column: string) => boolean {
  const definition = factory.datasets.find(({ name }) => name === dataset)
  const columns = [
    ...(definition?.columns ?? []),
    ...(definition?.kind === 'source' ? definition.derived : []),
  ]
  const measures = columns.filter(({ role }) => role === 'measure')
  const others = columns.filter(({ role }) => role === 'dimension' || role === 'time')
  return (column) =>
    measures.length > 0
      ? measures.some(({ name }) => name === column)
      : !others.some(({ name }) => name === column)
}

function toEffectData(
  { dataset, partitions, changed, before, after }: DatasetEffect,
  isMeasure: (column: string) => boolean,
) {
  const columns = [...new Set(Object.keys({ ...before?.sums, ...after?.sums }))].filter(isMeasure)
  return {
    dataset,
    partitions,
    changed: changed && [...changed],
    rows: before && after && { before: before.rows, after: after.rows },
    sums: columns.map((column) => ({
      column,
      before: before?.sums[column] ?? null,
      after: after?.sums[column] ?? null,
    })),
  }
}
