import { z } from 'zod'

import { loadOrigins, type VersionOrigin } from '#catalog/source-objects.ts'
import { MillraceError } from '#kernel/errors.ts'
import { selects } from '#model/partition-key-selection.ts'
import { seenRows } from '#model/seen-rows.ts'
import { visibleParts } from '#operations/datasets/visible.ts'
import type { Caller } from '#operations/operation.ts'
import { datasetField, keysOf, partitionField } from '#operations/partition-input.ts'
import type { Parts } from '#operations/parts.ts'
import { sourceOf } from '#operations/sources/source-options.ts'
import type { HeldRecord } from '#serving/held-rows.ts'

/** Which records that were held back are meant. */
export const heldFields = {
  dataset: datasetField,
  partition: partitionField.optional(),
  reason: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Only those that were held back for this reason: `at-unreadable`.'),
}

export const heldData = z.object({
  partition: z.string(),
  /** Names the record to fixes. */
  record: z.string(),
  file: z.string(),
  line: z.int(),
  byteOffset: z.int(),
  column: z.string().nullable(),
  value: z.string().nullable(),
  reason: z.string(),
  raw: z.string(),
  /** Of CSV that was sent: the names of its fields, in their order. */
  header: z.array(z.string()).nullable(),
})

/** Versions of a source in the partitions that are asked for, by key. Throws `source-unknown`. */
export async function originsOf(
  parts: Parts,
  caller: Caller,
  dataset: string,
  partition: string | undefined,
  operation: string,
): Promise<VersionOrigin[]> {
  const source = sourceOf(visibleParts(parts, caller), dataset)
  // What was held back is raw text, with all columns of any row.
  if (seenRows(caller.access, dataset) !== null) {
    throw new MillraceError('access-limited', { operation, caller: caller.name })
  }
  const keys = keysOf(partition, [source])
  const isWanted = keys && selects(keys, source.partitioning)
  const origins = await parts.catalog.asTenant(caller.tenant, (session) =>
    loadOrigins(session, dataset),
  )
  return origins.filter((origin) => !isWanted || isWanted(origin.partition))
}

/** Partitions among them that may hold such a record. */
export function holding(origins: readonly VersionOrigin[], reason: string | undefined): string[] {
  return origins
    .filter(
      ({ origin }) =>
        origin.quarantined > 0 &&
        (reason === undefined || origin.reasons.some((one) => one.reason === reason)),
    )
    .map(({ partition }) => partition)
}

export function placeAfter({ partition, file, byteOffset }: HeldRecord): string {
  return Buffer.from(JSON.stringify([partition, file, byteOffset])).toString('base64url')
}

const place = z.tuple([z.string(), z.string(), z.int()])

export function placeOf(cursor: string | undefined) {
  if (cursor === undefined) return null
  const read = place.safeParse(parsed(cursor))
  if (!read.success) {
    throw new MillraceError('input-invalid', {
      path: 'after',
      message: 'is not the `next` of a page',
      problems: ['after: is not the `next` of a page'],
    })
  }
  const [partition, file, byteOffset] = read.data
  return { partition, file, byteOffset }
}

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown
  } catch {
    return null
  }
}
