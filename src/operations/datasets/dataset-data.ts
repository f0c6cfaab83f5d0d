import { z } from 'zod'

export const partitionStates = ['missing', 'fresh', 'stale', 'pending', 'failed', 'held'] as const

export const partitionStatusData = z
  .object({
    partition: z.string(),
    state: z.enum(partitionStates),
    causes: z.array(z.string()),
    rows: z.int().nullable(),
    publishedAt: z.string().nullable(),
    runId: z.string().nullable(),
  })
  .meta({ entity: 'Partition' })

export const datasetStatusData = z.object({
  dataset: z.string(),
  kind: z.enum(['source', 'analysis']),
  description: z.string(),
  grain: z.string(),
  /** Changes of its code that were declared harmless, with how many partitions they keep fresh. */
  accepted: z.array(
    z.object({
      from: z.string(),
      by: z.string(),
      at: z.iso.datetime(),
      why: z.string(),
      partitions: z.int(),
    }),
  ),
  /** The rule about its age, as the scheduler saw it last; null: none. */
  freshness: z
    .object({ maxAgeMs: z.number(), state: z.string(), breachAt: z.string().nullable() })
    .nullable(),
  partitions: z.array(partitionStatusData),
})
