import { z } from 'zod'

export const partitionStates = ['missing', 'fresh', 'stale', 'pending', 'failed', 'held'] as const

export const partitionStatusData = z.object({
  partition: z.string(),
  state: z.enum(partitionStates),
  causes: z.array(z.string()),
  rows: z.int().nullable(),
  publishedAt: z.string().nullable(),
  runId: z.string().nullable(),
})

export const datasetStatusData = z.object({
  dataset: z.string(),
  kind: z.enum(['source', 'analysis']),
  description: z.string(),
  grain: z.string(),
  partitions: z.array(partitionStatusData),
})
