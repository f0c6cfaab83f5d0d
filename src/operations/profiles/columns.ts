import { z } from 'zod'

import { columnChanges } from '#catalog/column-changes.ts'
import type { ResultColumn } from '#model/outcome.ts'
import { seenRows } from '#model/seen-rows.ts'
import { visibleParts } from '#operations/datasets/visible.ts'
import { defineOperation } from '#operations/operation.ts'
import { datasetField, definitionOf } from '#operations/partition-input.ts'

const columnData = z.object({ name: z.string(), type: z.string() })

export const profileColumns = defineOperation({
  name: 'profiles.columns',
  summary: 'How the columns of a dataset have changed from version to version, newest first',
  permission: 'read',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/datasets/{dataset}/columns' },
  input: z.strictObject({
    dataset: datasetField,
    limit: z.int().min(1).max(200).default(50).describe('Most changes of the answer.'),
  }),
  output: z.object({
    dataset: z.string(),
    changes: z.array(
      z.object({
        at: z.iso.datetime(),
        partition: z.string(),
        version: z.int(),
        /** All that the version has, in its order. */
        columns: z.array(columnData),
        added: z.array(columnData),
        removed: z.array(columnData),
        retyped: z.array(z.object({ name: z.string(), from: z.string(), to: z.string() })),
        /** It is the oldest version that is known. */
        isFirst: z.boolean(),
      }),
    ),
  }),
  async handler({ dataset, limit }, { parts, caller }) {
    definitionOf(visibleParts(parts, caller), dataset)
    const seen = seenRows(caller.access, dataset)?.columns ?? null
    const found = await parts.catalog.asTenant(caller.tenant, (session) =>
      columnChanges(session, dataset, limit),
    )
    return {
      dataset,
      changes: found
        .map(({ at, partition, versionId, columns, former }) => ({
          at: at.toISOString(),
          partition,
          version: versionId,
          columns: seenOf(columns, seen),
          ...differences(seenOf(former ?? [], seen), seenOf(columns, seen)),
          isFirst: former === null,
        }))
        // Another order of the same columns is no change.
        .filter(
          (one) => one.isFirst || one.added.length + one.removed.length + one.retyped.length > 0,
        ),
    }
  },
})

function seenOf(columns: readonly ResultColumn[], seen: readonly string[] | null): ResultColumn[] {
  return columns.filter(({ name }) => seen === null || seen.includes(name))
}

function differences(former: readonly ResultColumn[], columns: readonly ResultColumn[]) {
  const before = new Map(former.map(({ name, type }) => [name, type]))
  const after = new Map(columns.map(({ name, type }) => [name, type]))
  return {
    added: columns.filter(({ name }) => !before.has(name)),
    removed: former.filter(({ name }) => !after.has(name)),
    retyped: columns.flatMap(({ name, type }) => {
      const from = before.get(name)
      return from === undefined || from === type ? [] : [{ name, from, to: type }]
    }),
  }
}
