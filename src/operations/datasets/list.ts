import { z } from 'zod'

import type { DatasetStatus } from '#factory/factory.ts'
import { seenRows } from '#model/seen-rows.ts'
import { partitionStates } from '#operations/datasets/dataset-data.ts'
import { visibleParts } from '#operations/datasets/visible.ts'
import { defineOperation } from '#operations/operation.ts'

export const datasetSummaryData = z.object({
  dataset: z.string(),
  kind: z.enum(['source', 'analysis']),
  description: z.string(),
  grain: z.string(),
  states: z.record(z.enum(partitionStates), z.int()),
  first: z.string().nullable(),
  last: z.string().nullable(),
  /** Null for somebody who sees a part of them only. */
  rows: z.int().nullable(),
  publishedAt: z.string().nullable(),
})
export type DatasetSummaryData = z.output<typeof datasetSummaryData>

export const listDatasets = defineOperation({
  name: 'datasets.list',
  summary: 'All datasets, inputs first, with the states of their partitions',
  permission: 'read',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/datasets' },
  input: z.strictObject({}),
  output: z.object({ datasets: z.array(datasetSummaryData) }),
  async handler(_input, { parts, caller }) {
    const names = visibleParts(parts, caller).factory.datasets.map(({ name }) => name)
    // No names would be all of them.
    const statuses = names.length === 0 ? [] : await parts.factory.status(caller.tenant, names)
    return {
      datasets: statuses.map((status) => {
        const summary = toSummary(status)
        const filters = seenRows(caller.access, status.dataset)?.filters ?? []
        return filters.length === 0 ? summary : { ...summary, rows: null }
      }),
    }
  },
})

export function toSummary(status: DatasetStatus): DatasetSummaryData {
  const states = Object.fromEntries(partitionStates.map((state) => [state, 0])) as Record<
    (typeof partitionStates)[number],
    number
  >
  let rows = 0
  let publishedAt: string | null = null
  for (const partition of status.partitions) {
    states[partition.state]++
    rows += partition.rows ?? 0
    if (partition.publishedAt && (publishedAt === null || partition.publishedAt > publishedAt)) {
      publishedAt = partition.publishedAt
    }
  }
  const { dataset, kind, description, grain, partitions } = status
  const first = partitions[0]?.partition ?? null
  const last = partitions.at(-1)?.partition ?? null
  return { dataset, kind, description, grain, states, first, last, rows, publishedAt }
}
