import { z } from 'zod'

import { laneWaits, type LaneWait } from '#catalog/lane-waits.ts'
import { engineType } from '#model/column.ts'
import { seenRows } from '#model/seen-rows.ts'
import { visibleParts } from '#operations/datasets/visible.ts'
import { defineOperation } from '#operations/operation.ts'
import { datasetField } from '#operations/partition-input.ts'
import { sourceOf } from '#operations/sources/source-options.ts'

export const showSource = defineOperation({
  name: 'sources.show',
  summary: 'How a source is defined: its format, columns, cut and checks',
  permission: 'read',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/sources/{dataset}' },
  input: z.strictObject({ dataset: datasetField }),
  output: z.object({
    source: z.string(),
    description: z.string(),
    pack: z.string(),
    /** In the pack. */
    file: z.string(),
    grain: z.string(),
    /** Name of the key that it is cut by, too. */
    key: z.string().nullable(),
    format: z.enum(['csv', 'ndjson', 'json']),
    isAppended: z.boolean(),
    /** What was sent to it and is not in it yet; null: nothing ever was. */
    waiting: z
      .object({
        requests: z.int(),
        rows: z.int(),
        /** When the oldest of them came; null: none waits. */
        since: z.iso.datetime().nullable(),
        /** It is stuck: tries in a row that came to nothing, since when, and what the last one ended with. */
        failures: z.int(),
        failingSince: z.iso.datetime().nullable(),
        error: z.string().nullable(),
      })
      .nullable(),
    columns: z.array(
      z.object({
        name: z.string(),
        /** As its author writes it: `decimal(18,2)`. */
        type: z.string(),
        engineType: z.string(),
        role: z.enum(['time', 'dimension', 'measure']).nullable(),
        unit: z.string().nullable(),
        description: z.string().nullable(),
        /** False: an empty field is a bad row. */
        isOptional: z.boolean(),
        /** It is personal, or says whose the row is. */
        isPersonal: z.boolean(),
        /** It is computed from the others, and stands in no file. */
        isDerived: z.boolean(),
      }),
    ),
    checks: z.array(
      z.object({
        check: z.string(),
        severity: z.enum(['blocking', 'warning']),
        kind: z.enum(['not-null', 'unique', 'each', 'all']),
        columns: z.array(z.string()),
        expression: z.string().nullable(),
      }),
    ),
    freshnessMs: z.number().nullable(),
  }),
  async handler({ dataset }, { parts, caller }) {
    const source = sourceOf(visibleParts(parts, caller), dataset)
    const seen = seenRows(caller.access, dataset)
    const isSeen = (column: string) => seen?.columns?.includes(column) ?? true
    const { key } = source.partitioning
    // Of everybody's rows: whoever sees some of them is not told.
    const waits = source.append && seen === null ? [dataset] : []
    const [wait] = await parts.catalog.asTenant(caller.tenant, (session) =>
      laneWaits(session, waits),
    )
    const derived = new Set(source.derived.map(({ name }) => name))
    return {
      source: source.name,
      description: source.description,
      pack: source.pack,
      file: source.file,
      grain: source.partitioning.grain,
      key: key && isSeen(key.name) ? key.name : null,
      format: source.format.kind,
      isAppended: source.append !== undefined,
      waiting: wait ? toWaiting(wait) : null,
      columns: [...source.columns, ...source.derived]
        .filter(({ name }) => isSeen(name))
        .map((column) => ({
          name: column.name,
          type: column.type,
          engineType: engineType(column.type),
          role: column.role ?? null,
          unit: column.unit ?? null,
          description: column.description ?? null,
          isOptional: column.optional ?? true,
          isPersonal: column.pii === true || Boolean(column.subject),
          isDerived: derived.has(column.name),
        })),
      // Expressions name columns and values that whoever sees a part of the rows may not know.
      checks: (seen === null ? source.checks : []).map((check) => ({
        check: check.name,
        severity: check.severity,
        kind: check.kind,
        columns: 'columns' in check ? [...check.columns] : [],
        expression: 'expression' in check ? check.expression : null,
      })),
      freshnessMs: source.freshnessMs ?? null,
    }
  },
})

function toWaiting({ requests, rows, since, failures, failingSince, error }: LaneWait) {
  return {
    requests,
    rows,
    since: since?.toISOString() ?? null,
    failures,
    failingSince: failingSince?.toISOString() ?? null,
    error: error?.message ?? null,
  }
}
