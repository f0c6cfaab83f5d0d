import { z } from 'zod'

import type { Erasure } from '#catalog/erasures.ts'

export const erasureData = z
  .object({
    id: z.string(),
    kind: z.string().nullable(),
    state: z.enum(['waiting', 'rewriting', 'recomputing', 'purging', 'done']),
    createdAt: z.string(),
    createdBy: z.string(),
    endedAt: z.string().nullable(),
    run: z.string().nullable(),
    versionsRead: z.int(),
    filesPurged: z.int(),
    bytesPurged: z.int(),
    unread: z.array(z.string()),
    problem: z.string().nullable(),
  })
  .meta({ entity: 'Erasure' })

export function toErasureData(erasure: Erasure): z.output<typeof erasureData> {
  const { id, kind, state, createdBy, runId, proof, problem } = erasure
  return {
    id,
    kind,
    state,
    createdAt: erasure.createdAt.toISOString(),
    createdBy,
    endedAt: erasure.endedAt?.toISOString() ?? null,
    run: runId,
    versionsRead: proof.versionsRead ?? 0,
    filesPurged: proof.filesPurged ?? 0,
    bytesPurged: proof.bytesPurged ?? 0,
    unread: [...(proof.unread ?? [])],
    problem: problem && `${problem.message}. ${problem.remedy}`,
  }
}
