import { z } from 'zod'

import type { Run } from '#model/run.ts'
import { planSummaryData, toPlanSummaryData } from '#operations/plans/plan-data.ts'

export const runField = z
  .string()
  .min(1)
  .max(100)
  .meta({ names: 'run' })
  .describe('Id of the run, the beginning or end of one that fits no other, or `last`.')

export const runData = z
  .object({
    id: z.string(),
    state: z.enum(['running', 'done', 'failed', 'cancelled']),
    cause: z.string(),
    title: z.string(),
    createdAt: z.iso.datetime(),
    endedAt: z.iso.datetime().nullable(),
    undoneAt: z.iso.datetime().nullable(),
    plan: planSummaryData,
  })
  .meta({ entity: 'Run' })
export type RunData = z.output<typeof runData>

export function toRunData(run: Run): RunData {
  return {
    id: run.id,
    state: run.state,
    cause: run.cause,
    title: run.title,
    createdAt: run.createdAt.toISOString(),
    endedAt: run.endedAt?.toISOString() ?? null,
    undoneAt: run.undoneAt?.toISOString() ?? null,
    plan: toPlanSummaryData(run.plan),
  }
}
