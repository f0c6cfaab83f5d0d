import { z } from 'zod'

export const planSummaryData = z.object({
  datasets: z.array(
    z.object({
      dataset: z.string(),
      certain: z.int(),
      conditional: z.int(),
      first: z.string(),
      last: z.string(),
    }),
  ),
  tasks: z.int(),
  estimatedMs: z.number().nullable(),
  estimatedBytes: z.number().nullable(),
})

export const laterData = z.array(
  z.object({ dataset: z.string(), grain: z.string(), reads: z.string() }),
)

export const plannedTaskData = z.object({
  kind: z.enum(['build', 'expand']),
  dataset: z.string(),
  partition: z.string(),
  state: z.enum(['missing', 'fresh', 'stale', 'pending', 'failed', 'held']),
  certainty: z.enum(['certain', 'conditional']),
  causes: z.array(z.object({ kind: z.string(), text: z.string() })),
})
export type PlannedTaskData = z.output<typeof plannedTaskData>
