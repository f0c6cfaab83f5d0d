import { z } from 'zod'

import type { PlanRequest } from '#model/plan.ts'
import { datasetField, definitionOf, keysOf, partitionField } from '#operations/partition-input.ts'
import type { Parts } from '#operations/parts.ts'

export const planFields = {
  datasets: z
    .array(datasetField)
    .max(1000)
    .default([])
    .describe('Datasets that are asked for; none: all of them.'),
  partition: partitionField.optional(),
  mode: z
    .enum(['run', 'rerun'])
    .default('run')
    .describe(
      '`run` takes what is missing, stale or failed, with inputs and downstream; `rerun` takes exactly these partitions, even if fresh.',
    ),
}

export function toPlanRequest(
  parts: Parts,
  input: { datasets: string[]; partition?: string | undefined; mode: 'run' | 'rerun' },
): PlanRequest {
  const definitions = input.datasets.map((dataset) => definitionOf(parts, dataset))
  const asked = definitions.length > 0 ? definitions : parts.factory.datasets
  return {
    datasets: input.datasets,
    partitions: keysOf(input.partition, asked),
    mode: input.mode,
  }
}
