import { z } from 'zod'

import { areNames } from '#model/partition-key-selection.ts'
import { seenRows } from '#model/seen-rows.ts'
import { visibleParts } from '#operations/datasets/visible.ts'
import type { Caller, StreamOutput } from '#operations/operation.ts'
import { datasetField, definitionOf, keysOf, partitionField } from '#operations/partition-input.ts'
import type { Parts } from '#operations/parts.ts'
import type { PublishedRows, RowFormat } from '#serving/rows.ts'

export const rowFormats = ['json', 'csv', 'ndjson', 'parquet'] as const

export const rowsInput = z.strictObject({
  dataset: datasetField,
  partition: partitionField.optional(),
  format: z
    .enum(rowFormats)
    .default('json')
    .describe('Form of the rows; over REST the Accept header may say it, too.'),
  limit: z.int().min(0).max(1_000_000_000).optional().describe('At most so many rows.'),
})

export const contentTypes: Readonly<Record<RowFormat, string>> = {
  json: 'application/json; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: 'application/x-ndjson; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
}

export async function resolveRows(
  parts: Parts,
  caller: Caller,
  input: z.output<typeof rowsInput>,
  signal: AbortSignal,
): Promise<{ rows: PublishedRows; stream: StreamOutput }> {
  const definition = definitionOf(visibleParts(parts, caller), input.dataset)
  const partitions = keysOf(input.partition, [definition])
  const { format, limit = null } = input
  const seen = seenRows(caller.access, definition.name)
  const rows = await parts.rows.resolve(
    caller.tenant,
    { definition, partitions, format, limit, seen },
    signal,
  )
  // Names of partitions hold colons and slashes, which names of files cannot.
  const name = [definition.name, ...ends(rows.partitions)].join('-').replace(/[^\w.-]+/g, '_')
  const stream: StreamOutput = {
    contentType: contentTypes[format],
    fileName: `${name}.${format}`,
    rows: rows.rows,
    totalRows: rows.totalRows,
    partitions: rows.partitions.length,
    partitionsAsked:
      partitions && areNames(partitions, definition.partitioning)
        ? partitions.length
        : rows.partitions.length,
    commitNumber: rows.commitNumber,
    etag: rows.etag,
    open: (signal) => rows.open(signal),
  }
  return { rows, stream }
}

function ends(partitions: readonly string[]): string[] {
  const [first, last] = [partitions[0], partitions.at(-1)]
  if (first === undefined || last === undefined || first === 'all') return []
  return first === last ? [first] : [first, last]
}
