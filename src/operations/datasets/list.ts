import { z } from 'zod'

import type { DatasetStatus } from '#factory/factory.ts'
import { partitionStates } from '#operations/datasets/dataset-data.ts'
import { visibleParts, visibleStatus } from '#operations/datasets/visible.ts'
import { defineOperation } from '#operations/operation.ts'
import { definitionOf } from '#operations/partition-input.ts'

export const datasetSummaryData = z
  .object({
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
  .meta({ entity: 'Dataset' })
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
    const { datasets } = visibleParts(parts, caller).factory
    // No names would be all of them.
    const statuses =
      datasets.length === 0
        ? []
        : await parts.factory.status(
            caller.tenant,
            datasets.map(({ name }) => name),
          )
    return {
      datasets: statuses.map((whole) => {
        const definition = definitionOf(parts, whole.dataset)
        return toSummary(visibleStatus(whole, definition, caller))
      }),
    }
  },
})

export function toSummary(status: DatasetStatus): DatasetSummaryData {
  const states = Object.fromEntries(partitionStates.map((state) => [state, 0])) as Record<
    (typeof partitionStates)[number],
    number
  >
  let rows: number | null = 0
  let publishedAt: string | null = null
  for (const partition of status.partitions) {
    states[partition.state]++
    // Published, and not to be counted by whoever asks.
    const isHidden = partition.rows === null && partition.publishedAt !== null
    rows = rows === null || isHidden ? null : rows + (partition.rows ?? 0)
    if (partition.publishedAt && (publishedAt === null || partition.publishedAt > publishedAt)) {
      publishedAt = partition.publishedAt
    }
  }
  const { dataset, kind, description, grain, partitions } = status
  const first = partitions[0]?.partition ?? null
  const last = partitions.at(-1)?.partition ?? null
  return { dataset, kind, description, grain, states, first, last, rows, publishedAt }
}
