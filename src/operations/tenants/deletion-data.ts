import { z } from 'zod'

import type { Deletion } from '#catalog/archive-deletion.ts'

export const deletionData = z.object({
  slug: z.string(),
  /** waiting: suspended, may be kept; removing; done: all that is left of the tenant is this. */
  state: z.enum(['waiting', 'removing', 'done']),
  askedBy: z.string(),
  askedAt: z.iso.datetime(),
  /** When removing begins. */
  dueAt: z.iso.datetime(),
  begunAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
  /** Rows by table, without tables that had none; null: removing has not begun. */
  rowsBefore: z.record(z.string(), z.int()).nullable(),
  rowsAfter: z.record(z.string(), z.int()).nullable(),
  /** What lay in the lake when removing began. */
  files: z.int().nullable(),
  bytes: z.int().nullable(),
  /** Number and hash of the last row of its audit log. */
  auditSeq: z.int().nullable(),
  auditHash: z.string().nullable(),
})

export function toDeletionData(deletion: Deletion): z.input<typeof deletionData> {
  const { askedAt, dueAt, begunAt, endedAt, ...others } = deletion
  return {
    ...others,
    askedAt: askedAt.toISOString(),
    dueAt: dueAt.toISOString(),
    begunAt: begunAt?.toISOString() ?? null,
    endedAt: endedAt?.toISOString() ?? null,
  }
}
