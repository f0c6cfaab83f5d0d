import { z } from 'zod'

import { publishedColumns } from '#catalog/column-changes.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { DatasetDefinition } from '#model/definition.ts'
import { seenRows } from '#model/seen-rows.ts'
import { visibleParts } from '#operations/datasets/visible.ts'
import { defineOperation } from '#operations/operation.ts'
import { datasetField, definitionOf } from '#operations/partition-input.ts'
import { BINS, profiled, profileSql, SAMPLE_ROWS } from '#operations/profiles/profile-sql.ts'

/** More columns than this are not looked at. */
const COLUMNS_MAX = 200

const row = z.object({
  place: z.number(),
  total: z.number(),
  filled: z.number(),
  distinct: z.number(),
  least: z.string().nullable(),
  most: z.string().nullable(),
  q1: z.string().nullable(),
  median: z.string().nullable(),
  q3: z.string().nullable(),
  mean: z.string().nullable(),
  bins: z.string().nullable(),
  top: z.string().nullable(),
})

const binned = z.record(z.string(), z.number())
const listed = z.array(z.object({ v: z.string(), n: z.number() }))

export const showProfile = defineOperation({
  name: 'profiles.show',
  summary: 'What the columns of a published partition hold: gaps, spread, most frequent values',
  permission: 'read',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/datasets/{dataset}/profile' },
  input: z.strictObject({
    dataset: datasetField,
    partition: z
      .string()
      .min(1)
      .max(2000)
      .optional()
      .meta({ names: 'partition' })
      .describe('The partition, by its whole key; default: the newest one with rows.'),
  }),
  output: z.object({
    dataset: z.string(),
    partition: z.string(),
    /** Rows of the partition that the caller sees, at most those of the sample. */
    rows: z.int(),
    /** The figures are those of a sample of so many rows; null: of all. */
    sampledOf: z.int().nullable(),
    receipt: z.string(),
    columns: z.array(
      z.object({
        name: z.string(),
        type: z.string(),
        kind: z.enum(['number', 'time', 'values', 'hidden']),
        nulls: z.int(),
        /** Different values among these rows. */
        distinct: z.int(),
        /** Smallest and largest value as text; of texts, their first 200 characters. Null: not told. */
        least: z.string().nullable(),
        most: z.string().nullable(),
        q1: z.string().nullable(),
        median: z.string().nullable(),
        q3: z.string().nullable(),
        mean: z.number().nullable(),
        /** Rows in each of 20 equal steps from least to most; empty where there is no such axis. */
        bins: z.array(z.int()),
        /** The most frequent values, at most ten. */
        top: z.array(z.object({ value: z.string(), rows: z.int() })),
      }),
    ),
  }),
  async handler({ dataset, partition = null }, { parts, caller, signal }) {
    const definition = definitionOf(visibleParts(parts, caller), dataset)
    const published = await parts.catalog.asTenant(caller.tenant, (session) =>
      publishedColumns(session, dataset, partition),
    )
    if (!published) {
      throw new MillraceError('rows-unpublished', {
        dataset,
        partitions: partition ?? 'any partition',
      })
    }
    const seen = seenRows(caller.access, dataset)
    const personal = personalColumns(definition)
    const columns = published.columns
      .filter(({ name }) => seen?.columns?.includes(name) ?? true)
      .slice(0, COLUMNS_MAX)
      .map((column) => profiled(column, personal.has(column.name)))
    const answer = await parts.answers.ask(
      caller,
      {
        subject: {
          kind: 'sql',
          text: profileSql(dataset, columns),
          trust: 'company',
          parameters: {},
          inputs: [{ dataset, partitions: published.partition }],
        },
        select: null,
        where: [],
        sort: [{ column: 'place', descending: false }],
        asOf: null,
      },
      signal,
    )
    const asked = { limit: COLUMNS_MAX, cursor: null, format: 'json', cells: 'raw' } as const
    const { bytes } = await answer.page(asked, signal)
    const rows = z.array(row).parse(JSON.parse(Buffer.from(bytes).toString()))
    const total = rows[0]?.total ?? 0
    return {
      dataset,
      partition: published.partition,
      rows: total,
      // How many rows there are beyond those that the caller sees is not for him.
      sampledOf: total < SAMPLE_ROWS || seen !== null ? null : published.rows,
      receipt: answer.receipt.id,
      columns: rows.flatMap(({ place, filled, mean, bins, top, total: of, ...figures }) => {
        const column = columns[place]
        if (!column) return []
        const counts = binned.parse(JSON.parse(bins ?? '{}') ?? {})
        return {
          ...column,
          ...figures,
          nulls: of - filled,
          mean: mean === null ? null : Number(mean),
          bins: bins === null ? [] : Array.from({ length: BINS }, (_, at) => counts[at] ?? 0),
          top: listed
            .parse(JSON.parse(top ?? '[]') ?? [])
            .map(({ v, n }) => ({ value: v, rows: n })),
        }
      }),
    }
  },
})

function personalColumns(definition: DatasetDefinition): ReadonlySet<string> {
  const columns = [
    ...definition.columns,
    ...(definition.kind === 'source' ? definition.derived : []),
  ]
  return new Set(
    columns.filter(({ pii, subject }) => pii === true || Boolean(subject)).map(({ name }) => name),
  )
}
