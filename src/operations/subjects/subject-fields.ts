import { z } from 'zod'

import { MillraceError } from '#kernel/errors.ts'
import { subjectKindsOf } from '#model/subject.ts'
import type { Caller } from '#operations/operation.ts'
import type { Parts } from '#operations/parts.ts'
import type { SubjectScope } from '#subjects/subject-reader.ts'

export const kindField = z
  .string()
  .min(1)
  .max(200)
  .meta({ names: 'subject-kind' })
  .describe(
    'Kind of the subject, as the packs name it: `person`, `device`, or the name of a column.',
  )

/** Never part of an address, and never in the audit log: those are kept. */
export const valueField = z
  .string()
  .min(1)
  .max(100_000)
  .refine((value) => value.isWellFormed(), 'is no well-formed text')
  .meta({ names: 'subject', secret: true })
  .describe('The subject, byte for byte as the data names it.')

export const subjectInput = z.strictObject({ kind: kindField, value: valueField })

/** Throws `subject-kind-unknown`. */
export function scopeOf(
  { factory: { datasets } }: Pick<Parts, 'factory'>,
  { tenant }: Caller,
  kind: string,
  signal?: AbortSignal,
): SubjectScope {
  const kinds = subjectKindsOf(datasets)
  if (kinds.includes(kind)) return { tenant, kind, datasets, signal }
  throw new MillraceError('subject-kind-unknown', { kind, known: kinds.join(', ') || 'none' })
}

export const collectionStates = ['on', 'off', 'erased'] as const

export const seenData = z.object({
  rows: z.int(),
  firstSeen: z.string().nullable(),
  lastSeen: z.string().nullable(),
})

/** As an instant in UTC; null where the rows have no time. */
export function toSeenData(seen: {
  readonly rows: number
  readonly firstMs: number | null
  readonly lastMs: number | null
}): z.output<typeof seenData> {
  const instant = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString())
  return { rows: seen.rows, firstSeen: instant(seen.firstMs), lastSeen: instant(seen.lastMs) }
}
